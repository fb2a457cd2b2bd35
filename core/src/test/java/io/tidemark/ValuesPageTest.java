package io.tidemark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import io.tidemark.jdbc.JdbcSource;
import io.tidemark.json.JsonCodec;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** What docs/values.md shows is what stands here, and what it says of changed types is so. */
class ValuesPageTest {
  record Token(String secret) {}

  record Product(long id) {}

  record Ints(int n) {}

  record Longs(long n) {}

  record Doubles(double n) {}

  record Texts(String n) {}

  @Test
  void code_ofThePage_isTheCodeBelow() throws Exception {
    String test = DocPage.source(ValuesPageTest.class);

    assertThat(DocPage.named("values.md").code())
        .hasSize(2)
        .allSatisfy(code -> assertThat(test).contains(code));
  }

  @Test
  void source_tokenThatEnds_isGoodUntilThen() throws Exception {
    DataSource dataSource = new DriverManagerDataSource("jdbc:h2:mem:values");
    JdbcSource<String, Token> tokens =
        JdbcSource.<String, Token>builder(dataSource)
            .query("select * from token where name = ?")
            .rowMapper(row -> new Token(row.getString("secret")))
            .ttl(
                row -> Duration.between(Instant.now(), row.getObject("ends", OffsetDateTime.class)))
            .versionNumber("version")
            .build();
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "create table token as select 'a' as name, 's' as secret, timestamp with time zone"
              + " '2026-11-22 00:00:00+00' as ends, cast(1 as bigint) as version");
      Row.Present<Token> ended = (Row.Present<Token>) tokens.load("a");
      statement.execute("update token set ends = timestamp with time zone '9999-01-01 00:00:00Z'");
      Row.Present<Token> good = (Row.Present<Token>) tokens.load("a");

      assertThat(ended.ttl().orElseThrow()).isNegative();
      assertThat(good.ttl().orElseThrow()).isPositive();
    }
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
}
