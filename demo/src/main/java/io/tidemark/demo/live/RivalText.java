package io.tidemark.demo.live;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** The rivals, for people. */
enum RivalText {
  LOCK_AND_SET(
      "lock-and-set",
      "Lock and SET",
      "One process loads under a lock in Redis and writes with SET; a change deletes the entry. A"
          + " process that loaded before a change and writes after it puts the old price back.",
      "LockAndSetRival.java"),
  COMPARE_NEWER(
      "compare-newer",
      "Compare newer",
      "A lock in ZooKeeper, and a script that stores only what is newer. Once the newer entry was"
          + " evicted, there is nothing to compare with, and an old price is stored.",
      "CompareNewerRival.java"),
  TTL_ONLY(
      "ttl-only",
      "TTL only",
      "No lock, and a time to live of 10 seconds: a change is seen once that is over, and each"
          + " process loads for itself.",
      "TtlOnlyRival.java");

  private static final String SOURCES = "/io/tidemark/demo/node/";

  private final String word;
  private final String title;
  private final String text;
  private final String file;

  RivalText(String word, String title, String text, String file) {
    this.word = word;
    this.title = title;
    this.text = text;
    this.file = file;
  }

  String word() {
    return word;
  }

  String title() {
    return title;
  }

  /**
   * The rival of that name.
   *
   * @throws IllegalArgumentException with the name and the rule, if there is none
   */
  static RivalText of(String word) {
    return Arrays.stream(values())
        .filter(rival -> rival.word.equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "'%s'; it must be one of %s"
                        .formatted(
                            word,
                            String.join(
                                ", ", Arrays.stream(values()).map(RivalText::word).toList()))));
  }

  static List<Events.RivalView> views() {
    return Arrays.stream(values()).map(RivalText::view).toList();
  }

  private Events.RivalView view() {
    return new Events.RivalView(word, title, text, source());
  }

  /** The build puts the source beside the class. */
  private String source() {
    try (InputStream in = RivalText.class.getResourceAsStream(SOURCES + file)) {
      return new String(Objects.requireNonNull(in, file).readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
