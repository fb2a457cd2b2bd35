package io.tidemark.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.tidemark.spi.SlotKey;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.curator.utils.PathUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LockPathTest {

  @ParameterizedTest
  @ValueSource(strings = {"42", "user:42", "a.b-c_d~e@f+g,h=i", "...", "locks", "zookeeper"})
  void of_shortHarmlessKey_isTheKeyItself(String key) {
    assertThat(LockPath.of(new SlotKey("users", key))).isEqualTo("/tidemark/users/locks/" + key);
  }

  @Test
  void of_otherKey_isItsBeginningAndItsHash() {
    // printf 'a/b' | sha256sum
    assertThat(LockPath.of(new SlotKey("users", "a/b")))
        .isEqualTo(
            "/tidemark/users/locks/a_b%"
                + "c14cddc033f64b9dea80ea675cf280a015e672516090a5626781153dc68fea11");
  }

  @Test
  void of_longestPlainKeyAndOneMore_areBounded() {
    String longest = "x".repeat(100);
    assertThat(LockPath.of(new SlotKey("c", longest))).endsWith("/" + longest);
    assertThat(LockPath.of(new SlotKey("c", longest + "x"))).matches(".*/x{40}%[0-9a-f]{64}");
  }

  @ParameterizedTest
  @MethodSource("awkwardKeys")
  void of_anyKey_isOneValidNodeBelowTheLocksOfItsCache(String key) {
    String path = LockPath.of(new SlotKey("c", key));

    assertThatCode(() -> PathUtils.validatePath(path)).doesNotThrowAnyException();
    assertThat(path).matches("/tidemark/c/locks/[^/]{1,105}").isASCII();
  }

  @Test
  void of_differentKeys_areDifferent() {
    List<String> keys = awkwardKeys().toList();

    assertThat(keys.stream().map(key -> LockPath.of(new SlotKey("c", key))))
        .doesNotHaveDuplicates()
        .hasSameSizeAs(keys);
  }

  @Test
  void of_manyKeys_areDifferent() {
    String[] pieces = {"a", "A", "/", "%", "_", ".", "a_b%c14cddc033f64b9dea", "🌊", "\0", "~1"};
    Random random = new Random(20261126);
    Set<String> keys = new HashSet<>();
    for (int i = 0; i < 20_000; i++) {
      StringBuilder key = new StringBuilder();
      random.ints(random.nextInt(8), 0, pieces.length).forEach(n -> key.append(pieces[n]));
      keys.add(key.toString());
    }

    assertThat(keys.stream().map(key -> LockPath.of(new SlotKey("c", key))))
        .doesNotHaveDuplicates();
  }

  static Stream<String> awkwardKeys() {
    String hashed = LockPath.of(new SlotKey("c", "a/b"));
    return Stream.of(
        "",
        " ",
        ".",
        "..",
        "/",
        "a/b",
        "a_b",
        "a\0b",
        "a\u007Fb",
        "%",
        "🌊",
        "\uE000",
        "\uFFFF",
        "x".repeat(4096) + "1",
        "x".repeat(4096) + "2",
        "é".repeat(SlotKey.MAX_KEY_CHARS),
        hashed.substring(hashed.lastIndexOf('/') + 1));
  }
}
