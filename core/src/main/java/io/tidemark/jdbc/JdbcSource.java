package io.tidemark.jdbc;

import io.tidemark.InvalidVersionException;
import io.tidemark.Row;
import io.tidemark.Source;
import io.tidemark.spi.Finding;
import io.tidemark.spi.SlotKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A source that reads rows of a relational database: one query returns the value and its version in
 * the same row. Thread-safe.
 *
 * <p>The version column must grow with every change of the row. A column of {@code now()} does not:
 * see {@link PostgresVersions}, {@link MariaDbVersions} and {@link H2Versions}.
 *
 * <p>A load takes one connection and runs the query on it. If there is no row, and a {@link
 * JdbcSourceBuilder#tombstoneQuery} is set, it runs that too. The data source must hand out
 * connections without an open transaction, because a read in an old snapshot breaks the promises of
 * the cache. If autocommit is off, the load ends its transaction itself.
 *
 * <p>A caller that holds a connection while it reads, as in a transaction, can keep the last
 * connection of a pool from its own load: if callers do so, give the source its own pool. Limit the
 * pool's wait for a connection, and set {@link JdbcSourceBuilder#queryTimeout}: drivers ignore the
 * interrupt with which a closed cache ends its loads.
 *
 * <p>Each load asks its connection for the isolation, except in PostgreSQL, which never reads
 * uncommitted rows. MySQL's driver, and H2's for a server, need a round trip for it; MariaDB's
 * needs none if the pool has set the isolation.
 *
 * @param <K> the type of the keys
 * @param <V> the type of the values
 */
public final class JdbcSource<K, V> implements Source<K, V> {
  private final Connections connections;
  private final String query;
  private final @Nullable String tombstoneQuery;

  /** Null if the key is the only parameter. */
  private final @Nullable Parameters<? super K> parameters;

  private final RowMapper<? extends V> rowMapper;

  /** Null if the cache's time to live applies to all rows. */
  private final @Nullable RowTtl rowTtl;

  private final VersionColumn versionColumn;
  private final int queryTimeoutSeconds;

  JdbcSource(
      DataSource dataSource,
      String query,
      @Nullable String tombstoneQuery,
      @Nullable Parameters<? super K> parameters,
      RowMapper<? extends V> rowMapper,
      @Nullable RowTtl rowTtl,
      VersionColumn versionColumn,
      int queryTimeoutSeconds) {
    this.connections = new Connections(dataSource);
    this.query = query;
    this.tombstoneQuery = tombstoneQuery;
    this.parameters = parameters;
    this.rowMapper = rowMapper;
    this.rowTtl = rowTtl;
    this.versionColumn = versionColumn;
    this.queryTimeoutSeconds = queryTimeoutSeconds;
  }

  /**
   * Starts to build a source.
   *
   * @param dataSource where connections come from: the database that writers commit to. Stays the
   *     caller's to close
   */
  public static <K, V> JdbcSourceBuilder<K, V> builder(DataSource dataSource) {
    return new JdbcSourceBuilder<>(dataSource);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Blocks for a connection and for the query. Always closes the connection.
   *
   * @throws InvalidVersionException if the row's version is missing, negative, infinite,
   *     duplicated, or not of the type set in the builder; its message names the key and the column
   * @throws IllegalStateException if a query returns more than one row, or the row mapper returns
   *     null; or if the load's connection is at READ UNCOMMITTED
   * @throws SQLException if the database does not answer, or refuses the query; or if the data
   *     source provides no connection, and then its message names the data source
   */
  @Override
  public Row<V> load(K key) throws SQLException {
    Objects.requireNonNull(key, "key");
    try (Connection connection = connections.open()) {
      if (connection.getAutoCommit()) {
        return query(connection, key);
      }
      return queryInTransaction(connection, key);
    }
  }

  /**
   * Maps the current row of a result as a load does: for your own transaction that ends with, for
   * example, {@code update ... returning *}. The result stays open, and on its row.
   *
   * @param result on a row that has the columns of the query
   * @return the value, the version, and the {@link JdbcSourceBuilder#ttl} of that row
   * @throws InvalidVersionException as {@link #load}; its message names the column
   * @throws IllegalStateException if the row mapper returns null
   * @throws SQLException if the row cannot be read
   */
  public Row<V> row(ResultSet result) throws SQLException {
    return row(result, "");
  }

  /**
   * Checks the set-up of the source, on a connection of the data source and on the calling thread.
   * Drivers describe the queries without running them, except MySQL's, unless it prepares
   * statements on the server.
   *
   * <p>Errors are a connection at READ UNCOMMITTED; a query that the database refuses, or whose
   * parameters the key alone does not fill; and a version column that is missing, duplicated, or of
   * another type. Warnings are autocommit off; a version that may be null, or that has another
   * precision than microseconds; and a version that Tidemark's SQL does not make grow, or not for
   * all rows, which is checked in PostgreSQL, MariaDB, MySQL and H2. The connections of a pool can
   * differ: this method looks at one of them, and each load at its own.
   */
  @Override
  public List<Finding> check() {
    try (Connection connection = connections.openUnchecked()) {
      List<Finding> findings =
          new JdbcSetup(connection, versionColumn).check(query, tombstoneQuery, parameters == null);
      if (!connection.getAutoCommit()) {
        connection.rollback();
      }
      return findings;
    } catch (SQLException e) {
      return List.of(JdbcSetup.notAsked("JDBC source", e));
    }
  }

  /** Says how many loads wait for a connection, if any do, and what helps. */
  @Override
  public Optional<String> obstacle() {
    return connections.waiting();
  }

  /**
   * Maps the current row of a tombstone, as a load does for a deleted row: for your own transaction
   * that deletes and then selects the tombstone. The result stays open, and on its row.
   *
   * @param result on a row that has the version column
   * @return the deletion, with its version
   * @throws InvalidVersionException as {@link #load}; its message names the column
   * @throws SQLException if the row cannot be read
   */
  public Row<V> deleted(ResultSet result) throws SQLException {
    return deleted(result, "");
  }

  private Row<V> queryInTransaction(Connection connection, K key) throws SQLException {
    Row<V> row;
    try {
      row = query(connection, key);
    } catch (Throwable failure) {
      try {
        connection.rollback();
      } catch (SQLException e) {
        failure.addSuppressed(e);
      }
      throw failure;
    }
    connection.commit();
    return row;
  }

  private Row<V> query(Connection connection, K key) throws SQLException {
    Row<V> row = query(connection, key, query, "the query", this::row);
    // The two queries may see different states. But one tombstone proves that the key's row is
    // absent and since which version, and it is read after the load began, which is all that a
    // load promises.
    return row instanceof Row.Absent && tombstoneQuery != null
        ? query(connection, key, tombstoneQuery, "the tombstone query", this::deleted)
        : row;
  }

  private Row<V> query(
      Connection connection, K key, String sql, String what, RowReader<V> rowReader)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      // Two rows are enough to see that there is more than one.
      statement.setMaxRows(2);
      if (queryTimeoutSeconds > 0) {
        statement.setQueryTimeout(queryTimeoutSeconds);
      }
      try (ResultSet result = execute(statement, key, what)) {
        return onlyRow(result, key, what, rowReader);
      }
    }
  }

  private ResultSet execute(PreparedStatement statement, K key, String what) throws SQLException {
    if (parameters != null) {
      parameters.set(statement, key);
      return statement.executeQuery();
    }
    Statements.checkIsValue(what, key);
    try {
      statement.setObject(1, key);
    } catch (SQLException e) {
      throw Statements.explained(e, true, statement, what, key);
    }
    try {
      return statement.executeQuery();
    } catch (SQLException e) {
      throw Statements.explained(e, false, statement, what, key);
    }
  }

  private static <V> Row<V> onlyRow(
      ResultSet result, Object key, String what, RowReader<V> rowReader) throws SQLException {
    if (!result.next()) {
      return Row.absent();
    }
    Row<V> row = rowReader.read(result, subject(key));
    if (result.next()) {
      throw new IllegalStateException(
          subject(key) + what + " returned more than one row; a key must select at most one");
    }
    return row;
  }

  private Row<V> deleted(ResultSet result, String subject) throws SQLException {
    return Row.deleted(versionColumn.read(result, subject));
  }

  private Row<V> row(ResultSet result, String subject) throws SQLException {
    long version = versionColumn.read(result, subject);
    @Nullable V value = rowMapper.map(result);
    if (value == null) {
      throw new IllegalStateException(
          subject + "the row mapper returned null; a row that exists must have a value");
    }
    @Nullable Duration ttl = rowTtl == null ? null : rowTtl.ttl(result);
    return ttl == null ? Row.present(value, version) : Row.present(value, version, ttl);
  }

  private static String subject(Object key) {
    return "key " + SlotKey.printable(String.valueOf(key)) + ": ";
  }

  /** Makes a row from the current row of a result; error messages begin with the subject. */
  @FunctionalInterface
  private interface RowReader<V> {
    Row<V> read(ResultSet result, String subject) throws SQLException;
  }
}
