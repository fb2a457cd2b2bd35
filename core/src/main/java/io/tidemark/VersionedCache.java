package io.tidemark;

import io.tidemark.spi.Finding;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;

/**
 * A read-through cache, shared by many processes, whose entries only move forward. Thread-safe.
 *
 * <p>What it promises, through eviction, expiry, pauses, crashes and lost locks:
 *
 * <ul>
 *   <li><b>Forward only.</b> Once any reader anywhere was served a version from the shared store,
 *       no later read is served less.
 *   <li><b>Read your writes, fleet-wide.</b> Once {@link #update} or {@link #publish} has returned
 *       anything but {@link WriteOutcome#UNKNOWN}, no read that starts later is served anything
 *       older.
 *   <li>A value and its version come from the same read of the row.
 *   <li>A key that many ask for at once is loaded once in the whole fleet.
 * </ul>
 *
 * <p>An answer of {@link Origin#CACHE_STALE} is exempt: it was asked for. A failover of the store
 * that loses acknowledged writes can step back, until the entry expires.
 *
 * <p>Every call blocks for at most the cache's deadline, plus what a user's own {@link Write}
 * takes, and throws: {@link DeadlineExceededException}, {@link UnavailableException}, {@link
 * CallInterruptedException}, {@link CacheClosedException}, {@link RecursiveLoadException}, {@link
 * IllegalArgumentException} for a key with no valid encoding, and what its own text names. A null
 * argument throws {@link NullPointerException}.
 *
 * @param <K> the type of the keys
 * @param <V> the type of the values
 */
public interface VersionedCache<K, V> extends AutoCloseable {

  /**
   * Starts to build a cache.
   *
   * @param name names the cache in the store, at the lock service, in logs and errors: 1 to 64 of
   *     {@code A-Z a-z 0-9 . _ -}. Processes that use the same name share the cache, and must agree
   *     on its source, its codec, and the class or the encoder of its keys
   */
  static <K, V> CacheBuilder<K, V> builder(String name) {
    return new CacheBuilder<>(name);
  }

  /** The cache's name. */
  String name();

  /**
   * The same cache for calls with other options: {@code cache.with(options).get(key)}. Shares
   * everything with this one; closing either closes both. Cheap, and may be kept.
   *
   * @throws IllegalArgumentException if the options need a {@link CacheBuilder#grace} that the
   *     cache does not have
   */
  VersionedCache<K, V> with(CallOptions options);

  /**
   * Reads a value: from the shared store, or else from the source.
   *
   * @return the value, or empty where the source has no such row. It is what the codec makes of the
   *     value's bytes, on a miss as on a hit, and the caller's own, unless the codec says that its
   *     {@linkplain Codec#valuesAreImmutable values are immutable}
   * @throws LoadFailedException if the source threw
   * @throws InvalidVersionException if the source gave a row whose version breaks its rule
   * @throws CodecException if the loaded value cannot be cached, with {@link
   *     UncacheablePolicy#FAIL}; by default it is served uncached
   */
  default Optional<V> get(K key) {
    return read(key).value();
  }

  /** Reads like {@link #get}, and tells everything about the answer. */
  ReadResult<V> read(K key);

  /**
   * Reads like {@link #get}, without a thread while it waits. Does not block; a null key, a key
   * with no valid encoding, a recursive load and a closed cache throw at once.
   *
   * @return fails with what {@link #get} throws, by the deadline. To cancel it ends the wait of
   *     this caller only. What depends on it runs on a thread of the {@link CacheBuilder#executor},
   *     or on the cache's timer where none was free by the deadline; what may block belongs into
   *     one of the future's methods that take an executor
   */
  CompletableFuture<Optional<V>> getAsync(K key);

  /** Reads like {@link #getAsync}, and tells everything about the answer. */
  CompletableFuture<ReadResult<V>> readAsync(K key);

  /**
   * Reads the row from the source although it may be cached, and makes it the entry. For when
   * something, you do not know what, has happened to the row; whoever knows the new row publishes
   * it. Takes the key's lock, and hides nothing: until the row is read, others are served the old
   * entry. An entry that is newer than what the source says stays; where the row cannot be an
   * entry, because its value cannot be cached or it is good no longer, the entry is dropped. Calls
   * that overlap in one process share a load where it begins after each of them.
   *
   * @return the row as it was read, and in {@link ReadResult#fill} whether it is the entry now
   * @throws LoadFailedException if the source threw; the entry stays
   * @throws InvalidVersionException as {@link #get} does
   * @throws CodecException as {@link #get} does
   */
  ReadResult<V> refresh(K key);

  /**
   * Writes to the source through the cache: takes the key's lock, hides the old value, runs {@code
   * write} on the calling thread, and publishes what it returned. While it runs, readers of the key
   * wait for it. A crash at any point costs a reload.
   *
   * <p>Takes as long as {@code write}, and as the store, the locks and the codec: what of these
   * hangs, against its rule, holds the calling thread.
   *
   * <p>An exception of the cache's own says in its message that the write did not run, or, after
   * the commit, that it is committed.
   *
   * @return the row and what became of it in the store. {@link WriteOutcome#UNKNOWN} does not undo
   *     the write
   * @throws X whatever {@code write} throws, with what goes wrong after it as suppressed; the entry
   *     is dropped, and the next reader loads. Whatever else is thrown after the commit, an {@link
   *     Error} of the codec too, drops the entry likewise, at once or in the background
   * @throws InvalidVersionException if the returned row's version is negative. The write is
   *     committed all the same; the next reader loads
   * @throws CodecException if the returned value cannot be cached, with {@link
   *     UncacheablePolicy#FAIL}; likewise. By default the entry is dropped, and this is no error
   * @throws NullPointerException if {@code write} returns null; likewise
   * @throws UnavailableException if the lock service or the store is away, or the executor or the
   *     scheduler was shut down; {@code write} did not run. {@link ClaimRule#BEST_EFFORT} runs it
   *     all the same
   * @throws DeadlineExceededException if the lock was not had in time; likewise
   */
  default <X extends Exception> WriteResult<V> update(K key, Write<V, X> write) throws X {
    return update(key, ClaimRule.REQUIRED, write);
  }

  /**
   * Writes like {@link #update(Object, Write)}, where {@code rule} says what becomes of the write
   * when the slot cannot be claimed in time: because the lock service or the store is away, or
   * because somebody else has had the key for the whole {@link CacheBuilder#waitLimit}.
   */
  <X extends Exception> WriteResult<V> update(K key, ClaimRule rule, Write<V, X> write) throws X;

  /** Writes like {@link #updateAsync(Object, ClaimRule, Write)}, with a claim. */
  default CompletableFuture<WriteResult<V>> updateAsync(K key, Write<V, ?> write) {
    return updateAsync(key, ClaimRule.REQUIRED, write);
  }

  /**
   * Writes like {@link #update(Object, ClaimRule, Write)}, on a thread of the {@link
   * CacheBuilder#executor}. Does not block. The write holds that thread until it is published, and
   * from before it waits for the key's lock; of the cache's own threads {@link
   * CacheBuilder#maxAsyncWrites} at most do that, none of which loads need, and further writes wait
   * without one. To cancel the future calls off a write that has not begun to wait for its lock.
   * One that has goes on, and its result reaches nobody.
   *
   * @return fails with what {@link #update} throws; where by the deadline no thread was free, or
   *     lock and claim were not had, whatever they wait for, with {@link
   *     DeadlineExceededException}, and the write will not run
   */
  CompletableFuture<WriteResult<V>> updateAsync(K key, ClaimRule rule, Write<V, ?> write);

  /**
   * Tells the cache of a row that is committed already, by this or another program: after the
   * commit, or from a change feed. Takes no lock. Idempotent, in any order, any number of times.
   *
   * @param row the row as it was committed, with its version
   * @throws InvalidVersionException if the version is negative; the entry was dropped, as it is, at
   *     once or in the background, whatever else is thrown
   * @throws CodecException if the value cannot be cached, with {@link UncacheablePolicy#FAIL}; the
   *     entry was dropped, as it is by default without an error
   */
  WriteOutcome publish(K key, Row<V> row);

  /**
   * Drops the entry, so that the next reader loads. A load under way anywhere cannot fill what it
   * read before.
   *
   * <p>This is also what heals a key whose entry is ahead of the source: after a row was published
   * from a transaction that was rolled back, or under a wrong version, or when the database was
   * restored. {@link #explain} tells. The next reader's row is cached whatever its version. With a
   * {@link CacheBuilder#replica} the slot remembers the version of the dropped entry until {@link
   * CacheBuilder#replicaLag} has passed, and rows below it are served uncached till then; to read
   * or to invalidate the key does not make that longer.
   *
   * @return {@link WriteOutcome#DROPPED}, or {@link WriteOutcome#UNKNOWN}
   */
  WriteOutcome invalidate(K key);

  /** Clears like {@link #clear(LongConsumer)}, without telling of its progress. */
  default long clear() {
    return clear(removed -> {});
  }

  /**
   * Removes every entry of the cache from the store. Once it has returned, no read that starts
   * later is served an entry from before the call, and a load that began before it fills nothing.
   * Takes time with the number of entries; the deadline does not apply.
   *
   * @param progress is told now and then, on the calling thread, how many slots were removed so
   *     far; what it throws ends the clearing
   * @return how many slots were removed
   * @throws UnavailableException if the store is away; some entries may be gone, and the call may
   *     be repeated
   * @throws OutcomeUnknownException if the store's answer was lost; likewise
   */
  long clear(LongConsumer progress);

  /**
   * Loads the keys that are not cached, ahead of their readers. Processes that warm the same keys
   * at once share the work: each key is loaded once. A key that fails is counted, and the rest goes
   * on. The deadline applies to each key; the call takes as long as it takes.
   *
   * @param keys each is loaded at most once, in random order
   * @return how many keys were loaded, found and failed
   * @throws CallInterruptedException if the thread is interrupted; what is loaded stays
   */
  WarmReport warm(Collection<? extends K> keys, WarmOptions options);

  /**
   * Why the cache says what it says about a key: the slot, what this process did about it lately,
   * and what the source says now. For people: it reads the source each time.
   *
   * @return what could not be asked, or did not answer by the deadline, is told in it
   */
  Explanation<V> explain(K key);

  /**
   * Looks whether the store, the lock service, the source and its replica are set up as the cache
   * needs them; for when a program starts. Everything that is found is logged as well.
   *
   * @return what costs something; empty if all is well. That a server could not be asked is among
   *     it
   * @throws UnsafeSetupException if a promise of the cache would be false; it names every reason
   */
  List<Finding> check();

  /** What this process did through this cache since it was built. */
  CacheStats stats();

  /**
   * Ends the cache in this process; the shared entries stay. Reads and updates that wait throw
   * {@link CacheClosedException}; an update that has not begun its {@link Write} never does. Loads
   * are interrupted, and their claims and locks given up at once, whether or not the source heeds
   * the interrupt. A write under way is completed as if nothing had happened, with its claim
   * renewed and its row published; only its slot is no longer repaired where the store does not
   * answer. What waits to be repaired is given up.
   *
   * <p>Blocks until the store has answered, for the deadline at most, and does not wait for loads
   * and writes. What it leaves is logged at INFO: loads that have not come back, claims that will
   * expire by themselves, writes under way; each repair that it gives up is a warning and an event.
   * The store, the lock provider and the source are the caller's and stay open. Again without
   * effect.
   */
  @Override
  void close();
}
