package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import redis.clients.jedis.BuilderFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.CommandObject;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.commands.ProtocolCommand;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisNoScriptException;
import redis.clients.jedis.exceptions.JedisRedirectionException;

/**
 * The rights that a user of Redis needs for one purpose: commands, a pattern of keys and perhaps a
 * channel. They are tried one by one, by requests that change nothing, because a script ends at the
 * first command that is refused, and Redis 6.2 does not tell which that was. Immutable and
 * thread-safe.
 */
final class Rights {
  private static final String SLOTS = "~tidemark:*";
  private static final String LOCKS = "~tidemark-lock:*";
  private static final String NO_SCRIPT = "0".repeat(40);

  private static final Right EVAL =
      new Right(
          "+eval", key -> new CommandArguments(Command.EVAL).add("return 0").add("1").key(key));

  private static final Right EVALSHA =
      new Right(
          "+evalsha",
          key -> new CommandArguments(Command.EVALSHA).add(NO_SCRIPT).add("1").key(key));

  private static final Right GET = ofKey(Command.GET);
  private static final Right SET = ofKey(Command.SET, "", "XX");
  private static final Right DEL = ofKey(Command.DEL);
  private static final Right TIME = of(Command.TIME);
  private static final Right PTTL = ofKey(Command.PTTL);
  private static final Right SETRANGE = ofKey(Command.SETRANGE, "0", "");
  private static final Right INFO = of(Command.INFO, "replication");
  private static final Right PEXPIRE = ofKey(Command.PEXPIRE, "1");

  /** On a cluster, for keys whose hash slots move. Concerns what its connection sends next. */
  private static final Right ASKING = of(Command.ASKING);

  /** For every verb of a store on one server, but for {@code clear}. */
  static final Rights STORE =
      new Rights(
          SLOTS,
          List.of(
              ofKey(Command.GETRANGE, "0", "0"),
              GET,
              ofKey(Command.MGET),
              SET,
              DEL,
              TIME,
              EVAL,
              EVALSHA,
              PTTL,
              SETRANGE,
              INFO));

  /** A cluster is sent no MGET, because the keys belong to several servers. */
  static final Rights STORE_ON_CLUSTER =
      new Rights(
              SLOTS, STORE.needed.stream().filter(right -> !right.name().equals("+mget")).toList())
          .and(ASKING);

  /** For {@code clear} alone. */
  static final Rights CLEAR =
      new Rights(
          SLOTS,
          List.of(
              of(Command.SCAN, "0", "MATCH", "tidemark:tidemark-check:*", "COUNT", "1"),
              ofKey(Command.UNLINK)));

  /** Beside those, the hash slots of each master are asked for, which may move meanwhile. */
  static final Rights CLEAR_ON_CLUSTER =
      CLEAR.and(new Right("+cluster|nodes", key -> HashSlots.question().getArguments()));

  /** For locks that are taken by scripts, but for the messages. */
  static final Rights SCRIPTED_LOCKS =
      new Rights(LOCKS, List.of(GET, SET, DEL, TIME, EVAL, EVALSHA, PTTL, SETRANGE, PEXPIRE));

  static final Rights SCRIPTED_LOCKS_ON_CLUSTER = SCRIPTED_LOCKS.and(ASKING);

  /** For locks without scripts. MULTI comes last, because what follows it is queued. */
  static final Rights WATCHED_LOCKS =
      new Rights(
          LOCKS,
          List.of(
              ofKey(Command.WATCH),
              of(Command.UNWATCH),
              GET,
              SET,
              DEL,
              TIME,
              PTTL,
              PEXPIRE,
              of(Command.EXEC),
              of(Command.MULTI)));

  /** For the messages about released locks. SUBSCRIBE comes last: messages may follow it. */
  static final Rights MESSAGES =
      new Rights(
          LOCKS,
          List.of(
              of(Command.PUBLISH, ScriptedLocks.CHANNEL, ""),
              of(Command.SUBSCRIBE, ScriptedLocks.CHANNEL)));

  /** For connections that are idle. */
  static final Rights PING = new Rights(SLOTS, List.of(of(Command.PING)));

  private static final Pattern OF_KEYS = Pattern.compile("permissions to access .*key");
  private static final Pattern OF_CHANNELS = Pattern.compile("permissions to access .*channel");

  /** What concerns the commands that a connection sends later, or lets it receive messages. */
  private static final Set<String> MARKS = Set.of("+asking", "+watch", "+multi", "+subscribe");

  private final String keys;
  private final List<Right> needed;

  private Rights(String keys, List<Right> needed) {
    this.keys = keys;
    this.needed = needed;
  }

  /**
   * Finds out which rights a user lacks. What leaves something with its connection is sent over one
   * of its own, unless the client does not expose its pools.
   *
   * @param key is missing, and nothing else uses it
   * @return their names, as {@code ACL SETUSER} takes them; empty if none is lacking
   * @throws JedisException if a request fails for another reason
   */
  Set<String> lacking(Master master, byte[] key) {
    if (marksConnection() && master.canAskAlone()) {
      return master.askAlone(own -> lacking(own::executeCommand, key));
    }
    return lacking(
        request -> {
          Object unused = master.ask(new CommandObject<>(request, BuilderFactory.RAW_OBJECT));
        },
        key);
  }

  private boolean marksConnection() {
    return needed.stream().map(Right::name).anyMatch(MARKS::contains);
  }

  private Rights and(Right last) {
    return new Rights(keys, Stream.concat(needed.stream(), Stream.of(last)).toList());
  }

  /** The same rights, where slots of any lineage count. */
  Rights withoutLineages() {
    return new Rights(keys, needed.stream().filter(right -> !right.equals(INFO)).toList());
  }

  private Set<String> lacking(Consumer<CommandArguments> server, byte[] key) {
    Set<String> lacking = new LinkedHashSet<>();
    for (Right right : needed) {
      try {
        server.accept(right.trial().apply(key));
      } catch (JedisNoScriptException | JedisRedirectionException e) {
        // Allowed: it got further than that.
      } catch (JedisDataException e) {
        String words = JedisFailures.words(e);
        if (Refusal.isOfRights(words)) {
          lacking.add(lacking(right, words));
        } else if (!words.startsWith("ERR EXEC without MULTI")) {
          throw e;
        }
      }
    }
    return lacking;
  }

  private String lacking(Right right, String words) {
    if (OF_KEYS.matcher(words).find()) {
      return keys;
    }
    return OF_CHANNELS.matcher(words).find() ? "&" + ScriptedLocks.CHANNEL : right.name();
  }

  /** A request for a key that is missing: SET with XX and SETRANGE of nothing do not make it. */
  private static Right ofKey(Command command, String... options) {
    return new Right(
        name(command),
        key -> new CommandArguments(command).key(key).addObjects((Object[]) options));
  }

  private static Right of(Command command, String... arguments) {
    return new Right(
        name(command), key -> new CommandArguments(command).addObjects((Object[]) arguments));
  }

  private static String name(ProtocolCommand command) {
    return "+" + new String(command.getRaw(), UTF_8).toLowerCase(Locale.ROOT);
  }
}
