package io.tidemark.demo.live;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * How many products each side has read from the database, by the database's own count; a rival's
 * since it was chosen. While the database is away, what it said last. One thread at a time may
 * look; any may ask what was seen.
 */
final class DatabaseReads implements AutoCloseable {
  private static final String COUNTS =
      "select (select case when is_called then last_value else 0 end from product_reads),"
          + " (select case when is_called then last_value else 0 end from rival_product_reads)";

  private final String jdbcUrl;
  private volatile @Nullable Counts last;
  private @Nullable Connection connection;

  /**
   * What the database counted.
   *
   * @param ofRivals all that rivals have read
   * @param rival whose turn it was
   * @param before what the rivals had read before that
   */
  private record Counts(long ofTidemark, long ofRivals, Contender rival, long before) {}

  DatabaseReads(String jdbcUrl) {
    this.jdbcUrl = jdbcUrl;
  }

  /**
   * Asks the database. What a new rival has read before the first look counts for the one before
   * it.
   */
  void look(Contender rival) {
    try {
      if (connection == null) {
        connection = DriverManager.getConnection(jdbcUrl);
      }
      try (PreparedStatement statement = connection.prepareStatement(COUNTS);
          ResultSet counts = statement.executeQuery()) {
        counts.next();
        last = after(last, counts.getLong(1), counts.getLong(2), rival);
      }
    } catch (SQLException e) {
      // It is away: the next look connects anew.
      close();
    }
  }

  private static Counts after(
      @Nullable Counts last, long ofTidemark, long ofRivals, Contender rival) {
    long before = last == null ? 0 : last.rival.equals(rival) ? last.before : ofRivals;
    return new Counts(ofTidemark, ofRivals, rival, before);
  }

  /** What it said last; null if it was never asked about that side. */
  @Nullable Long of(Contender side) {
    Counts counts = last;
    if (counts == null) {
      return null;
    }
    if (side.lane() == Lane.TIDEMARK) {
      return counts.ofTidemark;
    }
    return counts.rival.equals(side) ? counts.ofRivals - counts.before : null;
  }

  @Override
  public void close() {
    Connection open = connection;
    connection = null;
    if (open != null) {
      try {
        open.close();
      } catch (SQLException e) {
        // The database is away, and the connection with it.
      }
    }
  }
}
