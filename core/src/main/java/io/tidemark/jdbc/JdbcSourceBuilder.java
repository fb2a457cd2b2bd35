package io.tidemark.jdbc;

import java.time.Duration;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Builds a {@link JdbcSource}. {@link #query}, {@link #rowMapper} and one of {@link
 * #versionTimestamp} and {@link #versionNumber} are required. Every option may be set once. The
 * setter of an option refuses a value out of range, and {@link #build} refuses options that do not
 * fit together: both throw {@link IllegalArgumentException} with the option, the value and the
 * rule. Setting an option twice, or leaving out a required one, throws {@link
 * IllegalStateException}. Not thread-safe.
 *
 * @param <K> the type of the keys
 * @param <V> the type of the values
 */
public final class JdbcSourceBuilder<K, V> {
  private static final Duration MAX_QUERY_TIMEOUT = Duration.ofDays(1);

  private final DataSource dataSource;
  private @Nullable String query;
  private @Nullable String tombstoneQuery;
  private @Nullable Parameters<? super K> parameters;
  private @Nullable RowMapper<? extends V> rowMapper;
  private @Nullable RowTtl ttl;
  private @Nullable String versionTimestamp;
  private @Nullable String versionNumber;
  private @Nullable Duration queryTimeout;

  JdbcSourceBuilder(DataSource dataSource) {
    this.dataSource = Objects.requireNonNull(dataSource, "dataSource");
  }

  /**
   * The statement that reads one row by its key, such as {@code select * from product where id =
   * ?}. It must select the version column too. {@link JdbcSource#loadAll} makes the statement for
   * several keys of it. Required.
   */
  public JdbcSourceBuilder<K, V> query(String sql) {
    checkNotSet("query", query);
    this.query = checkNotBlank("query", sql);
    return this;
  }

  /**
   * The statement that reads the tombstone of a deleted row, such as {@code select * from
   * product_tombstone where id = ?}. It takes the parameters of the query, and must select a
   * version column of the same name and type. A load runs it on the same connection when the query
   * returned no row. Default: none, and an absence has no version.
   *
   * <p>An absence with a version keeps a floor above every version of the row. A replica that still
   * has the row is then refused, even after a late publish of an older row, and publishing the same
   * deletion again changes nothing.
   */
  public JdbcSourceBuilder<K, V> tombstoneQuery(String sql) {
    checkNotSet("tombstoneQuery", tombstoneQuery);
    this.tombstoneQuery = checkNotBlank("tombstoneQuery", sql);
    return this;
  }

  /**
   * Sets the parameters of the query. Default: the key is the first and only parameter, and the
   * driver converts it. Its type must then be a string, number, boolean, UUID, {@code byte[]}, or a
   * type of {@code java.time} or {@code java.sql}.
   */
  public JdbcSourceBuilder<K, V> parameters(Parameters<? super K> parameters) {
    checkNotSet("parameters", this.parameters);
    this.parameters = Objects.requireNonNull(parameters, "parameters");
    return this;
  }

  /** How a row becomes a value. Required. */
  public JdbcSourceBuilder<K, V> rowMapper(RowMapper<? extends V> rowMapper) {
    checkNotSet("rowMapper", this.rowMapper);
    this.rowMapper = Objects.requireNonNull(rowMapper, "rowMapper");
    return this;
  }

  /**
   * The time to live of a row, for example until a token in it ends. It applies to loads and to
   * {@link JdbcSource#row(java.sql.ResultSet)}. Default, and for rows for which the function
   * returns null: the cache's {@link io.tidemark.CacheBuilder#ttl}.
   *
   * <p>A row with a time of zero or less is served to the callers that wait for it, and not cached:
   * see {@link io.tidemark.Row#present(Object, long, Duration)}.
   */
  public JdbcSourceBuilder<K, V> ttl(RowTtl ttl) {
    checkNotSet("ttl", this.ttl);
    this.ttl = Objects.requireNonNull(ttl, "ttl");
    return this;
  }

  /**
   * The version column of the result, a {@code timestamp with time zone}; the version is its exact
   * number of microseconds since 1970. A {@code timestamp} without zone is refused when a row is
   * read.
   */
  public JdbcSourceBuilder<K, V> versionTimestamp(String column) {
    checkNotSet("versionTimestamp", versionTimestamp);
    this.versionTimestamp = checkNotBlank("versionTimestamp", column);
    return this;
  }

  /** The version column of the result, a signed {@code bigint}, {@code int} or {@code smallint}. */
  public JdbcSourceBuilder<K, V> versionNumber(String column) {
    checkNotSet("versionNumber", versionNumber);
    this.versionNumber = checkNotBlank("versionNumber", column);
    return this;
  }

  /**
   * How long the query may run before the driver cancels it: whole seconds, as in JDBC, 1 second to
   * 1 day. Default: as long as the driver and the database allow.
   */
  public JdbcSourceBuilder<K, V> queryTimeout(Duration queryTimeout) {
    checkNotSet("queryTimeout", this.queryTimeout);
    if (!queryTimeout.equals(Duration.ofSeconds(queryTimeout.toSeconds()))
        || queryTimeout.toSeconds() < 1
        || queryTimeout.compareTo(MAX_QUERY_TIMEOUT) > 0) {
      throw new IllegalArgumentException(
          "queryTimeout is " + queryTimeout + "; it must be whole seconds, 1 second to 1 day");
    }
    this.queryTimeout = queryTimeout;
    return this;
  }

  /** Checks that the options fit together, and builds the source. Does not connect. */
  public JdbcSource<K, V> build() {
    return new JdbcSource<>(
        dataSource,
        keyQuery("the query", required("query", query)),
        tombstoneQuery == null ? null : keyQuery("the tombstone query", tombstoneQuery),
        required("rowMapper", rowMapper),
        ttl,
        versionColumn());
  }

  private KeyQuery<K> keyQuery(String name, String sql) {
    int timeoutSeconds = queryTimeout == null ? 0 : (int) queryTimeout.toSeconds();
    return new KeyQuery<>(sql, name, parameters, timeoutSeconds);
  }

  private VersionColumn versionColumn() {
    if (versionTimestamp != null && versionNumber != null) {
      throw new IllegalArgumentException(
          "versionTimestamp is %s and versionNumber is %s; only one of them may be set"
              .formatted(versionTimestamp, versionNumber));
    }
    return versionNumber != null
        ? VersionColumn.number(versionNumber)
        : VersionColumn.timestamp(required("versionTimestamp or versionNumber", versionTimestamp));
  }

  private static void checkNotSet(String option, @Nullable Object current) {
    if (current != null) {
      throw new IllegalStateException(option + " is set already; an option may be set once");
    }
  }

  private static String checkNotBlank(String option, String value) {
    if (value.isBlank()) {
      throw new IllegalArgumentException(option + " is '" + value + "'; it must not be blank");
    }
    return value;
  }

  private static <T> T required(String option, @Nullable T value) {
    if (value == null) {
      throw new IllegalStateException(option + " is not set; it is required");
    }
    return value;
  }
}
