package io.tidemark.demo.node;

import io.tidemark.CacheEvent;
import io.tidemark.CacheListener;
import io.tidemark.demo.http.Request;
import io.tidemark.demo.http.Response;
import io.tidemark.demo.http.Route;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a cache did lately, for whoever shows it. Thread-safe. */
final class WorkLog implements CacheListener {
  /** What is kept until it is asked for. */
  private static final int MOST_KEPT = 2_048;

  private static final double MICROS_PER_MILLI = 1_000;
  private static final double NANOS_PER_MILLI = 1_000_000;

  /** Other keys are those of checks. */
  private static final Pattern PRODUCT = Pattern.compile("[0-9]{1,18}");

  private static final Map<CacheEvent.Kind, String> WORDS =
      Map.ofEntries(
          Map.entry(CacheEvent.Kind.MISS, "miss"),
          Map.entry(CacheEvent.Kind.LOCK_WAIT, "lock wait"),
          Map.entry(CacheEvent.Kind.LOCK_WAITED, "lock waited"),
          Map.entry(CacheEvent.Kind.LOCK_ACQUIRED, "lock acquired"),
          Map.entry(CacheEvent.Kind.LOCK_RELEASED, "lock released"),
          Map.entry(CacheEvent.Kind.LOAD, "load"),
          Map.entry(CacheEvent.Kind.LOADED, "loaded"),
          Map.entry(CacheEvent.Kind.LOAD_FAILED, "load failed"),
          Map.entry(CacheEvent.Kind.FILL_STORED, "fill stored"),
          Map.entry(CacheEvent.Kind.FILL_REFUSED, "fill refused"),
          Map.entry(CacheEvent.Kind.FILL_BEHIND, "fill behind"),
          Map.entry(CacheEvent.Kind.FILL_LOST, "fill lost"),
          Map.entry(CacheEvent.Kind.PUBLISH_STORED, "published"),
          Map.entry(CacheEvent.Kind.PUBLISH_UNKNOWN, "publish lost"));

  /**
   * One thing that was done.
   *
   * @param at when, in milliseconds since 1970, by this machine's clock
   * @param product whose slot
   * @param what in words
   * @param millis how long it took; null for what has no duration
   */
  record Work(double at, long product, String what, @Nullable Double millis) {}

  private final ArrayDeque<Work> kept = new ArrayDeque<>();

  /** The number of the first that is kept, counted from 0. */
  private long first;

  @Override
  public void on(CacheEvent event) {
    String word = WORDS.get(event.kind());
    if (word == null || !PRODUCT.matcher(event.key().key()).matches()) {
      return;
    }
    Work work =
        new Work(
            ProductRead.microsNow() / MICROS_PER_MILLI,
            Long.parseLong(event.key().key()),
            word,
            event.took().equals(Duration.ZERO) ? null : event.took().toNanos() / NANOS_PER_MILLI);
    synchronized (this) {
      kept.add(work);
      if (kept.size() > MOST_KEPT) {
        kept.remove();
        first++;
      }
    }
  }

  Route route() {
    return new Route("GET", "/live/work", this::work, "after");
  }

  /**
   * The answer to a question for work.
   *
   * @param next the number to ask from next time
   * @param lost how many were dropped before they were asked for
   */
  private record Answer(long next, long lost, List<Work> work) {}

  private Response work(Request request) {
    long after =
        request.query("after", text -> Notation.wholeNumber(text, 0, Long.MAX_VALUE)).orElse(0L);
    return Response.json(200, since(after));
  }

  private synchronized Answer since(long after) {
    List<Work> asked = new ArrayList<>(kept);
    long next = first + kept.size();
    long lost = Math.max(0, first - after);
    int skipped = (int) Math.min(asked.size(), Math.max(0, after - first));
    return new Answer(next, lost, List.copyOf(asked.subList(skipped, asked.size())));
  }
}
