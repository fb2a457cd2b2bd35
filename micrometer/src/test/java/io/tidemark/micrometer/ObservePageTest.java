package io.tidemark.micrometer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidemark.CacheBuilder;
import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.json.JsonCodec;
import io.tidemark.memory.InMemoryStore;
import io.tidemark.memory.LocalLocks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What docs/observe.md shows is what stands here, and its table has the meters that there are. */
class ObservePageTest {
  private static final Path PAGE = Path.of("..", "docs", "observe.md");
  private static final Path THIS =
      Path.of("src", "test", "java", "io", "tidemark", "micrometer", "ObservePageTest.java");

  private final MeterRegistry registry = new SimpleMeterRegistry();

  record Product(long id, String name) {}

  @Test
  void code_ofThePage_isTheCodeBelow() throws IOException {
    String test = unindented(Files.readString(THIS, UTF_8));

    assertThat(
            Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(PAGE, UTF_8))
                .results())
        .hasSize(1)
        .allSatisfy(code -> assertThat(test).contains(unindented(code.group(1))));
  }

  @Test
  void metrics_ofThePage_countTheReadsOfACache() {
    TidemarkMetrics metrics = TidemarkMetrics.create();
    metrics.bindTo(registry);
    CacheBuilder<Long, Product> observed =
        VersionedCache.<Long, Product>builder("products").listener(metrics);

    try (VersionedCache<Long, Product> products =
        observed
            .source(id -> Row.present(new Product(id, "Laptop"), 1))
            .store(InMemoryStore.create())
            .locks(LocalLocks.create())
            .codec(JsonCodec.of(Product.class))
            .build()) {
      products.get(1L);
    }

    assertThat(registry.get("tidemark.lock.cache_miss").tag("cache", "products").counter().count())
        .isEqualTo(1);
  }

  @Test
  void meters_ofThePage_areTheseMeters() throws IOException {
    TidemarkMetrics metrics = TidemarkMetrics.create();
    metrics.bindTo(registry);
    metrics.onBuilt("products");
    TreeSet<String> words = new TreeSet<>();
    TreeSet<String> expected = new TreeSet<>();
    for (Meter meter : registry.getMeters()) {
      expected.add(meter.getId().getName());
      meter.getId().getTags().stream()
          .filter(tag -> !tag.getKey().equals("cache"))
          .forEach(tag -> expected.addAll(List.of(tag.getKey(), tag.getValue())));
    }

    Files.readAllLines(PAGE, UTF_8).stream()
        .filter(line -> line.startsWith("| `tidemark."))
        .flatMap(line -> Stream.of(line.split("[|]", -1)[1], line.split("[|]", -1)[3]))
        .flatMap(cell -> Pattern.compile("`([^`]+)`").matcher(cell).results())
        .forEach(word -> words.add(word.group(1)));

    assertThat(words).isEqualTo(expected);
  }

  private static String unindented(String code) {
    return code.lines().map(String::strip).collect(Collectors.joining("\n"));
  }
}
