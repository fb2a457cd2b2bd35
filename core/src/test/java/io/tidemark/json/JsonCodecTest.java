package io.tidemark.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonMerge;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonPOJOBuilder;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import io.tidemark.BadValueException;
import java.io.Serial;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.Charset;
import java.sql.Timestamp;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Month;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Calendar;
import java.util.Collection;
import java.util.Collections;
import java.util.Currency;
import java.util.Date;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("NullAway") // Fields that Jackson sets, and nulls where none belong.
class JsonCodecTest {

  record Old(long id, String name) {}

  record New(long id, String name, String currency, int stock) {}

  record Renamed(long id, String title) {}

  record RenamedWithAlias(long id, @JsonAlias("name") String title) {}

  static class OldBean {
    public long id = 1;
    public String name = "n";
  }

  static class NewBean {
    public long id;
    public String name;
    public String currency;

    NewBean() {}
  }

  static class RenamedBean {
    public long id;

    @JsonAlias("name")
    public String title;
  }

  static class Setters {
    private String currency;
    private long id;

    public long getId() {
      return id;
    }

    public void setId(long id) {
      this.id = id;
    }

    public String getCurrency() {
      return currency;
    }

    public void setCurrency(String currency) {
      this.currency = currency;
    }
  }

  record Basket(List<NewBean> products) {}

  record OldBasket(List<OldBean> products) {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes(@JsonSubTypes.Type(value = Circle.class, name = "circle"))
  interface Shape {}

  static class Circle implements Shape {
    public double radius = 1;
    public String colour = "red";
  }

  @JsonTypeInfo(
      use = JsonTypeInfo.Id.NAME,
      include = JsonTypeInfo.As.EXISTING_PROPERTY,
      property = "type")
  @JsonSubTypes(@JsonSubTypes.Type(value = Card.class, name = "card"))
  abstract static class Payment {
    public abstract String getType();
  }

  static class Card extends Payment {
    public String number = "1";
    private String type = "card";

    @Override
    public String getType() {
      return type;
    }

    public void setType(String type) {
      this.type = type;
    }
  }

  @JsonDeserialize(builder = Built.Builder.class)
  static final class Built {
    final String name;
    final String currency;

    Built(String name, String currency) {
      this.name = name;
      this.currency = currency;
    }

    public String getName() {
      return name;
    }

    public String getCurrency() {
      return currency;
    }

    @JsonPOJOBuilder
    static final class Builder {
      private String name;
      private String currency;

      public Builder withName(String name) {
        this.name = name;
        return this;
      }

      public Builder withCurrency(String currency) {
        this.currency = currency;
        return this;
      }

      public Built build() {
        return new Built(name, currency);
      }
    }
  }

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Sparse(long id, String name, Map<String, String> labels) {}

  static class WriteOnly {
    public long id = 1;

    @JsonProperty(access = JsonProperty.Access.WRITE_ONLY)
    public String password = "secret";

    @JsonIgnore public String token = "secret";
  }

  static class Outer {
    public long id = 1;
    @JsonUnwrapped public Inner inner = new Inner();
  }

  static class Inner {
    public String city = "x";
  }

  static class Getter {
    public long id = 1;

    public String getDisplayName() {
      return "x";
    }
  }

  enum Colour {
    RED
  }

  record Times(
      Instant instant,
      LocalDate date,
      LocalTime time,
      LocalDateTime dateTime,
      Duration duration,
      Period period,
      OffsetDateTime offset,
      OffsetTime offsetTime,
      ZonedDateTime zoned,
      ZoneId zone,
      ZoneOffset zoneOffset,
      Year year,
      YearMonth yearMonth,
      MonthDay monthDay,
      Month month,
      DayOfWeek day) {}

  record Perhaps(
      Optional<String> text,
      Optional<Instant> time,
      Optional<List<Old>> values,
      OptionalInt number,
      OptionalLong big,
      OptionalDouble ratio) {}

  record PerhapsABean(Optional<NewBean> bean) {}

  record Numbers(
      @JsonFormat(shape = JsonFormat.Shape.NUMBER) Instant at,
      @JsonFormat(shape = JsonFormat.Shape.NUMBER) Duration life,
      @JsonFormat(shape = JsonFormat.Shape.ARRAY) LocalDate day,
      @JsonFormat(shape = JsonFormat.Shape.NUMBER) Year year,
      @JsonFormat(pattern = "dd.MM.yyyy") LocalDate german) {}

  record Integers(
      @JsonFormat(shape = JsonFormat.Shape.NUMBER_INT) Instant at,
      @JsonFormat(shape = JsonFormat.Shape.NUMBER_INT) OffsetDateTime offset,
      @JsonFormat(shape = JsonFormat.Shape.NUMBER_INT) Optional<Instant> perhaps) {}

  /** As a service shows them to browsers. */
  record Shown(
      @JsonFormat(shape = JsonFormat.Shape.STRING) BigDecimal price,
      @JsonFormat(shape = JsonFormat.Shape.STRING) List<Integer> counts,
      @JsonSerialize(using = ToStringSerializer.class) long id,
      @JsonSerialize(contentUsing = ToStringSerializer.class) List<Long> ids,
      @JsonFormat(shape = JsonFormat.Shape.NUMBER) boolean flag,
      @JsonFormat(shape = JsonFormat.Shape.NUMBER) Colour colour,
      Described described,
      @JsonFormat(pattern = "yyyy-MM-dd") LocalDateTime day,
      @JsonFormat(pattern = "yyyy-MM-dd HH:mm:ss") Date second,
      @JsonFormat(pattern = "yyyy-MM-dd HH:mm") List<ZonedDateTime> minutes,
      @JsonFormat(shape = JsonFormat.Shape.NUMBER) Optional<OffsetDateTime> offset) {}

  @JsonFormat(shape = JsonFormat.Shape.OBJECT)
  enum Described {
    SHORT;

    public String getText() {
      return "short";
    }
  }

  record Page<T>(List<T> items) {}

  static class Names extends ArrayList<String> {
    @Serial private static final long serialVersionUID = 1L;
  }

  record Flags(int number, long big, boolean flag, String text, Colour colour, double ratio) {}

  // --- two releases

  @Test
  void decode_propertyOfACreatorIsMissing_isRefusedWithItsPath() throws Exception {
    byte[] old = JsonCodec.of(Old.class).encode(new Old(1, "secret"));

    assertThatThrownBy(() -> JsonCodec.of(New.class).decode(old))
        .isInstanceOf(BadValueException.class)
        .hasMessage("New.currency: Missing creator property");
  }

  @Test
  void decode_unknownProperties_areIgnored() throws Exception {
    byte[] young = JsonCodec.of(New.class).encode(new New(1, "n", "EUR", 7));

    assertThat(JsonCodec.of(Old.class).decode(young)).isEqualTo(new Old(1, "n"));
  }

  @Test
  void decode_renamedProperty_isRefusedUnlessItHasAnAlias() throws Exception {
    byte[] old = JsonCodec.of(Old.class).encode(new Old(1, "n"));

    assertThatThrownBy(() -> JsonCodec.of(Renamed.class).decode(old))
        .hasMessage("Renamed.title: Missing creator property");
    assertThat(JsonCodec.of(RenamedWithAlias.class).decode(old))
        .isEqualTo(new RenamedWithAlias(1, "n"));
  }

  @Test
  void decode_fieldIsMissing_isRefusedWithItsPath() throws Exception {
    byte[] old = JsonCodec.of(OldBean.class).encode(new OldBean());

    assertThatThrownBy(() -> JsonCodec.of(NewBean.class).decode(old))
        .isInstanceOf(BadValueException.class)
        .hasMessage("NewBean.currency: Missing property");
  }

  @Test
  void decode_fieldsThatAreUnknown_areIgnored() throws Exception {
    NewBean young = new NewBean();
    young.name = "n";

    OldBean old = JsonCodec.of(OldBean.class).decode(JsonCodec.of(NewBean.class).encode(young));

    assertThat(old.name).isEqualTo("n");
  }

  @Test
  void decode_renamedFieldWithAnAlias_isRead() throws Exception {
    byte[] old = JsonCodec.of(OldBean.class).encode(new OldBean());

    assertThat(JsonCodec.of(RenamedBean.class).decode(old).title).isEqualTo("n");
  }

  @Test
  void decode_nestedFieldIsMissing_isRefusedWithItsPath() throws Exception {
    byte[] old = JsonCodec.of(OldBasket.class).encode(new OldBasket(List.of(new OldBean())));

    assertThatThrownBy(() -> JsonCodec.of(Basket.class).decode(old))
        .hasMessage("Basket.products[0].currency: Missing property");
  }

  @Test
  void decode_setterIsNotCalled_isRefused() {
    assertThatThrownBy(() -> JsonCodec.of(Setters.class).decode(json("{\"id\":1}")))
        .hasMessage("Setters.currency: Missing property");
  }

  @Test
  void decode_jsonOfAnotherReleaseWithEveryField_isRead() throws Exception {
    Setters read = JsonCodec.of(Setters.class).decode(json("{\"id\":1,\"currency\":null}"));

    assertThat(read.getId()).isEqualTo(1);
  }

  @Test
  void decode_propertyOfABuilderIsMissing_isRefused() {
    assertThatThrownBy(() -> JsonCodec.of(Built.class).decode(json("{\"name\":\"x\"}")))
        .hasMessageEndingWith(".currency: Missing property");
  }

  @Test
  void decode_fieldOfASubtypeIsMissing_isRefusedAlsoInAnEntryOfThisRelease() throws Exception {
    JsonCodec<Shape> codec = JsonCodec.of(Shape.class);

    assertThat(((Circle) codec.decode(codec.encode(new Circle()))).colour).isEqualTo("red");
    assertThatThrownBy(() -> codec.decode(json("{\"type\":\"circle\",\"radius\":1.0}")))
        .hasMessageEndingWith(".colour: Missing property");
  }

  @Test
  void encode_subtypeNamedByAPropertyOfItsOwn_isReadBack() throws Exception {
    JsonCodec<Payment> codec = JsonCodec.of(Payment.class);

    assertThat(codec.decode(codec.encode(new Card())).getType()).isEqualTo("card");
  }

  @Test
  void encode_builderUnwrappedGetterAndHiddenFields_areReadBack() throws Exception {
    assertThat(roundTrip(Built.class, new Built("n", "EUR")).currency).isEqualTo("EUR");
    assertThat(roundTrip(Outer.class, new Outer()).inner.city).isEqualTo("x");
    assertThat(roundTrip(Getter.class, new Getter()).id).isEqualTo(1);
    assertThat(roundTrip(WriteOnly.class, new WriteOnly()).id).isEqualTo(1);
    // As another release would have written them.
    assertThat(rereadByAnotherRelease(Built.class, new Built("n", "EUR")).currency)
        .isEqualTo("EUR");
    assertThat(rereadByAnotherRelease(Outer.class, new Outer()).inner.city).isEqualTo("x");
    assertThat(rereadByAnotherRelease(WriteOnly.class, new WriteOnly()).id).isEqualTo(1);
  }

  @Test
  void encode_nullIsNotToBeIncluded_isWrittenAllTheSame() throws Exception {
    Map<String, String> labels = new HashMap<>();
    labels.put("a", null);
    Sparse sparse = new Sparse(1, null, labels);

    assertThat(roundTrip(Sparse.class, sparse)).isEqualTo(sparse);
  }

  @Test
  void encode_value_beginsWithAMark() throws Exception {
    assertThat(new String(JsonCodec.of(OldBean.class).encode(new OldBean()), UTF_8))
        .matches("#[A-Za-z0-9_-]{8}\\{\"id\":1,\"name\":\"n\"}");
    assertThat(new String(JsonCodec.of(Old.class).encode(new Old(1, "n")), UTF_8))
        .matches("#[A-Za-z0-9_-]{8}\\{\"id\":1,\"name\":\"n\"}");
  }

  static class MoreUnwrapped {
    public long id;
    @JsonUnwrapped public MoreInner inner;
  }

  static class PrefixedUnwrapped {
    public long id;

    @JsonUnwrapped(prefix = "inner-")
    public MoreInner inner;
  }

  static class MoreInner {
    public String city;
    public String currency;
    public int stock;
  }

  static class Merged {
    @JsonMerge public MoreInner bean = new MoreInner();
    @JsonMerge public Map<String, MoreInner> map = new HashMap<>(Map.of("k", new MoreInner()));
  }

  record InnerOf(Inner bean, Map<String, Inner> map) {}

  @Test
  void decode_propertyOfAnUnwrappedBeanIsMissing_isRefused() throws Exception {
    byte[] old = JsonCodec.of(Outer.class).encode(new Outer());

    assertThatThrownBy(() -> JsonCodec.of(MoreUnwrapped.class).decode(old))
        .hasMessage("MoreUnwrapped.currency: Missing property");
    assertThatThrownBy(() -> JsonCodec.of(PrefixedUnwrapped.class).decode(old))
        .isInstanceOf(BadValueException.class);
    assertThat(rereadByAnotherRelease(MoreUnwrapped.class, moreUnwrapped()).inner.currency)
        .isEqualTo("EUR");
  }

  private static MoreUnwrapped moreUnwrapped() {
    MoreUnwrapped value = new MoreUnwrapped();
    value.inner = new MoreInner();
    value.inner.currency = "EUR";
    return value;
  }

  @Test
  void decode_propertyOfAMergedBeanIsMissing_isRefused() throws Exception {
    JsonCodec<InnerOf> older = JsonCodec.of(InnerOf.class);
    byte[] bean = older.encode(new InnerOf(new Inner(), Map.of()));
    byte[] inAMap = older.encode(new InnerOf(new Inner(), Map.of("k", new Inner())));

    assertThatThrownBy(() -> JsonCodec.of(Merged.class).decode(bean))
        .isInstanceOf(BadValueException.class);
    assertThatThrownBy(() -> JsonCodec.of(Merged.class).decode(inAMap))
        .isInstanceOf(BadValueException.class);
    assertThat(rereadByAnotherRelease(Merged.class, new Merged()).map).containsKey("k");
  }

  record Of<T>(T s) {}

  record OfNumber<T>(@JsonFormat(shape = JsonFormat.Shape.NUMBER) T s) {}

  static Stream<Arguments> changesOfType() {
    return Stream.of(
        change(1_700_000_000_000L, new TypeReference<Of<Instant>>() {}),
        change(1_700_000_000_000L, new TypeReference<Of<Date>>() {}),
        change(1_700_000_000_000L, new TypeReference<Of<Calendar>>() {}),
        change(1_700_000_000_000L, new TypeReference<Of<Timestamp>>() {}),
        change(1_500L, new TypeReference<Of<Duration>>() {}),
        change(2_026L, new TypeReference<Of<Year>>() {}),
        change(3L, new TypeReference<Of<StringBuilder>>() {}),
        change(true, new TypeReference<Of<StringBuilder>>() {}),
        change("1700000000", new TypeReference<Of<Instant>>() {}),
        change("1700000000", new TypeReference<Of<Date>>() {}),
        change("1700000000", new TypeReference<Of<Timestamp>>() {}),
        change("abcd", new TypeReference<Of<byte[]>>() {}),
        change(new byte[] {1}, new TypeReference<Of<String>>() {}),
        change("", new TypeReference<Of<UUID>>() {}),
        change("", new TypeReference<Of<Currency>>() {}),
        change("", new TypeReference<Of<Date>>() {}),
        change("2026-07-01T10:00:00Z", new TypeReference<Of<LocalDate>>() {}),
        change("2026-07-01T10:00:00Z", new TypeReference<Of<LocalDateTime>>() {}),
        change("2026-07-01", new TypeReference<Of<Timestamp>>() {}),
        change("2026-07-01T10:00:00.123+00:00", new TypeReference<Of<java.sql.Date>>() {}),
        change(1_700_000_000_000L, new TypeReference<OfNumber<Instant>>() {}),
        change(1_700_000_000_000L, new TypeReference<OfNumber<OffsetDateTime>>() {}),
        change(1_500L, new TypeReference<OfNumber<Duration>>() {}),
        change(1e300, new TypeReference<Of<Float>>() {}),
        change(0.12345678901, new TypeReference<Of<Float>>() {}),
        change(new BigDecimal("12345678901234567.89"), new TypeReference<Of<Double>>() {}),
        change((1L << 53) + 1, new TypeReference<Of<Double>>() {}),
        change(List.of("a", "a"), new TypeReference<Of<Set<String>>>() {}),
        change(
            new TreeMap<>(Map.of("01", "a", "1", "b")),
            new TypeReference<Of<Map<Integer, String>>>() {}));
  }

  private static Arguments change(Object old, TypeReference<?> type) {
    return Arguments.of(old, type);
  }

  @ParameterizedTest
  @MethodSource("changesOfType")
  void decode_propertyOfAnotherType_isRefused(Object old, TypeReference<Object> type)
      throws Exception {
    byte[] bytes = JsonCodec.of(new TypeReference<Of<Object>>() {}).encode(new Of<>(old));

    assertThatThrownBy(() -> JsonCodec.of(type).decode(bytes))
        .isInstanceOf(BadValueException.class);
  }

  @Test
  void decode_valueOfAnotherTypeThatWasTheWhole_isRefused() throws Exception {
    byte[] millis = JsonCodec.of(Long.class).encode(1_700_000_000_000L);

    assertThatThrownBy(() -> JsonCodec.of(Date.class).decode(millis))
        .isInstanceOf(BadValueException.class);
  }

  // --- damage

  @Test
  void decode_whatTheDamageBelowWasDoneTo_isRead() throws Exception {
    String text = "{'number':1,'big':1,'flag':true,'text':'x','colour':'RED','ratio':1}";

    assertThat(JsonCodec.of(Flags.class).decode(json(text.replace('\'', '"'))))
        .isEqualTo(new Flags(1, 1, true, "x", Colour.RED, 1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'number':1.9,'big':1,'flag':true,'text':'x','colour':'RED','ratio':1}",
        "{'number':1,'big':'1','flag':true,'text':'x','colour':'RED','ratio':1}",
        "{'number':1,'big':1.0,'flag':true,'text':'x','colour':'RED','ratio':1}",
        "{'number':1,'big':1,'flag':1,'text':'x','colour':'RED','ratio':1}",
        "{'number':1,'big':1,'flag':'true','text':'x','colour':'RED','ratio':1}",
        "{'number':1,'big':1,'flag':true,'text':5,'colour':'RED','ratio':1}",
        "{'number':1,'big':1,'flag':true,'text':true,'colour':'RED','ratio':1}",
        "{'number':1,'big':1,'flag':true,'text':'x','colour':0,'ratio':1}",
        "{'number':1,'big':1,'flag':true,'text':'x','colour':'BLUE','ratio':1}",
        "{'number':1,'big':1,'flag':true,'text':'x','colour':'RED','ratio':'1'}",
        "{'number':'','big':1,'flag':true,'text':'x','colour':'RED','ratio':1}",
        "{'number':null,'big':1,'flag':true,'text':'x','colour':'RED','ratio':1}",
        "{'number':3000000000,'big':1,'flag':true,'text':'x','colour':'RED','ratio':1}",
        "{'number':1,'number':1,'big':1,'flag':true,'text':'x','colour':'RED','ratio':1}",
        "{'number':1,'big':1,'flag':true,'text':'x','colour':'RED','ratio':1} x",
        "{'number':1,'big':1,'flag':true,'text':'x','colour':'RED','ratio':1}{}",
        "{'number':1,'big':1,'flag':true,'text':'x','colour':'RED','ratio':1",
        "['number']",
        "'x'",
        ""
      })
  void decode_damage_isRefused(String text) {
    assertThatThrownBy(() -> JsonCodec.of(Flags.class).decode(json(text.replace('\'', '"'))))
        .isInstanceOf(BadValueException.class);
  }

  /** Jackson reads some of them: the encoding of JSON is found by its first bytes. */
  @ParameterizedTest
  @MethodSource("otherForms")
  void decode_whatThisCodecDoesNotWrite_isRefused(String name, byte[] bytes) {
    assertThatThrownBy(() -> JsonCodec.of(Old.class).decode(bytes))
        .isInstanceOf(BadValueException.class);
  }

  static Stream<Arguments> otherForms() throws Exception {
    String json = "{\"id\":1,\"name\":\"n\"}";
    String ours = new String(JsonCodec.of(Old.class).encode(new Old(1, "n")), UTF_8);
    assertThat(ours).endsWith(json);
    List<Arguments> forms = new ArrayList<>();
    for (String text :
        List.of("", "#", "#12345678", json, "\uFEFF" + json, "\uFEFF" + ours, " " + ours)) {
      forms.add(Arguments.of("text " + text, bytes(text)));
    }
    for (String mark : List.of("", ours.substring(0, 9), "#another1")) {
      for (String charset : List.of("UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32", "UTF-32LE")) {
        byte[] other = json.getBytes(Charset.forName(charset));
        forms.add(Arguments.of(mark + " and " + charset, joined(bytes(mark), other)));
        byte[] withOrder = ("\uFEFF" + json).getBytes(Charset.forName(charset));
        forms.add(
            Arguments.of(mark + " and the order of " + charset, joined(bytes(mark), withOrder)));
      }
      for (String text : List.of("\uFEFF" + json, " " + json, json + "\n", json + "\0")) {
        forms.add(Arguments.of(mark + " and text " + text, bytes(mark + text)));
      }
    }
    for (String mark : List.of(ours.substring(0, 9), "#another1")) {
      byte[] before = bytes(mark + "{\"id\":1,\"name\":\"");
      byte[] after = bytes("\"}");
      // A slash in too many bytes, half of a pair, what is past the last character, a byte too few.
      for (String hex : List.of("c0af", "eda080", "f4908080", "c3")) {
        byte[] character = HexFormat.of().parseHex(hex);
        forms.add(
            Arguments.of(mark + " and bytes " + hex, joined(before, joined(character, after))));
      }
    }
    for (String mark : List.of("#anoth\u00e91", "#anoth r1", "#anothe=1", "another12")) {
      forms.add(Arguments.of("mark " + mark, bytes(mark + json)));
    }
    return forms.stream();
  }

  @Test
  void decode_textThatIsNotAscii_isRead() throws Exception {
    // The one that stands for what is no character is one that may be written.
    for (String name : List.of("\u00e9", "\uD83D\uDE00", "\uFFFD", "\uFEFF", "\0")) {
      assertThat(roundTrip(Old.class, new Old(1, name)).name()).isEqualTo(name);
      assertThat(rereadByAnotherRelease(Old.class, new Old(1, name)).name()).isEqualTo(name);
    }
  }

  @ParameterizedTest
  @MethodSource("notTimes")
  void decode_anotherTypeWhereATimeBelongs_isRefused(Class<?> type, String text) {
    assertThatThrownBy(() -> JsonCodec.of(type).decode(json(text)))
        .isInstanceOf(BadValueException.class);
  }

  static Stream<Arguments> notTimes() {
    return Stream.of(
        // A long became a time: milliseconds would be taken for seconds.
        Arguments.of(Instant.class, "1795338000000"),
        Arguments.of(Instant.class, "1795338000.5"),
        Arguments.of(Instant.class, "\"1795338000\""),
        Arguments.of(Instant.class, "\"1795338000.5\""),
        Arguments.of(OffsetDateTime.class, "1795338000000"),
        Arguments.of(ZonedDateTime.class, "\"1795338000\""),
        Arguments.of(Duration.class, "1500"),
        Arguments.of(Duration.class, "1.5"),
        Arguments.of(Duration.class, "\"1500\""),
        Arguments.of(LocalDate.class, "20000"),
        Arguments.of(LocalDate.class, "[2026,11,22]"),
        Arguments.of(LocalTime.class, "[10,30]"),
        Arguments.of(LocalDateTime.class, "[2026,11,22,10,30]"),
        Arguments.of(MonthDay.class, "[11,22]"),
        Arguments.of(YearMonth.class, "[2026,11]"),
        Arguments.of(Year.class, "2026"),
        // A time became one that is less.
        Arguments.of(LocalDate.class, "\"2026-11-22T10:30:00\""),
        Arguments.of(LocalDate.class, "\"2026-11-22T23:30:00Z\""),
        Arguments.of(LocalDateTime.class, "\"2026-11-22T10:30:00Z\""),
        Arguments.of(Instant.class, "\"2026-11-22T10:30:00\""),
        Arguments.of(LocalDate.class, "\"2026-02-30\""),
        Arguments.of(Instant.class, "\"\""),
        Arguments.of(LocalDate.class, "\"\""),
        Arguments.of(Duration.class, "\"\""),
        Arguments.of(Period.class, "\" \""),
        Arguments.of(Instant.class, "{}"),
        Arguments.of(DayOfWeek.class, "1"),
        Arguments.of(Month.class, "1"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'time':null,'values':null,'number':1,'big':1,'ratio':1}",
        "{'text':5,'time':null,'values':null,'number':1,'big':1,'ratio':1}",
        "{'text':'x','time':7,'values':null,'number':1,'big':1,'ratio':1}",
        "{'text':'x','time':null,'values':[{'id':1}],'number':1,'big':1,'ratio':1}",
        "{'text':'x','time':null,'values':null,'number':'1','big':1,'ratio':1}",
        "{'text':'x','time':null,'values':null,'number':'','big':1,'ratio':1}",
        "{'text':'x','time':null,'values':null,'number':1.9,'big':1,'ratio':1}",
        "{'text':'x','time':null,'values':null,'number':1,'big':'1','ratio':1}",
        "{'text':'x','time':null,'values':null,'number':1,'big':1.0,'ratio':1}",
        "{'text':'x','time':null,'values':null,'number':1,'big':1,'ratio':'1'}"
      })
  void decode_damagedOptional_isRefused(String text) {
    assertThatThrownBy(() -> JsonCodec.of(Perhaps.class).decode(json(text.replace('\'', '"'))))
        .isInstanceOf(BadValueException.class);
  }

  @Test
  void decode_fieldOfAnOptionalIsMissing_isRefusedWithItsPath() {
    assertThatThrownBy(
            () ->
                JsonCodec.of(PerhapsABean.class)
                    .decode(json("{\"bean\":{\"id\":1,\"name\":\"n\"}}")))
        .hasMessage("PerhapsABean.bean.currency: Missing property");
  }

  @Test
  void decode_fieldsThatAreDamaged_areRefusedWithTheMarkOfThisReleaseToo() throws Exception {
    JsonCodec<OldBean> codec = JsonCodec.of(OldBean.class);
    String text = new String(codec.encode(new OldBean()), UTF_8);

    assertThat(codec.decode(bytes(text)).id).isEqualTo(1);
    assertThatThrownBy(() -> codec.decode(bytes(text.replace(":1,", ":1.9,"))));
    assertThatThrownBy(() -> codec.decode(bytes(text.replace(":1,", ":1,\"id\":1,"))));
    assertThatThrownBy(() -> codec.decode(bytes(text + "x")));
  }

  @Test
  void decode_valueThatIsQuotedByJackson_isNotShown() {
    assertThatThrownBy(
            () ->
                JsonCodec.of(new TypeReference<Map<String, Integer>>() {})
                    .decode(json("{\"secret-key\":\"secret\"}")))
        .hasMessage("LinkedHashMap[a key]: Cannot coerce String value")
        .hasNoCause();
    assertThatThrownBy(() -> JsonCodec.of(String.class).decode(json("secret")))
        .message()
        .doesNotContain("secret");
  }

  // --- what comes back

  static Stream<Arguments> values() {
    return Stream.of(
        value(new TypeReference<List<Double>>() {}, List.of(Double.NaN, -0.0, 1.0)),
        value(new TypeReference<Float>() {}, 0.1f),
        value(new TypeReference<BigDecimal>() {}, new BigDecimal("10.50")),
        value(new TypeReference<BigInteger>() {}, BigInteger.TEN.pow(1_000)),
        value(new TypeReference<String>() {}, "s".repeat(20_054_016)),
        value(new TypeReference<String>() {}, "a\0b\uD83D\uDE00\u2028"),
        value(new TypeReference<Map<String, Integer>>() {}, Map.of("k".repeat(50_001), 1)),
        value(new TypeReference<Map<Long, String>>() {}, Map.of(1L, "x", 2L, "y")),
        value(new TypeReference<List<String>>() {}, List.of("", " ")),
        value(new TypeReference<Instant>() {}, Instant.parse("1969-12-31T23:59:59.123456789Z")),
        value(
            new TypeReference<OffsetDateTime>() {},
            OffsetDateTime.parse("2026-07-01T10:00:00+02:00")),
        value(
            new TypeReference<ZonedDateTime>() {},
            ZonedDateTime.parse("2026-10-24T09:00:00+02:00[Europe/Berlin]")),
        // Twice in this night: the offset says which.
        value(
            new TypeReference<ZonedDateTime>() {},
            ZonedDateTime.parse("2026-10-25T02:30:00+01:00[Europe/Berlin]")),
        value(
            new TypeReference<ZonedDateTime>() {},
            ZonedDateTime.parse("2026-10-24T09:00:00.000000001Z[Etc/UTC]")),
        value(
            new TypeReference<ZonedDateTime>() {},
            ZonedDateTime.parse("2026-10-24T09:00:00Z[UTC]")),
        value(new TypeReference<ZonedDateTime>() {}, ZonedDateTime.parse("2026-10-24T09:00:00Z")),
        value(new TypeReference<OffsetDateTime>() {}, OffsetDateTime.MIN),
        value(new TypeReference<OffsetDateTime>() {}, OffsetDateTime.MAX),
        value(new TypeReference<Instant>() {}, Instant.MIN),
        value(new TypeReference<Instant>() {}, Instant.MAX),
        value(new TypeReference<Duration>() {}, Duration.ofSeconds(Long.MIN_VALUE)),
        value(new TypeReference<Duration>() {}, Duration.ofSeconds(Long.MAX_VALUE, 999_999_999)),
        value(new TypeReference<Duration>() {}, Duration.ofSeconds(-1, 1)),
        value(new TypeReference<LocalDate>() {}, LocalDate.MIN),
        value(new TypeReference<LocalDateTime>() {}, LocalDateTime.MAX),
        value(new TypeReference<Year>() {}, Year.of(-44)),
        value(
            new TypeReference<Times>() {},
            new Times(
                Instant.parse("2026-11-22T10:30:00.123456789Z"),
                LocalDate.of(2024, 2, 29),
                LocalTime.of(10, 30),
                LocalDateTime.of(2026, 11, 22, 10, 30, 0, 1),
                Duration.ofMillis(-1_500),
                Period.of(1, 2, 3),
                OffsetDateTime.parse("2026-07-01T10:00:00.000000001+05:30"),
                OffsetTime.parse("10:00:00.000000001-03:00"),
                ZonedDateTime.parse("2026-07-01T10:00:00+05:45[Asia/Kathmandu]"),
                ZoneId.of("Europe/Berlin"),
                ZoneOffset.ofHoursMinutes(5, 30),
                Year.of(2026),
                YearMonth.of(2026, 11),
                MonthDay.of(2, 29),
                Month.NOVEMBER,
                DayOfWeek.SUNDAY)),
        value(
            new TypeReference<Numbers>() {},
            new Numbers(
                Instant.parse("2026-11-22T10:30:00.123456789Z"),
                Duration.ofMillis(1_500),
                LocalDate.of(2026, 11, 22),
                Year.of(2026),
                LocalDate.of(2026, 11, 22))),
        value(
            new TypeReference<Integers>() {},
            new Integers(
                Instant.parse("2026-11-22T10:30:00.123Z"),
                OffsetDateTime.parse("1969-11-22T10:30:00.123Z"),
                Optional.of(Instant.EPOCH))),
        value(
            new TypeReference<Shown>() {},
            new Shown(
                new BigDecimal("1.10"),
                List.of(7),
                1L << 60,
                List.of(1L << 60),
                true,
                Colour.RED,
                Described.SHORT,
                LocalDateTime.of(2026, 11, 22, 10, 30, 0, 1),
                Date.from(Instant.ofEpochMilli(1)),
                List.of(ZonedDateTime.parse("2026-07-01T10:00:00.5+05:45[Asia/Kathmandu]")),
                Optional.of(OffsetDateTime.parse("2026-07-01T10:00:00+02:00")))),
        value(
            new TypeReference<List<Timestamp>>() {},
            List.of(
                Timestamp.valueOf("2026-07-01 10:11:12.123456789"),
                Timestamp.from(Instant.ofEpochSecond(-1, 1)))),
        value(new TypeReference<java.sql.Date>() {}, java.sql.Date.valueOf("2026-07-01")),
        value(
            new TypeReference<List<Date>>() {},
            List.of(Date.from(Instant.parse("2026-07-01T04:00:00.001Z")))),
        value(
            new TypeReference<Map<ZonedDateTime, Map<Instant, Duration>>>() {},
            Map.of(
                ZonedDateTime.parse("2026-10-24T09:00:00.000000001+02:00[Europe/Berlin]"),
                Map.of(Instant.ofEpochSecond(1, 1), Duration.ofNanos(1)))),
        value(
            new TypeReference<Perhaps>() {},
            new Perhaps(
                Optional.of(""),
                Optional.of(Instant.ofEpochSecond(1, 1)),
                Optional.of(List.of(new Old(1, "n"))),
                OptionalInt.of(1),
                OptionalLong.of(1L << 40),
                OptionalDouble.of(0.1))),
        value(
            new TypeReference<Perhaps>() {},
            new Perhaps(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                OptionalInt.empty(),
                OptionalLong.empty(),
                OptionalDouble.empty())),
        value(new TypeReference<byte[]>() {}, new byte[] {1, -1}),
        value(new TypeReference<Optional<Instant>>() {}, Optional.empty()),
        value(
            new TypeReference<List<Optional<String>>>() {},
            List.of(Optional.empty(), Optional.of("x"))),
        value(new TypeReference<Page<Old>>() {}, new Page<>(List.of(new Old(1, "n")))),
        value(new TypeReference<Colour>() {}, Colour.RED),
        value(
            new TypeReference<Map<String, Object>>() {},
            Map.of("n", 7, "l", 1L << 40, "d", new BigDecimal("12345678901234567.890"))));
  }

  private static <V> Arguments value(TypeReference<V> type, V value) {
    return Arguments.of(type, value);
  }

  @ParameterizedTest
  @MethodSource("values")
  void encode_value_comesBackEqual(TypeReference<Object> type, Object value) throws Exception {
    JsonCodec<Object> codec = JsonCodec.of(type);

    assertThat(codec.decode(codec.encode(value))).isEqualTo(value);
  }

  @Test
  void encode_timestampDeclaredAsADate_isTheSameAsThatDate() throws Exception {
    JsonCodec<List<Date>> codec = JsonCodec.of(new TypeReference<>() {});
    Instant at = Instant.parse("2026-07-01T10:11:12.123Z");

    assertThat(codec.encode(List.of(Timestamp.from(at))))
        .isEqualTo(codec.encode(List.of(Date.from(at))));
  }

  @Test
  void encode_tree_keepsEveryDigit() throws Exception {
    String text = "{\"price\":12345678901234567.89,\"tax\":1.10}";
    JsonCodec<JsonNode> codec = JsonCodec.of(JsonNode.class);

    assertThat(new String(codec.encode(codec.decode(json(text))), UTF_8)).endsWith(text);
  }

  @Test
  void encode_cannotBeWritten_saysWhere() {
    record Holder(List<Object> things) {}
    assertThatThrownBy(() -> JsonCodec.of(Holder.class).encode(new Holder(List.of(new Object()))))
        .isInstanceOf(BadValueException.class)
        .hasMessageStartingWith("Holder.things[0]: No serializer found for class java.lang.Object");
  }

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
  interface WithoutSubtypes {}

  record Unnamed(WithoutSubtypes of) {}

  record Nameless() implements WithoutSubtypes {}

  @Test
  void decode_subtypeThatIsNotDeclared_saysWhereAndWhy() {
    assertThatThrownBy(() -> roundTrip(Unnamed.class, new Unnamed(new Nameless())))
        .isInstanceOf(BadValueException.class)
        .hasMessage("Unnamed.of: Could not resolve type id");
  }

  @Test
  void encode_mapWithANullKey_saysWhereAndWhy() {
    Map<String, String> labels = new HashMap<>();
    labels.put(null, "secret");

    assertThatThrownBy(() -> JsonCodec.of(Sparse.class).encode(new Sparse(1, "n", labels)))
        .isInstanceOf(BadValueException.class)
        .hasMessage("Sparse.labels: The map has a null key, which JSON does not allow");
  }

  @Test
  void encode_getterThrows_saysWhereAndNotWhat() {
    assertThatThrownBy(() -> JsonCodec.of(Talkative.class).encode(new Talkative()))
        .hasMessage(
            "Talkative.name: com.fasterxml.jackson.databind.JsonMappingException,"
                + " caused by java.lang.IllegalStateException")
        .hasNoCause();
  }

  static class Talkative {
    public String getName() {
      throw new IllegalStateException("secret");
    }
  }

  @Test
  void encode_timesAndOptionals_areTexts() throws Exception {
    record Entry(Instant at, Duration life, Optional<LocalDate> day, Optional<String> note) {}
    Entry entry =
        new Entry(
            Instant.parse("2026-11-22T10:30:00Z"),
            Duration.ofMillis(1_500),
            Optional.of(LocalDate.of(2026, 11, 22)),
            Optional.empty());

    assertThat(new String(JsonCodec.of(Entry.class).encode(entry), UTF_8))
        .endsWith(
            "{\"at\":\"2026-11-22T10:30:00Z\",\"day\":\"2026-11-22\","
                + "\"life\":\"PT1.5S\",\"note\":null}");
  }

  // --- generic classes

  @ParameterizedTest
  @ValueSource(classes = {List.class, Map.class, Optional.class, Page.class, Page[].class})
  void of_classWithTypeParameters_isRefusedWithTheWayOut(Class<?> type) {
    String name = type.getTypeName();
    assertThatThrownBy(() -> JsonCodec.of(type))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("type is " + name + "; ")
        .hasMessageContaining("new TypeReference<");
  }

  @Test
  void of_rawTypeByReference_isTakenAsItIsMeant() throws Exception {
    JsonCodec<Map<?, ?>> codec = JsonCodec.of(new TypeReference<>() {});

    assertThat(codec.decode(json("{\"a\":{\"b\":1}}"))).isEqualTo(Map.of("a", Map.of("b", 1)));
  }

  @Test
  void of_classThatSaysItsParameters_isTaken() throws Exception {
    assertThat(JsonCodec.of(Names.class).decode(json("[\"x\"]"))).containsExactly("x");
    assertThat(JsonCodec.of(String[].class).decode(json("[\"x\"]"))).containsExactly("x");
  }

  // --- order

  @Test
  void encode_mapWithAnOrder_keepsIt() throws Exception {
    JsonCodec<Map<String, Integer>> codec = JsonCodec.of(new TypeReference<>() {});
    Map<String, Integer> map = new LinkedHashMap<>();
    map.put("z", 1);
    map.put("a", 2);

    assertThat(codec.decode(codec.encode(map)).keySet()).containsExactly("z", "a");
    assertThat(codec.decode(codec.encode(Collections.unmodifiableMap(map))).keySet())
        .containsExactly("z", "a");
    assertThat(codec.decode(codec.encode(new TreeMap<>(map))).keySet()).containsExactly("a", "z");
  }

  @Test
  void encode_equalMapsWithoutOrder_giveEqualBytes() throws Exception {
    JsonCodec<Map<String, Integer>> codec = JsonCodec.of(new TypeReference<>() {});
    Map<String, Integer> few = new HashMap<>();
    IntStream.range(0, 50).forEach(i -> few.put("k" + i, i));
    Map<String, Integer> many = new HashMap<>(100_000);
    many.putAll(few);

    assertThat(many.keySet().toString()).isNotEqualTo(few.keySet().toString());
    assertThat(codec.encode(many))
        .isEqualTo(codec.encode(few))
        .isEqualTo(codec.encode(Map.copyOf(few)))
        .isEqualTo(codec.encode(new ConcurrentHashMap<>(few)))
        .isEqualTo(codec.encode(new TreeMap<>(few)));
  }

  @Test
  void encode_equalSetsWithoutOrder_giveEqualBytes() throws Exception {
    assertSorted(JsonCodec.of(new TypeReference<Set<String>>() {}), i -> "k" + i);
    assertSorted(JsonCodec.of(new TypeReference<Set<Integer>>() {}), i -> i * 7919);
    assertSorted(JsonCodec.of(new TypeReference<Set<Old>>() {}), i -> new Old(i, "n" + i));
    assertSorted(JsonCodec.of(new TypeReference<Set<List<Integer>>>() {}), i -> List.of(i, 1));
  }

  private static <E> void assertSorted(JsonCodec<Set<E>> codec, IntFunction<E> element)
      throws Exception {
    Set<E> few = new HashSet<>();
    IntStream.range(0, 50).forEach(i -> few.add(element.apply(i)));
    Set<E> many = new HashSet<>(100_000);
    many.addAll(few);
    byte[] bytes = codec.encode(few);

    assertThat(many.toString()).isNotEqualTo(few.toString());
    assertThat(codec.encode(many))
        .isEqualTo(bytes)
        .isEqualTo(codec.encode(Set.copyOf(few)))
        .isEqualTo(codec.encode(Collections.unmodifiableSet(many)));
    assertThat(codec.encode(codec.decode(bytes))).isEqualTo(bytes);
  }

  static Stream<Arguments> declarationsOfSets() {
    return Stream.of(
        declared(new TypeReference<Iterable<String>>() {}, set -> set),
        declared(new TypeReference<List<Iterable<String>>>() {}, List::of),
        declared(new TypeReference<Map<String, Iterable<String>>>() {}, set -> Map.of("k", set)),
        declared(new TypeReference<Collection<String>>() {}, set -> set),
        declared(new TypeReference<Object>() {}, set -> set),
        declared(new TypeReference<Set<Set<String>>>() {}, Set::of),
        declared(
            new TypeReference<Set<Map.Entry<String, Integer>>>() {},
            set -> {
              Map<String, Integer> map = new HashMap<>(set.size() * 3);
              set.forEach(element -> map.put(element, 1));
              return Map.copyOf(map).entrySet();
            }));
  }

  private static Arguments declared(TypeReference<?> type, Function<Set<String>, Object> value) {
    return Arguments.of(type, value);
  }

  @ParameterizedTest
  @MethodSource("declarationsOfSets")
  void encode_equalSetsHoweverDeclared_giveEqualBytes(
      TypeReference<Object> type, Function<Set<String>, Object> value) throws Exception {
    JsonCodec<Object> codec = JsonCodec.of(type);
    Set<String> few = new HashSet<>();
    IntStream.range(0, 50).forEach(i -> few.add("k" + i));
    Set<String> many = new HashSet<>(100_000);
    many.addAll(few);

    assertThat(codec.encode(value.apply(many)))
        .isEqualTo(codec.encode(value.apply(few)))
        .isEqualTo(codec.encode(value.apply(Set.copyOf(few))))
        .isEqualTo(codec.encode(value.apply(Collections.unmodifiableSet(many))));
  }

  enum Size {
    SMALL {
      @Override
      public String toString() {
        return "z";
      }
    },
    MEDIUM,
    LARGE,
    HUGE
  }

  /** Its order leaves elements that are not equal side by side. */
  record Ranked(int rank, String name) implements Comparable<Ranked> {
    @Override
    public int compareTo(Ranked other) {
      return Integer.compare(rank, other.rank);
    }
  }

  @Test
  void encode_setOfElementsWithAnOrder_isTheSameAsASortedSet() throws Exception {
    Set<Size> sizes = EnumSet.allOf(Size.class);
    Set<Integer> numbers = new TreeSet<>(List.of(-5, 2, 10, 100));

    JsonCodec<Set<Size>> ofSizes = JsonCodec.of(new TypeReference<>() {});
    assertThat(ofSizes.encode(new HashSet<>(sizes)))
        .isEqualTo(ofSizes.encode(Set.copyOf(sizes)))
        .isEqualTo(ofSizes.encode(sizes));
    JsonCodec<Set<Integer>> ofNumbers = JsonCodec.of(new TypeReference<>() {});
    assertThat(ofNumbers.encode(new HashSet<>(numbers))).isEqualTo(ofNumbers.encode(numbers));
    assertSorted(
        JsonCodec.of(new TypeReference<Set<Ranked>>() {}), i -> new Ranked(i % 2, "n" + i));
    assertSorted(JsonCodec.of(new TypeReference<Set<Object>>() {}), i -> i % 2 == 0 ? i : "" + i);
  }

  @Test
  void encode_mapWithKeysOfAnEnumWithBodies_isTheSameAsAnEnumMap() throws Exception {
    JsonCodec<Map<Size, Integer>> codec = JsonCodec.of(new TypeReference<>() {});
    Map<Size, Integer> map = new EnumMap<>(Size.class);
    EnumSet.allOf(Size.class).forEach(size -> map.put(size, 1));

    assertThat(codec.encode(new HashMap<>(map)))
        .isEqualTo(codec.encode(Map.copyOf(map)))
        .isEqualTo(codec.encode(map));
  }

  /** A key whose only text is that of its JSON. */
  static final class Code {
    private final String code;

    @JsonCreator
    Code(String code) {
      this.code = code;
    }

    @JsonValue
    public String code() {
      return code;
    }
  }

  @Test
  void encode_mapWithKeysThatHaveNoText_isSortedByTheirJson() throws Exception {
    JsonCodec<Map<Code, Integer>> codec = JsonCodec.of(new TypeReference<>() {});
    Map<Code, Integer> map = new HashMap<>();
    IntStream.range(0, 20).forEach(i -> map.put(new Code("k" + i), 1));
    Map<Code, Integer> same = new HashMap<>();
    IntStream.range(0, 20).forEach(i -> same.put(new Code("k" + i), 1));

    assertThat(codec.encode(map)).isEqualTo(codec.encode(same));
  }

  static class Extensible {
    private final Map<String, Object> others;

    Extensible() {
      this(new HashMap<>());
    }

    Extensible(Map<String, Object> others) {
      this.others = others;
    }

    @JsonAnyGetter
    public Map<String, Object> others() {
      return others;
    }

    @JsonAnySetter
    public void put(String name, Object value) {
      others.put(name, value);
    }
  }

  @Test
  void encode_propertiesOfAnAnyGetterWithoutOrder_giveEqualBytes() throws Exception {
    JsonCodec<Extensible> codec = JsonCodec.of(Extensible.class);
    Map<String, Object> few = new HashMap<>();
    IntStream.range(0, 50).forEach(i -> few.put("k" + i, i));
    Map<String, Object> many = new HashMap<>(100_000);
    many.putAll(few);
    byte[] bytes = codec.encode(new Extensible(few));

    assertThat(codec.encode(new Extensible(many)))
        .isEqualTo(bytes)
        .isEqualTo(codec.encode(new Extensible(Map.copyOf(few))));
    assertThat(codec.decode(bytes).others()).isEqualTo(few);
  }

  @Test
  void encode_setWithAnOrder_keepsIt() throws Exception {
    JsonCodec<Set<String>> codec = JsonCodec.of(new TypeReference<>() {});

    assertThat(codec.decode(codec.encode(new LinkedHashSet<>(List.of("z", "a")))))
        .containsExactly("z", "a");
  }

  // --- a mapper of one's own

  @Test
  void of_mapperOfOnesOwn_isTakenAsItIs() throws Exception {
    JsonCodec<OldBean> codec = JsonCodec.of(new TypeReference<>() {}, new JsonMapper());

    assertThat(new String(codec.encode(new OldBean()), UTF_8)).startsWith("{");
    assertThat(codec.decode(bytes("{\"id\":1.9}")).id).isEqualTo(1);
  }

  private static <V> V roundTrip(Class<V> type, V value) throws Exception {
    JsonCodec<V> codec = JsonCodec.of(type);
    return codec.decode(codec.encode(value));
  }

  private static <V> V rereadByAnotherRelease(Class<V> type, V value) throws Exception {
    JsonCodec<V> codec = JsonCodec.of(type);
    String text = new String(codec.encode(value), UTF_8);
    return codec.decode(bytes(text.replaceFirst("^#.{8}", "#another1")));
  }

  /** JSON as another release has written it. */
  private static byte[] json(String text) {
    return bytes("#another1" + text);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static byte[] joined(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
