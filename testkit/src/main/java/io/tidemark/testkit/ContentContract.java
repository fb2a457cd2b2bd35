package io.tidemark.testkit;

import static io.tidemark.testkit.SlotStoreFixture.empty;
import static io.tidemark.testkit.SlotStoreFixture.value;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.Payload;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import java.util.Arrays;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.support.ParameterDeclarations;

/** Keys and payloads of any content. */
interface ContentContract extends SlotStoreFixture {

  @ParameterizedTest
  @ArgumentsSource(Keys.class)
  default void read_keyOfAnyContent_itsOwnSlot(String name, String text) {
    SlotKey key = new SlotKey("content-" + UUID.randomUUID(), text);
    SlotKey neighbour = new SlotKey(key.cache(), text.isEmpty() ? " " : text.substring(1) + "~");
    store().claim(key, 1, ClaimMode.UNLESS_PRESENT, LONG, LONG);
    store().fill(key, 1, SlotStoreFixture.present(7, name), FloorRule.AT_OR_ABOVE, KEPT);
    assertThat(slotOf(key)).isEqualTo(value(7, name));
    assertThat(store().read(neighbour)).isEqualTo(empty());
    assertThat(store().clear(key.cache())).isEqualTo(1);
    assertThat(slotOf(key)).isEqualTo(empty());
  }

  @ParameterizedTest
  @ArgumentsSource(Payloads.class)
  default void read_payloadOfAnyContent_sameBytes(String name, byte[] bytes) {
    EncodedRow row = new EncodedRow.Present(7, Payload.wrap(bytes));
    givenEntry(row, KEPT);
    assertThat(slot()).isEqualTo(new Slot.Value(7, Payload.wrap(bytes), Slot.Freshness.FRESH));
    assertThat(publish(row)).isEqualTo(PublishAnswer.SAME);
  }

  @ParameterizedTest
  @ArgumentsSource(Payloads.class)
  default void publish_payloadOfAnyContentOneByteMore_dropped(String name, byte[] bytes) {
    givenEntry(new EncodedRow.Present(7, Payload.wrap(bytes)), KEPT);
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
    assertThat(publish(new EncodedRow.Present(7, Payload.wrap(longer))))
        .isEqualTo(PublishAnswer.DROPPED);
  }

  @Test
  default void read_again_givesEachReaderBytesOfItsOwn() {
    givenValue(7, "row");
    Slot.Value mine = (Slot.Value) store().read(key());
    Arrays.fill(mine.payload().bytes(), (byte) 0);

    assertThat(slot()).isEqualTo(value(7, "row"));
  }

  @Test
  default void read_sameKeyInOtherCache_itsOwnSlot() {
    givenValue(7, "row");
    assertThat(store().read(new SlotKey("other", key().key()))).isEqualTo(empty());
  }

  /** Keys that break a separator, a pattern, a path, a text protocol or a hash tag. */
  final class Keys implements ArgumentsProvider {
    @Override
    public Stream<Arguments> provideArguments(
        ParameterDeclarations parameters, ExtensionContext context) {
      return Stream.of(
          Arguments.of("empty", ""),
          Arguments.of("space", " "),
          Arguments.of("colons", "a:b::c:"),
          Arguments.of("pattern", "*?[a-z]\\^"),
          Arguments.of("path", "/../.."),
          Arguments.of("line ends", "a\r\nb\n"),
          Arguments.of("NUL", "a\0b"),
          Arguments.of("hash tags", "{}{a}}b{"),
          Arguments.of("umlauts and emoji", "äöü ß 東京 \uD83C\uDF0A"),
          Arguments.of("decomposed umlaut", "a\u0308"),
          Arguments.of("longest", "k".repeat(SlotKey.MAX_KEY_CHARS)));
    }
  }

  /** Payloads that break text, a length field, or a reader of headers. */
  final class Payloads implements ArgumentsProvider {
    private static final int MEGABYTE = 1_000_000;

    @Override
    public Stream<Arguments> provideArguments(
        ParameterDeclarations parameters, ExtensionContext context) {
      byte[] everyByte = new byte[256];
      for (int i = 0; i < everyByte.length; i++) {
        everyByte[i] = (byte) i;
      }
      byte[] megabyte = new byte[MEGABYTE];
      new Random(42).nextBytes(megabyte);
      return Stream.of(
          Arguments.of("empty", new byte[0]),
          Arguments.of("one NUL", new byte[1]),
          Arguments.of("every byte", everyByte),
          Arguments.of("a megabyte", megabyte));
    }
  }
}
