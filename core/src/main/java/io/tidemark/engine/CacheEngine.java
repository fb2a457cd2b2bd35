package io.tidemark.engine;

import static java.util.stream.Collectors.joining;

import io.tidemark.CacheClosedException;
import io.tidemark.CacheEvent.Kind;
import io.tidemark.CacheListener;
import io.tidemark.DeadlineExceededException;
import io.tidemark.Explanation;
import io.tidemark.Row;
import io.tidemark.UnsafeSetupException;
import io.tidemark.spi.DaemonThreads;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.Finding;
import io.tidemark.spi.Finding.Severity;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.TaskLimit;
import io.tidemark.spi.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * What runs a cache in this process: its parts, its paths and its threads. One engine serves the
 * cache on all terms that it is called with. Thread-safe.
 */
final class CacheEngine<K, V> {
  private static final Logger LOG = LoggerFactory.getLogger(CacheEngine.class);

  /** People wait for an explanation, and can do without the holder of a lock. */
  private static final Duration HOLDER_LIMIT = Duration.ofSeconds(2);

  private static final Duration IDLE_THREAD_LIFE = Duration.ofSeconds(30);

  /** The log of a close is a line. */
  private static final int MAX_KEYS_TOLD = 5;

  /** How many calls that return a future ask the store at once: about as many as have a use. */
  static final int MAX_CALLERS = 64;

  private final Settings<K, V> settings;
  private final Parts<K, V> parts;
  private final @Nullable ScheduledExecutorService ownScheduler;
  private final @Nullable ExecutorService ownLoads;
  private final @Nullable ExecutorService ownWrites;
  private final @Nullable ExecutorService ownCallers;
  private final TaskLimit loads;
  private final ReadPath<K, V> reads;
  private final WritePath<K, V> writes;
  private volatile boolean closed;

  /**
   * Makes one.
   *
   * @param executor runs the loads and the calls that return a future, or null for threads of the
   *     cache's own
   * @param scheduler runs what is due at a time, or null for a thread of the cache's own
   */
  CacheEngine(
      Settings<K, V> settings,
      List<CacheListener> listeners,
      @Nullable Executor executor,
      @Nullable ScheduledExecutorService scheduler) {
    String name = settings.name();
    this.settings = settings;
    settings.store().limit(name, settings.limits().maxValueBytes());
    this.ownLoads = executor == null ? newThreads(name + "-load-") : null;
    this.ownWrites = executor == null ? newThreads(name + "-write-") : null;
    this.ownCallers = executor == null ? newThreads(name + "-call-") : null;
    this.ownScheduler =
        scheduler == null ? DaemonThreads.named("tidemark-" + name + "-timer").newTimer() : null;
    Executor loadThreads = executor == null ? Objects.requireNonNull(ownLoads) : executor;
    TaskLimit loads =
        executor == null
            ? TaskLimit.queueing(loadThreads, settings.limits().maxLoads(), "maxLoads")
            : TaskLimit.none(loadThreads);
    Executor writeThreads = executor == null ? Objects.requireNonNull(ownWrites) : executor;
    // Not of the loads' threads: a write may take as long as it likes, and hold up its own kind.
    Executor asyncWrites =
        executor == null
            ? TaskLimit.queueing(writeThreads, settings.limits().maxAsyncWrites(), "maxAsyncWrites")
            : executor;
    Executor callers =
        executor == null
            ? TaskLimit.queueing(
                Objects.requireNonNull(ownCallers), MAX_CALLERS, "calls that return a future")
            : executor;
    ScheduledExecutorService timer =
        scheduler == null ? Objects.requireNonNull(ownScheduler) : scheduler;
    this.parts = Parts.of(settings, listeners, callers, timer);
    this.reads = new ReadPath<>(parts, loads, loadThreads, callers, timer);
    this.writes = new WritePath<>(parts, asyncWrites, writeThreads, timer);
    this.loads = loads;
    LOG.info("{}", settings.summary());
    parts.journal().addBuilt(name);
  }

  Settings<K, V> settings() {
    return settings;
  }

  Journal journal() {
    return parts.journal();
  }

  /** The path of reads, while the cache is open. */
  ReadPath<K, V> reads() {
    checkOpen();
    return reads;
  }

  /** The path of writes, while the cache is open. */
  WritePath<K, V> writes() {
    checkOpen();
    return writes;
  }

  /** Asks the store, the locks and the source about a key. */
  Explanation<V> explain(CacheKey<K> key, Terms terms) {
    checkOpen();
    Deadline deadline = terms.newDeadline(settings.ticker());
    List<Exception> failures = new ArrayList<>();
    Optional<Slot> slot = ask(() -> settings.store().read(key.slot()), failures);
    Optional<String> lockHolder =
        ask(() -> settings.locks().holder(key.slot(), deadline.orAfter(HOLDER_LIMIT)), failures)
            .flatMap(holder -> holder);
    // The last, as one that hangs leaves no time for anybody else.
    Optional<Row<V>> row = ask(() -> load(key, terms, deadline), failures);
    List<String> codecFailures = new ArrayList<>();
    slot.flatMap(parts.rows()::unreadable)
        .ifPresent(
            reason ->
                codecFailures.add(
                    "The entry cannot be decoded here and counts as a miss: " + reason + "."));
    Optional<String> notCached = row.flatMap(found -> notCached(key.slot(), found, failures));
    return new Explanation<>(
        key.slot(),
        slot,
        row,
        lockHolder,
        failures,
        codecFailures,
        notCached,
        journal().lately(key.slot()));
  }

  private Optional<String> notCached(SlotKey slotKey, Row<V> row, List<Exception> failures) {
    return ask(() -> parts.rows().notCached(slotKey, row), failures).flatMap(reason -> reason);
  }

  private Row<V> load(CacheKey<K> key, Terms terms, Deadline deadline) throws Exception {
    CompletableFuture<Row<V>> row = new CompletableFuture<>();
    AtomicBoolean begun = new AtomicBoolean();
    FutureTask<?> asking =
        new FutureTask<>(
            () -> {
              begun.set(true);
              Completion.complete(row, () -> settings.source().load(key.value()));
            },
            null);
    Stopwatch stopwatch = Stopwatch.start(settings.ticker());
    TaskLimit.Place place = loads.start(asking);
    try {
      return deadline.await(row);
    } catch (TimeoutException e) {
      throw begun.get()
          ? new DeadlineExceededException(
              key.slot(), "the source did not answer in time" + settings.obstacle(), e)
          : NoThread.inTime(
              key.slot(), "load", terms.lock().deadline(), loads, settings.obstacle());
    } catch (ExecutionException e) {
      // An interrupt of the source's is none of this thread's.
      throw e.getCause() instanceof Exception cause && !(cause instanceof InterruptedException)
          ? cause
          : e;
    } finally {
      // Also where the wait was interrupted, say.
      if (!row.isDone()) {
        giveUp(key.slot(), place, begun.get(), row, stopwatch);
        asking.cancel(true);
      }
    }
  }

  /** Leaves the place of a load that takes too long to others, as far as such loads may. */
  private void giveUp(
      SlotKey slotKey,
      TaskLimit.Place place,
      boolean hasThread,
      CompletableFuture<Row<V>> row,
      Stopwatch stopwatch) {
    if (!hasThread) {
      place.giveUp();
      return;
    }
    boolean isPlaceFree = parts.hungLoads().add();
    if (isPlaceFree) {
      place.giveUp();
    }
    journal().add(Kind.LOAD_GIVEN_UP, slotKey, stopwatch.elapsed());
    CompletableFuture<?> unused =
        row.whenComplete(
            (found, failure) -> {
              if (isPlaceFree) {
                parts.hungLoads().remove();
              }
              journal().add(Kind.GIVEN_UP_LOAD_ENDED, slotKey, stopwatch.elapsed());
            });
  }

  /** Asks all that the cache rests on about its set-up, on the calling thread. */
  List<Finding> check(Terms terms) {
    checkOpen();
    // Store and locks may share a client, and find the same.
    Set<Finding> findings = new LinkedHashSet<>(settings.store().check());
    findings.addAll(settings.locks().check(settings.name()));
    settings.locks().crashNoticedWithin().flatMap(terms::checkCrash).ifPresent(findings::add);
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

  private static <T> Optional<T> ask(Callable<T> question, List<Exception> failures) {
    try {
      return Optional.of(question.call());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      failures.add(e);
    } catch (Exception e) {
      failures.add(e);
    }
    return Optional.empty();
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
    parts.locker().close();
    List<SlotKey> underWay = writes.open().close();
    List<SlotKey> claims = parts.claims().close(deadline);
    List<SlotKey> loads = parts.claims().loadsAtWork();
    parts.repairs().close();
    writes.open().whenOver(this::endThreads);
    String left =
        Stream.of(
                left(loads, "loads at work, without their locks"),
                left(claims, "claims that expire by themselves"),
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

  /** Writes under way need them for as long as they last. */
  private void endThreads() {
    // What the timer has to end, such as the wait for a thread that never comes, it still ends.
    Stream.of(ownScheduler, ownLoads, ownWrites, ownCallers)
        .filter(Objects::nonNull)
        .forEach(ExecutorService::shutdown);
  }

  private static ExecutorService newThreads(String name) {
    return DaemonThreads.numbered("tidemark-" + name).newPool(IDLE_THREAD_LIFE);
  }
}
