package io.tidemark.jdbc;

import static io.tidemark.engine.Patience.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.json.JsonCodec;
import io.tidemark.memory.InMemoryStore;
import io.tidemark.memory.LocalLocks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What docs/lists.md says of versions of lists, with its SQL and its code. */
@ResourceLock(SharedPostgres.LOCK)
class ListsPageIT {
  private static final Path PAGE = Path.of("..", "docs", "lists.md");
  private static final Path THIS =
      Path.of("src", "test", "java", "io", "tidemark", "jdbc", "ListsPageIT.java");

  private static final List<Long> CATEGORIES = List.of(1L, 2L, 3L);
  private static final int PRODUCTS = 12;
  private static final int READERS = 2;
  private static final int WRITERS = 4;
  private static final int TRANSACTIONS_OF_A_WRITER = 80;

  private static final ObjectReader PRODUCTS_OF_JSON =
      new ObjectMapper().readerFor(new TypeReference<List<Product>>() {});

  private final DataSource dataSource = SharedPostgres.database("lists");

  record Product(long id, long categoryId, String name) {}

  @BeforeEach
  void createTables() throws Exception {
    execute(
        "create table product (id bigint primary key, category_id bigint, name text not null,"
            + " updated_at timestamptz not null default clock_timestamp())");
    execute(PostgresVersions.triggerSql("product", "updated_at"));
    execute("insert into product select n, n % 3 + 1, 'p' || n from generate_series(1, 9) n");
    execute(blocks("sql").get(0));
  }

  @AfterEach
  void dropTables() throws SQLException {
    execute(
        "drop table if exists product, category_version;"
            + "drop function if exists product_sets_changed");
  }

  @Test
  void code_ofThePage_isTheCodeBelow() throws IOException {
    String test = unindented(Files.readString(THIS, UTF_8));

    assertThat(blocks("java"))
        .hasSizeGreaterThan(2)
        .allSatisfy(code -> assertThat(test).contains(unindented(code)));
  }

  @Test
  void maxOfTheRows_newestRowLeaves_falls() throws SQLException {
    JdbcSource<Long, List<Long>> source = byNewestRow();
    execute("update product set name = 'new' where id = 3");
    Row<List<Long>> before = source.load(1L);

    execute("update product set category_id = 2 where id = 3");

    assertThat(source.load(1L).version().getAsLong()).isLessThan(before.version().getAsLong());
  }

  @Test
  void maxOfTheRows_earlierTransactionCommitsLater_isTheSameForTwoLists() throws SQLException {
    dropTriggersOfTheSets();
    JdbcSource<Long, List<Long>> source = byNewestRow();
    Row<List<Long>> before;
    try (Connection slow = dataSource.getConnection();
        Statement statement = slow.createStatement()) {
      slow.setAutoCommit(false);
      statement.execute("update product set name = 'a' where id = 9");
      execute("update product set name = 'z' where id = 3");
      before = source.load(1L);
      slow.commit();
    }
    Row<List<Long>> after = source.load(1L);

    assertThat(after.version()).isEqualTo(before.version());
    assertThat(after).isNotEqualTo(before);
  }

  @Test
  void versionOfTheSet_whateverChangesTheSet_grows() throws SQLException {
    for (String sql :
        List.of(
            "insert into product values (20, 1, 'b')",
            "insert into product values (20, 1, 'b') on conflict (id) do update set name = 'c'",
            "update product set name = name || 'x'",
            "update product set category_id = category_id % 3 + 1",
            "update product set category_id = 1 where id = 20",
            "update product set category_id = null where id = 20",
            "update product set category_id = 1 where id = 20",
            "delete from product where category_id = 1",
            "insert into product values (20, 1, 'b')",
            "truncate product")) {
      Row<List<Long>> before = idsByCategory().load(1L);

      execute(sql);

      Row<List<Long>> after = idsByCategory().load(1L);
      assertThat(after.version().getAsLong()).as(sql).isGreaterThan(before.version().getAsLong());
      assertThat(after).as(sql).isInstanceOf(Row.Present.class);
    }
  }

  @Test
  void versionOfTheSet_changeThatTheListDoesNotShow_stays() throws SQLException {
    Row<List<Long>> before = idsByCategory().load(1L);

    execute("update product set updated_at = updated_at");
    execute("update product set name = name || 'x' where category_id = 2");

    assertThat(idsByCategory().load(1L)).isEqualTo(before);
  }

  /** A list that is not the one before must have a greater version, and no version may fall. */
  @ParameterizedTest
  @ValueSource(strings = {"ids", "rows"})
  void versionOfTheSet_manyWriters_growsWheneverTheListChanges(String recipe) throws Exception {
    JdbcSource<Long, ? extends List<?>> source =
        recipe.equals("ids") ? idsByCategory() : productsByCategory();

    Count count = count(source);

    assertThat(count.violations()).isEmpty();
    assertThat(count.changes()).isGreaterThan(WRITERS);
  }

  /** That the search finds what it looks for. */
  @Test
  void maxOfTheRows_manyWriters_failsWhileTheListChanges() throws Exception {
    dropTriggersOfTheSets();

    assertThat(count(byNewestRow()).violations()).isNotEmpty();
  }

  @Test
  void lists_ofKeys_areReadWithTheirRowsAndFollowTheirWriters() throws SQLException {
    JdbcSource<Long, Product> source =
        JdbcSource.<Long, Product>builder(dataSource)
            .query("select * from product where id = ?")
            .rowMapper(
                row ->
                    new Product(
                        row.getLong("id"), row.getLong("category_id"), row.getString("name")))
            .versionTimestamp("updated_at")
            .build();
    try (VersionedCache<Long, Product> products =
            VersionedCache.<Long, Product>builder("products")
                .source(source)
                .store(InMemoryStore.create())
                .locks(LocalLocks.create())
                .codec(JsonCodec.of(Product.class))
                .build();
        VersionedCache<Long, List<Long>> lists =
            VersionedCache.<Long, List<Long>>builder("lists")
                .source(idsByCategory())
                .store(InMemoryStore.create())
                .locks(LocalLocks.create())
                .codec(JsonCodec.of(new TypeReference<List<Long>>() {}))
                .build()) {
      assertThat(page(lists, products, 1)).extracting(Product::id).containsExactly(3L, 6L, 9L);
      assertThat(page(lists, products, 2)).extracting(Product::id).containsExactly(1L, 4L, 7L);

      moved(lists, products, source, 6, 1, 2);

      assertThat(page(lists, products, 1)).extracting(Product::id).containsExactly(3L, 9L);
      assertThat(page(lists, products, 2)).extracting(Product::id).containsExactly(1L, 4L, 6L, 7L);

      execute("update product set category_id = 3 where id = 9");
      products.invalidate(9L); // The list is not told, and still has the key.
      assertThat(page(lists, products, 1)).extracting(Product::id).containsExactly(3L);
      assertThat(page(lists, products, 8)).isEmpty();
    }
  }

  private JdbcSource<Long, List<Long>> idsByCategory() {
    JdbcSource<Long, List<Long>> idsByCategory =
        JdbcSource.<Long, List<Long>>builder(dataSource)
            .query(
                """
                select version, array(
                  select id from product where category_id = s.category_id order by name, id) as ids
                from category_version s where category_id = ?
                """)
            .rowMapper(row -> List.of((Long[]) row.getArray("ids").getArray()))
            .versionTimestamp("version")
            .build();
    return idsByCategory;
  }

  private JdbcSource<Long, List<Product>> productsByCategory() {
    JdbcSource<Long, List<Product>> productsByCategory =
        JdbcSource.<Long, List<Product>>builder(dataSource)
            .query(
                """
                select version, coalesce(
                  (select jsonb_agg(jsonb_build_object(
                      'id', id, 'categoryId', category_id, 'name', name) order by name, id)
                    from product where category_id = s.category_id),
                  '[]') as products
                from category_version s where category_id = ?
                """)
            .rowMapper(row -> parsed(row.getString("products")))
            .versionTimestamp("version")
            .build();
    return productsByCategory;
  }

  private JdbcSource<Long, List<Long>> byNewestRow() {
    return JdbcSource.<Long, List<Long>>builder(dataSource)
        .query(
            "select max(updated_at) as version, array_agg(id order by name, id) as ids"
                + " from product where category_id = ? having count(*) > 0")
        .rowMapper(row -> List.of((Long[]) row.getArray("ids").getArray()))
        .versionTimestamp("version")
        .build();
  }

  private static List<Product> parsed(String products) {
    try {
      return PRODUCTS_OF_JSON.readValue(products);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(products, e);
    }
  }

  private static List<Product> page(
      VersionedCache<Long, List<Long>> lists,
      VersionedCache<Long, Product> products,
      long category) {
    List<Long> ids = lists.get(category).orElse(List.of());
    List<Product> page =
        products.getAll(ids).values().stream()
            .flatMap(Optional::stream)
            .filter(product -> product.categoryId() == category)
            .toList();
    return page;
  }

  private void moved(
      VersionedCache<Long, List<Long>> lists,
      VersionedCache<Long, Product> products,
      JdbcSource<Long, Product> source,
      long id,
      long from,
      long to)
      throws SQLException {
    products.update(id, () -> move(source, id, to));
    lists.invalidate(from);
    lists.invalidate(to);
  }

  private Row<Product> move(JdbcSource<Long, Product> source, long id, long to)
      throws SQLException {
    execute("update product set category_id = " + to + " where id = " + id);
    return source.load(id);
  }

  /**
   * What readers saw while writers changed the lists.
   *
   * @param changes how often a reader saw another list than before
   * @param violations where the version did not grow with it, or fell
   */
  private record Count(int changes, List<String> violations) {}

  private Count count(JdbcSource<Long, ? extends List<?>> source) throws Exception {
    ExecutorService executor = Executors.newCachedThreadPool();
    AtomicBoolean written = new AtomicBoolean();
    AtomicInteger rounds = new AtomicInteger();
    try {
      List<Future<Count>> readers = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        readers.add(executor.submit(() -> readUntil(written, rounds, source)));
      }
      List<Future<?>> writers = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        int seed = i;
        writers.add(executor.submit(() -> write(new Random(seed), rounds)));
      }
      for (Future<?> writer : writers) {
        writer.get();
      }
      written.set(true);
      int changes = 0;
      List<String> violations = new ArrayList<>();
      for (Future<Count> reader : readers) {
        changes += reader.get().changes();
        violations.addAll(reader.get().violations());
      }
      return new Count(changes, violations);
    } finally {
      written.set(true);
      executor.shutdown();
    }
  }

  /** Snapshots of one thread follow each other, and so must what they show. */
  private static Count readUntil(
      AtomicBoolean written, AtomicInteger rounds, JdbcSource<Long, ? extends List<?>> source)
      throws SQLException {
    Map<Long, Row<?>> seen = new HashMap<>();
    int changes = 0;
    List<String> violations = new ArrayList<>();
    boolean last = false;
    while (!last) {
      last = written.get();
      rounds.incrementAndGet();
      for (Map.Entry<Long, ? extends Row<?>> read : source.loadAll(CATEGORIES).entrySet()) {
        Row<?> row = read.getValue();
        Row<?> before = seen.put(read.getKey(), row);
        if (before == null || row.equals(before)) {
          continue;
        }
        changes++;
        if (row.version().getAsLong() <= before.version().getAsLong()) {
          violations.add("list %d: %s after %s".formatted(read.getKey(), row, before));
        }
      }
    }
    return new Count(changes, violations);
  }

  /** Lets the readers look now and then, however slow they are. */
  private Void write(Random random, AtomicInteger rounds) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (int i = 0; i < TRANSACTIONS_OF_A_WRITER; i++) {
        int id = random.nextInt(PRODUCTS) + 1;
        int category = random.nextInt(CATEGORIES.size()) + 1;
        statement.execute(
            switch (random.nextInt(4)) {
              case 0 -> "delete from product where id = " + id;
              case 1 ->
                  "insert into product values (%d, %d, 'new') on conflict (id) do nothing"
                      .formatted(id, category);
              case 2 -> "update product set category_id = %d where id = %d".formatted(category, id);
              default -> "update product set name = 'n%d' where id = %d".formatted(i, id);
            });
        connection.commit();
        if (i % 10 == 0) {
          int seen = rounds.get();
          await().until(() -> rounds.get() > seen + READERS);
        }
      }
    }
    return null;
  }

  /** With them, the writers of a set wait for each other. */
  private void dropTriggersOfTheSets() throws SQLException {
    execute("drop function product_sets_changed cascade");
  }

  private static List<String> blocks(String language) throws IOException {
    return Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
        .matcher(Files.readString(PAGE, UTF_8))
        .results()
        .map(match -> match.group(1))
        .toList();
  }

  private static String unindented(String text) {
    return text.lines().map(String::strip).collect(Collectors.joining("\n"));
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
