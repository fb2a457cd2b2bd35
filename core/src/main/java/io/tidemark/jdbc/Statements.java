package io.tidemark.jdbc;

import java.sql.PreparedStatement;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.time.temporal.Temporal;
import java.util.Set;
import java.util.UUID;

/** Explains what drivers report about statements and their parameters. */
final class Statements {
  /** No operator for these types, or several; a type that does not fit or is not known. */
  private static final Set<String> ABOUT_TYPES =
      Set.of("42883", "42725", "42804", "42P18", "22P02", "22018", "22023", "22007");

  private static final String WAY_OUT =
      "; set parameters() to put a key into the statement, such as"
          + " (statement, key) -> statement.setLong(1, key.id())";

  private Statements() {}

  /** Whether the database understood the statement and refuses it, now and later. */
  static boolean isRefusal(SQLException e) {
    return e.getSQLState() != null && e.getSQLState().startsWith("42");
  }

  /** How many parameters a statement has, or -1 if the driver does not know. */
  static int parameterCount(PreparedStatement statement) {
    try {
      return statement.getParameterMetaData().getParameterCount();
    } catch (SQLException e) {
      return -1;
    }
  }

  static String parameterFault(int count) {
    return "has %d parameters, but the key is only one".formatted(count);
  }

  /**
   * Refuses a key of a type that JDBC does not take. Drivers serialize such objects: the query
   * would look for the bytes, and find no row.
   */
  static void checkIsValue(String what, Object key) throws SQLException {
    boolean isValue =
        switch (key.getClass().getPackageName()) {
          case "java.math", "java.sql" -> true;
          case "java.time" -> key instanceof Temporal;
          case "java.lang" ->
              key instanceof String
                  || key instanceof Boolean
                  || key instanceof Character
                  || key instanceof Number
                  || key instanceof byte[];
          default -> key instanceof UUID;
        };
    if (!isValue) {
      throw new SQLDataException(notAsItIs(what, key) + WAY_OUT, "22023");
    }
  }

  /** Explains a failure to use a key as the only parameter; returns other failures unchanged. */
  static SQLException explained(
      SQLException e, boolean atSetting, PreparedStatement statement, String what, Object key) {
    int count = parameterCount(statement);
    if (count >= 0 && count != 1) {
      return explained(e, what + " " + parameterFault(count));
    }
    String state = e.getSQLState();
    if (atSetting || (state != null && (ABOUT_TYPES.contains(state) || state.startsWith("07")))) {
      return explained(e, notAsItIs(what, key));
    }
    return e;
  }

  private static SQLException explained(SQLException e, String problem) {
    return new SQLException(
        problem + WAY_OUT + ". The driver says: " + e.getMessage(),
        e.getSQLState(),
        e.getErrorCode(),
        e);
  }

  private static String notAsItIs(String what, Object key) {
    return "%s does not take a key of %s directly".formatted(what, key.getClass().getName());
  }
}
