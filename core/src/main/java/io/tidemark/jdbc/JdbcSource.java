package io.tidemark.jdbc;

import io.tidemark.BulkSource;
import io.tidemark.InvalidVersionException;
import io.tidemark.Row;
import io.tidemark.spi.Finding;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
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
public final class JdbcSource<K, V> implements BulkSource<K, V> {
  private final Connections connections;
  private final BulkQuery<K> query;

  /** Null if absences have no versions. */
  private final @Nullable BulkQuery<K> tombstoneQuery;

  private final RowMapper<? extends V> rowMapper;

  /** Null if the cache's time to live applies to all rows. */
  private final @Nullable RowTtl rowTtl;

  private final VersionColumn versionColumn;

  JdbcSource(
      DataSource dataSource,
      KeyQuery<K> query,
      @Nullable KeyQuery<K> tombstoneQuery,
      RowMapper<? extends V> rowMapper,
      @Nullable RowTtl rowTtl,
      VersionColumn versionColumn) {
    this.connections = new Connections(dataSource);
    this.query = new BulkQuery<>(query);
    this.tombstoneQuery = tombstoneQuery == null ? null : new BulkQuery<>(tombstoneQuery);
    this.rowMapper = rowMapper;
    this.rowTtl = rowTtl;
    this.versionColumn = versionColumn;
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
      return inTransaction(connection, () -> read(connection, key));
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>Takes one connection and the rules of {@link #load}. No option is needed: the statement for
   * several keys is made of {@link JdbcSourceBuilder#query}, which keeps its own comparison, and
   * the database says which row it found for which key. So a key has the same row in a call for one
   * key and in a call for many, also where the row has the key in another form: in upper case, or
   * padded with blanks.
   *
   * <ul>
   *   <li>PostgreSQL gets one statement, with an array of each parameter.
   *   <li>Other databases get the query as parts of a union, 64 keys in a statement.
   *   <li>H2 gets a statement for each key. So does a database that refuses the other forms,
   *       because the query cannot stand in parentheses in a {@code from}; {@link #check} warns of
   *       it.
   * </ul>
   *
   * <p>If a {@link JdbcSourceBuilder#tombstoneQuery} is set, the keys without a row are looked up
   * in the same way. The row mapper gets a result that has rows of other keys, and that throws an
   * exception if the mapper moves it.
   *
   * @throws InvalidVersionException as {@link #load}
   * @throws IllegalStateException as {@link #load}
   * @throws SQLException as {@link #load}
   */
  @Override
  public Map<K, Row<V>> loadAll(Collection<K> keys) throws SQLException {
    List<K> different = List.copyOf(new LinkedHashSet<>(keys));
    try (Connection connection = connections.open()) {
      return inTransaction(connection, () -> readAll(connection, different));
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
   * another type. Warnings are a query that several keys cannot share, autocommit off; a version
   * that may be null, or that has another precision than microseconds; and a version that
   * Tidemark's SQL does not make grow, or not for all rows, which is checked in PostgreSQL,
   * MariaDB, MySQL and H2. The connections of a pool can differ: this method looks at one of them,
   * and each load at its own.
   */
  @Override
  public List<Finding> check() {
    try (Connection connection = connections.openUnchecked()) {
      List<Finding> findings =
          new JdbcSetup(connection, versionColumn).check(query, tombstoneQuery);
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

  private static <T> T inTransaction(Connection connection, Read<T> read) throws SQLException {
    if (connection.getAutoCommit()) {
      return read.run();
    }
    T rows;
    try {
      rows = read.run();
    } catch (Throwable failure) {
      try {
        connection.rollback();
      } catch (SQLException e) {
        failure.addSuppressed(e);
      }
      throw failure;
    }
    connection.commit();
    return rows;
  }

  private Row<V> read(Connection connection, K key) throws SQLException {
    Row<V> row = query.one.read(connection, key, this::row);
    // The two queries may see different states. But one tombstone proves that the key's row is
    // absent and since which version, and it is read after the load began, which is all that a
    // load promises.
    return row instanceof Row.Absent && tombstoneQuery != null
        ? tombstoneQuery.one.read(connection, key, this::deleted)
        : row;
  }

  private Map<K, Row<V>> readAll(Connection connection, List<K> keys) throws SQLException {
    Map<K, Row<V>> rows = query.read(connection, keys, this::row);
    List<K> missing = keys.stream().filter(key -> !rows.containsKey(key)).toList();
    if (tombstoneQuery != null && !missing.isEmpty()) {
      rows.putAll(tombstoneQuery.read(connection, missing, this::deleted));
    }
    return rows;
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

  /** What is read in one transaction. */
  @FunctionalInterface
  private interface Read<T> {
    T run() throws SQLException;
  }
}
