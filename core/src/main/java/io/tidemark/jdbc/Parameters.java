package io.tidemark.jdbc;

import java.sql.PreparedStatement;
import java.sql.SQLException;

/**
 * Puts a key into a query. Called by several threads at once, each with a statement of its own.
 *
 * @param <K> the type of the keys
 */
@FunctionalInterface
public interface Parameters<K> {

  /**
   * Sets every parameter of the statement, and does nothing else with it.
   *
   * @throws SQLException if the statement refuses one; the load fails with it
   */
  void set(PreparedStatement statement, K key) throws SQLException;
}
