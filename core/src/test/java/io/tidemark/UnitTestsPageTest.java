package io.tidemark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.json.JsonCodec;
import io.tidemark.memory.InMemoryStore;
import io.tidemark.memory.LocalLocks;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotStore;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What docs/unit-tests.md shows is what stands here, and it works. */
class UnitTestsPageTest {
  record Product(long id, String name) {}

  @Test
  void code_ofThePage_isTheCodeBelow() throws Exception {
    String test = DocPage.source(UnitTestsPageTest.class);

    assertThat(DocPage.named("unit-tests.md").code())
        .hasSize(3)
        .allSatisfy(code -> assertThat(test).contains(code));
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
  void caches_overOneStore_areProcessesOfOneFleet() {
    InMemoryStore store = InMemoryStore.create();
    LocalLocks locks = LocalLocks.create();
    VersionedCache<Long, Product> here = products(store.as("here"), locks);
    VersionedCache<Long, Product> there = products(store.as("there"), locks);

    here.get(1L);
    there.publish(1L, Row.present(new Product(1, "Laptop Pro"), 2));

    assertThat(here.get(1L)).hasValue(new Product(1, "Laptop Pro"));
    assertThat(here.explain(1L).toString()).contains("by there at");
    here.close();
    there.close();
  }

  private static VersionedCache<Long, Product> products(SlotStore store, LockProvider locks) {
    return VersionedCache.<Long, Product>builder("products")
        .source(id -> Row.present(new Product(id, "Laptop"), 1))
        .store(store)
        .locks(locks)
        .codec(JsonCodec.of(Product.class))
        .build();
  }

  @Test
  void ticker_ofTheTest_endsAnEntry() {
    AtomicInteger loads = new AtomicInteger();
    AtomicLong nanos = new AtomicLong();
    VersionedCache<Long, Product> products =
        VersionedCache.<Long, Product>builder("products")
            .source(id -> Row.present(new Product(id, "Laptop"), loads.incrementAndGet()))
            .store(InMemoryStore.create(nanos::get))
            .locks(LocalLocks.create())
            .codec(JsonCodec.of(Product.class))
            .ticker(nanos::get)
            .ttl(Duration.ofMinutes(5))
            .build();

    products.get(1L);
    nanos.addAndGet(Duration.ofMinutes(5).toNanos());
    products.get(1L);

    assertThat(loads).hasValue(2);
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
