package io.tidemark.redis;

import io.tidemark.spi.Finding;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Several independent servers, of which a majority decides. All are asked at once, and an answer is
 * given as soon as it is certain: a server that is slow or away delays nobody unless it is needed.
 * Thread-safe.
 */
final class LockServers implements LeaseService {
  /** How long the rest is waited for where a majority has answered, and was not of one mind. */
  static final Duration GRACE = Duration.ofMillis(50);

  private static final int PATIENCES_PER_LIFE = 10;

  private final List<LockServer> servers;
  private final Duration life;
  private final Duration patience;

  /**
   * Servers that know nothing of each other.
   *
   * @param life of a holding; a server that is silent for a tenth of it counts as away
   */
  LockServers(List<LockServer> servers, Duration life) {
    this.servers = List.copyOf(servers);
    this.life = life;
    this.patience = life.dividedBy(PATIENCES_PER_LIFE);
  }

  @Override
  public Lease newLease(SlotKey key, String token) {
    return new QuorumLease(
        servers.stream().map(server -> server.newLease(key, token)).toList(), this);
  }

  @Override
  public CompletableFuture<OptionalLong> remaining(SlotKey key, String token) {
    AtomicLong longest = new AtomicLong(-1);
    List<CompletableFuture<Boolean>> answers =
        servers.stream()
            .map(
                server ->
                    server
                        .remaining(key, token)
                        .thenApply(
                            remaining -> {
                              remaining.ifPresent(
                                  millis -> longest.accumulateAndGet(millis, Math::max));
                              return remaining.isEmpty();
                            }))
            .toList();
    // Without a majority a holding is gone, whatever is left of it. The caller will look again, and
    // sooner than a server that is silent counts as away.
    return new Vote(answers, GRACE)
        .result.thenApply(isGone -> isGone ? OptionalLong.empty() : OptionalLong.of(longest.get()));
  }

  @Override
  public CompletableFuture<Optional<LockOwner>> owner(SlotKey key) {
    AtomicReference<Optional<LockOwner>> seen = new AtomicReference<>(Optional.empty());
    List<CompletableFuture<Boolean>> answers =
        servers.stream()
            .map(
                server ->
                    server
                        .owner(key)
                        .thenApply(
                            owner -> {
                              if (owner.isPresent()) {
                                seen.set(owner);
                              }
                              return owner.isEmpty();
                            }))
            .toList();
    return new Vote(answers, GRACE)
        .result.thenApply(isFree -> isFree ? Optional.empty() : seen.get());
  }

  @Override
  public List<Finding> check() {
    Map<Finding, List<Integer>> places = new LinkedHashMap<>();
    for (int i = 0; i < servers.size(); i++) {
      for (Finding finding : servers.get(i).check()) {
        places.computeIfAbsent(finding, ignored -> new ArrayList<>()).add(i + 1);
      }
    }
    return places.entrySet().stream()
        .map(found -> ofClients(found.getKey(), found.getValue()))
        .toList();
  }

  /** Names the clients that a finding is about by their places, unless it is about all. */
  private Finding ofClients(Finding finding, List<Integer> places) {
    if (places.size() == servers.size()) {
      return finding;
    }
    String clients = places.stream().map(String::valueOf).collect(Collectors.joining(", "));
    return new Finding(
        finding.severity(),
        "%s of client %s of %d".formatted(finding.subject(), clients, servers.size()),
        finding.problem(),
        finding.advice());
  }

  @Override
  public void shutdown() {
    servers.forEach(LockServer::shutdown);
  }

  Duration life() {
    return life;
  }

  /** How many servers are a majority. */
  int quorum() {
    return servers.size() / 2 + 1;
  }

  /** The same answer, or a failure if it does not come for too long. */
  <T> CompletableFuture<T> inTime(CompletableFuture<T> answer) {
    // On a copy: the server goes on to count the request as one that waits.
    CompletableFuture<T> copy = answer.copy();
    unlessDone(copy, patience, () -> copy.completeExceptionally(new TimeoutException()));
    return copy;
  }

  /** Does something after a time unless a future has ended by then. */
  void unlessDone(CompletableFuture<?> future, Duration time, Runnable late) {
    servers.get(0).unlessDone(future, time, late);
  }

  /** Whether a majority says yes; fails if fewer than a majority say anything. */
  CompletableFuture<Boolean> majority(List<CompletableFuture<Boolean>> answers) {
    return new Vote(answers, patience).result;
  }

  private final class Vote {
    private final CompletableFuture<Boolean> result = new CompletableFuture<>();
    private final Duration grace;
    private int yes;
    private int no;
    private int failed;
    private @Nullable Throwable failure;

    Vote(List<CompletableFuture<Boolean>> answers, Duration grace) {
      this.grace = grace;
      answers.forEach(answer -> count(inTime(answer)));
    }

    @SuppressWarnings("FutureReturnValueIgnored") // The result hears of failures.
    private void count(CompletableFuture<Boolean> answer) {
      answer.whenComplete((isYes, failure) -> count(isYes != null ? isYes : false, failure));
    }

    private synchronized void count(boolean isYes, @Nullable Throwable silence) {
      if (silence != null) {
        failed++;
        // With room there might have been a majority.
        failure = failure == null || LeaseService.foundNoRoom(silence) ? silence : failure;
      } else if (isYes) {
        yes++;
      } else {
        no++;
      }
      int size = servers.size();
      if (yes >= quorum()) {
        result.complete(true);
      } else if (failed > size - quorum()) {
        result.completeExceptionally(failure != null ? failure : new IllegalStateException());
      } else if (no > size - quorum() || yes + no + failed == size) {
        result.complete(false);
      } else if (yes + no >= quorum()) {
        unlessDone(result, grace, () -> result.complete(false));
      }
    }
  }
}
