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
   * Sets every parameter of the statement, and does nothing else with it but ask for its
   * connection. For a call with several keys, the statement may be one that only records what is
   * set; if more than that is called, each key is read with a statement of its own.
   *
   * @throws SQLException if the statement refuses a parameter; the load fails with it
   */
  void set(PreparedStatement statement, K key) throws SQLException;
}
