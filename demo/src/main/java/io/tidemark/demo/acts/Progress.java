package io.tidemark.demo.acts;

import io.tidemark.spi.DaemonThreads;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Says what goes on while it takes long: on a terminal in one line that changes, elsewhere by a
 * line now and then. Between {@link #begin} and {@link #end} nobody else writes there. Thread-safe.
 */
final class Progress implements AutoCloseable {
  /** How often a line that is not on a terminal is written at most. */
  static final Duration BETWEEN_LINES = Duration.ofSeconds(20);

  private static final int PERIOD_MILLIS = 500;
  private static final String INDENT = "  ";

  private final PrintWriter out;
  private final boolean isTerminal;
  private final ScheduledExecutorService timer =
      DaemonThreads.named("tidemark-progress").newTimer();
  private boolean isUnderWay;
  private long begunNanos;
  private String what = "";
  private String wait = "";
  private Duration nextLine = BETWEEN_LINES;
  private int shown;

  /**
   * Prepares to say something.
   *
   * @param isTerminal whether a line that was written can be written over
   */
  Progress(PrintWriter out, boolean isTerminal) {
    this.out = out;
    this.isTerminal = isTerminal;
  }

  /** Begins to look at the clock. */
  void start() {
    ScheduledFuture<?> unused =
        timer.scheduleWithFixedDelay(
            this::look, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Something begins. */
  synchronized void begin(String text) {
    what = text;
    wait = "";
    nextLine = BETWEEN_LINES;
    begunNanos = System.nanoTime();
    isUnderWay = true;
  }

  /** What is being waited for, after the words "waits until"; empty for nothing. */
  synchronized void waitsUntil(String text) {
    wait = text;
  }

  /** What began is over: the line on the terminal is free for others. */
  synchronized void end() {
    isUnderWay = false;
    if (shown > 0) {
      out.print("\r" + " ".repeat(shown) + "\r");
      out.flush();
      shown = 0;
    }
  }

  private synchronized void look() {
    if (isUnderWay) {
      say(Duration.ofNanos(System.nanoTime() - begunNanos));
    }
  }

  /** Says how it is, so long after the beginning. */
  synchronized void say(Duration since) {
    if (isTerminal) {
      String line = cut(text(since), Screen.WIDTH - 1);
      out.print("\r" + line + " ".repeat(Math.max(0, shown - line.length())));
      shown = Math.max(shown, line.length());
    } else if (since.compareTo(nextLine) >= 0) {
      out.println(cut(text(since), Screen.WIDTH));
      nextLine = since.plus(BETWEEN_LINES);
    }
    out.flush();
  }

  private String text(Duration since) {
    String waiting = wait.isEmpty() ? "" : ": waits until " + wait;
    return INDENT + "... " + what + ", " + since.toSeconds() + " s" + waiting;
  }

  private static String cut(String line, int width) {
    return line.length() <= width ? line : line.substring(0, width - 1) + "~";
  }

  @Override
  public void close() {
    timer.shutdownNow();
    end();
  }
}
