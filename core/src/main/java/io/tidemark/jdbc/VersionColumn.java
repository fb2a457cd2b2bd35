package io.tidemark.jdbc;

import io.tidemark.InvalidVersionException;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * Reads a row's version from one column. Nothing is converted or rounded on the way: what is no
 * version of the expected type is refused. Immutable and thread-safe.
 */
final class VersionColumn {
  /** SQLSTATE of a value that does not fit its type. */
  private static final String DATA_EXCEPTION = "22000";

  private final String name;
  private final Reader reader;

  private VersionColumn(String name, Reader reader) {
    this.name = name;
    this.reader = reader;
  }

  /** A {@code timestamp with time zone}; the version is its microseconds since 1970. */
  static VersionColumn timestamp(String name) {
    return new VersionColumn(name, VersionColumn::epochMicros);
  }

  /** A {@code bigint}, {@code int} or {@code smallint}; the version is the number. */
  static VersionColumn number(String name) {
    return new VersionColumn(name, VersionColumn::number);
  }

  /**
   * Reads the version of the current row.
   *
   * @param subject what the row is, put in front of an error: empty, or with a space at its end
   * @throws InvalidVersionException if the row has no such column, or its value is no version
   * @throws SQLException if the row cannot be read for another reason
   */
  long read(ResultSet row, String subject) throws SQLException {
    Long version;
    try {
      version = reader.read(row, row.findColumn(name));
    } catch (SQLException e) {
      if (!isAboutColumn(e)) {
        throw e;
      }
      throw invalid(subject, "cannot be read as a version: " + e.getMessage(), e);
    }
    if (version == null) {
      throw invalid(subject, "is null; every row must have a version", null);
    }
    if (version < 0) {
      throw invalid(subject, "gives the version " + version + "; it must be 0 or more", null);
    }
    return version;
  }

  private InvalidVersionException invalid(String subject, String what, @Nullable Throwable cause) {
    return new InvalidVersionException(null, subject + "column " + name + " " + what, cause);
  }

  /**
   * Whether the column is to blame, by the SQL standard's classes: no such feature (the
   * conversion), data exception, no such column or wrong type. A lost connection or a result that
   * is not on a row says nothing of the version.
   */
  private static boolean isAboutColumn(SQLException e) {
    String state = e.getSQLState();
    return state != null
        && (state.startsWith("0A") || state.startsWith("22") || state.startsWith("42"));
  }

  private static @Nullable Long epochMicros(ResultSet row, int column) throws SQLException {
    checkHasZone(row.getMetaData(), column);
    OffsetDateTime timestamp = row.getObject(column, OffsetDateTime.class);
    if (timestamp == null) {
      return null;
    }
    Instant instant = timestamp.toInstant();
    if (instant.getNano() % 1_000 != 0) {
      throw new SQLDataException(
          timestamp + " is finer than a microsecond, the unit of a version", DATA_EXCEPTION);
    }
    try {
      return Math.addExact(
          Math.multiplyExact(instant.getEpochSecond(), 1_000_000L), instant.getNano() / 1_000);
    } catch (ArithmeticException e) {
      throw new SQLDataException(
          timestamp + " is beyond 2^63 microseconds since 1970", DATA_EXCEPTION, e);
    }
  }

  /**
   * Refuses a timestamp without zone. It is another moment in each client's zone, and goes back
   * when the clocks do; drivers convert it without a word. PostgreSQL's has one type code for both,
   * hence the name, which it asks the database for once per connection.
   */
  private static void checkHasZone(ResultSetMetaData columns, int column) throws SQLException {
    if (columns.getColumnType(column) == Types.TIMESTAMP_WITH_TIMEZONE) {
      return;
    }
    String type = columns.getColumnTypeName(column);
    if (!type.equals("timestamptz")) {
      throw new SQLDataException("it is a " + type + ", not a timestamptz", DATA_EXCEPTION);
    }
  }

  private static @Nullable Long number(ResultSet row, int column) throws SQLException {
    Object number = row.getObject(column);
    if (number == null) {
      return null;
    }
    if (number instanceof Long || number instanceof Integer || number instanceof Short) {
      return ((Number) number).longValue();
    }
    throw new SQLDataException(
        "it is a " + number.getClass().getSimpleName() + ", not a bigint, int or smallint",
        DATA_EXCEPTION);
  }

  /** Reads one column of the current row; null where it is null. */
  @FunctionalInterface
  private interface Reader {
    @Nullable Long read(ResultSet row, int column) throws SQLException;
  }
}
