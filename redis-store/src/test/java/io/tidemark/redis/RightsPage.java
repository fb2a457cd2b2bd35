package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.regex.Pattern.DOTALL;
import static java.util.regex.Pattern.MULTILINE;

import io.tidemark.testkit.Awaiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import redis.clients.jedis.BuilderFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.CommandObject;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.resps.AccessControlLogEntry;

/** The blocks of docs/rights.md, and what servers refuse to a user who has them. */
final class RightsPage {
  private static final Path PAGE = Path.of("..", "docs", "rights.md");

  /** The blocks of the page, by the bold word before each. */
  private static final Map<String, List<List<String>>> BLOCKS = blocks();

  private static final CommandObject<List<AccessControlLogEntry>> ACL_LOG =
      new CommandObject<>(
          new CommandArguments(Command.ACL).add("LOG"),
          BuilderFactory.ACCESS_CONTROL_LOG_ENTRY_LIST);

  private RightsPage() {}

  /** Runs the lines of a block. */
  static void grant(RedisServer on, String block) {
    grant(on, block, "");
  }

  /** Runs the lines of a block without one of their words. */
  static void grant(RedisServer on, String block, String without) {
    for (List<String> line : lines(block)) {
      on.run(
          Command.ACL, line.stream().filter(word -> !word.equals(without)).toArray(String[]::new));
    }
  }

  /** Leaves the page's user without rights, and forgets what was refused. */
  static void reset(RedisServer on) {
    on.run(Command.ACL, "SETUSER", "tidemark", "reset");
    on.run(Command.ACL, "LOG", "RESET");
  }

  /** The rights of a block, without what makes the user. */
  static Stream<String> rights(String block) {
    return lines(block).stream()
        .flatMap(List::stream)
        .filter(word -> "+~&".indexOf(word.charAt(0)) >= 0);
  }

  /** The user of the page. */
  static DefaultJedisClientConfig.Builder user() {
    return DefaultJedisClientConfig.builder().user("tidemark").password("secret");
  }

  /** A pool whose idle connections are tested all the time, as Jedis does every 30 s. */
  static ConnectionPoolConfig pool() {
    ConnectionPoolConfig pool = new ConnectionPoolConfig();
    pool.setMaxTotal(20);
    pool.setMaxWait(Awaiting.LIMIT);
    pool.setTimeBetweenEvictionRuns(Duration.ofMillis(50));
    return pool;
  }

  /** A right as a server writes it into its log, which leaves subcommands out. */
  static String logged(String right) {
    return right.startsWith("+") ? right.replaceAll("[|].*", "") : right;
  }

  /** What a server refused, as it logs it. CLIENT SETINFO only names the client. */
  static Set<String> refusals(RedisServer server) {
    try (RedisClient admin = server.client()) {
      return admin.executeCommand(ACL_LOG).stream()
          .map(RightsPage::refused)
          .filter(right -> !right.equals("+client"))
          .collect(Collectors.toSet());
    }
  }

  private static String refused(AccessControlLogEntry refusal) {
    String object = refusal.getObject();
    return switch (refusal.getReason()) {
      case "command" -> logged("+" + object);
      case "key" -> "~" + object.substring(0, object.indexOf(':')) + ":*";
      case "channel" -> "&" + object;
      default -> refusal.getReason();
    };
  }

  private static List<List<String>> lines(String block) {
    return Objects.requireNonNull(BLOCKS.get(block), () -> "the page has no block " + block);
  }

  /** The words of each line that begins with ACL, without ACL. */
  private static Map<String, List<List<String>>> blocks() {
    try {
      return Pattern.compile(
              "^[*]{2}([^*]+)[*]{2}[^`]*(?:`[^`]+`[^`]*)*\n\n```\n(.*?)```", MULTILINE | DOTALL)
          .matcher(Files.readString(PAGE, UTF_8))
          .results()
          .collect(
              Collectors.toMap(
                  block -> block.group(1),
                  block ->
                      block
                          .group(2)
                          .lines()
                          .map(line -> List.of(line.substring("ACL ".length()).split(" ")))
                          .toList()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
