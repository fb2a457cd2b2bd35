package io.tidemark.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.key.KeyEncoder;
import io.tidemark.memory.InMemoryStore;
import io.tidemark.memory.LocalLocks;
import java.net.URI;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The keys of a cache that was built without a {@code keyEncoder}, or with a bad one. */
class DefaultKeysTest {
  private final List<Object> loaded = new ArrayList<>();
  private final VersionedCache<Object, String> cache =
      VersionedCache.<Object, String>builder("carts")
          .source(this::load)
          .store(InMemoryStore.create())
          .locks(LocalLocks.create())
          .codec(new StringCodec())
          .build();

  record Cart(String tenant, String user) {}

  private static final class WithoutText {}

  @SuppressWarnings({"JavaUtilDate", "UnnecessaryStringBuilder"}) // What programs have as keys.
  static Stream<Arguments> keysWithoutText() {
    return Stream.of(
        Arguments.of(new Cart("acme", "bob"), "io.tidemark.engine.DefaultKeysTest$Cart"),
        Arguments.of(List.of("a, b"), "java.util.ImmutableCollections$List12"),
        Arguments.of(Set.of("a"), "java.util.ImmutableCollections$Set12"),
        Arguments.of(Map.entry("a=b", "c"), "java.util.KeyValueHolder"),
        Arguments.of(new Date(1), "java.util.Date"),
        Arguments.of(new java.sql.Timestamp(1), "java.sql.Timestamp"),
        Arguments.of(Optional.of("a"), "java.util.Optional"),
        Arguments.of(new byte[] {1}, "byte[]"),
        Arguments.of(new String[] {"a"}, "java.lang.String[]"),
        Arguments.of(new WithoutText(), "io.tidemark.engine.DefaultKeysTest$WithoutText"),
        Arguments.of(new StringBuilder("a"), "java.lang.StringBuilder"),
        Arguments.of(new AtomicLong(1), "java.util.concurrent.atomic.AtomicLong"),
        Arguments.of(URI.create("HTTP://a"), "java.net.URI"),
        Arguments.of(
            ZonedDateTime.ofInstant(Instant.EPOCH, ZoneId.of("Europe/Berlin")),
            "java.time.ZonedDateTime"));
  }

  @ParameterizedTest
  @MethodSource("keysWithoutText")
  void read_keyWhoseTextIsNotKnownToBeOneToOne_isRefusedWithTheWayOut(Object key, String type) {
    assertThatThrownBy(() -> cache.get(key))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("key of cache 'carts' has no text: it is a " + type + ",")
        .message()
        .matches(".* (set a keyEncoder, such as|set keyEncoder\\(|use another type:).*");
    assertThatThrownBy(() -> cache.publish(key, Row.present("x", 1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(loaded).isEmpty();
  }

  @Test
  void read_recordAsKey_isToldOfTheEncoderOfItsClass() {
    assertThatThrownBy(() -> cache.get(new Cart("acme", "bob")))
        .hasMessageEndingWith("set keyEncoder(KeyEncoder.of(Cart.class))");
  }

  @Test
  void read_keyOfASecondClass_isRefusedAndNotServedTheFirstOnesRow() {
    assertThat(cache.get(1L)).hasValue("row of Long 1");

    assertThatThrownBy(() -> cache.get("1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "key of cache 'carts' has no text: it is a java.lang.String, but the first was a"
                + " java.lang.Long;");
    assertThatThrownBy(() -> cache.get(1)).isInstanceOf(IllegalArgumentException.class);
    assertThat(cache.get(2L)).hasValue("row of Long 2");
  }

  @Test
  void read_refusedKeyFirst_doesNotDecideTheClass() {
    assertThatThrownBy(() -> cache.get(new byte[0])).isInstanceOf(IllegalArgumentException.class);

    assertThat(cache.get("a")).hasValue("row of String a");
  }

  @SuppressWarnings("NullAway") // What a program can do that is not checked.
  static Stream<Arguments> badEncoders() {
    return Stream.of(
        encoder("the keyEncoder gave null", key -> null),
        encoder("no such tenant", key -> fail(new IllegalArgumentException("no such tenant"))),
        encoder(
            "the keyEncoder threw java.lang.IllegalArgumentException",
            key -> fail(new IllegalArgumentException())),
        encoder(
            "the keyEncoder threw java.lang.IllegalStateException",
            key -> fail(new IllegalStateException("quotes the key"))),
        encoder(
            "the keyEncoder threw java.lang.ClassCastException",
            KeyEncoder.ofFields(key -> ((UUID) key).getMostSignificantBits())));
  }

  private static Arguments encoder(String reason, KeyEncoder<Object> encoder) {
    return Arguments.of(reason, encoder);
  }

  private static String fail(RuntimeException failure) {
    throw failure;
  }

  @ParameterizedTest
  @MethodSource("badEncoders")
  void read_encoderThatGivesNoText_isRefusedWithTheReason(
      String reason, KeyEncoder<Object> encoder) {
    try (VersionedCache<Object, String> nameless =
        VersionedCache.<Object, String>builder("carts")
            .keyEncoder(encoder)
            .source(this::load)
            .store(InMemoryStore.create())
            .locks(LocalLocks.create())
            .codec(new StringCodec())
            .build()) {
      assertThatThrownBy(() -> nameless.get("a"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("key of cache 'carts' has no text: " + reason);
    }
  }

  private Row<String> load(Object key) {
    loaded.add(key);
    return Row.present("row of " + key.getClass().getSimpleName() + " " + key, 1);
  }

  @AfterEach
  void close() {
    cache.close();
  }
}
