package io.tidemark.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.demo.node.NodeServers;
import io.tidemark.jdbc.JdbcSource;
import io.tidemark.json.JsonCodec;
import io.tidemark.redis.RedisStore;
import io.tidemark.spi.Finding;
import io.tidemark.testkit.Awaiting;
import io.tidemark.zookeeper.ZooKeeperLocks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryNTimes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.UnifiedJedis;

/**
 * What the README shows is what stands here, or in the example for Spring Boot, and it works. So is
 * what docs/calls.md and docs/operations.md show.
 */
@Timeout(600)
class ReadmeIT {
  private static final Path ROOT = Path.of("..");
  private static final Pattern BLOCK =
      Pattern.compile("^```(\\w*)\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);
  private static final Path EXAMPLE = Path.of("examples/spring-boot/src/main");
  private static final List<Path> SOURCES =
      List.of(
          Path.of("demo/src/test/java/io/tidemark/demo/ReadmeIT.java"),
          Path.of("demo/src/test/java/io/tidemark/demo/node/PatternsIT.java"),
          EXAMPLE.resolve("java/com/example/catalogue/Catalogue.java"),
          EXAMPLE.resolve("java/com/example/catalogue/ProductCache.java"));

  private final PGSimpleDataSource dataSource = new PGSimpleDataSource();
  private final JdbcSource<Long, Product> source =
      JdbcSource.<Long, Product>builder(dataSource)
          .query("select * from product where id = ?")
          .rowMapper(row -> new Product(row.getLong("id"), row.getString("name")))
          .versionTimestamp("updated_at")
          .build();

  record Product(long id, String name) {}

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "docs/calls.md", "docs/operations.md"})
  void code_ofThePage_isInTheSources(String page) throws Exception {
    StringBuilder sources = new StringBuilder();
    for (Path source : SOURCES) {
      sources.append(dense(Files.readString(ROOT.resolve(source), UTF_8)));
    }

    assertThat(blocks(page, "java"))
        .isNotEmpty()
        .flatMap(block -> List.of(block.split("\n\n")))
        .allMatch(code -> sources.indexOf(dense(code)) >= 0);
  }

  @Test
  void properties_ofTheReadme_areThoseOfTheExample() throws Exception {
    List<String> example =
        Files.readAllLines(
            ROOT.resolve(EXAMPLE).resolve("resources/application.properties"), UTF_8);

    assertThat(blocks("README.md", "properties"))
        .hasSize(1)
        .allSatisfy(block -> assertThat(example).containsAll(block.lines().toList()));
  }

  @Test
  void code_ofTheReadme_works() throws Exception {
    try (NodeServers servers = NodeServers.start();
        CuratorFramework curator = startCurator(servers.zookeeperAddress());
        RedisClient jedis = RedisClient.builder().hostAndPort(servers.redisAddress()).build()) {
      dataSource.setUrl(servers.jdbcUrl());
      curator.blockUntilConnected();

      readUpdateAndExplain(jedis, curator);
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

  private void readUpdateAndExplain(UnifiedJedis jedis, CuratorFramework curator) throws Exception {
    VersionedCache<Long, Product> products =
        VersionedCache.<Long, Product>builder("products")
            .source(source)
            .codec(JsonCodec.of(Product.class))
            .store(RedisStore.create(jedis))
            .locks(ZooKeeperLocks.create(curator))
            .build();

    Optional<Product> product = products.get(1L);
    products.update(1L, () -> renamed(1L, "Laptop Pro"));

    assertThat(product).hasValue(new Product(1, "Laptop"));
    assertThat(products.get(1L)).hasValue(new Product(1, "Laptop Pro"));
    // With every default, a killed loader's lock is free again before its readers give up.
    assertThat(products.check()).extracting(Finding::subject).doesNotContain("waitLimit");
    products.get(2L);
    renamed(2L, "renamed past the cache");
    assertExplanationIsThatOfTheReadme(products);
    products.close();
  }

  private static void assertExplanationIsThatOfTheReadme(VersionedCache<Long, Product> products)
      throws IOException {
    List<String> shown =
        blocks("README.md", "").stream()
            .filter(block -> block.startsWith("products:2\n"))
            .findFirst()
            .map(ReadmeIT::shape)
            .orElseThrow();

    // The read did not wait for the release of its lock.
    Awaiting.await()
        .untilAsserted(
            () ->
                assertThat(shape(products.explain(2L).toString()))
                    .containsExactlyInAnyOrderElementsOf(shown));
    // For the next one that the README shows.
    System.out.println(products.explain(2L));
  }

  /** The lines of an explanation, without what differs each time. */
  private static List<String> shape(String explanation) {
    return explanation
        .lines()
        .map(line -> line.replaceAll("by \\S+ at", "by a process at"))
        .map(line -> line.replaceAll("\\d[\\d,]*", "1").replace("less than 1 ms", "1 ms"))
        .toList();
  }

  private Row<Product> renamed(long id, String name) throws SQLException {
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

  private static List<String> blocks(String page, String language) throws IOException {
    return BLOCK
        .matcher(Files.readString(ROOT.resolve(page), UTF_8))
        .results()
        .filter(block -> block.group(1).equals(language))
        .map(block -> block.group(2))
        .toList();
  }

  /** Code without spaces and line breaks: a page may put more of it into a line. */
  private static String dense(String code) {
    return code.replaceAll("\\s+", "");
  }
}
