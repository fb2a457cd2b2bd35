package io.tidemark.spring.transaction;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import javax.sql.DataSource;

/** A PostgreSQL of a test class, and a pool for it. */
final class Database implements AutoCloseable {
  private final EmbeddedPostgres server;
  private final HikariDataSource pool;

  Database() {
    try {
      server = EmbeddedPostgres.builder().setPGStartupWait(Duration.ofMinutes(3)).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    HikariConfig config = new HikariConfig();
    config.setDataSource(server.getPostgresDatabase());
    config.setMaximumPoolSize(8);
    // A row that a transaction has locked itself would be waited for in vain.
    config.setConnectionInitSql("set lock_timeout = '20s'");
    pool = new HikariDataSource(config);
  }

  DataSource pool() {
    return pool;
  }

  @Override
  public void close() {
    pool.close();
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
