package io.tidemark.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLNonTransientException;
import java.sql.SQLTransientConnectionException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The connections that loads take. Counts the loads that wait for one; when none is available, its
 * messages name the data source and the reason. Thread-safe.
 */
final class Connections {
  static final String POSTGRESQL = "PostgreSQL";

  /** The form of a name. Other texts of data sources contain URLs, and so passwords. */
  private static final Pattern NAME = Pattern.compile("[\\w .()-]{1,100}");

  private static final int MAX_CAUSES = 5;

  private static final String WAY_OUT =
      "callers that hold a connection of it while they read, as in a transaction, keep it from"
          + " their own loads: give the source a pool of its own";

  private final DataSource dataSource;
  private final AtomicInteger waiting = new AtomicInteger();

  /**
   * The last failure to get a connection; null if the last attempt succeeded. One with a cause is
   * kept when others follow, as a pool reports a failure of the database to one waiting caller.
   */
  private volatile @Nullable SQLException lastFailure;

  Connections(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  /**
   * Takes a connection for a load.
   *
   * @throws SQLException if there is none; its message names the data source
   * @throws IllegalStateException if it would read uncommitted rows. Every connection is checked
   *     every time, because connections of a pool can differ, and an earlier borrower can have
   *     changed the isolation with a statement
   */
  Connection open() throws SQLException {
    Connection connection = openUnchecked();
    try {
      // In this order, because PostgreSQL's driver would ask the server for the isolation.
      if (!isHarmless(connection) && readsUncommitted(connection)) {
        throw new IllegalStateException(
            name()
                + " handed out a connection at READ UNCOMMITTED, which would cache rows that are"
                + " rolled back; set READ COMMITTED or higher");
      }
    } catch (Throwable failure) {
      close(connection, failure);
      throw failure;
    }
    return connection;
  }

  /** Takes a connection whatever its isolation. */
  Connection openUnchecked() throws SQLException {
    waiting.incrementAndGet();
    try {
      Connection connection = dataSource.getConnection();
      lastFailure = null;
      return connection;
    } catch (SQLNonTransientException e) {
      throw new SQLNonTransientConnectionException(failed(e), e.getSQLState(), e.getErrorCode(), e);
    } catch (SQLException e) {
      throw new SQLTransientConnectionException(failed(e), e.getSQLState(), e.getErrorCode(), e);
    } finally {
      waiting.decrementAndGet();
    }
  }

  /** How many loads wait for a connection now, and why; empty if none does. */
  Optional<String> waiting() {
    int loads = waiting.get();
    return loads == 0
        ? Optional.empty()
        : Optional.of(
            "%d %s for a connection of %s%s"
                .formatted(loads, loads == 1 ? "load waits" : "loads wait", name(), state()));
  }

  /** Why no connection is available, as far as that is known. */
  private String state() {
    Optional<PoolUse> use = PoolUse.of(dataSource);
    String figures = use.map(figure -> ", of which " + figure).orElse("");
    SQLException failure = lastFailure;
    if (isUsedUp(use)) {
      return figures + "; " + WAY_OUT;
    }
    return failure == null ? figures : figures + "; it last failed with: " + reason(failure);
  }

  private static boolean isUsedUp(Optional<PoolUse> use) {
    return use.isPresent() && use.get().isUsedUp();
  }

  /** The name of the data source: a pool's own name, or the name of its class. */
  String name() {
    String text = String.valueOf(dataSource);
    return NAME.matcher(text).matches() ? text : dataSource.getClass().getSimpleName();
  }

  static boolean readsUncommitted(Connection connection) throws SQLException {
    try {
      return connection.getTransactionIsolation() == Connection.TRANSACTION_READ_UNCOMMITTED;
    } catch (SQLFeatureNotSupportedException e) {
      return false;
    }
  }

  /** PostgreSQL accepts READ UNCOMMITTED, but reads only committed rows. */
  static boolean isHarmless(Connection connection) throws SQLException {
    return connection.getMetaData().getDatabaseProductName().equals(POSTGRESQL);
  }

  private String failed(SQLException e) {
    String text = "%s gave no connection for a load (%s)".formatted(name(), reason(e));
    SQLException before = lastFailure;
    boolean beforeTellsMore = before != null && before.getCause() != null && e.getCause() == null;
    if (!beforeTellsMore) {
      lastFailure = e;
    }
    // A pool also times out when the database is down.
    if (isUsedUp(PoolUse.of(dataSource))) {
      return text + "; " + WAY_OUT;
    }
    return before != null && beforeTellsMore
        ? text + "; it failed before with: " + reason(before)
        : text;
  }

  /** The messages of an exception and of its causes: that of a pool's timeout says why. */
  private static String reason(SQLException e) {
    StringBuilder text = new StringBuilder(String.valueOf(e.getMessage()));
    Throwable cause = e.getCause();
    for (int i = 0; cause != null && i < MAX_CAUSES; i++, cause = cause.getCause()) {
      String message = cause.getMessage();
      if (message != null && text.indexOf(message) < 0) {
        text.append(": ").append(message);
      }
    }
    return text.toString();
  }

  private static void close(Connection connection, Throwable failure) {
    try {
      connection.close();
    } catch (SQLException e) {
      failure.addSuppressed(e);
    }
  }
}
