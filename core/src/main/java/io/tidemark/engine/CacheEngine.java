package io.tidemark.engine;

import static java.util.stream.Collectors.joining;

import io.tidemark.CacheClosedException;
import io.tidemark.CacheListener;
import io.tidemark.UnsafeSetupException;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.Finding;
import io.tidemark.spi.Finding.Severity;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Ticker;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * What runs a cache in this process: its parts, its paths and its threads. One engine serves the
 * cache on all terms that it is called with. Thread-safe.
 */
public final class CacheEngine<K, V> {
  private static final Logger LOG = LoggerFactory.getLogger(CacheEngine.class);

  /** The log of a close is a line. */
  private static final int MAX_KEYS_TOLD = 5;

  private final Settings<K, V> settings;
  private final Journal journal;
  private final RolloutSwitch rollout;
  private final Locker locker;
  private final Claims claims;
  private final Repairs repairs;
  private final CacheThreads threads;
  private final ReadPath<K, V> reads;
  private final WritePath<V> writes;
  private final Explainer<K, V> explainer;
  private volatile boolean closed;

  /**
   * Puts a cache together.
   *
   * @param executor runs the loads and the calls that return a future, or null for threads of the
   *     cache's own
   * @param scheduler runs what is due at a time, or null for a thread of the cache's own
   */
  public CacheEngine(
      Settings<K, V> settings,
      List<CacheListener> listeners,
      @Nullable Executor executor,
      @Nullable ScheduledExecutorService scheduler) {
    this.settings = settings;
    settings.store().limit(settings.name(), settings.limits().maxValueBytes());
    this.threads = new CacheThreads(settings, executor, scheduler);
    this.journal = new Journal(listeners, settings.ticker());
    this.rollout = new RolloutSwitch(settings.name(), settings.rollout(), journal);
    this.locker = new Locker(settings, journal);
    this.claims = new Claims(settings, journal, threads.callers(), threads.timer());
    Rows<V> rows = new Rows<>(settings, journal);
    Publisher publisher = new Publisher(settings, rows);
    this.repairs = new Repairs(settings, journal, publisher, threads.callers(), threads.timer());
    KeysInUse keysInUse = new KeysInUse();
    Publishing publishing = new Publishing(settings.ticker(), journal, publisher, repairs);
    AfterCommit<V> afterCommit = new AfterCommit<>(settings, rows, publishing, repairs);
    HungLoads hungLoads = new HungLoads(settings);
    this.reads = newReadPath(rows, keysInUse, hungLoads);
    this.writes =
        new WritePath<>(
            settings,
            journal,
            keysInUse,
            locker,
            claims,
            afterCommit,
            new AfterCommits<>(settings, rows, publishing, afterCommit),
            threads.writes(),
            threads.writeThreads(),
            threads.timer());
    this.explainer = new Explainer<>(settings, journal, rollout, rows, hungLoads, threads.loads());
    LOG.atInfo().addArgument(settings::summary).log("{}");
    journal.addBuilt(settings.name());
    journal.addRollout(settings.name(), settings.rollout());
  }

  private ReadPath<K, V> newReadPath(Rows<V> rows, KeysInUse keysInUse, HungLoads hungLoads) {
    EpochCounter epochs = new EpochCounter();
    SourceReader<K, V> sources = new SourceReader<>(settings, epochs, rows, journal);
    Loads<K, V> loads =
        new Loads<>(settings, journal, epochs, rows, sources, keysInUse, locker, claims);
    Watch watch = new Watch(settings, journal, sources, hungLoads, threads.timer());
    RefreshesAhead<K, V> refreshesAhead =
        new RefreshesAhead<>(settings, sources, loads, watch, threads.loads());
    return new ReadPath<>(
        settings,
        epochs,
        rollout,
        journal,
        rows,
        sources,
        keysInUse,
        new Flights<>(
            settings,
            loads,
            watch,
            refreshesAhead,
            threads.loads(),
            threads.fallbackLoads(),
            threads.bypassLoads()),
        new AsyncDriver(threads.callers(), threads.timer()));
  }

  Settings<K, V> settings() {
    return settings;
  }

  Journal journal() {
    return journal;
  }

  /** Which keys are read by the cache now. */
  RolloutSwitch rollout() {
    return rollout;
  }

  /** The path of reads, while the cache is open. */
  ReadPath<K, V> reads() {
    checkOpen();
    return reads;
  }

  /** The path of writes, while the cache is open. */
  WritePath<V> writes() {
    checkOpen();
    return writes;
  }

  /** What explains keys, while the cache is open. */
  Explainer<K, V> explainer() {
    checkOpen();
    return explainer;
  }

  /** Asks all that the cache rests on about its set-up, on the calling thread. */
  List<Finding> check(Terms terms) {
    checkOpen();
    // Store and locks may share a client, and find the same.
    Set<Finding> findings = new LinkedHashSet<>(settings.store().check());
    findings.addAll(settings.locks().check(settings.name()));
    settings
        .locks()
        .crashNoticedWithin()
        .flatMap(within -> Advice.aboutCrashes(terms, within))
        .ifPresent(findings::add);
    findings.addAll(settings.source().check());
    settings.replica().ifPresent(replica -> findings.addAll(replica.check()));
    findings.forEach(
        finding ->
            LOG.atLevel(finding.severity() == Severity.ERROR ? Level.ERROR : Level.WARN)
                .log("{}: {}", settings.name(), finding));
    String errors =
        findings.stream()
            .filter(finding -> finding.severity() == Severity.ERROR)
            .map(Finding::toString)
            .collect(joining("; "));
    if (!errors.isEmpty()) {
      throw new UnsafeSetupException(settings.name() + ": " + errors);
    }
    return List.copyOf(findings);
  }

  void checkOpen() {
    if (closed) {
      throw new CacheClosedException(null, settings.name() + ": the cache is closed", null);
    }
  }

  /** Ends everything but the writes under way, by the deadline, and says what it left. */
  void close(Terms terms) {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    Deadline deadline = deadlineOfClose(terms);
    reads.close();
    locker.close();
    List<SlotKey> underWay = writes.open().close();
    List<SlotKey> claimsLeft = claims.close(deadline);
    List<SlotKey> loads = claims.loadsAtWork();
    repairs.close();
    // Writes under way need them for as long as they last.
    writes.open().whenOver(threads::end);
    String left =
        Stream.of(
                left(loads, "loads at work, without their locks"),
                left(claimsLeft, "claims that expire by themselves"),
                left(underWay, "writes under way, which will be completed"))
            .flatMap(Optional::stream)
            .collect(joining("; "));
    LOG.info("{}: closed{}", settings.name(), left.isEmpty() ? "" : ", which leaves " + left);
  }

  /** By the machine's clock where the cache's own fails: what is to end must be ended. */
  @SuppressWarnings("CatchingUnchecked")
  private Deadline deadlineOfClose(Terms terms) {
    try {
      return terms.newDeadline(settings.ticker());
    } catch (Throwable t) {
      LOG.debug("{}: the clock failed as the cache was closed", settings.name(), t);
      return terms.newDeadline(Ticker.system());
    }
  }

  private static Optional<String> left(List<SlotKey> keys, String what) {
    return keys.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "%s: %d (%s)"
                .formatted(
                    what,
                    keys.size(),
                    keys.stream().limit(MAX_KEYS_TOLD).map(SlotKey::toString).collect(joining(", "))
                        + (keys.size() > MAX_KEYS_TOLD ? ", …" : "")));
  }
}
