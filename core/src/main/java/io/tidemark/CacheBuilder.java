package io.tidemark;

import static java.util.Objects.requireNonNullElse;

import io.tidemark.engine.Backends;
import io.tidemark.engine.CacheEngine;
import io.tidemark.engine.DefaultVersionedCache;
import io.tidemark.engine.Fallbacks;
import io.tidemark.engine.Lifetimes;
import io.tidemark.engine.Limits;
import io.tidemark.engine.Settings;
import io.tidemark.engine.Terms;
import io.tidemark.engine.Waiting;
import io.tidemark.key.KeyEncoder;
import io.tidemark.options.OptionRules;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import io.tidemark.spi.Ticker;
import io.tidemark.spi.Transactions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Builds a {@link VersionedCache}. Every option may be set once; an option that is not set has the
 * default that its method names. An option out of range is refused where it is set, and options
 * that contradict each other in {@link #build}, both with {@link IllegalArgumentException}; a
 * second setting and a missing required option with {@link IllegalStateException}. Not thread-safe.
 *
 * <ul>
 *   <li>What the cache connects: {@link #source}, {@link #replica}, {@link #replicaLag}, {@link
 *       #store}, {@link #locks}, {@link #codec}, {@link #keyEncoder}, {@link #transactions}.
 *   <li>How long entries live: {@link #ttl}, {@link #negativeTtl}, {@link #ttlJitter}, {@link
 *       #grace}, {@link #refreshAhead}.
 *   <li>How long calls wait: {@link #profile}, {@link #deadline}, {@link #waitLimit}, {@link
 *       #softTimeout}, {@link #claimLife}, {@link #maxLoadTime}, {@link #waitStrategy}, {@link
 *       #lockOutageWait}.
 *   <li>What happens on failure: {@link #onFallback}, {@link #onLoadFailure}, {@link #failureTtl},
 *       {@link #onUncacheable}, {@link #repairTime}.
 *   <li>Limits: {@link #maxLoads}, {@link #maxAsyncWrites}, {@link #maxFallbackLoads}, {@link
 *       #maxFallbackQueue}, {@link #maxHungLoads}, {@link #maxValueBytes}.
 *   <li>Which keys are read by the cache: {@link #rollout}.
 *   <li>Threads, time and listeners: {@link #listener}, {@link #onBuilt}, {@link #executor}, {@link
 *       #scheduler}, {@link #ticker}, {@link #random}.
 * </ul>
 *
 * @param <K> the type of the keys
 * @param <V> the type of the values
 */
public final class CacheBuilder<K, V> {
  private final String name;
  private @Nullable Source<K, V> source;
  private @Nullable Source<K, V> replica;
  private Duration replicaLag = Duration.ZERO;
  private @Nullable SlotStore store;
  private @Nullable LockProvider locks;
  private @Nullable Codec<V> codec;
  private @Nullable KeyEncoder<? super K> keyEncoder;
  private @Nullable Transactions transactions;
  private Duration ttl = Duration.ofMinutes(5);
  private Duration negativeTtl = Duration.ofSeconds(30);
  private double ttlJitter = 0.1;
  private Duration grace = Duration.ZERO;
  private @Nullable RefreshAhead refreshAhead;
  private Rollout rollout = Rollout.on();
  private LoadProfile profile = LoadProfile.NORMAL;
  private @Nullable Duration deadline;
  private @Nullable Duration waitLimit;
  private @Nullable Duration softTimeout;
  private @Nullable Duration claimLife;
  private @Nullable Duration maxLoadTime;
  private WaitStrategy waitStrategy = WaitStrategy.eventDriven();
  private Duration lockOutageWait = Duration.ZERO;
  private FallbackPolicy onFallback = FallbackPolicy.FAIL;
  private LoadFailurePolicy onLoadFailure = LoadFailurePolicy.FAIL;
  private @Nullable Duration failureTtl;
  private UncacheablePolicy onUncacheable = UncacheablePolicy.LOAD;
  private Duration repairTime = Duration.ofMinutes(5);
  private int maxLoads = 256;
  private int maxAsyncWrites = 256;
  private int maxFallbackLoads = 16;
  private int maxFallbackQueue = 1_000;
  private int maxHungLoads = 256;
  private int maxValueBytes = 8 * 1024 * 1024;
  private @Nullable Executor executor;
  private @Nullable ScheduledExecutorService scheduler;
  private Ticker ticker = Ticker.system();
  private @Nullable RandomGenerator random;

  private final List<CacheListener> listeners = new ArrayList<>();
  private final List<Consumer<? super VersionedCache<K, V>>> receivers = new ArrayList<>();
  private final Set<String> set = new HashSet<>();

  CacheBuilder(String name) {
    this.name = SlotKey.checkCacheName(name);
  }

  /** The system of record, read where writers commit. Required. */
  public CacheBuilder<K, V> source(Source<K, V> source) {
    once("source");
    this.source = Objects.requireNonNull(source, "source");
    return this;
  }

  /**
   * A copy of the source that loads read first, and that may lag by up to {@link #replicaLag}. The
   * {@link #source} is read as well where the slot knows a newer row, and where the replica fails;
   * a replica that hangs is not asked again for {@link #maxLoadTime}. A slot has forgotten a newer
   * row after an eviction or a {@link VersionedCache#clear} within the {@link #replicaLag} after a
   * write, and never knew one that was written without a version while there was no entry: the next
   * load may then cache what lags. Default: none, loads read the source.
   */
  public CacheBuilder<K, V> replica(Source<K, V> replica) {
    once("replica");
    this.replica = Objects.requireNonNull(replica, "replica");
    return this;
  }

  /**
   * The longest time by which the {@link #replica} may lag behind the source; set with a replica
   * and only then. A slot remembers its row's version for this long after the row was written or
   * dropped, or its entry expired; a lower version that the source goes back to within this time is
   * served uncached. Default: zero, nothing is remembered.
   */
  public CacheBuilder<K, V> replicaLag(Duration replicaLag) {
    once("replicaLag");
    this.replicaLag = OptionRules.notNegative("replicaLag", replicaLag);
    return this;
  }

  /** Where the slots live; the same for the whole fleet. Required. The caller closes it. */
  public CacheBuilder<K, V> store(SlotStore store) {
    once("store");
    this.store = Objects.requireNonNull(store, "store");
    return this;
  }

  /** The locks that decide who loads, for the whole fleet. Required. The caller closes them. */
  public CacheBuilder<K, V> locks(LockProvider locks) {
    once("locks");
    this.locks = Objects.requireNonNull(locks, "locks");
    return this;
  }

  /** Converts values to bytes and back; usually a {@link io.tidemark.json.JsonCodec}. Required. */
  public CacheBuilder<K, V> codec(Codec<V> codec) {
    once("codec");
    this.codec = Objects.requireNonNull(codec, "codec");
    return this;
  }

  /**
   * Gives each key its text; see {@link KeyEncoder} for the rule and for ready encoders. Default:
   * {@link KeyEncoder#simple}, for keys of one simple type.
   */
  public CacheBuilder<K, V> keyEncoder(KeyEncoder<? super K> keyEncoder) {
    once("keyEncoder");
    this.keyEncoder = Objects.requireNonNull(keyEncoder, "keyEncoder");
    return this;
  }

  /**
   * Where the transactions of callers are known. What is written in one is published after its
   * commit, and dropped if it is not committed; see {@link VersionedCache#update}. Default: each
   * write is taken to be committed when it returns, and an update within an open transaction of
   * Spring's is refused. With {@link Transactions#none} such an update is not refused either: set
   * it if every {@link Write} commits in a transaction of its own.
   */
  public CacheBuilder<K, V> transactions(Transactions transactions) {
    once("transactions");
    this.transactions = Objects.requireNonNull(transactions, "transactions");
    return this;
  }

  /**
   * How long a value is served, 1 ms or more; a row may have {@linkplain Row#present(Object, long,
   * Duration) its own time to live}. Default: 5 minutes.
   */
  public CacheBuilder<K, V> ttl(Duration ttl) {
    once("ttl");
    this.ttl = OptionRules.positive("ttl", ttl);
    return this;
  }

  /**
   * How long the absence of a row is served: zero, or 1 ms or more. With zero, absences are not
   * cached, and each read of a row that does not exist takes the key's lock and asks the source.
   * Default: 30 seconds.
   */
  public CacheBuilder<K, V> negativeTtl(Duration negativeTtl) {
    once("negativeTtl");
    this.negativeTtl = OptionRules.zeroOrPositive("negativeTtl", negativeTtl);
    return this;
  }

  /**
   * The largest part of a time to live that is taken off at random, 0 to 0.9, so that entries that
   * were filled together do not expire together. Default: 0.1.
   */
  public CacheBuilder<K, V> ttlJitter(double fraction) {
    once("ttlJitter");
    this.ttlJitter = OptionRules.within(0, 0.9, "ttlJitter", fraction);
    return this;
  }

  /**
   * How long an expired value is kept for {@link FallbackPolicy#STALE}, zero or more; with a {@link
   * #replica}, at least until {@link #replicaLag} after it was stored. Default: zero.
   */
  public CacheBuilder<K, V> grace(Duration grace) {
    once("grace");
    this.grace = OptionRules.notNegative("grace", grace);
    return this;
  }

  /**
   * Loads values in the background before they expire; see {@link RefreshAhead}. A process tries a
   * key at most once a second, and at most 10,000 keys a second. Default: never.
   */
  public CacheBuilder<K, V> refreshAhead(RefreshAhead refreshAhead) {
    once("refreshAhead");
    this.refreshAhead = Objects.requireNonNull(refreshAhead, "refreshAhead");
    return this;
  }

  /**
   * Which keys this process reads by the cache when it starts: all, none, or a percentage for the
   * first days. {@link VersionedCache#switchTo} changes it later. Default: {@link Rollout#on()}.
   *
   * <p>A read of any other key bypasses the cache: it asks the {@link #source}, and never the
   * {@link #replica}, without lock, slot and store. Callers of one process share a load that begins
   * after each of their calls. Deadlines and failures are those of other reads. There is no expired
   * value to be served, so {@link #onFallback}, {@link #softTimeout} and {@link #grace} have no
   * effect on it. Writes are the same for every key: they need the store, and updates the locks.
   *
   * <p>A bypassed read is at least as new as all writes that had returned in any process when it
   * began, and as all that the cache had served by then. It may be newer than the cache, and than a
   * later read of a process that does not bypass the key: a row that is committed and not yet
   * published, or that was written past the cache, is in the source already.
   */
  public CacheBuilder<K, V> rollout(Rollout rollout) {
    once("rollout");
    this.rollout = Objects.requireNonNull(rollout, "rollout");
    return this;
  }

  /**
   * Sets the defaults of {@link #claimLife}, {@link #deadline} and {@link #maxLoadTime} for fast,
   * normal or slow loads. Default: {@link LoadProfile#NORMAL}.
   */
  public CacheBuilder<K, V> profile(LoadProfile profile) {
    once("profile");
    this.profile = Objects.requireNonNull(profile, "profile");
    return this;
  }

  /**
   * How long a call may take before it throws, 1 ms or more. The {@link #waitLimit}, a part of it,
   * should exceed the time in which the lock service notices that a holder has crashed; {@link
   * VersionedCache#check} compares them. Default: the profile's, 15 seconds.
   */
  public CacheBuilder<K, V> deadline(Duration deadline) {
    once("deadline");
    this.deadline = OptionRules.positive("deadline", deadline);
    return this;
  }

  /**
   * How long a load waits for the key's lock before {@link #onFallback} decides, and an update
   * before its {@link ClaimRule} does; 1 ms or more, and at most the deadline. The rest of the
   * deadline is left to the fallback, or to publishing. Default: 80 % of the deadline.
   */
  public CacheBuilder<K, V> waitLimit(Duration waitLimit) {
    once("waitLimit");
    this.waitLimit = OptionRules.positive("waitLimit", waitLimit);
    return this;
  }

  /**
   * How long a read waits for a load while there is an expired value. After that it serves the
   * expired value, as {@link Origin#CACHE_STALE}, and the load goes on and fills the cache. 1 ms or
   * more, and below the {@link #deadline}; needs {@link #grace}. Default: none, reads wait until
   * the deadline.
   */
  public CacheBuilder<K, V> softTimeout(Duration softTimeout) {
    once("softTimeout");
    this.softTimeout = OptionRules.positive("softTimeout", softTimeout);
    return this;
  }

  /**
   * How long a claim lives unless it is renewed, 30 ms or more. A load renews its claim while it
   * runs, so the life need only cover a pause of the process. Default: the profile's, 10 seconds.
   */
  public CacheBuilder<K, V> claimLife(Duration claimLife) {
    once("claimLife");
    this.claimLife = LoadProfile.checkedClaimLife(claimLife);
    return this;
  }

  /**
   * How long a load or a write may keep its claim and its lock, at least the {@link #claimLife};
   * after that both are given up, so that one that hangs does not block the key. A load, also one
   * past the cache, ends with them: its callers get {@link LoadFailedException}, its thread is
   * interrupted, a late result is discarded, and the next caller's load begins. {@link
   * #maxHungLoads} bounds the threads that such loads hold. Default: the profile's, 1 minute.
   */
  public CacheBuilder<K, V> maxLoadTime(Duration maxLoadTime) {
    once("maxLoadTime");
    this.maxLoadTime = OptionRules.positive("maxLoadTime", maxLoadTime);
    return this;
  }

  /** How to wait for another process's load. Default: {@link WaitStrategy#eventDriven()}. */
  public CacheBuilder<K, V> waitStrategy(WaitStrategy waitStrategy) {
    once("waitStrategy");
    this.waitStrategy = Objects.requireNonNull(waitStrategy, "waitStrategy");
    return this;
  }

  /**
   * How long a load or an update keeps asking a lock service that is away, within the {@link
   * #waitLimit}; zero or more. Long enough for a reconnect, and brief outages stay invisible.
   * Default: zero, the policy decides at once.
   */
  public CacheBuilder<K, V> lockOutageWait(Duration lockOutageWait) {
    once("lockOutageWait");
    this.lockOutageWait = OptionRules.notNegative("lockOutageWait", lockOutageWait);
    return this;
  }

  /** What a read does when it cannot take the usual way. Default: {@link FallbackPolicy#FAIL}. */
  public CacheBuilder<K, V> onFallback(FallbackPolicy policy) {
    once("onFallback");
    this.onFallback = Objects.requireNonNull(policy, "onFallback");
    return this;
  }

  /**
   * What a read does when the source fails, or does not answer by the deadline. Default: {@link
   * LoadFailurePolicy#FAIL}.
   */
  public CacheBuilder<K, V> onLoadFailure(LoadFailurePolicy policy) {
    once("onLoadFailure");
    this.onLoadFailure = Objects.requireNonNull(policy, "onLoadFailure");
    return this;
  }

  /**
   * How long this process remembers that the source failed for a key, during which reads do not ask
   * it again; zero or more. It remembers 10,000 keys at most. Default: 1 second with {@link
   * LoadFailurePolicy#STALE}, otherwise zero.
   */
  public CacheBuilder<K, V> failureTtl(Duration failureTtl) {
    once("failureTtl");
    this.failureTtl = OptionRules.notNegative("failureTtl", failureTtl);
    return this;
  }

  /**
   * What readers and writers get for a value that cannot be cached, because the {@link #codec}
   * cannot encode it and read it back, or because it exceeds {@link #maxValueBytes}. Default:
   * {@link UncacheablePolicy#LOAD}.
   */
  public CacheBuilder<K, V> onUncacheable(UncacheablePolicy policy) {
    once("onUncacheable");
    this.onUncacheable = Objects.requireNonNull(policy, "onUncacheable");
    return this;
  }

  /**
   * How long the cache keeps trying, in the background, to publish a row whose write ended as
   * {@link WriteOutcome#UNKNOWN}; 1 ms or more. It retries a row after 50 ms, then after pauses
   * that double up to 2 s, on 8 threads at most; new rows go before rows that have failed. It keeps
   * 1,024 rows and 32 MiB of values, and beyond that drops the entry instead of publishing the row.
   * It stops when the cache is closed; what it gives up is logged and counted. Default: 5 minutes.
   */
  public CacheBuilder<K, V> repairTime(Duration repairTime) {
    once("repairTime");
    this.repairTime = OptionRules.positive("repairTime", repairTime);
    return this;
  }

  /**
   * How many keys this process loads, or waits for, at once; 1 or more. Further keys queue within
   * their deadlines. {@link #maxFallbackLoads} and {@link #maxAsyncWrites} are limits beside it.
   * Loads of keys that bypass the cache, see {@link #rollout}, are bounded by the same number, and
   * by themselves: a cache can be switched off while its other loads wait for locks. Not allowed
   * with an {@link #executor} of your own. Default: 256.
   */
  public CacheBuilder<K, V> maxLoads(int maxLoads) {
    once("maxLoads");
    this.maxLoads = OptionRules.atLeast(1, "maxLoads", maxLoads);
    return this;
  }

  /**
   * How many calls of {@link VersionedCache#updateAsync} this process runs at once, 1 or more. Each
   * holds a thread, also while it waits for the key's lock, but none that loads need; further calls
   * queue without a thread, within their deadlines. Not allowed with an {@link #executor} of your
   * own. Default: 256.
   */
  public CacheBuilder<K, V> maxAsyncWrites(int maxAsyncWrites) {
    once("maxAsyncWrites");
    this.maxAsyncWrites = OptionRules.atLeast(1, "maxAsyncWrites", maxAsyncWrites);
    return this;
  }

  /**
   * How many keys this process reads from the source at once under {@link FallbackPolicy#LOAD}, 1
   * or more; up to {@link #maxFallbackQueue} further keys queue. Default: 16.
   */
  public CacheBuilder<K, V> maxFallbackLoads(int maxFallbackLoads) {
    once("maxFallbackLoads");
    this.maxFallbackLoads = OptionRules.atLeast(1, "maxFallbackLoads", maxFallbackLoads);
    return this;
  }

  /**
   * How many keys may queue to be read under {@link FallbackPolicy#LOAD}, within their deadlines
   * and without a thread; zero or more. Further keys fail at once. Default: 1,000.
   */
  public CacheBuilder<K, V> maxFallbackQueue(int maxFallbackQueue) {
    once("maxFallbackQueue");
    this.maxFallbackQueue = OptionRules.atLeast(0, "maxFallbackQueue", maxFallbackQueue);
    return this;
  }

  /**
   * How many loads that were given up after {@link #maxLoadTime}, while the {@link #source} still
   * holds their threads, leave their places in {@link #maxLoads} or {@link #maxFallbackLoads} to
   * others; zero or more. Further ones keep their places until the source answers, so the three sum
   * up to the most threads that this process has with its source, unless it has an {@link
   * #executor} of its own, or keys bypass the cache: then {@link #maxLoads} counts twice. Default:
   * 256.
   */
  public CacheBuilder<K, V> maxHungLoads(int maxHungLoads) {
    once("maxHungLoads");
    this.maxHungLoads = OptionRules.atLeast(0, "maxHungLoads", maxHungLoads);
    return this;
  }

  /**
   * The largest encoded value in bytes, 1 or more; {@link #onUncacheable} decides about larger
   * ones. Default: 8 MiB.
   */
  public CacheBuilder<K, V> maxValueBytes(int maxValueBytes) {
    once("maxValueBytes");
    this.maxValueBytes = OptionRules.atLeast(1, "maxValueBytes", maxValueBytes);
    return this;
  }

  /** Adds a listener that is told what the cache does. May be set several times. Default: none. */
  public CacheBuilder<K, V> listener(CacheListener listener) {
    listeners.add(Objects.requireNonNull(listener, "listener"));
    return this;
  }

  /**
   * Receives the cache when {@link #build} has built it, on the same thread, so that what prepared
   * this builder can list and close the cache. May be set several times. Default: none.
   */
  public CacheBuilder<K, V> onBuilt(Consumer<? super VersionedCache<K, V>> receiver) {
    receivers.add(Objects.requireNonNull(receiver, "onBuilt"));
    return this;
  }

  /**
   * Runs loads, renewals of claims, repairs, and calls that return a future: each on a thread other
   * than the caller's, without blocking the caller, and not queued behind another, since a load may
   * wait for a load, and a write for its lock. Virtual threads will do. The caller shuts it down.
   * Default: daemon threads of the cache's own, made on demand and ended by {@link
   * VersionedCache#close}; 64 at most read for futures, renew claims and repair.
   */
  public CacheBuilder<K, V> executor(Executor executor) {
    once("executor");
    this.executor = Objects.requireNonNull(executor, "executor");
    return this;
  }

  /**
   * Starts tasks that are due, such as renewals, and ends waits. Its tasks do not block; one thread
   * is enough. The caller shuts it down. Default: a daemon thread of the cache's own.
   */
  public CacheBuilder<K, V> scheduler(ScheduledExecutorService scheduler) {
    once("scheduler");
    this.scheduler = Objects.requireNonNull(scheduler, "scheduler");
    return this;
  }

  /**
   * The monotonic clock for deadlines, waits and latencies; {@link Ticker#nanos} is called often
   * and must not block. If it is not the system's clock, the {@link #scheduler} must go by it too.
   * Default: {@link Ticker#system()}.
   */
  public CacheBuilder<K, V> ticker(Ticker ticker) {
    once("ticker");
    this.ticker = Objects.requireNonNull(ticker, "ticker");
    return this;
  }

  /**
   * The randomness of {@link #ttlJitter}, {@link #refreshAhead} and {@link #waitStrategy}; must be
   * thread-safe. Default: the JDK's.
   */
  public CacheBuilder<K, V> random(RandomGenerator random) {
    once("random");
    this.random = Objects.requireNonNull(random, "random");
    return this;
  }

  /**
   * Checks that the options fit together, and builds the cache.
   *
   * @throws IllegalStateException if a required option is not set
   * @throws IllegalArgumentException if options contradict each other
   */
  public VersionedCache<K, V> build() {
    checkIsOfOwnThreads("maxLoads", maxLoads);
    checkIsOfOwnThreads("maxAsyncWrites", maxAsyncWrites);
    Settings<K, V> settings =
        new Settings<>(
            name,
            backends(),
            new Lifetimes(ttl, negativeTtl, ttlJitter, grace),
            terms(),
            new Waiting(waitStrategy, lockOutageWait),
            new Fallbacks(
                requireNonNullElse(failureTtl, Fallbacks.defaultFailureTtl(onLoadFailure)),
                onUncacheable,
                repairTime),
            new Limits(
                maxLoads,
                maxAsyncWrites,
                maxFallbackLoads,
                maxFallbackQueue,
                maxHungLoads,
                maxValueBytes),
            Optional.ofNullable(refreshAhead),
            rollout,
            ticker,
            random);
    VersionedCache<K, V> cache =
        new DefaultVersionedCache<>(new CacheEngine<>(settings, listeners, executor, scheduler));
    receivers.forEach(receiver -> receiver.accept(cache));
    return cache;
  }

  private Backends<K, V> backends() {
    return new Backends<>(
        OptionRules.required("source", source),
        Optional.ofNullable(replica),
        replicaLag,
        OptionRules.required("store", store),
        OptionRules.required("locks", locks),
        OptionRules.required("codec", codec),
        requireNonNullElse(keyEncoder, KeyEncoder.simple()),
        Optional.ofNullable(transactions));
  }

  private void checkIsOfOwnThreads(String option, int value) {
    OptionRules.check(
        executor == null || !set.contains(option),
        "%s is %s and executor is set; an executor of your own has its own limit"
            .formatted(option, value));
  }

  private Terms terms() {
    LoadProfile own =
        new LoadProfile(
            requireNonNullElse(claimLife, profile.claimLife()),
            requireNonNullElse(deadline, profile.deadline()),
            requireNonNullElse(maxLoadTime, profile.maxLoadTime()));
    return new Terms(
        own,
        requireNonNullElse(waitLimit, Terms.defaultWaitLimit(own.deadline())),
        softTimeout,
        onFallback,
        onLoadFailure);
  }

  private void once(String option) {
    if (!set.add(option)) {
      throw new IllegalStateException(option + " is set already; an option may be set once");
    }
  }
}
