package io.tidemark.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Says how long a row is good. Called by several threads at once, each with a result of its own.
 */
@FunctionalInterface
public interface RowTtl {

  /**
   * Reads the current row, after the {@link RowMapper} did. It must not move to another one.
   *
   * @return from now on; zero or less if the row is good no longer, and then it is not cached; null
   *     for the cache's {@link io.tidemark.CacheBuilder#ttl}
   * @throws SQLException if a column cannot be read; the load fails with it
   */
  @Nullable Duration ttl(ResultSet row) throws SQLException;
}
