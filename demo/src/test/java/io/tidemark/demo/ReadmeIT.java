package io.tidemark.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidemark.CacheBuilder;
import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.demo.node.NodeServers;
import io.tidemark.jdbc.JdbcSource;
import io.tidemark.json.JsonCodec;
import io.tidemark.key.KeyEncoder;
import io.tidemark.memory.InMemoryStore;
import io.tidemark.memory.LocalLocks;
import io.tidemark.micrometer.TidemarkMetrics;
import io.tidemark.redis.RedisStore;
import io.tidemark.spi.Finding;
import io.tidemark.zookeeper.ZooKeeperLocks;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryNTimes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.ds.PGSimpleDataSource;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.UnifiedJedis;

/** What the README shows is what stands here, and it works. */
@Timeout(600)
class ReadmeIT {
  private static final Path README = Path.of("..", "README.md");
  private static final Path THIS =
      Path.of("src", "test", "java", "io", "tidemark", "demo", "ReadmeIT.java");
  private static final Path PATTERNS_TEST = THIS.resolveSibling("node/PatternsIT.java");
  private static final Path JDBC_TEST =
      Path.of("..", "core", "src", "test", "java", "io", "tidemark", "jdbc", "JdbcPageIT.java");

  record Product(long id, String name) {}

  record CartKey(String tenant, String user) {}

  @Test
  void code_ofTheReadme_isTheCodeBelow() throws Exception {
    String readme = Files.readString(README, UTF_8);
    String tests =
        unindented(
            Files.readString(THIS, UTF_8)
                + Files.readString(PATTERNS_TEST, UTF_8)
                + Files.readString(JDBC_TEST, UTF_8));

    assertThat(Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(readme).results())
        .hasSizeGreaterThan(1)
        .allSatisfy(code -> assertThat(tests).contains(unindented(code.group(1))));
  }

  @Test
  void options_ofTheReadme_areTheBuilders() throws Exception {
    List<String> table =
        Files.readAllLines(README, UTF_8).stream()
            .dropWhile(line -> !line.equals("## Options"))
            .skip(1)
            .takeWhile(line -> !line.startsWith("## "))
            .toList();

    assertThat(CacheBuilder.class.getDeclaredMethods())
        .filteredOn(method -> method.getReturnType() == CacheBuilder.class)
        .extracting(Method::getName)
        .allSatisfy(option -> assertThat(table).anyMatch(row -> row.contains("`" + option + "`")));
    assertThat(table).filteredOn(row -> row.startsWith("| `")).isNotEmpty();
  }

  @Test
  void keyEncoders_ofTheReadme_work() {
    KeyEncoder<CartKey> byComponents = KeyEncoder.of(CartKey.class);
    KeyEncoder<CartKey> byFields = KeyEncoder.ofFields(CartKey::tenant, CartKey::user);

    assertThat(byComponents.encode(new CartKey("a,b", "c"))).isEqualTo("a~1b,c");
    assertThat(byFields.encode(new CartKey("a", "b,c"))).isEqualTo("a,b~1c");
  }

  @Test
  void metrics_ofTheReadme_work() {
    MeterRegistry registry = new SimpleMeterRegistry();
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
  void code_ofTheReadme_works() throws Exception {
    try (NodeServers servers = NodeServers.start();
        CuratorFramework curator = startCurator(servers.zookeeperAddress());
        RedisClient jedis = RedisClient.builder().hostAndPort(servers.redisAddress()).build()) {
      PGSimpleDataSource dataSource = new PGSimpleDataSource();
      dataSource.setUrl(servers.jdbcUrl());
      curator.blockUntilConnected();

      assertThat(readAndUpdate(dataSource, jedis, curator)).hasValue(new Product(1, "Laptop"));
    }
  }

  private static CuratorFramework startCurator(String zookeeper) {
    CuratorFramework curator =
        CuratorFrameworkFactory.builder()
            .connectString(zookeeper) // such as zk1:2181,zk2:2181,zk3:2181
            .sessionTimeoutMs(6_000)
            .connectionTimeoutMs(2_000)
            .retryPolicy(new RetryNTimes(2, 100))
            .build();
    curator.start();
    return curator;
  }

  private static Optional<Product> readAndUpdate(
      DataSource dataSource, UnifiedJedis jedis, CuratorFramework curator) throws SQLException {
    JdbcSource<Long, Product> source =
        JdbcSource.<Long, Product>builder(dataSource)
            .query("select * from product where id = ?")
            .rowMapper(row -> new Product(row.getLong("id"), row.getString("name")))
            .versionTimestamp("updated_at")
            .build();
    VersionedCache<Long, Product> products =
        VersionedCache.<Long, Product>builder("products")
            .source(source)
            .store(RedisStore.create(jedis))
            .locks(ZooKeeperLocks.create(curator))
            .codec(JsonCodec.of(Product.class))
            .build();

    Optional<Product> product = products.get(1L);
    products.update(1L, () -> rename(dataSource, source, 1L, "Laptop Pro"));

    assertThat(products.get(1L)).hasValue(new Product(1, "Laptop Pro"));
    // With every default, a killed loader's lock is free again before its readers give up.
    assertThat(products.check()).extracting(Finding::subject).doesNotContain("waitLimit");
    products.close();
    return product;
  }

  private static Row<Product> rename(
      DataSource dataSource, JdbcSource<Long, Product> source, long id, String name)
      throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement =
            connection.prepareStatement("update product set name = ? where id = ? returning *")) {
      statement.setString(1, name);
      statement.setLong(2, id);
      try (ResultSet result = statement.executeQuery()) {
        return result.next() ? source.row(result) : Row.absent();
      }
    }
  }

  private static String unindented(String text) {
    return text.lines().map(String::strip).collect(Collectors.joining("\n"));
  }
}
