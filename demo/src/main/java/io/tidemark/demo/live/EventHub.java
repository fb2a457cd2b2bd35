package io.tidemark.demo.live;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemark.demo.http.RefusedRequestException;
import io.tidemark.demo.http.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Tells pages what happens, by server-sent events. A page that reads too slowly loses what it has
 * not read, is told how much that was, and goes on from the state as it is then. Thread-safe.
 */
final class EventHub implements AutoCloseable {
  /** How many pages may be open at once. */
  static final int MOST_PAGES = 32;

  /** What one page may leave unread. */
  static final int MOST_UNREAD_CHARS = 1_000_000;

  private static final ObjectMapper JSON = new ObjectMapper();

  /** So often a page hears something, so that the end of its connection is noticed. */
  private static final Duration HEARTBEAT_PAUSE = Duration.ofSeconds(10);

  private static final String HEARTBEAT = ":\n\n";

  /**
   * What a page has not read yet.
   *
   * @param events how many things that happened it tells
   */
  private record Unread(String text, int events) {}

  private final Supplier<Object> state;
  private final List<Page> pages = new CopyOnWriteArrayList<>();
  private volatile boolean closed;

  /**
   * A hub without pages.
   *
   * @param state what a page is told first; takes no lock
   */
  EventHub(Supplier<Object> state) {
    this.state = state;
  }

  /**
   * The stream of a page.
   *
   * @param product whose slot it is told
   * @throws RefusedRequestException 503 if too many pages are open
   */
  Response open(long product) {
    if (pages.size() >= MOST_PAGES) {
      throw new RefusedRequestException(
          503, "there are %d pages open, which is the most".formatted(MOST_PAGES));
    }
    return Response.stream("text/event-stream", new Page(product)::writeTo)
        .withHeader("Cache-Control", "no-store");
  }

  /** The products whose slots pages want to be told. */
  Set<Long> products() {
    return pages.stream().map(page -> page.product).collect(Collectors.toSet());
  }

  /** Tells all pages of one thing. */
  void tell(String event, Object data) {
    pages.forEach(page -> page.tell(event, data, 1));
  }

  /** Tells all pages of several things, if there are any. */
  void tellAll(String event, Collection<?> data) {
    if (!data.isEmpty()) {
      pages.forEach(page -> page.tell(event, data, data.size()));
    }
  }

  /** Tells the pages that show a product. */
  void tell(long product, String event, Object data) {
    pages.stream()
        .filter(page -> page.product == product)
        .forEach(page -> page.tell(event, data, 1));
  }

  /** Ends all streams. */
  @Override
  public void close() {
    closed = true;
    pages.forEach(Page::wake);
  }

  /** One page that is open. */
  private final class Page {
    private final long product;
    private final ArrayDeque<Unread> unread = new ArrayDeque<>();
    private int unreadChars;

    Page(long product) {
      this.product = product;
    }

    synchronized void tell(String event, Object data, int events) {
      add(event, data, events);
      if (unreadChars > MOST_UNREAD_CHARS) {
        int lost = unread.stream().mapToInt(Unread::events).sum();
        unread.clear();
        unreadChars = 0;
        // It may be lost as well, and what it tells must not be.
        add(Events.LOST, new Events.Lost(lost), lost);
        add(Events.STATE, state.get(), 0);
      }
      notifyAll();
    }

    private void add(String event, Object data, int events) {
      String text = "event: %s\ndata: %s\n\n".formatted(event, json(data));
      unread.add(new Unread(text, events));
      unreadChars += text.length();
    }

    synchronized void wake() {
      notifyAll();
    }

    void writeTo(Response.Sink sink) throws IOException, InterruptedException {
      try {
        open();
        while (!closed) {
          for (String text : awaitUnread()) {
            sink.write(text.getBytes(UTF_8));
          }
        }
      } finally {
        pages.remove(this);
      }
    }

    /** Events that come meanwhile wait until it has been told the state. */
    private synchronized void open() {
      pages.add(this);
      add(Events.STATE, state.get(), 0);
    }

    private synchronized List<String> awaitUnread() throws InterruptedException {
      long end = System.nanoTime() + HEARTBEAT_PAUSE.toNanos();
      long left = HEARTBEAT_PAUSE.toNanos();
      while (unread.isEmpty() && !closed && left > 0) {
        TimeUnit.NANOSECONDS.timedWait(this, left);
        left = end - System.nanoTime();
      }
      if (unread.isEmpty()) {
        return List.of(HEARTBEAT);
      }
      List<String> texts = unread.stream().map(Unread::text).toList();
      unread.clear();
      unreadChars = 0;
      return texts;
    }
  }

  private static String json(Object data) {
    try {
      return JSON.writeValueAsString(data);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
