package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisException;

/** Makes attempts by Lua, with one atomic script per command. Thread-safe. */
final class ScriptedLocks implements LockCommands.Factory {
  /** The channel that gets the token of each released holding that somebody may wait for. */
  static final String CHANNEL = "tidemark-lock-released";

  private static final Logger LOG = LoggerFactory.getLogger(ScriptedLocks.class);

  private static final Script ACQUIRE = Script.ofOneFile("lock-acquire.lua");
  private static final Script RENEW = Script.ofOneFile("lock-renew.lua");
  private static final Script RELEASE = Script.ofOneFile("lock-release.lua");

  private static final long YES = 1;

  private final Commands commands;
  private final byte[] lifeMillis;

  ScriptedLocks(UnifiedJedis jedis, Duration life) {
    this(new Commands(jedis), life);
  }

  private ScriptedLocks(Commands commands, Duration life) {
    this.commands = commands;
    this.lifeMillis = Long.toString(life.toMillis()).getBytes(US_ASCII);
  }

  @Override
  public LockCommands attempt(byte[] key, String token) {
    return new Attempt(key, token.getBytes(UTF_8));
  }

  @Override
  public LockCommands.Factory withLife(Duration life) {
    return new ScriptedLocks(commands, life);
  }

  @Override
  public Rights rights() {
    return commands.areForCluster() ? Rights.SCRIPTED_LOCKS_ON_CLUSTER : Rights.SCRIPTED_LOCKS;
  }

  @Override
  public Optional<LockOwner> owner(byte[] key) {
    try {
      String lock = LockCommands.lockOf((byte[]) sent(Protocol.Command.GET, key));
      return lock == null
          ? Optional.empty()
          : Optional.of(
              new LockOwner(
                  lock.substring(1),
                  (Long) Objects.requireNonNull(sent(Protocol.Command.PTTL, key))));
    } catch (JedisException e) {
      if (JedisFailures.isWrongType(e)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private @Nullable Object sent(Protocol.Command question, byte[] key) {
    return commands.send(key, new CommandArguments(question).key(key));
  }

  private final class Attempt implements LockCommands {
    private final byte[] key;
    private final byte[] token;

    Attempt(byte[] key, byte[] token) {
      this.key = key;
      this.token = token;
    }

    @Override
    public LockReply acquire() {
      List<?> answer = (List<?>) ACQUIRE.run(commands, key, List.of(token, lifeMillis));
      String word = text(answer.get(0));
      String detail = text(answer.get(1));
      if (answer.size() > 2 && word.equals("ACQUIRED")) {
        LOG.debug("{}: replaced a value that was not a lock", text(key));
      }
      return switch (word) {
        case "ACQUIRED" -> new LockReply.Acquired(Long.parseLong(detail));
        case "HELD" -> new LockReply.Held(new LockOwner(detail, (Long) answer.get(2)));
        default -> throw new IllegalStateException("lock-acquire.lua answered " + word);
      };
    }

    @Override
    public boolean renew() {
      return RENEW.run(commands, key, List.of(token, lifeMillis)).equals(YES);
    }

    @Override
    public boolean release() {
      byte[] channel = CHANNEL.getBytes(US_ASCII);
      return RELEASE.run(commands, key, List.of(token, channel)).equals(YES);
    }

    private static String text(Object answer) {
      return new String((byte[]) answer, UTF_8);
    }
  }
}
