package io.tidemark.zookeeper;

import io.tidemark.spi.SlotKey;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * The znode under which the holders of a key queue: {@code /tidemark/<cache>/locks/<name>}.
 *
 * <p>A short key of harmless characters is its own name. The name of any other key is its readable
 * beginning, a {@code %}, and its SHA-256. A key that is its own name has no {@code %}, so two keys
 * share a name only if they have the same SHA-256. The names must not change, because processes of
 * different releases have to agree on them.
 */
final class LockPath {
  private static final int MAX_PLAIN_CHARS = 100;
  private static final int MAX_BEGINNING_CHARS = 40;
  private static final Pattern PLAIN =
      Pattern.compile("[A-Za-z0-9:=@+~,._-]{1," + MAX_PLAIN_CHARS + "}");
  private static final Pattern HARMFUL = Pattern.compile("[^A-Za-z0-9:=@+~,._-]");

  private LockPath() {}

  /** The znode whose children are the keys that are locked or were locked a moment ago. */
  static String ofCache(String cache) {
    return "/tidemark/" + cache + "/locks";
  }

  static String of(SlotKey key) {
    return ofCache(key.cache()) + '/' + name(key.key());
  }

  private static String name(String key) {
    if (PLAIN.matcher(key).matches() && !key.equals(".") && !key.equals("..")) {
      return key;
    }
    String beginning = key.substring(0, Math.min(key.length(), MAX_BEGINNING_CHARS));
    return HARMFUL.matcher(beginning).replaceAll("_") + '%' + sha256(key);
  }

  private static String sha256(String key) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(key.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
