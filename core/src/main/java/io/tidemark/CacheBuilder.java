package io.tidemark;

import io.tidemark.engine.CacheEngine;
import io.tidemark.engine.DefaultVersionedCache;
import io.tidemark.engine.Settings;
import io.tidemark.engine.Terms;
import io.tidemark.json.JsonCodec;
import io.tidemark.key.KeyEncoder;
import io.tidemark.options.OptionRules;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import io.tidemark.spi.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Builds a {@link VersionedCache}. Every option may be set once; what is not set has the default
 * that its method names. An option out of range is refused where it is set, options that do not fit
 * together in {@link #build}; both throw {@link IllegalArgumentException} with the option, the
 * value and the rule. A second setting and a missing required option throw {@link
 * IllegalStateException}. Not thread-safe.
 *
 * @param <K> the type of the keys
 * @param <V> the type of the values
 */
public final class CacheBuilder<K, V> {
  private final String name;
  private @Nullable Source<K, V> source;
  private @Nullable Source<K, V> replica;
  private @Nullable SlotStore store;
  private @Nullable LockProvider locks;
  private @Nullable Codec<V> codec;
  private @Nullable KeyEncoder<? super K> keyEncoder;
  private Duration ttl = Duration.ofMinutes(5);
  private Duration negativeTtl = Duration.ofSeconds(30);
  private double ttlJitter = 0.1;
  private Duration grace = Duration.ZERO;
  private LoadProfile profile = LoadProfile.NORMAL;
  private @Nullable Duration deadline;
  private @Nullable Duration waitLimit;
  private @Nullable Duration softTimeout;
  private FallbackPolicy fallback = FallbackPolicy.FAIL;
  private LoadFailurePolicy onLoadFailure = LoadFailurePolicy.FAIL;
  private @Nullable Duration failureTtl;
  private UncacheablePolicy onUncacheable = UncacheablePolicy.LOAD;
  private @Nullable RefreshAhead refreshAhead;
  private WaitStrategy waitStrategy = WaitStrategy.eventDriven();
  private Duration lockOutageWait = Duration.ZERO;
  private @Nullable Duration claimLife;
  private @Nullable Duration maxLoadTime;
  private Duration repairTime = Duration.ofMinutes(5);
  private Duration replicaLag = Duration.ZERO;
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
   * A copy of the source that loads read first, and that may lag. Where the slot knows of a newer
   * row, the {@link #source} is read after it. Whether it knows depends on the slot: an eviction or
   * a {@link VersionedCache#clear} within the {@link #replicaLag} after a write makes it forget,
   * and a write without a version (an invalidation, an absence without one) that finds no entry has
   * told it nothing. The next load may then cache what lags. Where it fails, the source is read;
   * one that hangs is not asked for {@link #maxLoadTime} then. Default: none, loads read the
   * source.
   */
  public CacheBuilder<K, V> replica(Source<K, V> replica) {
    once("replica");
    this.replica = Objects.requireNonNull(replica, "replica");
    return this;
  }

  /** Where the slots live; the same for the whole fleet. Required. Stays the caller's to close. */
  public CacheBuilder<K, V> store(SlotStore store) {
    once("store");
    this.store = Objects.requireNonNull(store, "store");
    return this;
  }

  /** Who may load; the same for the whole fleet. Required. Stays the caller's to close. */
  public CacheBuilder<K, V> locks(LockProvider locks) {
    once("locks");
    this.locks = Objects.requireNonNull(locks, "locks");
    return this;
  }

  /** How values become bytes; {@link JsonCodec} is the usual one. Required. */
  public CacheBuilder<K, V> codec(Codec<V> codec) {
    once("codec");
    this.codec = Objects.requireNonNull(codec, "codec");
    return this;
  }

  /**
   * How a key becomes text; {@link KeyEncoder} has the rule, and ready encoders. Default: keys are
   * of one of its simple types, all of the class of the first; any other key is refused with {@link
   * IllegalArgumentException}.
   */
  public CacheBuilder<K, V> keyEncoder(KeyEncoder<? super K> keyEncoder) {
    once("keyEncoder");
    this.keyEncoder = Objects.requireNonNull(keyEncoder, "keyEncoder");
    return this;
  }

  /**
   * How long a value is served, 1 ms or more; a row may have {@linkplain Row#present(Object, long,
   * Duration) a time of its own}. Default: 5 minutes.
   */
  public CacheBuilder<K, V> ttl(Duration ttl) {
    once("ttl");
    this.ttl = OptionRules.positive("ttl", ttl);
    return this;
  }

  /**
   * How long the absence of a row is served: zero, or 1 ms or more. With zero no absence is cached:
   * each read of a row that does not exist takes the key's lock and asks the source. Default: 30
   * seconds.
   */
  public CacheBuilder<K, V> negativeTtl(Duration negativeTtl) {
    once("negativeTtl");
    this.negativeTtl = OptionRules.zeroOrPositive("negativeTtl", negativeTtl);
    return this;
  }

  /**
   * The largest part of a time to live that is taken off by chance, so that entries filled together
   * do not expire together: 0 to 0.9. Default: 0.1.
   */
  public CacheBuilder<K, V> ttlJitter(double fraction) {
    once("ttlJitter");
    this.ttlJitter = OptionRules.within(0, 0.9, "ttlJitter", fraction);
    return this;
  }

  /**
   * How long an expired value is kept for {@link FallbackPolicy#STALE}, zero or more; with a {@link
   * #replica} at least until {@link #replicaLag} after it was stored. Default: zero.
   */
  public CacheBuilder<K, V> grace(Duration grace) {
    once("grace");
    this.grace = OptionRules.notNegative("grace", grace);
    return this;
  }

  /**
   * How patient the cache is with loads: gives {@link #claimLife}, {@link #deadline} and {@link
   * #maxLoadTime} their defaults. Default: {@link LoadProfile#NORMAL}.
   */
  public CacheBuilder<K, V> profile(LoadProfile profile) {
    once("profile");
    this.profile = Objects.requireNonNull(profile, "profile");
    return this;
  }

  /**
   * How long a call may take before it throws, 1 ms or more. The {@link #waitLimit}, which is a
   * part of it, should be longer than the lock service takes to notice that a holder has crashed;
   * {@link VersionedCache#check} compares them. Default: the profile's, 15 seconds.
   */
  public CacheBuilder<K, V> deadline(Duration deadline) {
    once("deadline");
    this.deadline = OptionRules.positive("deadline", deadline);
    return this;
  }

  /**
   * How long a load waits for the key's lock before the {@link #onFallback} policy decides, and an
   * update before its {@link ClaimRule} does: 1 ms or more and at most the deadline. What is left
   * of the deadline is the fallback's, or the publishing's. Default: 80 % of the deadline.
   */
  public CacheBuilder<K, V> waitLimit(Duration waitLimit) {
    once("waitLimit");
    this.waitLimit = OptionRules.positive("waitLimit", waitLimit);
    return this;
  }

  /**
   * How long a read waits for a load when there is an expired value: then it serves that one, as
   * {@link Origin#CACHE_STALE}, and the load goes on and fills. 1 ms or more, and below the {@link
   * #deadline}; needs {@link #grace}. Default: none, reads wait for the deadline.
   */
  public CacheBuilder<K, V> softTimeout(Duration softTimeout) {
    once("softTimeout");
    this.softTimeout = OptionRules.positive("softTimeout", softTimeout);
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
   * How long this process remembers that the source failed for a key, and does not ask it again for
   * a read: zero or more. What is remembered is 10,000 keys at most. Default: 1 second where {@link
   * #onLoadFailure} is {@link LoadFailurePolicy#STALE}, else zero.
   */
  public CacheBuilder<K, V> failureTtl(Duration failureTtl) {
    once("failureTtl");
    this.failureTtl = OptionRules.notNegative("failureTtl", failureTtl);
    return this;
  }

  /**
   * What readers and writers get for a value that cannot be cached: one that the {@link #codec}
   * cannot encode and read back, or that is larger than {@link #maxValueBytes}. Default: {@link
   * UncacheablePolicy#LOAD}.
   */
  public CacheBuilder<K, V> onUncacheable(UncacheablePolicy policy) {
    once("onUncacheable");
    this.onUncacheable = Objects.requireNonNull(policy, "onUncacheable");
    return this;
  }

  /**
   * Loads values in the background before they expire; see {@link RefreshAhead}. This process tries
   * each key once a second at most, and 10,000 keys a second, unless a try makes it a value that is
   * not due: whatever fails, and also while another process refreshes. Default: never.
   */
  public CacheBuilder<K, V> refreshAhead(RefreshAhead refreshAhead) {
    once("refreshAhead");
    this.refreshAhead = Objects.requireNonNull(refreshAhead, "refreshAhead");
    return this;
  }

  /** How to wait for another process's load. Default: {@link WaitStrategy#eventDriven()}. */
  public CacheBuilder<K, V> waitStrategy(WaitStrategy waitStrategy) {
    once("waitStrategy");
    this.waitStrategy = Objects.requireNonNull(waitStrategy, "waitStrategy");
    return this;
  }

  /**
   * How long a load or an update goes on to ask a lock service that is away before the policy
   * decides, within the {@link #waitLimit}: zero or more. Enough for a reconnection spares callers
   * an error for each. Default: zero, the policy decides at once.
   */
  public CacheBuilder<K, V> lockOutageWait(Duration lockOutageWait) {
    once("lockOutageWait");
    this.lockOutageWait = OptionRules.notNegative("lockOutageWait", lockOutageWait);
    return this;
  }

  /** What a read does when it cannot go the usual way. Default: {@link FallbackPolicy#FAIL}. */
  public CacheBuilder<K, V> onFallback(FallbackPolicy policy) {
    once("onFallback");
    this.fallback = Objects.requireNonNull(policy, "onFallback");
    return this;
  }

  /**
   * How long a claim lives unless it is renewed, 30 ms or more. A load renews its claim while it
   * runs, so this need only cover a pause of the process. Default: the profile's, 10 seconds.
   */
  public CacheBuilder<K, V> claimLife(Duration claimLife) {
    once("claimLife");
    this.claimLife = OptionRules.claimLife(claimLife);
    return this;
  }

  /**
   * How long a load or a write renews its claim, at least the {@link #claimLife}. Then claim and
   * lock are given up, so that one that hangs does not block the key. A load is given up with them,
   * also one past the cache: its callers are thrown {@link LoadFailedException}, the next caller's
   * load begins, its thread is interrupted, and what it brings after all reaches neither a caller
   * nor the store. {@link #maxHungLoads} bounds the threads that are held then. Default: the
   * profile's, 1 minute.
   */
  public CacheBuilder<K, V> maxLoadTime(Duration maxLoadTime) {
    once("maxLoadTime");
    this.maxLoadTime = OptionRules.positive("maxLoadTime", maxLoadTime);
    return this;
  }

  /**
   * How long the cache goes on, in the background, to publish a row whose write ended as {@link
   * WriteOutcome#UNKNOWN}, 1 ms or more. It tries each row again after 50 ms, and then after pauses
   * that double up to 2 s, with 8 threads at most; a row that is new does not wait behind those
   * that fail. It keeps 1,024 rows, and 32 MiB of values: where a row would be more, it drops the
   * entry instead of publishing the row. It stops when the cache is closed; what it gives up is
   * logged and counted. Default: 5 minutes.
   */
  public CacheBuilder<K, V> repairTime(Duration repairTime) {
    once("repairTime");
    this.repairTime = OptionRules.positive("repairTime", repairTime);
    return this;
  }

  /**
   * The longest time by which the {@link #replica} may lag behind the source: so long a slot
   * remembers the version of its last row after that was written or dropped, and when its entry has
   * expired. For no longer: a row of a lower version, which a source gives that has gone back, is
   * served uncached till then. Zero or more. Default: zero, nothing is remembered.
   */
  public CacheBuilder<K, V> replicaLag(Duration replicaLag) {
    once("replicaLag");
    this.replicaLag = OptionRules.notNegative("replicaLag", replicaLag);
    return this;
  }

  /**
   * How many keys this process loads or waits for at once, 1 or more; further ones queue within
   * their deadline. Loads past the cache have their own limit, {@link #maxFallbackLoads}, beside
   * it, and so have writes, {@link #maxAsyncWrites}. Refused with an {@link #executor} of your own.
   * Default: 256.
   */
  public CacheBuilder<K, V> maxLoads(int maxLoads) {
    once("maxLoads");
    this.maxLoads = OptionRules.atLeast(1, "maxLoads", maxLoads);
    return this;
  }

  /**
   * How many calls of {@link VersionedCache#updateAsync} this process runs at once, 1 or more;
   * further ones wait for their turn within their deadline, without a thread. Each that runs holds
   * a thread while it waits for the key's lock, too: but none that loads need. Refused with an
   * {@link #executor} of your own. Default: 256.
   */
  public CacheBuilder<K, V> maxAsyncWrites(int maxAsyncWrites) {
    once("maxAsyncWrites");
    this.maxAsyncWrites = OptionRules.atLeast(1, "maxAsyncWrites", maxAsyncWrites);
    return this;
  }

  /**
   * How many keys this process reads from the source at once under {@link FallbackPolicy#LOAD}, 1
   * or more; {@link #maxFallbackQueue} further ones wait for their turn. Default: 16.
   */
  public CacheBuilder<K, V> maxFallbackLoads(int maxFallbackLoads) {
    once("maxFallbackLoads");
    this.maxFallbackLoads = OptionRules.atLeast(1, "maxFallbackLoads", maxFallbackLoads);
    return this;
  }

  /**
   * How many keys wait for their turn to be read under {@link FallbackPolicy#LOAD}, within their
   * deadline and without a thread; zero or more. Further ones fail at once. Default: 1,000.
   */
  public CacheBuilder<K, V> maxFallbackQueue(int maxFallbackQueue) {
    once("maxFallbackQueue");
    this.maxFallbackQueue = OptionRules.atLeast(0, "maxFallbackQueue", maxFallbackQueue);
    return this;
  }

  /**
   * How many loads that were given up after {@link #maxLoadTime}, and that the {@link #source}
   * still holds a thread of, leave their place in {@link #maxLoads} or {@link #maxFallbackLoads} to
   * others: zero or more. Further ones keep it until their source answers, so that this process has
   * no more threads with its source than the three together. Only those who hang that long keep a
   * place; keys are loaded as long as there is one. An {@link #executor} of your own must have its
   * own limit. Default: 256.
   */
  public CacheBuilder<K, V> maxHungLoads(int maxHungLoads) {
    once("maxHungLoads");
    this.maxHungLoads = OptionRules.atLeast(0, "maxHungLoads", maxHungLoads);
    return this;
  }

  /**
   * The largest encoded value in bytes, 1 or more; a larger one is not cached, and {@link
   * #onUncacheable} decides. Default: 8 MiB.
   */
  public CacheBuilder<K, V> maxValueBytes(int maxValueBytes) {
    once("maxValueBytes");
    this.maxValueBytes = OptionRules.atLeast(1, "maxValueBytes", maxValueBytes);
    return this;
  }

  /**
   * Runs the loads, the renewals of claims, the repairs, and the calls that return a future. It
   * must run each on a thread other than the caller's, at once or later but without blocking the
   * caller, and should not queue one behind another: a load may wait for a load, and a write for
   * its lock and as long as it likes. An executor of virtual threads will do. Stays the caller's to
   * shut down. Default: daemon threads of the cache's own, made on demand, ended by {@link
   * VersionedCache#close}; those that read for calls that return a future, renew claims and repair
   * are 64 at most.
   */
  public CacheBuilder<K, V> executor(Executor executor) {
    once("executor");
    this.executor = Objects.requireNonNull(executor, "executor");
    return this;
  }

  /**
   * Starts what is due at a time, such as the renewal of claims, and ends waits. Its tasks do not
   * block; one thread is enough. Stays the caller's to shut down. Default: a daemon thread of the
   * cache's own, ended by {@link VersionedCache#close}.
   */
  public CacheBuilder<K, V> scheduler(ScheduledExecutorService scheduler) {
    once("scheduler");
    this.scheduler = Objects.requireNonNull(scheduler, "scheduler");
    return this;
  }

  /**
   * The monotonic clock for deadlines, waits and latencies; {@link Ticker#nanos} must not block,
   * and is asked all the time. Default: {@link Ticker#system()}. Where its time is not the
   * system's, the {@link #scheduler} must go by it too.
   */
  public CacheBuilder<K, V> ticker(Ticker ticker) {
    once("ticker");
    this.ticker = Objects.requireNonNull(ticker, "ticker");
    return this;
  }

  /**
   * Is told what the cache does. May be set several times, for several listeners. Default: none.
   */
  public CacheBuilder<K, V> listener(CacheListener listener) {
    listeners.add(Objects.requireNonNull(listener, "listener"));
    return this;
  }

  /**
   * The chance in {@link #ttlJitter}, {@link #refreshAhead} and {@link #waitStrategy}; must be
   * thread-safe. Default: one of the JDK's.
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
    Terms terms = terms();
    terms.checkFits(grace);
    OptionRules.check(
        (replica == null) == replicaLag.isZero(),
        "replicaLag is %s and replica is %s; one needs the other"
            .formatted(replicaLag, replica == null ? "not set" : "set"));
    checkIsOfOwnThreads("maxLoads", maxLoads);
    checkIsOfOwnThreads("maxAsyncWrites", maxAsyncWrites);
    Settings<K, V> settings =
        new Settings<>(
            name,
            required("source", source),
            Optional.ofNullable(replica),
            required("store", store),
            required("locks", locks),
            required("codec", codec),
            keyEncoder == null ? KeyEncoder.simple() : keyEncoder,
            ttl,
            negativeTtl,
            ttlJitter,
            grace,
            terms,
            waitStrategy,
            lockOutageWait,
            failureTtl(),
            onUncacheable,
            Optional.ofNullable(refreshAhead),
            repairTime,
            replicaLag,
            maxFallbackLoads,
            maxFallbackQueue,
            maxHungLoads,
            maxValueBytes,
            ticker,
            random);
    return new DefaultVersionedCache<>(
        new CacheEngine<>(settings, listeners, executor, maxLoads, maxAsyncWrites, scheduler),
        terms);
  }

  private void checkIsOfOwnThreads(String option, int value) {
    OptionRules.check(
        executor == null || !set.contains(option),
        "%s is %s and executor is set; an executor of your own has its own limit"
            .formatted(option, value));
  }

  private Terms terms() {
    Duration claimLife = this.claimLife == null ? profile.claimLife() : this.claimLife;
    Duration deadline = this.deadline == null ? profile.deadline() : this.deadline;
    Duration maxLoadTime = this.maxLoadTime == null ? profile.maxLoadTime() : this.maxLoadTime;
    Duration waitLimit = this.waitLimit == null ? Terms.defaultWaitLimit(deadline) : this.waitLimit;
    OptionRules.check(
        waitLimit.compareTo(deadline) <= 0,
        "waitLimit is %s; it must be at most the deadline, %s".formatted(waitLimit, deadline));
    return new Terms(
        new LoadProfile(claimLife, deadline, maxLoadTime),
        waitLimit,
        softTimeout,
        fallback,
        onLoadFailure);
  }

  private Duration failureTtl() {
    if (failureTtl != null) {
      return failureTtl;
    }
    return onLoadFailure == LoadFailurePolicy.STALE ? Duration.ofSeconds(1) : Duration.ZERO;
  }

  private static <T> T required(String option, @Nullable T value) {
    if (value == null) {
      throw new IllegalStateException(option + " is not set; it is required");
    }
    return value;
  }

  private void once(String option) {
    if (!set.add(option)) {
      throw new IllegalStateException(option + " is set already; an option may be set once");
    }
  }
}
