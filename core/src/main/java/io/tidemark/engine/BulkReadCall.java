package io.tidemark.engine;

import io.tidemark.BulkReadResult;
import io.tidemark.LoadFailedException;
import io.tidemark.ReadResult;
import io.tidemark.engine.Flight.Landing;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.Reply;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One caller's read of many keys: a {@link ReadCall} for each. The slots of those that are not
 * bypassed are read together, and whatever several of them do at the same moment is done together
 * by a {@link Batch}. It waits for the end of any of their flights, and for the earliest moment
 * that any of them waits for.
 */
final class BulkReadCall<K, V> implements Call<V, BulkReadResult<K, V>> {
  private final Settings<K, V> settings;
  private final Caller caller;
  private final Batch<K, V> batch;
  private final List<Part<K, V>> parts;

  /** The first part that may not be over. */
  private int next;

  private volatile boolean isOver;

  /** Ends when the flight of any part has ended. */
  private volatile Flight<V> signal = new Flight<>(flight -> {});

  /**
   * Prepares a call.
   *
   * @param batch has the seats of the parts
   * @param parts one or more, which begin when the caller does
   */
  BulkReadCall(Settings<K, V> settings, Caller caller, Batch<K, V> batch, List<Part<K, V>> parts) {
    this.settings = settings;
    this.caller = caller;
    this.batch = batch;
    this.parts = parts;
  }

  /** One key's part of the call, which is over when it has a result or a failure. */
  static final class Part<K, V> {
    private final CacheKey<K> key;
    private final ReadCall<K, V> call;
    private @Nullable ReadResult<V> result;
    private @Nullable RuntimeException failure;

    /** The flight whose end will be told. */
    private @Nullable Flight<V> watched;

    /** Has it told; null before the first. */
    private volatile @Nullable CompletableFuture<?> watch;

    /** What is being waited for; null if its flight has ended since. */
    private @Nullable Deadline moment;

    /**
     * Prepares a part.
     *
     * @param refusal why it is over before it begins; null if it is not
     */
    Part(CacheKey<K> key, ReadCall<K, V> call, @Nullable RuntimeException refusal) {
      this.key = key;
      this.call = call;
      this.failure = refusal;
    }

    private boolean isOver() {
      return result != null || failure != null;
    }

    private void stopWatching() {
      CompletableFuture<?> mine = watch;
      if (mine != null) {
        mine.cancel(false);
      }
    }

    private void tellOfEnd() {
      // It may go on to another flight, for which it has its own moment to wait.
      moment = null;
      CompletableFuture<Landing<V>> end = call.flight().landing();
      Throwable thrown = end.handle((landing, failure) -> failure).join();
      if (thrown == null) {
        call.landed(end.join());
      } else {
        call.failed(thrown);
      }
    }

    /**
     * Makes a move; what that throws is this key's failure, and no other's.
     *
     * @param latency how long the caller has waited, if this answers it
     */
    private void make(Runnable move, Duration latency) {
      try {
        move.run();
        if (call.isAnswered()) {
          result = call.result(latency);
        }
      } catch (RuntimeException e) {
        call.tellOfFailure(e);
        failure = e;
      } catch (Error e) {
        Failures.throwIfOfTheProcess(e);
        call.tellOfFailure(e);
        failure = new LoadFailedException(key.slot(), "reading it threw an error", e);
      }
    }
  }

  @Override
  public SlotKey slotKey() {
    return parts.get(Math.min(next, parts.size() - 1)).key.slot();
  }

  @Override
  public Deadline deadline() {
    return caller.deadline();
  }

  @Override
  public void look() {
    List<Part<K, V>> asked = open().filter(part -> !part.call.isBypassed()).toList();
    List<Part<K, V>> bypassing = open().filter(part -> part.call.isBypassed()).toList();
    // First, so that the source reads them meanwhile.
    together(latency -> bypassing.forEach(part -> part.make(part.call::readSource, latency)));
    List<Reply<Slot>> slots = read(asked.stream().map(part -> part.key.slot()).toList());
    together(
        latency -> {
          for (int i = 0; i < asked.size(); i++) {
            Part<K, V> part = asked.get(i);
            Reply<Slot> slot = slots.get(i);
            part.make(() -> part.call.saw(slot), latency);
          }
        });
  }

  /** A store that fails as a whole fails each key, about which its policy decides. */
  private List<Reply<Slot>> read(List<SlotKey> keys) {
    if (keys.isEmpty()) {
      return List.of();
    }
    try {
      return settings.store().readAll(keys);
    } catch (RuntimeException e) {
      return Collections.nCopies(keys.size(), new Reply.Failed<>(e));
    }
  }

  /**
   * Makes moves, for which the clock is looked at once: for each hit, that would cost as much as to
   * read it. Has new flights take off, whatever happens: others may have taken seats on them.
   */
  private void together(Consumer<Duration> moves) {
    try {
      moves.accept(caller.stopwatch().elapsed());
    } finally {
      batch.takeOff(caller);
    }
  }

  @Override
  public boolean isAnswered() {
    while (next < parts.size() && parts.get(next).isOver()) {
      next++;
    }
    return next == parts.size();
  }

  @Override
  public Flight<V> flight() {
    Flight<V> armed = new Flight<>(flight -> {});
    signal = armed;
    open().forEach(this::watch);
    // One that ended before has told the signal before this one.
    if (open().anyMatch(part -> part.call.flight().hasEnded())) {
      wake();
    }
    return armed;
  }

  private void watch(Part<K, V> part) {
    Flight<V> flight = part.call.flight();
    if (part.watched != flight) {
      part.watched = flight;
      CompletableFuture<Landing<V>> watch = flight.landing();
      CompletableFuture<?> unused = watch.whenComplete((found, failure) -> wake());
      part.watch = watch;
      if (isOver) {
        part.stopWatching();
      }
    }
  }

  private void wake() {
    signal.fail(new IllegalStateException("the flight of a key has ended"));
  }

  private Stream<Part<K, V>> open() {
    return parts.stream().skip(next).filter(part -> !part.isOver());
  }

  @Override
  public Deadline waitUntil() {
    // Safeguard DEADLINE_OF_CALLER: the flights may take longer than this caller can wait.
    Deadline earliest = caller.deadline();
    for (Part<K, V> part : open().toList()) {
      Deadline moment = part.call.waitUntil();
      part.moment = moment;
      if (moment != earliest && moment.remainingNanos() < earliest.remainingNanos()) {
        earliest = moment;
      }
    }
    return earliest;
  }

  @Override
  public void landed(Landing<V> landing) {
    settleEnded();
  }

  @Override
  public void failed(Throwable failure) {
    settleEnded();
  }

  private void settleEnded() {
    together(
        latency ->
            open()
                .filter(part -> part.call.flight().hasEnded())
                .forEach(part -> part.make(part::tellOfEnd, latency)));
  }

  @Override
  public void waited(Deadline moment) {
    // What has come in time is an answer, although the call is late for others.
    settleEnded();
    together(
        latency ->
            open()
                .filter(part -> part.moment == moment)
                .forEach(part -> part.make(() -> part.call.waited(moment), latency)));
  }

  @Override
  public BulkReadResult<K, V> result() {
    Map<K, ReadResult<V>> results = new LinkedHashMap<>(2 * parts.size());
    Map<K, RuntimeException> failures = new LinkedHashMap<>();
    for (Part<K, V> part : parts) {
      if (part.failure == null) {
        results.put(part.key.value(), Objects.requireNonNull(part.result));
      } else {
        failures.put(part.key.value(), part.failure);
      }
    }
    return new BulkReadResult<>(settings.name(), results, failures);
  }

  @Override
  public void tellOfFailure(Throwable failure) {
    parts.stream().filter(part -> !part.isOver()).forEach(part -> part.call.tellOfFailure(failure));
  }

  /** What a flight that hangs has to tell must not pile up with those who have left. */
  @Override
  public void over() {
    isOver = true;
    parts.forEach(Part::stopWatching);
  }
}
