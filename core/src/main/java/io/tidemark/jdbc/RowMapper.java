package io.tidemark.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * Makes a value of a row. Called by several threads at once, each with a result of its own.
 *
 * @param <V> the type of the values
 */
@FunctionalInterface
public interface RowMapper<V> {

  /**
   * Reads the current row. It must not move to another one: the version was read from this one.
   *
   * @return the value, never null
   * @throws SQLException if a column cannot be read; the load fails with it
   */
  V map(ResultSet row) throws SQLException;
}
