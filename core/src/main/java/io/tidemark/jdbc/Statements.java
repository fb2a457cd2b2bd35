package io.tidemark.jdbc;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Set;

/** What drivers say about statements and their parameters, in words that help. */
final class Statements {
  /** No such operator for these types, or several; a type that does not fit or is not known. */
  private static final Set<String> ABOUT_TYPES =
      Set.of("42883", "42725", "42804", "42P18", "22P02", "22018", "22023", "22007");

  private Statements() {}

  /** Whether the database understood, and refuses, what it was told: no matter when it is told. */
  static boolean isRefusal(SQLException e) {
    return e.getSQLState() != null && e.getSQLState().startsWith("42");
  }

  /** How many parameters a statement has, or -1 where the driver does not tell. */
  static int parameterCount(PreparedStatement statement) {
    try {
      return statement.getParameterMetaData().getParameterCount();
    } catch (SQLException e) {
      return -1;
    }
  }

  static String parameterFault(int count) {
    return "has %d parameters, and the key alone is one".formatted(count);
  }

  /** Explains a failure to use a key as the only parameter of a statement, where it is one. */
  static SQLException explained(
      SQLException e, boolean atSetting, PreparedStatement statement, String what, Object key) {
    int count = parameterCount(statement);
    if (count >= 0 && count != 1) {
      return explained(e, what + " " + parameterFault(count));
    }
    String state = e.getSQLState();
    if (atSetting || (state != null && (ABOUT_TYPES.contains(state) || state.startsWith("07")))) {
      return explained(
          e, "%s does not take a key of %s as it is".formatted(what, key.getClass().getName()));
    }
    return e;
  }

  private static SQLException explained(SQLException e, String problem) {
    return new SQLException(
        problem
            + "; say with parameters() how a key is put into the statement, such as"
            + " (statement, key) -> statement.setLong(1, key.id()). The driver says: "
            + e.getMessage(),
        e.getSQLState(),
        e.getErrorCode(),
        e);
  }
}
