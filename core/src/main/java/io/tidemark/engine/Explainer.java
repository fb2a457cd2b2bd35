package io.tidemark.engine;

import io.tidemark.CacheEvent.Kind;
import io.tidemark.DeadlineExceededException;
import io.tidemark.Explanation;
import io.tidemark.Row;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.TaskLimit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/** Asks the store, the locks and the source about a key, for people. Thread-safe. */
final class Explainer<K, V> {
  /** People wait for an explanation, and can do without the holder of a lock. */
  private static final Duration HOLDER_LIMIT = Duration.ofSeconds(2);

  private final Settings<K, V> settings;
  private final Journal journal;
  private final RolloutSwitch rollout;
  private final Rows<V> rows;
  private final HungLoads hungLoads;
  private final TaskLimit loads;

  Explainer(
      Settings<K, V> settings,
      Journal journal,
      RolloutSwitch rollout,
      Rows<V> rows,
      HungLoads hungLoads,
      TaskLimit loads) {
    this.settings = settings;
    this.journal = journal;
    this.rollout = rollout;
    this.rows = rows;
    this.hungLoads = hungLoads;
    this.loads = loads;
  }

  Explanation<V> explain(CacheKey<K> key, Terms terms) {
    Deadline deadline = terms.newDeadline(settings.ticker());
    List<Exception> failures = new ArrayList<>();
    Optional<Slot> slot = ask(() -> settings.store().read(key.slot()), failures);
    Optional<String> lockHolder =
        ask(() -> settings.locks().holder(key.slot(), deadline.orAfter(HOLDER_LIMIT)), failures)
            .flatMap(holder -> holder);
    // The last, as one that hangs leaves no time for anybody else.
    Optional<Row<V>> row = ask(() -> load(key, terms, deadline), failures);
    List<String> codecFailures = new ArrayList<>();
    slot.flatMap(rows::unreadable)
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
        Optional.of(rollout.now()).filter(now -> !now.isOn(key.slot().key())),
        journal.lately(key.slot()));
  }

  private Optional<String> notCached(SlotKey slotKey, Row<V> row, List<Exception> failures) {
    return ask(() -> rows.notCached(slotKey, row), failures).flatMap(reason -> reason);
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
              key.slot(), "load", terms.profile().deadline(), loads, settings.obstacle());
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
    boolean isPlaceFree = hungLoads.add();
    if (isPlaceFree) {
      place.giveUp();
    }
    journal.add(Kind.LOAD_GIVEN_UP, slotKey, stopwatch.elapsed());
    CompletableFuture<?> unused =
        row.whenComplete(
            (found, failure) -> {
              if (isPlaceFree) {
                hungLoads.remove();
              }
              journal.add(Kind.GIVEN_UP_LOAD_ENDED, slotKey, stopwatch.elapsed());
            });
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
}
