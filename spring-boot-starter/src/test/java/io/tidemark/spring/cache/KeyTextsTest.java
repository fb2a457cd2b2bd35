package io.tidemark.spring.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.cache.interceptor.SimpleKey;
import org.springframework.cache.interceptor.SimpleKeyGenerator;

class KeyTextsTest {
  private final KeyTexts texts = new KeyTexts();

  private enum Colour {
    RED {
      @Override
      public String toString() {
        return "rot";
      }
    }
  }

  private enum Mood {
    RED
  }

  private record Id(String shop, long number) {}

  private record Other(String shop, long number) {}

  @Test
  void encode_keysThatPeopleMeetInRedis_areReadable() {
    assertThat(texts.encode(42L)).isEqualTo("Long:42");
    assertThat(texts.encode("a,b")).isEqualTo("String:a,b");
    assertThat(texts.encode(new SimpleKey("a,b", 1))).isEqualTo("SimpleKey[String:a~1b,Integer:1]");
    assertThat(texts.encode(SimpleKey.EMPTY)).isEqualTo("SimpleKey[]");
  }

  @Test
  void encode_keysThatAreNotEqual_haveDifferentTexts() {
    List<Object> keys = new ArrayList<>();
    keys.addAll(List.of("", "null", "1", 1, 1L, (short) 1, '1', 1.0, 1.0f, true, "true"));
    keys.addAll(List.of(new UUID(0, 1), new UUID(0, 1).toString()));
    keys.addAll(List.of(Colour.RED, Mood.RED, "RED", new Id("a", 1), new Other("a", 1)));
    keys.addAll(List.of(List.of(), List.of("a"), List.of("a", "b"), List.of("a,b"), "List[]"));
    keys.addAll(List.of(List.of(List.of("a"), "b"), List.of(List.of("a", "b"))));
    keys.addAll(
        List.of(
            SimpleKey.EMPTY,
            new SimpleKey(""),
            new SimpleKey("a"),
            new SimpleKey("a", "b"),
            new SimpleKey("a,String:b"),
            new SimpleKey("a~1String:b"),
            new SimpleKey(List.of("a", "b")),
            new SimpleKey((Object) new String[] {"a", "b"}),
            new SimpleKey((Object) new int[] {1}),
            new SimpleKey((Object) new long[] {1}),
            new SimpleKey((Object) new Integer[] {1}),
            new SimpleKey("null"),
            new SimpleKey(new Object[] {null}),
            new SimpleKey(null, null),
            new SimpleKey(1, null),
            new SimpleKey(new SimpleKey("a"), "b"),
            new SimpleKey(new SimpleKey("a", "b"))));

    assertThat(new HashSet<>(keys)).hasSameSizeAs(keys);
    assertThat(keys).extracting(texts::encode).doesNotHaveDuplicates();
  }

  @Test
  void encode_keysThatAreEqual_haveTheSameText() {
    assertThat(texts.encode(new SimpleKey(1L, "a")))
        .isEqualTo(texts.encode(new SimpleKey(1L, "a")));
    assertThat(texts.encode(List.of("a"))).isEqualTo(texts.encode(Arrays.asList("a")));
    Object strings = new SimpleKey((Object) new String[] {"a"});
    Object objects = new SimpleKey((Object) new Object[] {"a"});
    assertThat(strings).isEqualTo(objects);
    assertThat(texts.encode(strings)).isEqualTo(texts.encode(objects));
  }

  @Test
  void encode_whatSpringMakesOfParameters_hasAText() {
    assertThat(texts.encode(SimpleKeyGenerator.generateKey())).isEqualTo("SimpleKey[]");
    assertThat(texts.encode(SimpleKeyGenerator.generateKey("a"))).isEqualTo("String:a");
    assertThat(texts.encode(SimpleKeyGenerator.generateKey((Object) null)))
        .isEqualTo("SimpleKey[null]");
    assertThat(texts.encode(SimpleKeyGenerator.generateKey((Object) new int[] {1, 2})))
        .isEqualTo("SimpleKey[int array[Integer:1~1Integer:2]]");
  }

  static List<Object> keysWithoutText() {
    return List.of(
        new Object(), Set.of(), new long[0], List.of((Object) new int[0]), new KeyTexts());
  }

  /** An array by itself, and in a list, equals only itself. */
  @ParameterizedTest
  @MethodSource("keysWithoutText")
  void encode_keyWithoutOneToOneText_isRefused(Object key) {
    assertThatIllegalArgumentException().isThrownBy(() -> texts.encode(key));
  }
}
