package io.tidemark.jdbc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.Origin;
import io.tidemark.ReadResult;
import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.WriteOutcome;
import io.tidemark.json.JsonCodec;
import io.tidemark.memory.InMemoryStore;
import io.tidemark.memory.LocalLocks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What docs/jdbc.md shows is what stands here, and it works. */
@ResourceLock(SharedPostgres.LOCK)
class JdbcPageIT {
  private static final Path PAGE = Path.of("..", "docs", "jdbc.md");
  private static final Path THIS =
      Path.of("src", "test", "java", "io", "tidemark", "jdbc", "JdbcPageIT.java");

  private final DataSource dataSource = SharedPostgres.database("page");
  private final JdbcClient client = JdbcClient.create(dataSource);
  private final TransactionTemplate transactions =
      new TransactionTemplate(new JdbcTransactionManager(dataSource));
  private final JdbcSource<Long, Product> source =
      JdbcSource.<Long, Product>builder(dataSource)
          .query("select * from product where id = ?")
          .tombstoneQuery("select * from product_tombstone where id = ?")
          .rowMapper(row -> new Product(row.getLong("id"), row.getString("name")))
          .versionTimestamp("updated_at")
          .build();
  private final VersionedCache<Long, Product> products =
      VersionedCache.<Long, Product>builder("products")
          .source(source)
          .store(InMemoryStore.create())
          .locks(LocalLocks.create())
          .codec(JsonCodec.of(Product.class))
          .build();

  record Product(long id, String name) {}

  @BeforeEach
  void createTable() {
    client
        .sql(
            "create table product (id bigint primary key, name text, updated_at timestamptz not null"
                + " default clock_timestamp())")
        .update();
    client.sql(PostgresVersions.triggerSql("product", "updated_at")).update();
    client.sql(PostgresVersions.tombstoneSql("product", "updated_at", "id")).update();
  }

  @AfterEach
  void dropTable() {
    products.close();
    client.sql("drop table product, product_tombstone; drop function product_tombstone").update();
  }

  @Test
  void code_ofThePage_isTheCodeBelow() throws Exception {
    String test = unindented(Files.readString(THIS, UTF_8));

    assertThat(
            Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(PAGE, UTF_8))
                .results()
                .map(MatchResult::group))
        .hasSizeGreaterThan(2)
        .allSatisfy(
            code ->
                assertThat(test)
                    .contains(unindented(code.replace("```java\n", "").replace("```", ""))));
  }

  @Test
  void check_ofThePagesSource_findsNothing() {
    assertThat(products.check()).isEmpty();
  }

  @Test
  void upsert_newAndExistingRow_isWhatIsReadNext() throws SQLException {
    assertThat(upsert(1, "Laptop").outcome()).isNotEqualTo(WriteOutcome.UNKNOWN);
    assertThat(products.get(1L)).hasValue(new Product(1, "Laptop"));
    assertThat(upsert(1, "Phone").outcome()).isEqualTo(WriteOutcome.STORED);

    ReadResult<Product> read = products.read(1L);
    assertThat(read.value()).hasValue(new Product(1, "Phone"));
    assertThat(read.origin()).isEqualTo(Origin.CACHE);
  }

  @Test
  void delete_andInsertAgain_growsEachTime() throws SQLException {
    upsert(1, "Laptop");
    long first = source.load(1L).version().getAsLong();

    delete(1);
    assertThat(products.get(1L)).isEmpty();
    long deleted = source.load(1L).version().getAsLong();
    upsert(1, "Laptop again");

    assertThat(deleted).isGreaterThan(first);
    assertThat(source.load(1L).version().getAsLong()).isGreaterThan(deleted);
    assertThat(products.get(1L)).hasValue(new Product(1, "Laptop again"));
  }

  @Test
  void delete_ofARowThatIsNotThere_isAnAbsence() {
    delete(7);

    assertThat(products.get(7L)).isEmpty();
  }

  @Test
  void load_keyOfTwoColumns_works() throws SQLException {
    record ProductKey(String tenant, long id) {}
    JdbcSource<ProductKey, String> names =
        JdbcSource.<ProductKey, String>builder(dataSource)
            .query("select * from product where ? || name = name and id = ?")
            .parameters(
                (statement, key) -> {
                  statement.setString(1, key.tenant());
                  statement.setLong(2, key.id());
                })
            .rowMapper(row -> row.getString("name"))
            .versionTimestamp("updated_at")
            .build();
    upsert(1, "Laptop");

    assertThat(names.load(new ProductKey("", 1))).isInstanceOf(Row.Present.class);
    assertThat(names.load(new ProductKey("other", 1))).isEqualTo(Row.absent());
  }

  @Test
  void plainJdbc_upsert_works() throws SQLException {
    assertThat(products.update(1L, () -> save(1, "Laptop")).row()).isInstanceOf(Row.Present.class);
  }

  private io.tidemark.WriteResult<Product> upsert(long id, String name) {
    return products.update(
        id,
        () ->
            client
                .sql(
                    """
                    insert into product (id, name) values (?, ?)
                    on conflict (id) do update set name = excluded.name
                    returning *
                    """)
                .params(id, name)
                .query((row, n) -> source.row(row))
                .single());
  }

  private void delete(long id) {
    products.update(
        id,
        () ->
            transactions.execute(
                transaction -> {
                  client.sql("delete from product where id = ?").param(id).update();
                  return client
                      .sql("select * from product_tombstone where id = ?")
                      .param(id)
                      .query((row, n) -> source.deleted(row))
                      .optional()
                      .orElse(Row.absent());
                }));
  }

  private Row<Product> save(long id, String name) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "insert into product (id, name) values (?, ?)"
                    + " on conflict (id) do update set name = excluded.name returning *")) {
      statement.setLong(1, id);
      statement.setString(2, name);
      try (ResultSet result = statement.executeQuery()) {
        result.next();
        return source.row(result);
      }
    }
  }

  private static String unindented(String text) {
    return text.lines().map(String::strip).collect(Collectors.joining("\n"));
  }
}
