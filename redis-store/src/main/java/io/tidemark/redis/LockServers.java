package io.tidemark.redis;

import io.tidemark.spi.Finding;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * Leases on a majority of several independent servers. All servers are asked at once, and the
 * answer is complete as soon as it is certain: a server that is slow or down delays nobody unless
 * its answer is needed. Thread-safe.
 */
final class LockServers implements LeaseService {
  private final List<LockServer> servers;
  private final Majority majority;

  /**
   * Leases on a majority of the given servers.
   *
   * @param servers do not know each other
   * @param life of a holding; a server that is silent for a tenth of it counts as down
   */
  LockServers(List<LockServer> servers, Duration life) {
    this.servers = List.copyOf(servers);
    this.majority = new Majority(servers.size(), life, servers.get(0).requests());
  }

  @Override
  public Lease newLease(SlotKey key, String token) {
    return new QuorumLease(
        servers.stream().map(server -> server.newLease(key, token)).toList(), majority);
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
    // Without a majority a holding is gone, whatever is left of it. The caller looks again sooner
    // than a silent server counts as down.
    return majority
        .decideSoon(answers)
        .thenApply(isGone -> isGone ? OptionalLong.empty() : OptionalLong.of(longest.get()));
  }

  @Override
  public CompletableFuture<Optional<LockOwner>> owner(SlotKey key) {
    OwnerVote vote = new OwnerVote();
    for (LockServer server : servers) {
      CompletableFuture<?> unused =
          majority
              .inTime(server.owner(key))
              .handle(
                  (owner, failure) ->
                      failure == null ? vote.count(owner) : vote.countFailure(failure));
    }
    return vote.result;
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

  /** Adds the places of the clients that a finding concerns, unless it concerns all. */
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

  /** Finds the owner on a majority, which may be on servers that did not answer. */
  private final class OwnerVote {
    private final CompletableFuture<Optional<LockOwner>> result = new CompletableFuture<>();
    private final Map<String, Integer> owned = new HashMap<>();
    private Optional<LockOwner> strongest = Optional.empty();
    private int unanswered = servers.size();
    private int free;
    private int failed;

    synchronized boolean count(Optional<LockOwner> owner) {
      if (owner.isEmpty()) {
        free++;
      } else {
        owned.merge(owner.get().token(), 1, Integer::sum);
        if (strength(owner) > strength(strongest)) {
          strongest = owner;
        }
      }
      return conclude();
    }

    synchronized boolean countFailure(Throwable failure) {
      failed++;
      return failed > majority.spare() ? result.completeExceptionally(failure) : conclude();
    }

    private boolean conclude() {
      unanswered--;
      if (strength(strongest) >= majority.quorum()) {
        return result.complete(strongest);
      }
      if (free >= majority.quorum()) {
        return result.complete(Optional.empty());
      }
      boolean mayHaveMajority = strength(strongest) + failed >= majority.quorum();
      return unanswered == 0 && result.complete(mayHaveMajority ? strongest : Optional.empty());
    }

    private int strength(Optional<LockOwner> owner) {
      return owner.map(LockOwner::token).map(owned::get).orElse(0);
    }
  }
}
