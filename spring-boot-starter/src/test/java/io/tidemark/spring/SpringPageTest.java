package io.tidemark.spring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.WriteOutcome;
import io.tidemark.WriteResult;
import io.tidemark.jdbc.H2Versions;
import io.tidemark.jdbc.JdbcSource;
import io.tidemark.spring.cache.TidemarkCache;
import io.tidemark.spring.cache.Versioned;
import io.tidemark.spring.properties.TidemarkProperties;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.CachePut;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/**
 * What docs/spring.md shows stands here and works, or in the example, and its table is that of the
 * metadata.
 */
class SpringPageTest {
  private static final Path PAGE = Path.of("..", "docs", "spring.md");
  private static final Path THIS =
      Path.of("src", "test", "java", "io", "tidemark", "spring", "SpringPageTest.java");
  private static final Path EXAMPLE =
      Path.of("..", "examples", "spring-boot", "src", "main", "java");
  private static final Pattern CODE = Pattern.compile(" *```java\n(.*?)```", Pattern.DOTALL);

  @Test
  void code_ofThePage_isTheCodeBelowOrOfTheExample() throws IOException {
    StringBuilder sources = new StringBuilder(Files.readString(THIS, UTF_8));
    try (Stream<Path> example = Files.walk(EXAMPLE)) {
      for (Path file : example.filter(Files::isRegularFile).toList()) {
        sources.append(Files.readString(file, UTF_8));
      }
    }
    String tests = unindented(sources.toString());
    List<String> blocks =
        CODE.matcher(Files.readString(PAGE, UTF_8))
            .results()
            .map(block -> unindented(block.group(1)))
            .toList();

    assertThat(blocks)
        .filteredOn(block -> !block.startsWith("import "))
        .hasSizeGreaterThan(2)
        .allSatisfy(block -> assertThat(tests).contains(block));
    assertThat(blocks)
        .filteredOn(block -> block.startsWith("import "))
        .hasSize(1)
        .allSatisfy(block -> assertThat(block.lines()).allSatisfy(line -> assertNamesAClass(line)));
  }

  private static void assertNamesAClass(String imported) throws ClassNotFoundException {
    Class.forName(imported.replaceAll("import (\\S+);", "$1"));
  }

  @Test
  void table_ofThePage_isThatOfTheMetadata() throws Exception {
    List<String> rows;
    try (Stream<String> lines = Files.lines(PAGE, UTF_8)) {
      rows = lines.filter(line -> line.startsWith("| `tidemark.")).toList();
    }
    assertThat(rows).containsExactlyElementsOf(rowsOfTheMetadata());
  }

  @Test
  void properties_ofThePagesExample_bind() {
    Contexts.local()
        .withUserConfiguration(Contexts.Products.class)
        .withPropertyValues(properties())
        .run(
            context ->
                assertThat(context)
                    .hasNotFailed()
                    .getBean(TidemarkProperties.class)
                    .extracting(properties -> properties.zookeeper().connectString())
                    .isEqualTo("127.0.0.1:2181"));
  }

  private static String[] properties() {
    try {
      String page = Files.readString(PAGE, UTF_8);
      int start = page.indexOf("```properties\n") + "```properties\n".length();
      return page.substring(start, page.indexOf("```", start))
          .lines()
          .map(String::strip)
          .filter(line -> !line.isEmpty())
          .toArray(String[]::new);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static List<String> rowsOfTheMetadata() throws Exception {
    JsonNode metadata;
    try (InputStream file =
        TidemarkProperties.class.getResourceAsStream(
            "/META-INF/spring-configuration-metadata.json")) {
      metadata = new ObjectMapper().readTree(file);
    }
    TreeMap<String, String> rows = new TreeMap<>();
    for (JsonNode property : metadata.get("properties")) {
      String name =
          property.get("name").asText().replace("tidemark.defaults.", "tidemark.caches.<name>.");
      if (name.startsWith("tidemark.") && !name.equals("tidemark.caches")) {
        JsonNode value = property.get("defaultValue");
        rows.put(
            name,
            "| `%s` | %s | %s |"
                .formatted(
                    name,
                    value == null ? "" : "`" + value.asText() + "`",
                    property.get("description").asText()
                        + valuesOf(property.get("type").asText())));
      }
    }
    return new ArrayList<>(rows.values());
  }

  /** What the page says of the values of an enum; nothing of those of another type. */
  private static String valuesOf(String type) throws ClassNotFoundException {
    if (!type.startsWith("io.tidemark.")) {
      return "";
    }
    return Arrays.stream(Class.forName(type).getEnumConstants())
        .map(value -> "`" + value.toString().toLowerCase(Locale.ROOT).replace('_', '-') + "`")
        .collect(Collectors.joining(", ", " One of ", "."));
  }

  private static String unindented(String code) {
    return code.replaceAll("(?m)^ +", "").replaceAll("\n{2,}", "\n");
  }

  record Product(long id, String name) {}

  @Configuration(proxyBeanMethods = false)
  static class FirstCache {
    @Bean
    VersionedCache<Long, Product> products(Tidemark tidemark, DataSource dataSource) {
      return tidemark
          .cache("products", Long.class, Product.class)
          .source(
              JdbcSource.<Long, Product>builder(dataSource)
                  .query("select * from product where id = ?")
                  .rowMapper(row -> new Product(row.getLong("id"), row.getString("name")))
                  .versionTimestamp("updated_at")
                  .build())
          .build();
    }
  }

  @RestController
  static class Products {
    private final VersionedCache<Long, Product> products;

    Products(VersionedCache<Long, Product> products) {
      this.products = products;
    }

    @GetMapping("/products/{id}")
    ResponseEntity<Product> product(@PathVariable long id) {
      return ResponseEntity.of(products.get(id));
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class ProductCache {
    @Bean
    JdbcSource<Long, Product> productSource(DataSource dataSource) {
      return JdbcSource.<Long, Product>builder(dataSource)
          .query("select * from product where id = ?")
          .rowMapper(row -> new Product(row.getLong("id"), row.getString("name")))
          .versionNumber("version")
          .build();
    }

    @Bean
    VersionedCache<Long, Product> products(Tidemark tidemark, JdbcSource<Long, Product> source) {
      return tidemark.cache("products", Long.class, Product.class).source(source).build();
    }
  }

  @Service
  static class Catalogue {
    private final VersionedCache<Long, Product> products;
    private final JdbcSource<Long, Product> source;
    private final JdbcClient client;

    Catalogue(
        VersionedCache<Long, Product> products,
        JdbcSource<Long, Product> source,
        JdbcClient client) {
      this.products = products;
      this.source = source;
      this.client = client;
    }

    Optional<Product> product(long id) {
      return products.get(id);
    }

    WriteResult<Product> rename(long id, String name) {
      return products.update(id, () -> renamed(id, name));
    }

    private Row<Product> renamed(long id, String name) {
      client.sql("update product set name = ? where id = ?").params(name, id).update();
      return client
          .sql("select * from product where id = ?")
          .param(id)
          .query((row, n) -> source.row(row))
          .single();
    }
  }

  record Book(long id, String title, long version) implements Versioned {}

  @Configuration(proxyBeanMethods = false)
  @EnableCaching
  static class BookCache {
    @Bean
    TidemarkCache books(Tidemark tidemark) {
      return TidemarkCache.builder(tidemark, "books", Book.class).build();
    }
  }

  @Service
  static class Library {
    private final JdbcClient client;

    Library(JdbcClient client) {
      this.client = client;
    }

    @Cacheable(cacheNames = "books", sync = true)
    public Optional<Book> book(long id) {
      return row(id).optional();
    }

    @CachePut(cacheNames = "books", key = "#id")
    public Book rename(long id, String title) {
      client.sql("update book set title = ? where id = ?").params(title, id).update();
      return row(id).single();
    }

    @CacheEvict(cacheNames = "books")
    public void remove(long id) {
      client.sql("delete from book where id = ?").param(id).update();
    }

    private JdbcClient.MappedQuerySpec<Book> row(long id) {
      return client.sql("select * from book where id = ?").param(id).query(Book.class);
    }
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Database {
    @Bean
    DataSource dataSource() {
      JdbcDataSource dataSource = new JdbcDataSource();
      dataSource.setUrl("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
      return dataSource;
    }

    @Bean
    JdbcClient client(DataSource dataSource) {
      JdbcClient client = JdbcClient.create(dataSource);
      client
          .sql(
              "create table product (id bigint primary key, name varchar, version bigint not null,"
                  + " updated_at timestamp(6) with time zone default current_timestamp)")
          .update();
      client.sql(H2Versions.columnSql("product", "version")).update();
      client.sql("insert into product (id, name) values (1, 'Laptop')").update();
      client
          .sql("create table book (id bigint primary key, title varchar, version bigint not null)")
          .update();
      client.sql(H2Versions.columnSql("book", "version")).update();
      client.sql("insert into book (id, title) values (1, 'Tides')").update();
      return client;
    }
  }

  /** What the page shows of a test. */
  @SuppressWarnings("ClassCanBeStatic") // As an application would write it.
  static class Shown {
    @SpringBootTest(properties = {"tidemark.store=memory", "tidemark.locks=local"})
    class CatalogueTest {
      @Autowired Catalogue catalogue;
    }
  }

  @SpringBootTest(
      classes = {Database.class, FirstCache.class, Products.class},
      webEnvironment = SpringBootTest.WebEnvironment.NONE,
      properties = {"tidemark.store=memory", "tidemark.locks=local"})
  @org.junit.jupiter.api.Nested
  class FirstReadTest {
    @Autowired Products products;
    @Autowired VersionedCache<Long, Product> cache;
    // Creates the table.
    @Autowired JdbcClient client;

    @Test
    void product_readTwice_isCached() {
      assertThat(products.product(1).getBody()).isEqualTo(new Product(1, "Laptop"));
      assertThat(products.product(1).getBody()).isEqualTo(new Product(1, "Laptop"));
      assertThat(products.product(2).getStatusCode().value()).isEqualTo(404);
      assertThat(cache.stats().hits()).isEqualTo(1);
    }
  }

  /** The slice itself. */
  @SpringBootTest(
      classes = {Database.class, ProductCache.class, Catalogue.class},
      webEnvironment = SpringBootTest.WebEnvironment.NONE,
      properties = {"tidemark.store=memory", "tidemark.locks=local"})
  @org.junit.jupiter.api.Nested
  class SliceTest {
    @Autowired Catalogue catalogue;

    @Test
    void rename_throughTheCache_isWhatIsReadNext() {
      assertThat(catalogue.product(1)).contains(new Product(1, "Laptop"));
      assertThat(catalogue.rename(1, "Laptop Pro").outcome()).isEqualTo(WriteOutcome.STORED);
      assertThat(catalogue.product(1)).contains(new Product(1, "Laptop Pro"));
    }
  }

  @SpringBootTest(
      classes = {Database.class, BookCache.class, Library.class},
      webEnvironment = SpringBootTest.WebEnvironment.NONE,
      properties = {"tidemark.store=memory", "tidemark.locks=local"})
  @org.junit.jupiter.api.Nested
  class LibraryTest {
    @Autowired Library library;
    @Autowired TidemarkCache books;

    @Test
    void methods_withSpringsAnnotations_readPublishAndEvict() {
      assertThat(library.book(1)).map(Book::title).contains("Tides");
      Book renamed = library.rename(1, "Tides, second edition");
      assertThat(books.get(1L, Book.class)).isEqualTo(renamed);
      library.remove(1);
      assertThat(library.book(1)).isEmpty();
    }
  }
}
