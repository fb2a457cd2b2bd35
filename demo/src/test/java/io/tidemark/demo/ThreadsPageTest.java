package io.tidemark.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import io.tidemark.Codec;
import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.json.JsonCodec;
import io.tidemark.key.KeyEncoder;
import io.tidemark.memory.InMemoryStore;
import io.tidemark.memory.LocalLocks;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What docs/threads.md shows is what stands here, and it works. */
class ThreadsPageTest {
  private static final Path PAGE = Path.of("..", "docs", "threads.md");
  private static final Path THIS =
      Path.of("src", "test", "java", "io", "tidemark", "demo", "ThreadsPageTest.java");

  record OrdersKey(String tenant, long user) {}

  /** The user that is logged in. */
  private record Session(String tenant, long user) {}

  private final SlotStore store = InMemoryStore.create();
  private final LockProvider locks = LocalLocks.create();
  private final Codec<List<String>> codec = JsonCodec.of(new TypeReference<List<String>>() {});

  @Test
  void code_ofThePage_isTheCodeBelow() throws Exception {
    String page = Files.readString(PAGE, UTF_8);
    String test = unindented(Files.readString(THIS, UTF_8));

    assertThat(Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(page).results())
        .hasSize(2)
        .allSatisfy(code -> assertThat(test).contains(unindented(code.group(1))));
  }

  @Test
  void code_ofThePage_givesEachUserTheirOwn() {
    assertThat(mine(new Session("acme,1", 2))).hasValue(List.of("order of 2 at acme,1"));
    assertThat(mine(new Session("acme", 1))).hasValue(List.of("order of 1 at acme"));
    assertThat(mine(new Session("acme,1", 2))).hasValue(List.of("order of 2 at acme,1"));
  }

  private Optional<List<String>> mine(Session session) {
    VersionedCache<OrdersKey, List<String>> orders =
        VersionedCache.<OrdersKey, List<String>>builder("orders")
            .keyEncoder(KeyEncoder.of(OrdersKey.class))
            .source(key -> ordersOf(key.tenant(), key.user()))
            .store(store)
            .locks(locks)
            .codec(codec)
            .build();

    Optional<List<String>> mine = orders.get(new OrdersKey(session.tenant(), session.user()));
    orders.close();
    return mine;
  }

  private static Row<List<String>> ordersOf(String tenant, long user) {
    return Row.present(List.of("order of " + user + " at " + tenant), 1);
  }

  private static String unindented(String text) {
    return text.lines().map(String::strip).collect(Collectors.joining("\n"));
  }
}
