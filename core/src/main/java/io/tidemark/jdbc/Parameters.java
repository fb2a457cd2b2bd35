package io.tidemark.jdbc;

import java.sql.PreparedStatement;
import java.sql.SQLException;

/**
 * Sets a query's parameters from a key. Called by several threads at once, each with its statement.
 *
 * @param <K> the type of the keys
 */
@FunctionalInterface
public interface Parameters<K> {

  /**
   * Sets every parameter of the statement, and does nothing else with it.
   *
   * @throws SQLException if the statement refuses a parameter; the load fails with it
   */
  void set(PreparedStatement statement, K key) throws SQLException;
}
