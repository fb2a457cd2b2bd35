package io.tidemark.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Computes the time to live of a row. Called by several threads at once, each with its own result.
 */
@FunctionalInterface
public interface RowTtl {

  /**
   * Reads the current row, after the {@link RowMapper} did. It must not move to another row.
   *
   * @return the time to live from now on; zero or less if it is over, and then the row is not
   *     cached; null for the cache's {@link io.tidemark.CacheBuilder#ttl}
   * @throws SQLException if a column cannot be read; the load fails with it
   */
  @Nullable Duration ttl(ResultSet row) throws SQLException;
}
