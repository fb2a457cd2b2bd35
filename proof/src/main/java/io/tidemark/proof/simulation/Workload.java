package io.tidemark.proof.simulation;

import io.tidemark.CacheClosedException;
import io.tidemark.CallInterruptedException;
import io.tidemark.CallOptions;
import io.tidemark.ClaimRule;
import io.tidemark.DeadlineExceededException;
import io.tidemark.FallbackPolicy;
import io.tidemark.LoadFailedException;
import io.tidemark.LoadFailurePolicy;
import io.tidemark.Origin;
import io.tidemark.OutcomeUnknownException;
import io.tidemark.ReadResult;
import io.tidemark.Row;
import io.tidemark.UnavailableException;
import io.tidemark.VersionedCache;
import io.tidemark.WriteOutcome;
import io.tidemark.proof.simulation.Promises.Start;
import io.tidemark.spi.FillAnswer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What one caller does: a few operations in a row, each checked when it ends. */
final class Workload {
  /** How late a future fails for which no thread has come. */
  private static final long LAST_RESORT_NANOS = 50 * Plan.MILLI;

  /** As long as the database lets a statement wait for a row. */
  static final long ROW_WAIT_NANOS = 100 * Plan.MILLI;

  private final SimulatedWorld world;
  private final Plan plan;
  private final SimulatedNode node;
  private final Dice dice;
  private final ManyReads manyReads;
  private final ManyWrites manyWrites;

  Workload(SimulatedWorld world, SimulatedNode node, Dice dice) {
    this.world = world;
    this.plan = world.plan();
    this.node = node;
    this.dice = dice;
    this.manyReads = new ManyReads(world, this);
    this.manyWrites = new ManyWrites(world, node, dice, this);
  }

  void run() {
    for (int i = 0; i < plan.operations && world.now() < plan.busyNanos; i++) {
      operate();
      if (!dice.permille(300)) {
        node.spend(dice.spread(Plan.MICRO, plan.pace.thinkNanos));
      }
    }
  }

  private void operate() {
    operate(dice.oneOf(world.keys()), dice.below(plan.mix.read + weightOfOthers()));
  }

  /** Does one thing, most likely other than to read. */
  void meddle(String key) {
    int others = weightOfOthers();
    boolean read = others == 0 || dice.permille(300);
    operate(key, read ? 0 : plan.mix.read + dice.below(others));
  }

  private int weightOfOthers() {
    return plan.mix.update
        + plan.mix.publish
        + plan.mix.silentCommit
        + plan.mix.publishAgain
        + plan.mix.invalidate
        + plan.mix.clear
        + plan.mix.refresh
        + plan.mix.close;
  }

  private void operate(String key, int drawn) {
    int left = drawn;
    if ((left -= plan.mix.read) < 0) {
      either(
          plan.mix.manyKeysPermille,
          () -> manyReads.read(someKeys(), false, false),
          () -> read(key, false, false));
    } else if ((left -= plan.mix.update) < 0) {
      either(plan.transactionPermille, () -> updateInTransaction(key), () -> update(key));
    } else if ((left -= plan.mix.publish) < 0) {
      either(
          plan.mix.manyKeysPermille,
          () -> manyWrites.commitAndPublish(someKeys()),
          () -> commitAndPublish(key));
    } else if ((left -= plan.mix.silentCommit) < 0) {
      commitPastTheCache(key);
    } else if ((left -= plan.mix.publishAgain) < 0) {
      world.count(Happening.PUBLISH_AGAIN);
      publish(dice.oneOf(world.database().history(key)));
    } else if ((left -= plan.mix.invalidate) < 0) {
      either(
          plan.mix.manyKeysPermille,
          () -> manyWrites.invalidate(someKeys()),
          () -> invalidate(key));
    } else if ((left -= plan.mix.clear) < 0) {
      clear();
    } else if (left < plan.mix.refresh) {
      refresh(key);
    } else {
      world.count(Happening.CACHE_CLOSED);
      world.say("closes the cache of %s, and opens another", node);
      node.closeCache();
    }
  }

  private List<String> someKeys() {
    return world.keys().stream().filter(key -> dice.permille(700)).toList();
  }

  private void either(int permille, Runnable first, Runnable second) {
    (dice.permille(permille) ? first : second).run();
  }

  /**
   * Reads a key.
   *
   * @param mustAnswer whether nothing is wrong any more that would excuse a failure
   * @param newest whether the answer must be the newest row
   */
  void read(String key, boolean mustAnswer, boolean newest) {
    world.say("read(%s) begins", key);
    Start start = world.promises().start(key);
    Stopwatch stopwatch = new Stopwatch(1);
    ReadResult<String> answer;
    try {
      answer = ask(key, stopwatch);
    } catch (UnavailableException
        | DeadlineExceededException
        | LoadFailedException
        | CacheClosedException
        | CallInterruptedException e) {
      failed(Happening.READ_FAILED, "read", e);
      stopwatch.check();
      if (mustAnswer) {
        throw SimulationRule.NEWEST_AT_THE_END.brokenBy("nothing is wrong any more, and yet " + e);
      }
      return;
    } catch (RuntimeException | Error e) {
      Outburst unused = failedWithOutburst(Happening.READ_FAILED, "read", e);
      stopwatch.check();
      return;
    }
    say("read", key, answer);
    count(key, answer, Happening.READ_SHARED_A_LOAD);
    world.promises().checkAnswer(start, answer, newest);
    stopwatch.check();
  }

  private ReadResult<String> ask(String key, Stopwatch stopwatch) {
    return ask(stopwatch, cache -> cache.read(key), cache -> cache.readAsync(key));
  }

  /** Asks on other terms by chance, and by chance without a thread. */
  <T> T ask(
      Stopwatch stopwatch,
      Function<VersionedCache<String, String>, T> blocking,
      Function<VersionedCache<String, String>, CompletableFuture<T>> async) {
    VersionedCache<String, String> cache = node.cache();
    if (dice.permille(plan.terms.otherTermsPermille)) {
      world.count(Happening.READ_ON_OTHER_TERMS);
      cache = cache.with(otherTerms());
    }
    if (!dice.permille(plan.terms.withoutThreadPermille)) {
      return blocking.apply(cache);
    }
    world.count(Happening.READ_WITHOUT_A_THREAD);
    stopwatch.excuse(node.toWorld(LAST_RESORT_NANOS));
    try {
      return node.await(async.apply(cache), plan.deadline.multipliedBy(100));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      if (e.getCause() instanceof Error cause) {
        throw cause;
      }
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    } catch (TimeoutException e) {
      throw SimulationRule.ENDS_IN_TIME.brokenBy(
          "a future was not completed, long after the deadline");
    }
  }

  private CallOptions otherTerms() {
    CallOptions terms = CallOptions.none();
    if (!plan.keepsExpired()) {
      return terms.onFallback(dice.coin() ? FallbackPolicy.LOAD : FallbackPolicy.FAIL);
    }
    return terms
        .onFallback(dice.oneOf(List.of(FallbackPolicy.values())))
        .onLoadFailure(dice.oneOf(List.of(LoadFailurePolicy.values())));
  }

  private void refresh(String key) {
    world.say("refresh(%s) begins", key);
    int newest = world.database().newest(key).number();
    Start start = world.promises().start(key);
    Stopwatch stopwatch = new Stopwatch(1);
    ReadResult<String> answer;
    try {
      answer = node.cache().refresh(key);
    } catch (UnavailableException
        | DeadlineExceededException
        | LoadFailedException
        | CacheClosedException
        | CallInterruptedException e) {
      failed(Happening.REFRESH_FAILED, "refresh", e);
      stopwatch.check();
      return;
    } catch (RuntimeException | Error e) {
      Outburst unused = failedWithOutburst(Happening.REFRESH_FAILED, "refresh", e);
      stopwatch.check();
      return;
    }
    say("refresh", key, answer);
    world.count(isStored(answer) ? Happening.REFRESH_LOADED : Happening.REFRESH_NOT_STORED);
    world.promises().checkAnswer(start, answer, false);
    world.promises().checkRefreshed(start, newest, answer);
    stopwatch.check();
  }

  void say(String what, String key, ReadResult<String> answer) {
    world.say(
        "%s(%s) = %s v%s, %s, fill %s",
        what,
        key,
        answer.value().orElse("absent"),
        answer.version(),
        answer.origin(),
        answer.fill());
  }

  private static boolean isStored(ReadResult<String> answer) {
    return answer.fill().equals(Optional.of(FillAnswer.STORED));
  }

  /**
   * Counts how a read was answered.
   *
   * @param shared counted if another was answered by the same load
   */
  void count(String key, ReadResult<String> answer, Happening shared) {
    if (answer.value().isEmpty()) {
      world.count(Happening.READ_ABSENCE);
    }
    Origin origin = answer.origin();
    boolean byLoad = origin == Origin.SOURCE_LOCK_HOLDER || origin == Origin.SOURCE_FALLBACK;
    if (byLoad && !node.rows().answered(key)) {
      world.count(shared);
    }
    world.count(
        switch (origin) {
          case CACHE -> Happening.READ_HIT;
          case CACHE_AFTER_WAIT -> Happening.READ_HIT_AFTER_WAIT;
          case SOURCE_LOCK_HOLDER ->
              isStored(answer) ? Happening.READ_LOADED : Happening.READ_UNCACHED;
          case SOURCE_FALLBACK -> Happening.READ_FALLBACK;
          case SOURCE_BYPASS -> Happening.READ_BYPASSED;
          case CACHE_STALE -> Happening.READ_STALE;
        });
  }

  /** Reads every key: one after the other, or in one call. */
  void readEverything(boolean newest) {
    if (plan.mix.manyKeysPermille > 0 && node.id() % 2 == 1) {
      manyReads.read(world.keys(), true, newest);
    } else {
      world.keys().forEach(key -> read(key, true, newest));
    }
  }

  /** Updates a key when nothing is wrong any more. */
  void updateAtTheEnd(String key) {
    int before = world.database().newest(key).number();
    update(key);
    if (!plan.fallingVersions && world.promises().required(key) <= before) {
      throw SimulationRule.NEWEST_AT_THE_END.brokenBy(
          "nothing is wrong any more, and yet no update was made");
    }
  }

  private ClaimRule claimRule() {
    return dice.permille(plan.mix.bestEffortPermille) ? ClaimRule.BEST_EFFORT : ClaimRule.REQUIRED;
  }

  private void updateInTransaction(String key) {
    List<String> keys = dice.coin() ? List.of(key) : List.of(key, dice.oneOf(world.keys()));
    new OuterTransaction(world, node, dice).run(keys, claimRule());
  }

  private void update(String key) {
    ClaimRule rule = claimRule();
    if (rule == ClaimRule.BEST_EFFORT) {
      world.count(Happening.UPDATE_BEST_EFFORT);
    }
    world.say("update(%s, %s) begins", key, rule);
    VersionedCache<String, String> cache = node.cache();
    Stopwatch stopwatch = new Stopwatch(2);
    SimulatedTransaction transaction = new SimulatedTransaction(world, node, dice);
    WriteOutcome outcome = update(key, rule, cache, stopwatch, transaction);
    if (outcome == null) {
      return;
    }
    world.say("update(%s) = %s of %s", key, outcome, transaction.committed());
    world.count(
        switch (outcome) {
          case STORED -> Happening.UPDATE_STORED;
          case DROPPED -> Happening.UPDATE_DROPPED;
          case SUPERSEDED -> Happening.UPDATE_SUPERSEDED;
          case UNKNOWN -> Happening.UPDATE_UNKNOWN;
          case DEFERRED -> throw new IllegalStateException("no transaction was begun");
        });
    require(outcome, transaction.committed(), cache);
    stopwatch.check();
  }

  /** Null after a failure, which is judged here. */
  private @Nullable WriteOutcome update(
      String key,
      ClaimRule rule,
      VersionedCache<String, String> cache,
      Stopwatch stopwatch,
      SimulatedTransaction transaction) {
    try {
      return cache.update(key, rule, () -> run(transaction, key, stopwatch)).outcome();
    } catch (SimulatedTransaction.Failed e) {
      world.say("update(%s) failed as its transaction did", key);
      if (mustBeRepaired(transaction)) {
        world.toBeRepaired(node, cache, transaction.committed());
        transaction.requireDropped();
      }
      return null;
    } catch (UnavailableException
        | DeadlineExceededException
        | CacheClosedException
        | CallInterruptedException e) {
      failed(Happening.UPDATE_FAILED, "update", e);
    } catch (RuntimeException | Error e) {
      Outburst unused = failedWithOutburst(Happening.UPDATE_FAILED, "update", e);
      if (mustBeRepaired(transaction)) {
        world.toBeRepaired(node, cache, transaction.committed());
      }
    }
    stopwatch.check();
    return null;
  }

  private Row<String> run(SimulatedTransaction transaction, String key, Stopwatch stopwatch)
      throws SimulatedTransaction.Failed {
    long began = world.now();
    transaction.run(key);
    stopwatch.excuse(world.now() - began);
    return transaction.committed().row();
  }

  /** What threw has no version to publish, so where a replica lags the slot learns no floor. */
  private boolean mustBeRepaired(SimulatedTransaction transaction) {
    return transaction.isCommitted() && !plan.replica;
  }

  private void commitAndPublish(String key) {
    if (!world.database().awaitRow(key, node, ROW_WAIT_NANOS)) {
      return;
    }
    SimulatedCommit commit = world.database().commit(key);
    node.spend(dice.spread(Plan.MICRO, dice.permille(300) ? 40 * Plan.MILLI : Plan.MILLI));
    publish(commit);
  }

  /** What another program does; and sometimes somebody tells the cache that something was done. */
  private void commitPastTheCache(String key) {
    if (!world.database().awaitRow(key, node, ROW_WAIT_NANOS)) {
      return;
    }
    world.count(Happening.COMMIT_WITHOUT_PUBLISH);
    SimulatedCommit unused = world.database().commit(key);
    if (!dice.permille(plan.rates.dropAfterSilentCommitPermille)) {
      return;
    }
    if (dice.permille(300)) {
      refresh(key);
    } else if (!plan.slotsLast && dice.permille(500)) {
      clear();
    } else {
      invalidate(key);
    }
  }

  private void publish(SimulatedCommit commit) {
    world.say("publish(%s) begins", commit);
    VersionedCache<String, String> cache = node.cache();
    Stopwatch stopwatch = new Stopwatch(1);
    WriteOutcome outcome;
    try {
      outcome = cache.publish(commit.key(), commit.row());
    } catch (CacheClosedException e) {
      failed(Happening.READ_FAILED, "publish", e);
      return;
    } catch (RuntimeException | Error e) {
      Outburst outburst = failedWithOutburst(Happening.READ_FAILED, "publish", e);
      if (outburst.call() != ForeignCall.ENCODE_KEY && !plan.replica) {
        world.toBeRepaired(node, cache, commit);
      }
      stopwatch.check();
      return;
    }
    world.say("publish(%s) = %s", commit, outcome);
    world.count(
        switch (outcome) {
          case STORED -> Happening.PUBLISH_STORED;
          case DROPPED -> Happening.PUBLISH_DROPPED;
          case SUPERSEDED -> Happening.PUBLISH_SUPERSEDED;
          case UNKNOWN -> Happening.PUBLISH_UNKNOWN;
          case DEFERRED -> throw new IllegalStateException("no transaction was begun");
        });
    require(outcome, commit, cache);
    stopwatch.check();
  }

  /** Requires of later reads what an outcome promises. */
  void require(WriteOutcome outcome, SimulatedCommit commit, VersionedCache<String, String> cache) {
    if (outcome == WriteOutcome.UNKNOWN) {
      world.toBeRepaired(node, cache, commit);
    } else {
      world.promises().require(commit.key(), commit.number());
    }
  }

  private void invalidate(String key) {
    world.say("invalidate(%s) begins", key);
    Stopwatch stopwatch = new Stopwatch(1);
    VersionedCache<String, String> cache = node.cache();
    SimulatedCommit newest = world.database().newest(key);
    WriteOutcome outcome;
    try {
      outcome = cache.invalidate(key);
    } catch (CacheClosedException e) {
      failed(Happening.READ_FAILED, "invalidate", e);
      return;
    } catch (RuntimeException | Error e) {
      Outburst outburst = failedWithOutburst(Happening.READ_FAILED, "invalidate", e);
      if (outburst.call() != ForeignCall.ENCODE_KEY && !plan.replica) {
        world.toBeRepaired(node, cache, newest);
      }
      stopwatch.check();
      return;
    }
    world.say("invalidate(%s) = %s", key, outcome);
    world.count(
        outcome == WriteOutcome.UNKNOWN ? Happening.INVALIDATE_UNKNOWN : Happening.INVALIDATE);
    // A replica may give what the source had before, and a drop without a version leaves no floor.
    if (!plan.replica) {
      require(outcome, newest, cache);
    }
    stopwatch.check();
  }

  private void clear() {
    world.say("clear() begins");
    List<SimulatedCommit> newest = world.keys().stream().map(world.database()::newest).toList();
    try {
      long removed = node.cache().clear();
      world.say("clear() = %d", removed);
    } catch (UnavailableException | OutcomeUnknownException | CacheClosedException e) {
      failed(Happening.CLEAR_FAILED, "clear", e);
      return;
    } catch (RuntimeException | Error e) {
      Outburst unused = failedWithOutburst(Happening.CLEAR_FAILED, "clear", e);
      return;
    }
    world.count(Happening.CLEAR);
    newest.forEach(commit -> world.promises().require(commit.key(), commit.number()));
  }

  /** Counts a call that has failed. */
  void failed(Happening happening, String what, Throwable e) {
    world.count(happening);
    world.say("%s failed: %s", what, e);
  }

  /**
   * A call may end with what a foreign call threw, as it is or as a cause, and with nothing else.
   */
  Outburst failedWithOutburst(Happening happening, String what, Throwable thrown) {
    Outburst outburst = Outburst.in(thrown);
    if (outburst == null) {
      if (thrown instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) thrown;
    }
    failed(happening, what, thrown);
    return outburst;
  }

  /** Measures a call from now on, which has its deadline once. */
  Stopwatch newStopwatch() {
    return new Stopwatch(1);
  }

  /** Measures a call by its process' clock, and excuses what the call could not help. */
  final class Stopwatch {
    private final int deadlines;
    private final long startedNanos = node.clockNanos();
    private final long pausedBefore = node.pausedTotal();
    private final long stalledBefore = node.stalledTotal();
    private long excusedNanos;

    Stopwatch(int deadlines) {
      this.deadlines = deadlines;
    }

    void excuse(long nanos) {
      excusedNanos += nanos;
    }

    /**
     * The deadline, and beyond it what one request takes at most that was sent just before it: to
     * the store, or to give up what was held.
     */
    void check() {
      long took = node.toWorld(node.clockNanos() - startedNanos);
      long paused = node.pausedTotal() - pausedBefore + node.stalledTotal() - stalledBefore;
      long allowed =
          deadlines * node.toWorld(plan.deadline.toNanos())
              + 3 * plan.pace.storeTimeoutNanos
              + plan.pace.lockTimeoutNanos
              + paused
              + excusedNanos;
      if (took > allowed) {
        throw SimulationRule.ENDS_IN_TIME.brokenBy(
            "a call took %s ms, allowed were %s ms"
                .formatted(SimulatedWorld.clock(took), SimulatedWorld.clock(allowed)));
      }
    }
  }
}
