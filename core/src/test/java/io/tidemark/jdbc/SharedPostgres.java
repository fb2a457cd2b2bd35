package io.tidemark.jdbc;

import static io.tidemark.engine.Patience.PATIENCE;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL for the tests of this JVM, which use it one class at a time: they take the lock
 * {@link #LOCK}. It ends with the JVM.
 */
final class SharedPostgres {
  static final String LOCK = "PostgreSQL";

  /**
   * Held while a server is unpacked and started. A process started meanwhile would inherit the file
   * that is being written, and a program that somebody may write to cannot be started.
   */
  static final Object UNPACKING = new Object();

  private static @Nullable EmbeddedPostgres server;

  private SharedPostgres() {}

  static Connection connect() throws SQLException {
    return server().getPostgresDatabase().getConnection();
  }

  /** The same database, whose connections have a name. */
  static DataSource database(String applicationName) {
    return server().getDatabase("postgres", "postgres", Map.of("ApplicationName", applicationName));
  }

  private static EmbeddedPostgres server() {
    synchronized (UNPACKING) {
      if (server == null) {
        try {
          server = EmbeddedPostgres.builder().setPGStartupWait(PATIENCE).start();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      return server;
    }
  }
}
