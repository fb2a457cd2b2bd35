package io.tidemark;

import io.tidemark.spi.Finding;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;

/**
 * A read-through cache, shared by many processes, whose entries only move forward. Thread-safe.
 *
 * <p>What it promises, through eviction, expiry, pauses, crashes and lost locks:
 *
 * <ul>
 *   <li><b>Forward only.</b> Once any reader anywhere has been served a version from the shared
 *       store, no later read is served a lower one.
 *   <li><b>Read your writes, fleet-wide.</b> Once {@link #update} or {@link #publish} has returned
 *       anything but {@link WriteOutcome#UNKNOWN}, no read that starts later is served anything
 *       older; in a transaction, once its commit has returned.
 *   <li>A value and its version come from the same read of the row.
 *   <li>A key that many callers ask for at once is loaded once in the whole fleet.
 * </ul>
 *
 * <p>Answers of {@link Origin#CACHE_STALE} are exempt, because a policy asked for them. Reads that
 * bypass the cache are served what the source has, see {@link CacheBuilder#rollout}. A failover of
 * the store that loses acknowledged writes can move an entry back until it expires.
 *
 * <p>Every call blocks for at most the cache's deadline, plus the time that the caller's own {@link
 * Write} takes. Every call may throw {@link DeadlineExceededException}, {@link
 * UnavailableException}, {@link CallInterruptedException}, {@link CacheClosedException}, {@link
 * IllegalArgumentException} for a key without a valid encoding, and what its own text names. A load
 * or write that asks the same cache for its own key gets a {@link RecursiveLoadException} there. A
 * null argument throws {@link NullPointerException}.
 *
 * @param <K> the type of the keys
 * @param <V> the type of the values
 */
public interface VersionedCache<K, V> extends AutoCloseable {

  /**
   * Starts building a cache.
   *
   * @param name the name of the cache in the store, at the lock service, in logs and errors: 1 to
   *     64 of {@code A-Z a-z 0-9 . _ -}. Processes that use the same name share the cache, and must
   *     agree on its source, its codec, and the class or the encoder of its keys
   */
  static <K, V> CacheBuilder<K, V> builder(String name) {
    return new CacheBuilder<>(name);
  }

  /** The cache's name. */
  String name();

  /**
   * Returns this cache with other options: {@code cache.with(options).get(key)}. It shares
   * everything with this one; closing either closes both. Cheap, and may be kept.
   *
   * @throws IllegalArgumentException if the options need a {@link CacheBuilder#grace} that the
   *     cache does not have
   */
  VersionedCache<K, V> with(CallOptions options);

  /**
   * Reads a value from the shared store, or else from the source.
   *
   * @return the value; empty if the source has no such row. The codec decodes it from its bytes, on
   *     a miss as on a hit, and it belongs to the caller, unless the codec says that its
   *     {@linkplain Codec#valuesAreImmutable values are immutable}
   * @throws LoadFailedException if the source threw
   * @throws InvalidVersionException if the source returned a row with an invalid version
   * @throws CodecException if the loaded value cannot be cached, with {@link
   *     UncacheablePolicy#FAIL}; by default it is served uncached
   */
  default Optional<V> get(K key) {
    return read(key).value();
  }

  /** Reads like {@link #get}, and returns all details of the answer. */
  ReadResult<V> read(K key);

  /**
   * Reads like {@link #get}, but holds no thread while it waits. Does not block; a null key, a key
   * without a valid encoding, a recursive load and a closed cache throw at once.
   *
   * @return a future that fails with what {@link #get} throws, by the deadline. Cancelling it stops
   *     only this caller's wait. Dependent stages run on a thread of the {@link
   *     CacheBuilder#executor}, or on the cache's timer if no thread was free by the deadline; give
   *     stages that may block an executor of their own
   */
  CompletableFuture<Optional<V>> getAsync(K key);

  /** Reads like {@link #getAsync}, and returns all details of the answer. */
  CompletableFuture<ReadResult<V>> readAsync(K key);

  /**
   * Reads many values, like {@link #get} for each key, in few round trips: the entries of the store
   * in one, and the rows that are not cached in one call of a {@link BulkSource}. From any other
   * source they are read one by one, by up to 8 loads side by side. A key that this process loads
   * already is not loaded again, and one that another process loads or writes is waited for when
   * everything else has been read.
   *
   * <p>An entry past its time to live, which {@link CacheBuilder#grace} keeps, is loaded by itself.
   *
   * @param keys any number; of equal keys, one is read. A null, or a key without a valid encoding,
   *     fails the call before anything is read
   * @return the values by their keys, in the order of the keys; empty for a row that does not exist
   * @throws BulkReadException if any key could not be read; {@link #readAll} returns the others
   */
  default Map<K, Optional<V>> getAll(Collection<? extends K> keys) {
    return readAll(keys).values();
  }

  /**
   * Reads like {@link #getAll}, and returns all details. A key that cannot be read fails for
   * itself: the result has its exception, and the rows of the others. So does a key that an open
   * transaction of this thread has written, and one whose row an {@link Error} was thrown for, such
   * as by the codec. A {@link VirtualMachineError} other than {@link StackOverflowError} is thrown.
   */
  BulkReadResult<K, V> readAll(Collection<? extends K> keys);

  /**
   * Reads like {@link #getAll}, but holds no thread while it waits; see {@link #getAsync}.
   *
   * @return a future that fails with what {@link #getAll} throws
   */
  CompletableFuture<Map<K, Optional<V>>> getAllAsync(Collection<? extends K> keys);

  /** Reads like {@link #getAllAsync}, and returns what {@link #readAll} does. */
  CompletableFuture<BulkReadResult<K, V>> readAllAsync(Collection<? extends K> keys);

  /**
   * Reads the row from the source even if it is cached, and makes it the entry. Use it when the row
   * changed and you do not have the new one; if you have it, {@link #publish} it. Takes the key's
   * lock and hides nothing: until the row is read, others get the old entry. An entry that is newer
   * than the row stays. If the row cannot be an entry, because its value cannot be cached or its
   * time to live is over, the entry is dropped. Overlapping calls in one process share a load if it
   * begins after each of them.
   *
   * @return the row as read; {@link ReadResult#fill} says whether it is the entry now
   * @throws LoadFailedException if the source threw; the entry stays
   * @throws InvalidVersionException as {@link #get} does
   * @throws CodecException as {@link #get} does
   */
  ReadResult<V> refresh(K key);

  /**
   * Writes to the source through the cache: acquires the key's lock, hides the old value, runs
   * {@code write} on the calling thread, and publishes the row that it returned. Readers of the key
   * wait meanwhile. A crash at any point costs a reload.
   *
   * <p>Takes as long as {@code write}, the store, the locks and the codec take: if one of them
   * hangs, against its contract, it holds the calling thread.
   *
   * <p>An exception of the cache says in its message that the write did not run or, after the
   * commit, that it is committed.
   *
   * <p>In a transaction that the caller has begun, and that {@link CacheBuilder#transactions} knows
   * of, {@code write} takes part in it, and the outcome is {@link WriteOutcome#DEFERRED}. Lock and
   * claim are kept until the transaction ends, at most for {@link CacheBuilder#maxLoadTime}. Before
   * its commit returns, the last row of each key that it has updated or published is published; all
   * of them together take at most a deadline more, and what the store does not answer to is
   * repaired in the background. If it is not committed, the entries are dropped. Until then a read
   * of such a key in the same thread throws {@link UnsafeInTransactionException}: the entry would
   * not be what the transaction sees. A row that cannot be cached throws before the commit.
   *
   * @return the row and what became of it in the store. {@link WriteOutcome#UNKNOWN} does not undo
   *     the write
   * @throws X what {@code write} throws, with later failures suppressed in it; the entry is
   *     dropped, and the next reader loads. Anything else that is thrown after the commit, even an
   *     {@link Error} of the codec, also drops the entry, at once or in the background
   * @throws InvalidVersionException if the returned row's version is negative. The write is
   *     committed anyway; the next reader loads
   * @throws CodecException if the returned value cannot be cached, with {@link
   *     UncacheablePolicy#FAIL}; likewise. By default the entry is dropped without an exception
   * @throws NullPointerException if {@code write} returns null; likewise
   * @throws UnavailableException if the lock service or the store is unavailable, or the executor
   *     or the scheduler was shut down; {@code write} did not run. {@link ClaimRule#BEST_EFFORT}
   *     runs it anyway
   * @throws DeadlineExceededException if the lock was not acquired in time; likewise. Two
   *     transactions that update the same keys in different orders wait for each other until then
   * @throws UnsafeInTransactionException in an open transaction that the cache was not told of, or
   *     that is for reading only; or if another open transaction of this thread has written the
   *     key. {@code write} did not run
   */
  default <X extends Exception> WriteResult<V> update(K key, Write<V, X> write) throws X {
    return update(key, ClaimRule.REQUIRED, write);
  }

  /**
   * Writes like {@link #update(Object, Write)}; {@code rule} decides about the write if the slot
   * cannot be claimed in time, because the lock service or the store is unavailable or another
   * holder kept the key for the whole {@link CacheBuilder#waitLimit}.
   */
  <X extends Exception> WriteResult<V> update(K key, ClaimRule rule, Write<V, X> write) throws X;

  /** Same as {@link #updateAsync(Object, ClaimRule, Write)} with {@link ClaimRule#REQUIRED}. */
  default CompletableFuture<WriteResult<V>> updateAsync(K key, Write<V, ?> write) {
    return updateAsync(key, ClaimRule.REQUIRED, write);
  }

  /**
   * Writes like {@link #update(Object, ClaimRule, Write)}, on a thread of the {@link
   * CacheBuilder#executor}. Does not block. The write holds that thread from before it waits for
   * the key's lock until it is published. At most {@link CacheBuilder#maxAsyncWrites} writes hold
   * the cache's own threads, none of which loads need; further writes wait without a thread.
   * Cancelling the future cancels the write, unless it has begun to wait for its lock: then it goes
   * on, and its result is discarded.
   *
   * <p>Throws {@link UnsafeInTransactionException} at once in a transaction that the caller has
   * begun, because the write would run outside of it.
   *
   * @return a future that fails with what {@link #update} throws, or with {@link
   *     DeadlineExceededException} if by the deadline no thread was free, or the lock and the claim
   *     were not acquired for any reason; the write will then not run
   */
  CompletableFuture<WriteResult<V>> updateAsync(K key, ClaimRule rule, Write<V, ?> write);

  /**
   * Tells the cache about a row that this or another program has committed: after the commit, or
   * from a change feed. Takes no lock. Idempotent, in any order, any number of times. In a
   * transaction that the caller has begun, see {@link #update}, the row is published after its
   * commit.
   *
   * @param row the row as it was committed, with its version
   * @throws InvalidVersionException if the version is negative. The entry is dropped, at once or in
   *     the background, as after anything else that is thrown
   * @throws CodecException if the value cannot be cached, with {@link UncacheablePolicy#FAIL}; the
   *     entry is dropped, as it is by default without an exception
   */
  WriteOutcome publish(K key, Row<V> row);

  /**
   * Publishes many rows, like {@link #publish} for each, in few round trips: the rows are sent
   * together, and what got no answer is sent again until the deadline of the call. A row that
   * breaks a rule fails for itself: its entry is dropped, and the others are published. It is not
   * atomic: readers may see any part of it done. In a transaction that the caller has begun, see
   * {@link #update}, the rows are sent together after its commit.
   *
   * <p>In the background, a process repairs at most 1,024 keys at once. Where more are {@link
   * WriteOutcome#UNKNOWN}, publish or invalidate them again.
   *
   * @param rows the rows as they were committed, with their versions, by their keys; any number. A
   *     null, or a key without a valid encoding, fails the call before anything is published
   * @return what became of each, in the order of the map
   * @throws BulkWriteException if {@link #publish} would have thrown for any key; it has the
   *     outcomes of the others. An {@link Error} of the codec is the cause of its key's {@link
   *     CodecException}. A {@link VirtualMachineError} other than {@link StackOverflowError} is
   *     thrown itself, when the others have been published, or their entries dropped, at once or in
   *     the background
   */
  Map<K, WriteOutcome> publishAll(Map<? extends K, Row<V>> rows);

  /**
   * Drops the entry, so that the next reader loads. A load under way in any process cannot fill the
   * cache with what it read before. In a transaction that the caller has begun, see {@link
   * #update}, the entry is dropped after its end and not at once, because a reader could load the
   * row from before the commit again.
   *
   * <p>Use it to repair a key that is ahead of the source, as {@link #explain} shows: a row was
   * published from a transaction that was rolled back, or with a wrong version, or the database was
   * restored. The next reader's row is cached whatever its version. With a {@link
   * CacheBuilder#replica} the slot remembers the version of the dropped entry until {@link
   * CacheBuilder#replicaLag} has passed, and rows below it are served uncached until then; reading
   * or invalidating the key does not extend that time.
   *
   * @return {@link WriteOutcome#DROPPED}, {@link WriteOutcome#DEFERRED}, or {@link
   *     WriteOutcome#UNKNOWN}
   */
  WriteOutcome invalidate(K key);

  /**
   * Drops the entries of many keys, like {@link #invalidate} for each, and together as {@link
   * #publishAll} does.
   *
   * @param keys any number; equal keys count once. A null, or a key without a valid encoding, fails
   *     the call before anything is dropped
   * @return what became of each, in the order of the keys
   * @throws BulkWriteException if {@link #invalidate} would have thrown for any key
   */
  Map<K, WriteOutcome> invalidateAll(Collection<? extends K> keys);

  /** Clears like {@link #clear(LongConsumer)}, without reporting progress. */
  default long clear() {
    return clear(removed -> {});
  }

  /**
   * Removes every entry of the cache from the store. Once it has returned, no read that starts
   * later gets an entry from before the call, and a load that began before it fills nothing. The
   * time it takes grows with the number of entries; the deadline does not apply. In a transaction
   * that the caller has begun, see {@link #update}, it is done after the commit and returns zero;
   * if it fails then, that is logged.
   *
   * @param progress receives the number of slots removed so far, now and then and on the calling
   *     thread; what it throws ends the clearing
   * @return how many slots were removed
   * @throws UnavailableException if the store is unavailable; some entries may be gone, and the
   *     call may be repeated
   * @throws OutcomeUnknownException if the store's answer was lost; likewise
   */
  long clear(LongConsumer progress);

  /**
   * Loads the keys that are not cached, before readers ask for them. Processes that warm the same
   * keys at once share the work: each key is loaded once. A {@link BulkSource} is asked for several
   * in one call. Keys that bypass the cache are loaded into it as well. A key that fails is
   * counted, and the others go on. The deadline applies to each load, not to the call.
   *
   * @param keys each is loaded at most once, in random order
   * @return how many keys were loaded, found and failed
   * @throws CallInterruptedException if the thread is interrupted; what was loaded stays
   */
  WarmReport warm(Collection<? extends K> keys, WarmOptions options);

  /**
   * Explains the cache's answer for a key: its slot, recent events of this process, and the row in
   * the source. For people: it reads the source each time.
   *
   * @return the answer; it names what could not be asked or did not answer by the deadline
   */
  Explanation<V> explain(K key);

  /**
   * Checks that the store, the lock service, the source and its replica are set up as the cache
   * needs them. Call it when a program starts. Logs what it finds, too.
   *
   * @return what costs something, such as a server that could not be asked; empty if all is well
   * @throws UnsafeSetupException if the set-up would break a promise of the cache; it names every
   *     reason
   */
  List<Finding> check();

  /** Which keys this process reads by the cache now. */
  Rollout rollout();

  /**
   * Changes which keys this process reads by the cache; see {@link CacheBuilder#rollout} for what
   * the other reads do. Applies to reads that begin later; one that is under way ends as it began.
   * Does not block, needs neither store nor locks, and says so in the log at INFO. Other processes
   * are not told, and may differ for any time.
   *
   * <p>Nothing else is to be done to switch back: writes have kept the entries right meanwhile, as
   * long as they went through the cache. {@link #warm} and {@link #refresh} are the same for every
   * key, so that a cache can be warmed before it is switched on; refreshes ahead are started by
   * reads of the cache only.
   */
  void switchTo(Rollout rollout);

  /** The counters of this cache in this process since it was built. */
  CacheStats stats();

  /**
   * Closes the cache in this process; the shared entries stay. Reads and updates that wait throw
   * {@link CacheClosedException}; an update that has not begun its {@link Write} never does. Loads
   * are interrupted, and their claims and locks given up at once, even if the source ignores the
   * interrupt. A write under way completes as usual, with its claim renewed and its row published,
   * except that its slot is not repaired if the store does not answer. Pending repairs are given
   * up.
   *
   * <p>Blocks until the store has answered, at most for the deadline, and does not wait for loads
   * and writes. Logs at INFO what it leaves behind: loads that have not returned, claims that will
   * expire by themselves, writes under way; each repair given up is a warning and an event. The
   * store, the lock provider and the source belong to the caller and stay open. Idempotent.
   */
  @Override
  void close();
}
