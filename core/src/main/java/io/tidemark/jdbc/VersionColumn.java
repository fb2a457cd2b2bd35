package io.tidemark.jdbc;

import static java.util.stream.Collectors.joining;

import io.tidemark.InvalidVersionException;
import io.tidemark.spi.Finding;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.SQLSyntaxErrorException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a row's version from one column. It does not convert or round: a value that is not of the
 * expected type is refused. Immutable and thread-safe.
 */
final class VersionColumn {
  /** SQLSTATE of a value that does not fit its type. */
  private static final String DATA_EXCEPTION = "22000";

  /** SQLSTATE of a name that two columns have. */
  private static final String AMBIGUOUS_COLUMN = "42702";

  private static final int MICROSECOND_DIGITS = 6;

  private final String name;
  private final Type type;

  private VersionColumn(String name, Type type) {
    this.name = name;
    this.type = type;
  }

  /** A {@code timestamp with time zone}; the version is its microseconds since 1970. */
  static VersionColumn timestamp(String name) {
    return new VersionColumn(name, Type.TIMESTAMP);
  }

  /** A {@code bigint}, {@code int} or {@code smallint}; the version is the number. */
  static VersionColumn number(String name) {
    return new VersionColumn(name, Type.NUMBER);
  }

  /**
   * Reads the version of the current row.
   *
   * @param subject names the row at the start of an error message: empty, or ends with a space
   * @throws InvalidVersionException if the row has no such column, or its value is not a version
   * @throws SQLException if the row cannot be read for another reason
   */
  long read(ResultSet row, String subject) throws SQLException {
    Long version;
    try {
      int column = find(row);
      version = type == Type.TIMESTAMP ? epochMicros(row, column) : number(row, column);
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
      throw invalid(
          subject,
          "has the version %d; it must be 0 or more%s"
              .formatted(version, type == Type.TIMESTAMP ? ", a moment since 1970" : ""),
          null);
    }
    return version;
  }

  /**
   * Checks the version column of a query from its description, without reading a row. The same
   * rules apply to the queries of tombstones.
   */
  List<Finding> check(ResultSetMetaData columns) throws SQLException {
    List<Integer> positions = positions(columns);
    if (positions.size() != 1) {
      return List.of(
          error(
              positions.isEmpty()
                  ? "is not among the query's columns, " + labels(columns)
                  : ambiguity(positions),
              "no row can be cached: select it once"));
    }
    int column = positions.get(0);
    List<Finding> findings = new ArrayList<>();
    String fault =
        type == Type.TIMESTAMP ? zoneFault(columns, column) : numberFault(columns, column);
    if (!fault.isEmpty()) {
      findings.add(error(fault, "no row can be cached: use a column of that type"));
    } else if (type == Type.TIMESTAMP && columns.getScale(column) != MICROSECOND_DIGITS) {
      findings.add(
          warning(
              "keeps %d digits of a second".formatted(columns.getScale(column)),
              "changes with equal versions drop the entry, and versions finer than a"
                  + " microsecond are refused: use 6 digits"));
    }
    if (columns.isNullable(column) == ResultSetMetaData.columnNullable) {
      findings.add(
          warning("may be null", "a row without a version is not cached: make it not null"));
    }
    return findings;
  }

  /** The index of the column in a result. */
  int position(ResultSetMetaData columns) throws SQLException {
    return positions(columns).get(0);
  }

  private Finding error(String problem, String advice) {
    return Finding.error("column " + name, problem, advice);
  }

  private Finding warning(String problem, String advice) {
    return Finding.warning("column " + name, problem, advice);
  }

  /** Drivers take the first of several columns of one name; this method refuses them. */
  private int find(ResultSet row) throws SQLException {
    ResultSetMetaData columns = row.getMetaData();
    List<Integer> positions = positions(columns);
    if (positions.size() > 1) {
      throw new SQLSyntaxErrorException(ambiguity(positions), AMBIGUOUS_COLUMN);
    }
    if (!positions.isEmpty()) {
      return positions.get(0);
    }
    try {
      return row.findColumn(name); // Some drivers know more names of a column than its label.
    } catch (SQLException e) {
      if (!isAboutColumn(e)) {
        throw e;
      }
      throw new SQLSyntaxErrorException(
          "it is not among the query's columns, " + labels(columns), e.getSQLState(), e);
    }
  }

  private List<Integer> positions(ResultSetMetaData columns) throws SQLException {
    List<Integer> positions = new ArrayList<>();
    for (int i = 1; i <= columns.getColumnCount(); i++) {
      if (columns.getColumnLabel(i).equalsIgnoreCase(name)) {
        positions.add(i);
      }
    }
    return positions;
  }

  private static String ambiguity(List<Integer> positions) {
    return "the query has it %d times (columns %s), which may be versions of different rows; give"
            .formatted(
                positions.size(), positions.stream().map(String::valueOf).collect(joining(" and ")))
        + " all but one of them another name with \"as\"";
  }

  private static String labels(ResultSetMetaData columns) throws SQLException {
    List<String> labels = new ArrayList<>();
    for (int i = 1; i <= columns.getColumnCount(); i++) {
      labels.add(columns.getColumnLabel(i));
    }
    return String.join(", ", labels);
  }

  private InvalidVersionException invalid(String subject, String what, @Nullable Throwable cause) {
    return new InvalidVersionException(null, subject + "column " + name + " " + what, cause);
  }

  /**
   * Whether the column is to blame, by the SQL standard's classes: feature not supported (the
   * conversion), data exception, no such column or wrong type. A lost connection, or a result that
   * is not on a row, says nothing about the version.
   */
  private static boolean isAboutColumn(SQLException e) {
    String state = e.getSQLState();
    return state != null
        && (state.startsWith("0A") || state.startsWith("22") || state.startsWith("42"));
  }

  private static @Nullable Long epochMicros(ResultSet row, int column) throws SQLException {
    String fault = zoneFault(row.getMetaData(), column);
    if (!fault.isEmpty()) {
      throw new SQLDataException(fault, DATA_EXCEPTION);
    }
    OffsetDateTime timestamp = row.getObject(column, OffsetDateTime.class);
    if (timestamp == null) {
      return null;
    }
    if (timestamp.equals(OffsetDateTime.MAX) || timestamp.equals(OffsetDateTime.MIN)) {
      throw new SQLDataException(
          "it is infinity or -infinity; a version must be the moment of the row's last change",
          DATA_EXCEPTION);
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
   * Refuses a timestamp without zone. It means another moment in each client's zone, goes back when
   * summer time ends, and drivers convert it silently. PostgreSQL's driver has one type code for
   * both, so their names are compared, for which it asks the database once per connection.
   */
  private static String zoneFault(ResultSetMetaData columns, int column) throws SQLException {
    if (columns.getColumnType(column) == Types.TIMESTAMP_WITH_TIMEZONE) {
      return "";
    }
    String type = columns.getColumnTypeName(column);
    return type.equals("timestamptz") ? "" : "it is a " + type + ", not a timestamptz";
  }

  private static String numberFault(ResultSetMetaData columns, int column) throws SQLException {
    return switch (columns.getColumnType(column)) {
      case Types.BIGINT ->
          columns.isSigned(column) ? "" : noNumber("unsigned " + columns.getColumnTypeName(column));
      case Types.INTEGER, Types.SMALLINT, Types.TINYINT -> "";
      default -> noNumber(columns.getColumnTypeName(column));
    };
  }

  private static String noNumber(String type) {
    return "it is a " + type + ", not a signed bigint, int or smallint";
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
        noNumber(row.getMetaData().getColumnTypeName(column)), DATA_EXCEPTION);
  }

  private enum Type {
    TIMESTAMP,
    NUMBER
  }
}
