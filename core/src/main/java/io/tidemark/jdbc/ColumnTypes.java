package io.tidemark.jdbc;

import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a driver makes of each column of a result. A union may change it: in MariaDB and MySQL a
 * {@code tinyint(1)} is a boolean, but the same column of a union is a number, and {@code zerofill}
 * is lost.
 */
record ColumnTypes(List<String> descriptions) {
  private static final String BOOLEAN = "java.lang.Boolean";

  private static final Set<String> WITHOUT_DIGITS = Set.of("java.lang.String", "[B", "byte[]");

  static ColumnTypes of(ResultSetMetaData columns) throws SQLException {
    List<String> descriptions = new ArrayList<>();
    for (int i = 1; i <= columns.getColumnCount(); i++) {
      String type = columns.getColumnClassName(i);
      descriptions.add(WITHOUT_DIGITS.contains(type) ? type : type + " " + columns.getPrecision(i));
    }
    return new ColumnTypes(descriptions);
  }

  /**
   * The indexes of the columns that differ in the other result, which may have more columns.
   * Booleans always do: MySQL's driver calls a {@code bit(1)} a boolean in both, and reads the
   * bytes in one.
   */
  Set<Integer> changedIn(ColumnTypes other) {
    Set<Integer> changed = new HashSet<>();
    for (int i = 0; i < descriptions.size(); i++) {
      String description = descriptions.get(i);
      if (description.startsWith(BOOLEAN) || !description.equals(other.descriptions.get(i))) {
        changed.add(i + 1);
      }
    }
    return changed;
  }
}
