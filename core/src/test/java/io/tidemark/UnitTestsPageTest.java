package io.tidemark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.json.JsonCodec;
import io.tidemark.memory.InMemoryStore;
import io.tidemark.memory.LocalLocks;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What docs/unit-tests.md shows is what stands here, and it works. */
class UnitTestsPageTest {
  private static final Pattern TEXT = Pattern.compile("\"[^\"]*\"");
  private static final Pattern CLASS_NAME = Pattern.compile("\\b[A-Z]\\w+");

  record Product(long id, String name) {}

  static class Table {
    private final Map<Long, Row<Product>> rows = new HashMap<>();
    private long version;

    synchronized Row<Product> read(long id) {
      return rows.getOrDefault(id, Row.absent());
    }

    synchronized Row<Product> write(Product product) {
      version++;
      Row<Product> row = Row.present(product, version);
      rows.put(product.id(), row);
      return row;
    }
  }

  @Test
  void code_ofThePage_isTheCodeBelow() throws Exception {
    String test = DocPage.source(UnitTestsPageTest.class);

    assertThat(DocPage.named("unit-tests.md").code())
        .filteredOn(code -> !isImports(code))
        .hasSizeGreaterThan(7)
        .allSatisfy(code -> assertThat(test).contains(code));
  }

  @Test
  void imports_ofThePage_areOfTheClassesThatItsCodeNames() throws Exception {
    Set<String> imported = new TreeSet<>();
    Set<String> named = new TreeSet<>();
    for (String code : DocPage.named("unit-tests.md").code()) {
      if (isImports(code)) {
        for (String line : code.lines().toList()) {
          String name = line.substring("import ".length(), line.length() - 1);
          imported.add(Class.forName(name).getSimpleName());
        }
      } else {
        String names = TEXT.matcher(code).replaceAll("");
        CLASS_NAME.matcher(names).results().forEach(name -> named.add(name.group()));
      }
    }
    named.removeAll(Set.of("Long", "String", "Product", "Table"));

    assertThat(imported).isEqualTo(named);
  }

  private static boolean isImports(String code) {
    return code.startsWith("import ");
  }

  @Test
  void cache_inMemory_readsAndPublishes() {
    VersionedCache<Long, Product> products =
        VersionedCache.<Long, Product>builder("products")
            .source(id -> Row.present(new Product(id, "Laptop"), 1))
            .store(InMemoryStore.create())
            .locks(LocalLocks.create())
            .codec(JsonCodec.of(Product.class))
            .build();

    assertThat(products.get(1L)).hasValue(new Product(1, "Laptop"));
    assertThat(products.publish(1L, Row.present(new Product(1, "Laptop Pro"), 2)))
        .isEqualTo(WriteOutcome.STORED);
    assertThat(products.get(1L)).hasValue(new Product(1, "Laptop Pro"));
    products.close();
  }

  @Test
  void update_ofATableInMemory_isReadNextAndAWritePastItIsNot() {
    Table table = new Table();
    VersionedCache<Long, Product> products =
        VersionedCache.<Long, Product>builder("products")
            .source(table::read)
            .store(InMemoryStore.create())
            .locks(LocalLocks.create())
            .codec(JsonCodec.of(Product.class))
            .build();
    table.write(new Product(1, "Laptop"));
    products.get(1L);
    products.update(1L, () -> table.write(new Product(1, "Laptop Pro")));

    assertThat(products.get(1L)).hasValue(new Product(1, "Laptop Pro"));
    table.write(new Product(1, "past the cache"));
    assertThat(products.get(1L)).hasValue(new Product(1, "Laptop Pro"));
    products.close();
  }

  @Test
  void caches_overOneStore_areProcessesOfOneFleet() {
    InMemoryStore store = InMemoryStore.create();
    LocalLocks locks = LocalLocks.create();
    VersionedCache<Long, Product> here = products(store.as("here"), locks);
    VersionedCache<Long, Product> there = products(store.as("there"), locks);

    here.get(1L);
    there.publish(1L, Row.present(new Product(1, "Laptop Pro"), 2));

    assertThat(here.get(1L)).hasValue(new Product(1, "Laptop Pro"));
    assertThat(here.explain(1L).toString()).contains("by there at");
    store.evict(new SlotKey("products", "1"));
    assertThat(here.get(1L)).hasValue(new Product(1, "Laptop"));
    here.close();
    there.close();
  }

  static VersionedCache<Long, Product> products(SlotStore store, LockProvider locks) {
    return VersionedCache.<Long, Product>builder("products")
        .source(id -> Row.present(new Product(id, "Laptop"), 1))
        .store(store)
        .locks(locks)
        .codec(JsonCodec.of(Product.class))
        .build();
  }

  @Test
  void ticker_ofTheTest_endsAnEntry() {
    Table table = new Table();
    table.write(new Product(1, "Laptop"));
    AtomicLong nanos = new AtomicLong();
    VersionedCache<Long, Product> products =
        VersionedCache.<Long, Product>builder("products")
            .source(table::read)
            .store(InMemoryStore.create(nanos::get))
            .locks(LocalLocks.create())
            .codec(JsonCodec.of(Product.class))
            .ticker(nanos::get)
            .ttl(Duration.ofMinutes(5))
            .build();

    products.get(1L);
    nanos.addAndGet(Duration.ofMinutes(5).toNanos());
    products.get(1L);

    assertThat(products.stats().loads()).isEqualTo(2);
    products.close();
  }

  @Test
  void source_thatThrows_isAFailureOfTheLoad() {
    VersionedCache<Long, Product> products =
        VersionedCache.<Long, Product>builder("products")
            .source(
                id -> {
                  throw new SQLException("away");
                })
            .store(InMemoryStore.create())
            .locks(LocalLocks.create())
            .codec(JsonCodec.of(Product.class))
            .build();

    assertThatThrownBy(() -> products.get(1L))
        .isInstanceOf(LoadFailedException.class)
        .hasRootCauseMessage("away");
    products.close();
  }
}
