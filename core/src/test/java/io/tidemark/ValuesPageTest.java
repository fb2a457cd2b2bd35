package io.tidemark;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What docs/values.md shows is what stands here, and what it says of changed types is so. */
class ValuesPageTest {
  private static final Path PAGE = Path.of("..", "docs", "values.md");
  private static final Path THIS =
      Path.of("src", "test", "java", "io", "tidemark", "ValuesPageTest.java");

  record Token(Instant end) {}

  record Product(long id) {}

  record Ints(int n) {}

  record Longs(long n) {}

  record Doubles(double n) {}

  record Texts(String n) {}

  @Test
  void code_ofThePage_isTheCodeBelow() throws Exception {
    String page = Files.readString(PAGE, UTF_8);
    String test = unindented(Files.readString(THIS, UTF_8));

    assertThat(Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(page).results())
        .hasSize(3)
        .allSatisfy(code -> assertThat(test).contains(unindented(code.group(1))));
  }

  @Test
  void source_tokenThatEnds_isGoodUntilThen() throws Exception {
    Source<String, Token> source = key -> Row.present(new Token(Instant.MIN), 1);
    Source<String, Token> tokens =
        key ->
            source.load(key) instanceof Row.Present<Token> row
                ? Row.present(
                    row.value(),
                    row.rowVersion(),
                    Duration.between(Instant.now(), row.value().end()))
                : Row.absent();

    assertThat(((Row.Present<Token>) tokens.load("a")).ttl().orElseThrow()).isNegative();
  }

  @Test
  void codec_ofAGenericType_givesBackItsElements() throws Exception {
    JsonCodec<List<String>> names = JsonCodec.of(new TypeReference<List<String>>() {});
    JsonCodec<Map<String, Product>> byName =
        JsonCodec.of(new TypeReference<Map<String, Product>>() {});

    assertThat(names.decode(names.encode(List.of("x")))).containsExactly("x");
    assertThat(byName.decode(byName.encode(Map.of("x", new Product(1)))))
        .containsEntry("x", new Product(1));
  }

  @Test
  void name_withTheNumberOfTheFormat_isAName() {
    CacheBuilder<Long, Product> products = VersionedCache.builder("products-2");

    assertThat(products.codec(JsonCodec.of(Product.class))).isSameAs(products);
  }

  @Test
  void decode_numberOfAnotherType_isReadWhereNothingIsLost() throws Exception {
    byte[] five = JsonCodec.of(Ints.class).encode(new Ints(5));
    byte[] many = JsonCodec.of(Longs.class).encode(new Longs(1L << 40));

    assertThat(JsonCodec.of(Longs.class).decode(five).n()).isEqualTo(5);
    assertThat(JsonCodec.of(Doubles.class).decode(five).n()).isEqualTo(5);
    assertRefuses(Ints.class, many);
    assertRefuses(Texts.class, five);
    assertRefuses(Ints.class, JsonCodec.of(Texts.class).encode(new Texts("5")));
    assertRefuses(Ints.class, JsonCodec.of(Doubles.class).encode(new Doubles(5)));
  }

  private static void assertRefuses(Class<?> type, byte[] bytes) {
    assertThatThrownBy(() -> JsonCodec.of(type).decode(bytes))
        .isInstanceOf(BadValueException.class);
  }

  private static String unindented(String code) {
    return code.lines().map(String::strip).reduce("", (all, line) -> all + line + "\n");
  }
}
