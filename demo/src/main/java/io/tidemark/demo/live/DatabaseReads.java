package io.tidemark.demo.live;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * How many products each side has read from the database, by the database's own count. While it is
 * away, what it said last. One thread at a time may look; any may ask what was seen.
 */
final class DatabaseReads implements AutoCloseable {
  private static final String COUNTS =
      "select (select case when is_called then last_value else 0 end from product_reads),"
          + " (select case when is_called then last_value else 0 end from rival_product_reads)";

  private final String jdbcUrl;
  private final Map<Lane, Long> last = new ConcurrentHashMap<>();
  private @Nullable Connection connection;

  DatabaseReads(String jdbcUrl) {
    this.jdbcUrl = jdbcUrl;
  }

  /** Asks the database. */
  void look() {
    try {
      if (connection == null) {
        connection = DriverManager.getConnection(jdbcUrl);
      }
      try (PreparedStatement statement = connection.prepareStatement(COUNTS);
          ResultSet counts = statement.executeQuery()) {
        counts.next();
        last.put(Lane.TIDEMARK, counts.getLong(1));
        last.put(Lane.RIVAL, counts.getLong(2));
      }
    } catch (SQLException e) {
      // It is away: the next look connects anew.
      close();
    }
  }

  /** What it said last; null if it was never asked. */
  @Nullable Long of(Lane lane) {
    return last.get(lane);
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
