package io.tidemark;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.key.KeyEncoder;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What docs/options.md shows is what stands here, and its tables are the builder's. */
class OptionsPageTest {
  private static final String PAGE = "options.md";

  record CartKey(String tenant, String user) {}

  @Test
  void code_ofThePage_isTheCodeBelow() throws Exception {
    String test = DocPage.source(OptionsPageTest.class);

    assertThat(DocPage.named(PAGE).code())
        .hasSize(1)
        .allSatisfy(code -> assertThat(test).contains(code));
  }

  @Test
  void options_ofThePage_areTheBuilders() throws Exception {
    List<String> table = DocPage.named(PAGE).section("Options");

    assertThat(CacheBuilder.class.getDeclaredMethods())
        .filteredOn(method -> method.getReturnType() == CacheBuilder.class)
        .extracting(Method::getName)
        .isNotEmpty()
        .allSatisfy(option -> assertThat(table).anyMatch(row -> row.contains("`" + option + "`")));
  }

  @Test
  void profiles_ofThePage_areTheConstants() throws Exception {
    List<String> table = DocPage.named(PAGE).section("Profiles");

    Map.of("FAST", LoadProfile.FAST, "NORMAL", LoadProfile.NORMAL, "SLOW", LoadProfile.SLOW)
        .forEach(
            (name, profile) ->
                assertThat(table)
                    .anyMatch(
                        row ->
                            row.startsWith(
                                "| `LoadProfile.%s` | %s | %s | %s |"
                                    .formatted(
                                        name,
                                        text(profile.claimLife()),
                                        text(profile.deadline()),
                                        text(profile.maxLoadTime())))));
  }

  private static String text(Duration duration) {
    return duration.toSecondsPart() == 0
        ? duration.toMinutes() + " min"
        : duration.toSeconds() + " s";
  }

  @Test
  void keyEncoders_ofThePage_work() {
    KeyEncoder<CartKey> byComponents = KeyEncoder.of(CartKey.class);
    KeyEncoder<CartKey> byFields = KeyEncoder.ofFields(CartKey::tenant, CartKey::user);

    assertThat(byComponents.encode(new CartKey("a,b", "c"))).isEqualTo("a~1b,c");
    assertThat(byFields.encode(new CartKey("a", "b,c"))).isEqualTo("a,b~1c");
  }
}
