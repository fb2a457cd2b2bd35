package io.tidemark.demo.acts;

import io.tidemark.demo.acts.Timeline.Sample;
import io.tidemark.spi.DaemonThreads;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks the database several times a second how many reads it has counted. While it is away there
 * are no samples. Thread-safe.
 */
final class ReadsSampler implements AutoCloseable {
  private static final int PERIOD_MILLIS = 200;

  private final String jdbcUrl;
  private final ScheduledExecutorService timer = DaemonThreads.named("tidemark-reads").newTimer();
  private final List<Sample> samples = new ArrayList<>();
  private @Nullable DatabaseView database;

  private ReadsSampler(String jdbcUrl) {
    this.jdbcUrl = jdbcUrl;
  }

  static ReadsSampler start(String jdbcUrl) {
    ReadsSampler sampler = new ReadsSampler(jdbcUrl);
    ScheduledFuture<?> unused =
        sampler.timer.scheduleWithFixedDelay(
            sampler::look, 0, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    return sampler;
  }

  /** What it has seen so far, and at this moment. */
  synchronized List<Sample> samples() {
    look();
    return List.copyOf(samples);
  }

  private synchronized void look() {
    try {
      DatabaseView view = database == null ? DatabaseView.open(jdbcUrl) : database;
      database = view;
      samples.add(new Sample(Timeline.microsNow(), view.reads()));
    } catch (SQLException e) {
      // It is away: the next look connects anew.
      disconnect();
    }
  }

  @Override
  public synchronized void close() {
    timer.shutdownNow();
    disconnect();
  }

  private void disconnect() {
    try {
      if (database != null) {
        database.close();
      }
    } catch (SQLException e) {
      // The database is away, and the connection with it.
    } finally {
      database = null;
    }
  }
}
