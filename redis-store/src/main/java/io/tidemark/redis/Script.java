package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisNoScriptException;

/**
 * One of the Lua files, with {@code slot.lua} in front of it where it is about slots. Immutable and
 * thread-safe.
 *
 * <p>A server that knows the script runs it by its hash. One that does not, because it was
 * restarted or its scripts were flushed, has run nothing: it gets the text, and knows it from then
 * on.
 */
final class Script {
  private static final String FORMAT_FILE = "slot.lua";

  private final byte[] text;
  private final byte[] hash;

  private Script(byte[] text) {
    this.text = text;
    this.hash = HexFormat.of().formatHex(sha1(text)).getBytes(US_ASCII);
  }

  /** The script of a file beside this class, about slots. */
  static Script of(String file) {
    return new Script((resource(FORMAT_FILE) + "\n" + resource(file)).getBytes(UTF_8));
  }

  /** The script of a file beside this class that needs no other. */
  static Script ofOneFile(String file) {
    return new Script(resource(file).getBytes(UTF_8));
  }

  /**
   * Runs the script on one key, at most once.
   *
   * @return what it answers: a number, bytes, or a list of them
   * @throws redis.clients.jedis.exceptions.JedisException as Jedis does
   */
  Object run(UnifiedJedis jedis, byte[] key, List<byte[]> arguments) {
    List<byte[]> keys = List.of(key);
    try {
      return jedis.evalsha(hash, keys, arguments);
    } catch (JedisNoScriptException e) {
      return jedis.eval(text, keys, arguments);
    }
  }

  /** Sends a script that does nothing as text, which a server that forgot a script is to take. */
  static void tryOutText(UnifiedJedis jedis, byte[] key) {
    jedis.eval("return 0".getBytes(UTF_8), List.of(key), List.of());
  }

  private static String resource(String file) {
    try (InputStream in = Script.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException(file + " is missing beside " + Script.class);
      }
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What Redis names a script by; it protects nothing. */
  private static byte[] sha1(byte[] text) {
    try {
      return MessageDigest.getInstance("SHA-1").digest(text);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-1", e);
    }
  }
}
