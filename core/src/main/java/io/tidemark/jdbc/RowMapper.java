package io.tidemark.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * Makes a value from a row. Called by several threads at once, each with its own result.
 *
 * @param <V> the type of the values
 */
@FunctionalInterface
public interface RowMapper<V> {

  /**
   * Reads the current row. It must not move to another: the version was read from this one, and the
   * next row may be another key's.
   *
   * @return the value, never null
   * @throws SQLException if a column cannot be read; the load fails with it
   */
  V map(ResultSet row) throws SQLException;
}
