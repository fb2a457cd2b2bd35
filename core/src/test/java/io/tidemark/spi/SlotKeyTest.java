package io.tidemark.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SlotKeyTest {

  static Stream<Arguments> texts() {
    return Stream.of(
        Arguments.of("42", "42"),
        Arguments.of("größe 🌊", "größe 🌊"),
        Arguments.of("1\n2026-11-26 WARN forged", "1\\n2026-11-26 WARN forged"),
        Arguments.of("\r\t\\n", "\\r\\t\\\\n"),
        Arguments.of("\0\u001B[2J\u007F", "\\u0000\\u001B[2J\\u007F"),
        Arguments.of("\u0085\u2028\u2029", "\\u0085\\u2028\\u2029"),
        Arguments.of("\u202Egnp.exe\uFEFF", "\\u202Egnp.exe\\uFEFF"),
        Arguments.of("\uDBFF\uDFFF", "\\uDBFF\\uDFFF"));
  }

  @ParameterizedTest
  @MethodSource("texts")
  void toString_anyKey_isOneLineThatShowsWhatCannotBeSeen(String key, String shown) {
    assertThat(new SlotKey("c", key)).hasToString("c:" + shown);
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 201, SlotKey.MAX_KEY_CHARS})
  void toString_longKey_isCut(int length) {
    String shown = new SlotKey("c", "k".repeat(length)).toString();

    assertThat(shown)
        .isEqualTo("c:" + "k".repeat(200) + (length > 200 ? "… (" + length + " characters)" : ""));
  }

  @Test
  void toString_cutWithinAPair_leavesThePairOut() {
    assertThat(new SlotKey("c", "k".repeat(199) + "🌊"))
        .hasToString("c:" + "k".repeat(199) + "… (201 characters)");
  }

  @Test
  void new_tooLongOrMalformedKey_isRefusedWithTheRule() {
    assertThatThrownBy(() -> new SlotKey("c", "k".repeat(SlotKey.MAX_KEY_CHARS + 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("key of cache 'c' has 65537 characters; the most is 65536");
    assertThatThrownBy(() -> new SlotKey("c", "a\uD800b"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "key of cache 'c' has an unpaired surrogate U+D800 at index 1; a key must be well-formed");
  }

  @Test
  void checkCacheName_badName_isRefusedInOneLine() {
    assertThatThrownBy(() -> SlotKey.checkCacheName("a\nb"))
        .hasMessageStartingWith("cache name is 'a\\nb';");
  }
}
