package io.tidemark.engine;

import io.tidemark.spi.Ballot;
import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.Reply;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Claims and reservations of many slots by one {@link Ballot}, for one attempt of a load that holds
 * no locks. They are renewed until they are closed. Thread-safe.
 */
final class BulkClaim implements LiveClaim, AutoCloseable {
  private final SlotStore store;
  private final long ballot;
  private final List<Reply<ClaimAnswer>> answers;
  private final List<SlotKey> keys;
  private final Set<SlotKey> reserved;
  private final Tenure tenure;
  private final Consumer<LiveClaim> whenClosed;

  /**
   * Takes over claims that were just asked for; {@link #begin} has them renewed.
   *
   * @param asked what was to be claimed
   * @param answers what the store said to each
   * @param tenure makes the tenure of this claim
   */
  BulkClaim(
      SlotStore store,
      long ballot,
      List<SlotKey> asked,
      List<Reply<ClaimAnswer>> answers,
      Function<BulkClaim, Tenure> tenure,
      Consumer<LiveClaim> whenClosed) {
    this.store = store;
    this.ballot = ballot;
    this.answers = answers;
    this.keys = those(asked, answers, BulkClaim::mayBeClaimed).toList();
    this.reserved = those(asked, answers, BulkClaim::isReserved).collect(Collectors.toSet());
    this.whenClosed = whenClosed;
    this.tenure = tenure.apply(this);
  }

  private static Stream<SlotKey> those(
      List<SlotKey> asked,
      List<Reply<ClaimAnswer>> answers,
      Predicate<Reply<ClaimAnswer>> condition) {
    return IntStream.range(0, asked.size())
        .filter(i -> condition.test(answers.get(i)))
        .mapToObj(asked::get);
  }

  /** A claim whose answer was lost must be given up like one that was made. */
  private static boolean mayBeClaimed(Reply<ClaimAnswer> reply) {
    return !(reply instanceof Reply.Answered<ClaimAnswer> answered)
        || !(answered.answer() instanceof ClaimAnswer.Hit
            || answered.answer() instanceof ClaimAnswer.Lost);
  }

  private static boolean isReserved(Reply<ClaimAnswer> reply) {
    return reply instanceof Reply.Answered<ClaimAnswer> answered
        && answered.answer() instanceof ClaimAnswer.Reserved;
  }

  @Override
  public List<SlotKey> keys() {
    return keys;
  }

  long ballot() {
    return ballot;
  }

  /** What the store said to each request, in their order. */
  List<Reply<ClaimAnswer>> answers() {
    return answers;
  }

  /** Whether a slot holds an expired entry, which is reserved and not hidden. */
  boolean reserves(SlotKey key) {
    return reserved.contains(key);
  }

  @Override
  public void begin() {
    if (!keys.isEmpty()) {
      tenure.begin();
    }
  }

  /** Returns whether any of it was still there to be renewed. */
  boolean renew(Duration life) {
    return store.renewAll(keys, ballot, life).stream()
        .anyMatch(reply -> reply instanceof Reply.Failed || reply.get());
  }

  @Override
  public boolean abandon() {
    return abandon(keys);
  }

  /** Gives up some of it likewise. */
  boolean abandon(List<SlotKey> some) {
    return abandon(store, some, ballot);
  }

  /** Gives up what was claimed by a ballot. */
  static boolean abandon(SlotStore store, List<SlotKey> keys, long ballot) {
    return keys.isEmpty()
        || LiveClaim.abandon(
            keys,
            () ->
                store.abandonAll(keys, ballot).stream()
                    .noneMatch(reply -> reply instanceof Reply.Failed));
  }

  @Override
  public void end() {
    tenure.end();
  }

  /** Ends it for good: its attempt is over. */
  @Override
  public void close() {
    end();
    whenClosed.accept(this);
  }
}
