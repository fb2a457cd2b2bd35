package io.tidemark.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import redis.clients.jedis.RedisClient;

/**
 * The contract of stores over a Redis whose locale orders text unlike its bytes do: Lua's {@code <}
 * follows the locale.
 *
 * <p>The tests compile the locale with {@code localedef}, which needs no rights, but a C library
 * that has it and the sources of locales. If the server does not accept the locale, nothing can be
 * proven, and the tests are reported as skipped.
 */
@Tag("thorough")
class RedisStoreLocaleIT extends RedisStoreContract {
  private static final String LOCALE = "en_US.UTF-8";
  private static final Path FOLDER = Path.of("target", "locale").toAbsolutePath();

  private static RedisServer server;
  private static RedisClient client;

  RedisStoreLocaleIT() {
    super(client);
  }

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    compileLocale();
    server = RedisServer.startWith(Map.of("LC_ALL", LOCALE, "LOCPATH", FOLDER.toString()));
    client = server.client();
    boolean ordersByLocale = Long.valueOf(1).equals(client.eval("return 'a' < 'B' and 1 or 0"));
    String reason =
        "the server does not follow %s: this machine has neither it nor its source, which is in"
            + " Debian's package locales";
    // CI installs the package; a developer need not.
    if (System.getenv("CI") != null) {
      assertThat(ordersByLocale).as(reason, LOCALE).isTrue();
    }
    assumeTrue(ordersByLocale, () -> reason.formatted(LOCALE));
  }

  @AfterAll
  static void stop() {
    client.close();
    server.close();
  }

  private static void compileLocale() throws IOException, InterruptedException {
    assertThat(FOLDER.toFile().mkdirs() || FOLDER.toFile().isDirectory()).isTrue();
    try {
      new ProcessBuilder(
              "localedef", "-i", "en_US", "-f", "UTF-8", FOLDER.resolve(LOCALE).toString())
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      // There is no localedef. The server may know the locale without it.
    }
  }

  @Override
  public void beginLineage() {
    server.beginLineage();
  }
}
