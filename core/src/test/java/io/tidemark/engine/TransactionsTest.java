package io.tidemark.engine;

import static io.tidemark.engine.Fleet.slotKey;
import static io.tidemark.engine.Patience.PATIENCE;
import static io.tidemark.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.BulkReadResult;
import io.tidemark.ClaimRule;
import io.tidemark.CodecException;
import io.tidemark.DeadlineExceededException;
import io.tidemark.InvalidVersionException;
import io.tidemark.Origin;
import io.tidemark.OutcomeUnknownException;
import io.tidemark.ReadResult;
import io.tidemark.Row;
import io.tidemark.UncacheablePolicy;
import io.tidemark.UnsafeInTransactionException;
import io.tidemark.VersionedCache;
import io.tidemark.WriteOutcome;
import io.tidemark.WriteResult;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Transactions;
import io.tidemark.spi.Transactions.Ending;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Writes in a transaction that their caller has begun. */
class TransactionsTest {
  private final Fleet fleet = new Fleet();
  private final ThreadTransactions transactions = new ThreadTransactions();
  private final VersionedCache<String, String> cache =
      fleet.cache(options -> options.transactions(transactions));
  private final VersionedCache<String, String> other = fleet.cache();

  @BeforeEach
  void fill() {
    fleet.table.put("a", "apple", 5);
    fleet.table.put("b", "banana", 5);
    cache.get("a");
    cache.get("b");
  }

  @AfterEach
  void close() {
    fleet.close();
  }

  @Test
  void update_transactionCommits_isPublishedThen() throws Exception {
    transactions.begin();
    WriteResult<String> result = cache.update("a", () -> Row.present("apricot", 6));

    assertThat(result)
        .isEqualTo(new WriteResult<>(Row.present("apricot", 6), WriteOutcome.DEFERRED));
    assertThat(fleet.store.read(slotKey("a"))).isInstanceOf(Slot.Pending.class);
    assertIsLocked("a");
    Future<ReadResult<String>> reading = fleet.callThatWaits(() -> other.read("a"));

    fleet.table.put("a", "apricot", 6);
    transactions.commit();

    assertThat(reading.get().value()).hasValue("apricot");
    assertThat(other.stats().loads()).isZero();
    assertThat(cache.get("a")).hasValue("apricot");
    assertThat(fleet.table.loads()).isEqualTo(2);
    assertIsFree("a");
  }

  @ParameterizedTest
  @EnumSource(
      value = Ending.class,
      names = {"ROLLED_BACK", "UNKNOWN"})
  void update_transactionDoesNotCommit_isDropped(Ending ending) throws Exception {
    transactions.begin();
    cache.update("a", () -> Row.present("apricot", 6));
    cache.update("b", () -> Row.present("blueberry", 6));
    transactions.end(ending);

    assertThat(fleet.store.read(slotKey("a")).isHit()).isFalse();
    assertThat(other.get("a")).hasValue("apple");
    assertThat(other.get("b")).hasValue("banana");
    assertIsFree("a");
  }

  @Test
  void readAll_transactionHasWrittenOneKey_thatOneFailsForItself() {
    transactions.begin();
    cache.update("a", () -> Row.present("apricot", 6));

    BulkReadResult<String, String> result = cache.readAll(List.of("a", "b"));

    assertThat(result.results().get("b"))
        .extracting(ReadResult::value)
        .isEqualTo(Optional.of("banana"));
    assertThat(result.failures()).containsOnlyKeys("a");
    assertThat(result.failures().get("a")).isInstanceOf(UnsafeInTransactionException.class);
    assertThat(cache.readAll(List.of("a")).failures()).containsOnlyKeys("a");
    transactions.commit();
  }

  @Test
  void update_severalKeysAndCaches_areAllPublished() {
    VersionedCache<String, String> second =
        fleet.cache(options -> options.transactions(transactions));
    transactions.begin();
    cache.update("a", () -> Row.present("apricot", 6));
    second.update("b", () -> Row.present("blueberry", 6));
    transactions.commit();

    assertThat(other.get("a")).hasValue("apricot");
    assertThat(other.get("b")).hasValue("blueberry");
  }

  @Test
  void update_sameKeyAgain_publishesTheLastRow() throws Exception {
    VersionedCache<String, String> told =
        fleet.cache(options -> options.transactions(transactions));
    transactions.begin();
    told.update("a", () -> Row.present("apricot", 6));
    told.update("a", () -> Row.present("avocado", 7));
    transactions.commit();

    assertThat(other.read("a").value()).hasValue("avocado");
    assertThat(told.stats().stored()).isEqualTo(1);
    assertThat(told.stats().lockAcquired()).isEqualTo(1);
    assertIsFree("a");
  }

  @Test
  void update_savepointIsRolledBack_dropsWhatWasWrittenSince() throws Exception {
    ThreadTransactions.Open transaction = transactions.begin();
    cache.update("a", () -> Row.present("apricot", 6));
    int savepoint = transaction.savepoint();
    cache.update("b", () -> Row.present("blueberry", 6));
    transaction.rollBackTo(savepoint);
    assertIsFree("b");
    assertIsLocked("a");
    transactions.commit();

    assertThat(cache.get("a")).hasValue("apricot");
    assertThat(cache.get("b")).hasValue("banana");
  }

  @Test
  void update_savepointOfASecondUpdateIsRolledBack_dropsTheEntryAtTheEnd() throws Exception {
    ThreadTransactions.Open transaction = transactions.begin();
    cache.update("a", () -> Row.present("apricot", 6));
    int savepoint = transaction.savepoint();
    cache.update("a", () -> Row.present("avocado", 7));
    transaction.rollBackTo(savepoint);
    assertIsLocked("a");
    fleet.table.put("a", "apricot", 6);
    transactions.commit();

    assertThat(cache.get("a")).hasValue("apricot");
    assertIsFree("a");
  }

  @Test
  void update_writeThrowsAndTransactionCommits_isDroppedThen() throws Exception {
    IOException failure = new IOException("after the statement");
    transactions.begin();
    assertThatThrownBy(
            () ->
                cache.update(
                    "a",
                    () -> {
                      throw failure;
                    }))
        .isSameAs(failure);
    assertIsLocked("a");
    fleet.table.put("a", "apricot", 6);
    transactions.commit();

    assertThat(cache.get("a")).hasValue("apricot");
    assertIsFree("a");
  }

  @Test
  void update_rowBreaksARule_throwsBeforeTheCommit() {
    VersionedCache<String, String> strict =
        fleet.cache(
            options -> options.transactions(transactions).onUncacheable(UncacheablePolicy.FAIL));
    transactions.begin();
    assertThatExceptionOfType(InvalidVersionException.class)
        .isThrownBy(() -> strict.update("a", () -> Row.present("wrong", -2)))
        .withMessage(
            "test:a: version is -2; it must be 0 or more; its transaction has not ended, and the"
                + " entry is dropped when it does");
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> strict.update("b", () -> Row.present("!", 6)))
        .withMessageEndingWith(
            "its transaction has not ended, and the entry is dropped when it does");
    transactions.commit();

    assertThat(fleet.store.read(slotKey("a")).isHit()).isFalse();
    assertThat(fleet.store.read(slotKey("b")).isHit()).isFalse();
  }

  @Test
  void update_transactionTakesNoMoreActions_writesNothing() throws Exception {
    AtomicInteger writes = new AtomicInteger();
    transactions.begin().refuses = true;
    assertThatThrownBy(
            () ->
                cache.update(
                    "a",
                    () -> {
                      writes.incrementAndGet();
                      return Row.absent();
                    }))
        .isInstanceOf(IllegalStateException.class);
    transactions.rollBack();

    assertThat(writes).hasValue(0);
    assertThat(cache.get("a")).hasValue("apple");
    assertIsFree("a");
  }

  @Test
  void update_transactionOnlyReads_isRefused() {
    transactions.begin(new ThreadTransactions.Open(true));
    assertThatExceptionOfType(UnsafeInTransactionException.class)
        .isThrownBy(() -> cache.update("a", Row::absent))
        .withMessageStartingWith("test:a: update was called in a transaction for reading only")
        .withMessageEndingWith("the write did not run");
    transactions.commit();
  }

  @Test
  void read_keyThatTheTransactionHasWritten_throwsAtOnce() {
    transactions.begin();
    cache.update("a", () -> Row.present("apricot", 6));
    cache.publish("b", Row.present("blueberry", 6));
    assertThatExceptionOfType(UnsafeInTransactionException.class)
        .isThrownBy(() -> cache.get("a"))
        .withMessage(
            "test:a: was written in a transaction of this thread that has not ended; use the row"
                + " that the update returned, or read the source in that transaction");
    assertThatExceptionOfType(UnsafeInTransactionException.class)
        .isThrownBy(() -> cache.getAsync("a"));
    assertThatExceptionOfType(UnsafeInTransactionException.class)
        .isThrownBy(() -> cache.refresh("b"));
    assertThat(cache.get("c")).isEmpty();
    transactions.commit();

    assertThat(cache.get("a")).hasValue("apricot");
    assertThat(cache.get("b")).hasValue("blueberry");
  }

  @Test
  void update_keyOfASuspendedTransaction_throwsAtOnce() throws Exception {
    transactions.begin();
    cache.update("a", () -> Row.present("apricot", 6));
    transactions.begin();
    assertThatExceptionOfType(UnsafeInTransactionException.class)
        .isThrownBy(() -> cache.update("a", Row::absent));
    cache.update("b", () -> Row.present("blueberry", 6));
    transactions.commit();
    assertThat(cache.get("b")).hasValue("blueberry");
    transactions.rollBack();

    assertThat(cache.get("a")).hasValue("apple");
    assertThat(cache.get("b")).hasValue("blueberry");
  }

  @Test
  void updateAsync_inATransaction_isRefused() {
    transactions.begin();
    assertThatExceptionOfType(UnsafeInTransactionException.class)
        .isThrownBy(() -> cache.updateAsync("a", Row::absent))
        .withMessageStartingWith("test:a: updateAsync would write on another thread");
    transactions.commit();
  }

  @Test
  void publish_transactionCommits_isPublishedThen() {
    transactions.begin();
    assertThat(cache.publish("a", Row.present("apricot", 6))).isEqualTo(WriteOutcome.DEFERRED);
    assertThat(other.get("a")).hasValue("apple");
    transactions.commit();

    assertThat(other.read("a").value()).hasValue("apricot");
  }

  @Test
  void publish_transactionRollsBack_isNotPublished() {
    transactions.begin();
    cache.publish("a", Row.present("apricot", 6));
    transactions.rollBack();

    assertThat(other.get("a")).hasValue("apple");
  }

  @Test
  void invalidate_readerLoadsBeforeTheCommit_isDroppedAfterIt() {
    transactions.begin();
    assertThat(cache.invalidate("a")).isEqualTo(WriteOutcome.DEFERRED);
    assertThat(other.get("a")).hasValue("apple");
    fleet.table.put("a", "apricot", 6);
    transactions.commit();

    assertThat(other.get("a")).hasValue("apricot");
  }

  @Test
  void invalidate_afterAnUpdate_dropsInsteadOfPublishing() {
    transactions.begin();
    cache.update("a", () -> Row.present("apricot", 6));
    cache.invalidate("a");
    fleet.table.put("a", "avocado", 7);
    transactions.commit();

    assertThat(other.get("a")).hasValue("avocado");
  }

  /** As a listener of a mapper does while the write flushes. */
  @Test
  void invalidate_withinTheWrite_leavesTheLastWordToItsRow() {
    transactions.begin();
    cache.update(
        "a",
        () -> {
          cache.invalidate("a");
          return Row.present("apricot", 6);
        });
    transactions.commit();

    assertThat(other.read("a").origin()).isEqualTo(Origin.CACHE);
    assertThat(other.get("a")).hasValue("apricot");
  }

  @Test
  void clear_inATransaction_isDoneAfterTheCommit() {
    transactions.begin();
    assertThat(cache.clear()).isZero();
    assertThat(fleet.store.read(slotKey("a")).isHit()).isTrue();
    transactions.rollBack();
    assertThat(fleet.store.read(slotKey("a")).isHit()).isTrue();

    transactions.begin();
    cache.clear();
    transactions.commit();
    assertThat(fleet.store.read(slotKey("a")).isHit()).isFalse();
  }

  @Test
  void update_twoTransactionsInOppositeOrders_waitNoLongerThanTheirLimit() throws Exception {
    VersionedCache<String, String> hasty =
        fleet.cache(
            options -> options.transactions(transactions).waitLimit(Duration.ofMillis(100)));
    CyclicBarrier bothHoldOne = new CyclicBarrier(2);
    Future<?> one = fleet.call(() -> lockBoth(hasty, "a", "b", bothHoldOne));
    Future<?> two = fleet.call(() -> lockBoth(hasty, "b", "a", bothHoldOne));

    assertThat(failureOf(one) + failureOf(two))
        .contains("; the write did not run; this transaction holds the locks of [test:")
        .contains("in different orders wait for each other");
    assertIsFree("a");
    assertIsFree("b");
  }

  private Void lockBoth(
      VersionedCache<String, String> hasty, String first, String then, CyclicBarrier bothHoldOne)
      throws Exception {
    transactions.begin();
    try {
      hasty.update(first, () -> Row.present(first, 6));
      bothHoldOne.await();
      hasty.update(then, () -> Row.present(then, 6));
      return null;
    } finally {
      transactions.rollBack();
    }
  }

  private static String failureOf(Future<?> call) throws InterruptedException {
    try {
      call.get();
      return "";
    } catch (ExecutionException e) {
      Throwable cause = Objects.requireNonNull(e.getCause());
      assertThat(cause).isInstanceOf(DeadlineExceededException.class);
      return String.valueOf(cause.getMessage());
    }
  }

  @Test
  void update_transactionOutlivesMaxLoadTime_losesItsClaimAndIsPublishedAllTheSame() {
    VersionedCache<String, String> brief =
        fleet.cache(
            options ->
                options
                    .transactions(transactions)
                    .claimLife(Duration.ofMillis(50))
                    .maxLoadTime(Duration.ofMillis(60)));
    transactions.begin();
    brief.update("a", () -> Row.present("apricot", 6));
    await().until(() -> isFree("a"));
    assertThat(other.get("a")).hasValue("apple");
    fleet.table.put("a", "apricot", 6);
    transactions.commit();

    assertThat(other.get("a")).hasValue("apricot");
  }

  @Test
  void update_storeIsSilentAtTheCommit_asksItForOneRowAndRepairsTheOthers() {
    AtomicBoolean silent = new AtomicBoolean();
    Set<SlotKey> asked = ConcurrentHashMap.newKeySet();
    Thread caller = Thread.currentThread();
    VersionedCache<String, String> cutOff =
        fleet.cache(
            new ForwardingStore(fleet.store) {
              @Override
              public PublishAnswer publish(
                  SlotKey key, long fence, EncodedRow row, Lifetime life, Duration floorLife) {
                if (!silent.get()) {
                  return super.publish(key, fence, row, life, floorLife);
                }
                if (Thread.currentThread() == caller) {
                  asked.add(key);
                }
                throw new OutcomeUnknownException(key, "silent", null);
              }
            },
            fleet.table,
            options -> options.transactions(transactions).deadline(Duration.ofSeconds(1)));
    transactions.begin();
    cutOff.update("a", () -> Row.present("apricot", 6));
    cutOff.update("b", () -> Row.present("blueberry", 6));
    silent.set(true);
    fleet.table.put("a", "apricot", 6);
    fleet.table.put("b", "blueberry", 6);
    transactions.commit();
    silent.set(false);

    assertThat(asked).containsExactly(slotKey("a"));
    await().until(() -> cutOff.stats().repaired() == 2);
    assertThat(other.get("a")).hasValue("apricot");
    assertThat(other.get("b")).hasValue("blueberry");
  }

  @Test
  void update_publishingThrows_dropsThatEntryAndPublishesTheOthers() throws Exception {
    VersionedCache<String, String> defective =
        fleet.cache(
            new ForwardingStore(fleet.store) {
              @Override
              public PublishAnswer publish(
                  SlotKey key, long fence, EncodedRow row, Lifetime life, Duration floorLife) {
                if (key.equals(slotKey("a"))) {
                  throw new StackOverflowError("a defect");
                }
                return super.publish(key, fence, row, life, floorLife);
              }
            },
            fleet.table,
            options -> options.transactions(transactions));
    transactions.begin();
    defective.update("a", () -> fleet.table.put("a", "apricot", 6));
    defective.update("b", () -> fleet.table.put("b", "blueberry", 6));
    transactions.commit();

    assertThat(fleet.store.read(slotKey("a")).isHit()).isFalse();
    assertThat(other.read("b").origin()).isEqualTo(Origin.CACHE);
    assertThat(other.get("b")).hasValue("blueberry");
    assertIsFree("a");
  }

  @Test
  void update_cacheIsClosedBeforeTheCommit_isPublishedAllTheSame() {
    transactions.begin();
    cache.update("a", () -> Row.present("apricot", 6));
    cache.close();
    transactions.commit();

    assertThat(other.read("a").value()).hasValue("apricot");
  }

  @Test
  void update_bestEffortWithoutLocks_isPublishedAfterTheCommit() {
    VersionedCache<String, String> noLocks =
        fleet.cache(
            fleet.store,
            Fleet.NO_LOCKS,
            fleet.table,
            options -> options.transactions(transactions));
    transactions.begin();
    noLocks.update("a", ClaimRule.BEST_EFFORT, () -> Row.present("apricot", 6));
    assertThat(other.get("a")).hasValue("apple");
    transactions.commit();

    assertThat(other.get("a")).hasValue("apricot");
  }

  @Test
  void update_toldOfNoTransactions_isPublishedAtOnce() {
    VersionedCache<String, String> told =
        fleet.cache(options -> options.transactions(Transactions.none()));

    assertThat(told.update("a", () -> Row.present("apricot", 6)).outcome())
        .isEqualTo(WriteOutcome.STORED);
  }

  private void assertIsLocked(String key) throws InterruptedException {
    assertThat(fleet.locks.tryAcquire(slotKey(key), Deadline.after(PATIENCE)))
        .isInstanceOf(LockAttempt.Held.class);
  }

  private void assertIsFree(String key) throws InterruptedException {
    assertThat(isFree(key)).isTrue();
  }

  private boolean isFree(String key) throws InterruptedException {
    if (fleet.locks.tryAcquire(slotKey(key), Deadline.after(PATIENCE))
        instanceof LockAttempt.Acquired acquired) {
      acquired.handle().close();
      return true;
    }
    return false;
  }
}
