package io.tidemark.key;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Currency;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyEncoderTest {
  private static final int MANY = 20_000;
  private static final int SOME = 2_000;

  /** Few characters and short texts, so that keys that could be taken for each other are many. */
  private static final String[] PIECES = {",", "~", "0", "1", "null", "a", "(", "\\", "\n", "ä"};

  enum Size {
    SMALL,
    LARGE {
      @Override
      public String toString() {
        return "SMALL";
      }
    }
  }

  record Cart(@Nullable String tenant, @Nullable String user) {}

  record Line(
      @Nullable Cart cart,
      @Nullable Cart other,
      long number,
      @Nullable Integer discount,
      double weight,
      @Nullable Size size) {}

  record Nothing() {}

  static Stream<Arguments> texts() {
    return Stream.of(
        Arguments.of("a:b/c, ~", "a:b/c, ~"),
        Arguments.of("", ""),
        Arguments.of('x', "x"),
        Arguments.of(Long.MIN_VALUE, "-9223372036854775808"),
        Arguments.of(42, "42"),
        Arguments.of((short) -1, "-1"),
        Arguments.of((byte) 7, "7"),
        Arguments.of(true, "true"),
        Arguments.of(new BigInteger("123456789012345678901234567890"), "1234567890".repeat(3)),
        Arguments.of(new BigDecimal("1.0"), "1.0"),
        Arguments.of(new BigDecimal("1.00"), "1.00"),
        Arguments.of(new BigDecimal("1E+3"), "1E+3"),
        Arguments.of(0.1, "0x1.999999999999ap-4"),
        Arguments.of(0.0, "0x0.0p0"),
        Arguments.of(-0.0, "-0x0.0p0"),
        Arguments.of(Double.NaN, "NaN"),
        Arguments.of(1.5f, "0x1.8p0"),
        Arguments.of(new UUID(1, 2), "00000000-0000-0001-0000-000000000002"),
        Arguments.of(Currency.getInstance("EUR"), "EUR"),
        Arguments.of(Size.LARGE, "LARGE"),
        Arguments.of(DayOfWeek.MONDAY, "MONDAY"),
        Arguments.of(Instant.ofEpochSecond(1, 1), "1970-01-01T00:00:01.000000001Z"),
        Arguments.of(LocalDate.of(2026, 11, 26), "2026-11-26"),
        Arguments.of(LocalTime.of(1, 2), "01:02"),
        Arguments.of(LocalDateTime.of(2026, 11, 26, 1, 2, 3), "2026-11-26T01:02:03"),
        Arguments.of(
            OffsetDateTime.of(2026, 1, 1, 1, 1, 1, 1, ZoneOffset.ofHours(-5)),
            "2026-01-01T01:01:01.000000001-05:00"),
        Arguments.of(Year.of(2026), "2026"),
        Arguments.of(YearMonth.of(2026, 1), "2026-01"),
        Arguments.of(Duration.ofMillis(-1), "PT-0.001S"),
        Arguments.of(Period.of(1, -2, 3), "P1Y-2M3D"));
  }

  @ParameterizedTest
  @MethodSource("texts")
  void encode_simpleType_isItsText(Object key, String text) {
    assertThat(encoderOf(key).encode(key)).isEqualTo(text);
  }

  @Test
  void of_primitiveType_isThatOfItsObjects() {
    KeyEncoder<Long> encoder = KeyEncoder.of(long.class);

    assertThat(encoder.encode(5L)).isEqualTo("5");
  }

  @Test
  void encode_keyOfAnotherClass_isRefused() {
    KeyEncoder<Number> encoder = widened(KeyEncoder.of(Long.class));

    assertThatThrownBy(() -> encoder.encode(1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("it is a java.lang.Integer; the keyEncoder is for keys of java.lang.Long");
  }

  static Stream<Arguments> records() {
    return Stream.of(
        Arguments.of(new Cart("acme", "bob"), "acme,bob"),
        Arguments.of(new Cart("acme,eve", "b~b"), "acme~1eve,b~0b"),
        Arguments.of(new Cart(null, "null"), "~,null"),
        Arguments.of(new Cart("", null), ",~"),
        Arguments.of(new Nothing(), ""),
        Arguments.of(
            new Line(new Cart("a", null), null, 7, null, -0.0, Size.LARGE),
            "a~1~0,~,7,~,-0x0.0p0,LARGE"));
  }

  @ParameterizedTest
  @MethodSource("records")
  void encode_record_isItsComponents(Object key, String text) {
    assertThat(encoderOf(key).encode(key)).isEqualTo(text);
  }

  @Test
  void ofFields_sameFieldsAsARecord_givesTheSameTexts() {
    KeyEncoder<Cart> fields = KeyEncoder.ofFields(Cart::tenant, Cart::user);
    KeyEncoder<Cart> record = KeyEncoder.of(Cart.class);

    assertThat(randomKeys(KeyEncoderTest::cart, SOME))
        .allSatisfy(cart -> assertThat(fields.encode(cart)).isEqualTo(record.encode(cart)));
  }

  @Test
  void ofFields_fieldOfASecondClass_isRefused() {
    KeyEncoder<Object[]> encoder = KeyEncoder.ofFields(key -> key[0], key -> key[1]);
    encoder.encode(new Object[] {1L, "1"});

    assertThatThrownBy(() -> encoder.encode(new Object[] {1L, 1L}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "field 2 is a java.lang.Long, but the first was a java.lang.String;");
  }

  @Test
  void encode_firstValuesOfTwoClassesAtOnce_onlyOneClassIsTaken() throws Exception {
    OneClassEncoder encoder = new OneClassEncoder("it", KeyTypes::simpleEncoder);
    List<Object> values = List.of(1L, "1");
    CyclicBarrier start = new CyclicBarrier(values.size());
    List<Future<Boolean>> taken = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(values.size());
    for (Object value : values) {
      taken.add(
          threads.submit(
              () -> {
                start.await();
                try {
                  return encoder.encode(value).equals("1");
                } catch (IllegalArgumentException e) {
                  return false;
                }
              }));
    }
    threads.shutdown();

    assertThat(taken.get(0).get()).isNotEqualTo(taken.get(1).get());
  }

  @Test
  void ofFields_fieldWithoutText_isRefused() {
    KeyEncoder<byte[]> encoder = KeyEncoder.ofFields(key -> key);

    assertThatThrownBy(() -> encoder.encode(new byte[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("field 1 is a byte[], which is neither a simple type nor");
  }

  @Test
  void ofFields_noField_isRefused() {
    assertThatThrownBy(() -> KeyEncoder.<Cart>ofFields())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("fields is empty; a key must have at least one");
  }

  record OfAList(List<String> tags) {}

  @SuppressWarnings("ArrayRecordComponent") // What must not be a key.
  record OfAnArray(long[] ids) {}

  record Generic<T>(T any) {}

  record Itself(Itself next) {}

  record OfAnyNumber(Number number) {}

  record AnyCase(String name) {
    @Override
    public boolean equals(Object other) {
      return other instanceof AnyCase key && key.name.equalsIgnoreCase(name);
    }

    @Override
    public int hashCode() {
      return name.toLowerCase(Locale.ROOT).hashCode();
    }
  }

  record Deep(AnyCase name) {}

  @ParameterizedTest
  @ValueSource(
      classes = {
        OfAList.class,
        OfAnArray.class,
        Generic.class,
        Itself.class,
        OfAnyNumber.class,
        AnyCase.class,
        Deep.class,
        Object.class,
        Number.class,
        Enum.class,
        String[].class,
        java.util.Date.class,
        void.class
      })
  void of_typeWhoseTextIsNotKnown_isRefused(Class<?> type) {
    assertThatThrownBy(() -> KeyEncoder.of(type))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .matches(".*(neither a simple type nor a record of simple types|overrides equals).*");
  }

  @Test
  void of_classThatIsNoRecord_namesTheWaysOut() {
    assertThatThrownBy(() -> KeyEncoder.of(java.util.Date.class))
        .hasMessage(
            "java.util.Date is neither a simple type nor a record of simple types; use"
                + " KeyEncoder.ofFields with the fields that its equals compares, or a lambda that"
                + " gives each key its own text");
  }

  @Test
  void of_componentWhoseTextIsNotKnown_isNamed() {
    assertThatThrownBy(() -> KeyEncoder.of(OfAList.class))
        .hasMessageStartingWith("component tags of io.tidemark.key.KeyEncoderTest$OfAList is a")
        .hasMessageContaining("java.util.List");
  }

  record OfADecimal(BigDecimal price) {}

  @Test
  void encode_componentOfASubclass_isRefused() {
    class Rounded extends BigDecimal {
      private static final long serialVersionUID = 1L;

      Rounded(String text) {
        super(text);
      }

      @Override
      public String toString() {
        return "1";
      }
    }
    KeyEncoder<OfADecimal> encoder = KeyEncoder.of(OfADecimal.class);

    assertThatThrownBy(() -> encoder.encode(new OfADecimal(new Rounded("1.2"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("component price");
  }

  static Stream<Function<Random, Object>> generators() {
    return Stream.of(
        KeyEncoderTest::cart,
        KeyEncoderTest::line,
        random -> random.nextInt(1_000) / 8.0f,
        random -> Double.longBitsToDouble(random.nextLong() & 0x800F_0000_0000_000FL),
        random -> BigDecimal.valueOf(random.nextInt(100), random.nextInt(-3, 3)),
        random -> Instant.ofEpochSecond(random.nextInt(5) - 2, random.nextInt(4) * 250_000_000L),
        random -> Duration.ofNanos(random.nextLong(-20, 20) * 100_000_000),
        random -> Period.of(random.nextInt(-2, 2), random.nextInt(-13, 13), random.nextInt(-2, 2)),
        random ->
            OffsetDateTime.of(
                random.nextInt(-10_001, 10_001),
                1,
                1,
                random.nextInt(2),
                0,
                random.nextInt(2),
                random.nextInt(2),
                ZoneOffset.ofTotalSeconds(random.nextInt(-2, 2))),
        random -> MonthDays.random(random));
  }

  /** Two dates and a month, which have texts that could be mixed up. */
  record MonthDays(java.time.MonthDay day, YearMonth month, LocalTime time) {
    static MonthDays random(Random random) {
      return new MonthDays(
          java.time.MonthDay.of(random.nextInt(1, 13), random.nextInt(1, 29)),
          YearMonth.of(random.nextInt(-2, 2), random.nextInt(1, 13)),
          LocalTime.ofNanoOfDay(random.nextLong(4) * 500_000_000));
    }
  }

  @ParameterizedTest
  @MethodSource("generators")
  void encode_manyKeys_haveTheSameTextIfTheyAreEqual(Function<Random, Object> generator) {
    Map<String, Object> keys = new HashMap<>();
    Map<Object, String> texts = new HashMap<>();
    KeyEncoder<Object> encoder = encoderOf(generator.apply(new Random(0)));
    for (Object key : randomKeys(generator, MANY)) {
      String text = encoder.encode(key);

      assertThat(keys.merge(text, key, (first, second) -> first)).isEqualTo(key);
      assertThat(texts.merge(key, text, (first, second) -> first)).isEqualTo(text);
    }
    assertThat(keys).hasSizeGreaterThan(10);
  }

  @Test
  void encode_inAnotherProcess_givesTheSameTexts() throws Exception {
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Duser.language=ar",
                "-Duser.country=SA",
                "-Duser.timezone=Asia/Kathmandu",
                "-Dfile.encoding=ISO-8859-1",
                "-cp",
                System.getProperty("java.class.path"),
                Texts.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    List<String> texts = other.inputReader(US_ASCII).lines().toList();

    assertThat(other.waitFor()).isZero();
    assertThat(texts).hasSize(10 * SOME).isEqualTo(Texts.ofRandomKeys());
  }

  /** Prints the texts of random keys. */
  static final class Texts {
    private Texts() {}

    public static void main(String[] none) {
      ofRandomKeys().forEach(System.out::println);
    }

    static List<String> ofRandomKeys() {
      List<String> texts = new ArrayList<>();
      generators()
          .forEach(
              generator -> {
                KeyEncoder<Object> encoder = encoderOf(generator.apply(new Random(0)));
                randomKeys(generator, SOME).forEach(key -> texts.add(inAscii(encoder.encode(key))));
              });
      return texts;
    }

    private static String inAscii(String text) {
      StringBuilder ascii = new StringBuilder();
      text.chars().forEach(c -> ascii.append(c > ' ' && c < 127 ? (char) c : "\\" + c));
      return ascii.toString();
    }
  }

  private static <K> List<K> randomKeys(Function<Random, K> generator, int number) {
    Random random = new Random(20261126);
    List<K> keys = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      keys.add(generator.apply(random));
    }
    return keys;
  }

  private static Cart cart(Random random) {
    return new Cart(text(random), text(random));
  }

  private static Line line(Random random) {
    return new Line(
        random.nextInt(4) == 0 ? null : cart(random),
        random.nextInt(4) == 0 ? null : cart(random),
        random.nextInt(2),
        random.nextInt(4) == 0 ? null : random.nextInt(2),
        random.nextBoolean() ? 0.0 : -0.0,
        random.nextInt(3) == 0 ? null : Size.values()[random.nextInt(2)]);
  }

  private static @Nullable String text(Random random) {
    int pieces = random.nextInt(5) - 1;
    if (pieces < 0) {
      return null;
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < pieces; i++) {
      text.append(PIECES[random.nextInt(PIECES.length)]);
    }
    return text.toString();
  }

  private static KeyEncoder<Object> encoderOf(Object key) {
    return widened(KeyEncoder.of(KeyTypes.typeOf(key)));
  }

  /** What a program that mixes types does. */
  @SuppressWarnings("unchecked")
  private static <K> KeyEncoder<K> widened(KeyEncoder<?> encoder) {
    return (KeyEncoder<K>) encoder;
  }
}
