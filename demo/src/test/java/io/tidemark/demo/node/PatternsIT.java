package io.tidemark.demo.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.type.TypeReference;
import io.tidemark.CacheBuilder;
import io.tidemark.CallOptions;
import io.tidemark.FallbackPolicy;
import io.tidemark.LoadProfile;
import io.tidemark.Origin;
import io.tidemark.ReadResult;
import io.tidemark.Row;
import io.tidemark.Source;
import io.tidemark.VersionedCache;
import io.tidemark.WaitStrategy;
import io.tidemark.WarmOptions;
import io.tidemark.WarmReport;
import io.tidemark.WriteOutcome;
import io.tidemark.json.JsonCodec;
import io.tidemark.redis.OptimisticRedisLocks;
import io.tidemark.redis.RedisLocks;
import io.tidemark.redis.RedisStore;
import io.tidemark.redis.Redlock;
import io.tidemark.servers.RestartableServer;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotStore;
import io.tidemark.zookeeper.ZooKeeperLocks;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.ds.PGSimpleDataSource;
import redis.clients.jedis.RedisClient;

/**
 * The patterns of docs/patterns.md, on real servers. Two caches of one name, with clients of their
 * own, stand for two processes; that processes do the same is shown by FleetIT.
 */
@Timeout(600)
class PatternsIT {
  private static final Path PAGE = Path.of("..", "docs", "patterns.md");
  private static final long LAPTOP = 1;

  /** Longer than this takes only what hangs. */
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private static final Duration AN_HOUR = Duration.ofHours(1);

  private static NodeServers servers;
  private static CuratorFramework curator;
  private static RedisClient jedis;
  private static Products table;

  private final List<AutoCloseable> opened = new ArrayList<>();
  private final AtomicInteger loads = new AtomicInteger();

  @BeforeAll
  static void start() throws Exception {
    servers = NodeServers.start();
    curator = CuratorFrameworkFactory.newClient(servers.zookeeperAddress(), new RetryOneTime(100));
    curator.start();
    curator.blockUntilConnected();
    jedis = RedisClient.builder().hostAndPort(servers.redisAddress()).build();
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(servers.jdbcUrl());
    table = new Products(source, Duration.ofSeconds(5));
  }

  @AfterAll
  static void stop() throws Exception {
    jedis.close();
    curator.close();
    servers.close();
  }

  @AfterEach
  void close() throws Exception {
    cache(zookeeper(), this::load, options -> options).clear();
    for (AutoCloseable resource : opened) {
      resource.close();
    }
  }

  @Test
  void page_namesWhatIsHere() throws IOException {
    String page = Files.readString(PAGE, UTF_8);
    String tests = testsOfAllModules();

    assertThat(matches(tests, "void ([a-z]\\w+)\\("))
        .containsAll(matches(page, "`([a-z][A-Za-z]+(?:_[A-Za-z0-9]+)+)`"));
    assertThat(matches(page, "```java\n(.*?)```"))
        .isNotEmpty()
        .allMatch(code -> unindented(tests).contains(unindented(code)));
  }

  @Test
  void distributedLock_coldThenWarm_isLoadedByTheHolderAndThenCached() {
    VersionedCache<Long, Product> cache = cache(zookeeper(), this::load, options -> options);

    ReadResult<Product> cold = cache.read(LAPTOP);
    ReadResult<Product> warm = cache.read(LAPTOP);

    assertThat(cold.origin().label()).isEqualTo("database (lock holder)");
    assertThat(cold.lockAcquired()).isTrue();
    assertThat(warm.origin().label()).isEqualTo("cache");
    assertThat(warm.value()).isEqualTo(cold.value());
    assertThat(loads).hasValue(1);
  }

  @Test
  void distributedLock_rowThatDoesNotExist_isCachedToo() {
    VersionedCache<Long, Product> cache =
        cache(zookeeper(), this::load, options -> options.negativeTtl(Duration.ofMinutes(1)));

    assertThat(cache.get(424242L)).isEmpty();
    assertThat(cache.get(424242L)).isEmpty();
    assertThat(loads).hasValue(1);
  }

  static Stream<LockProvider> providers() {
    return Stream.of(
        ZooKeeperLocks.create(curator),
        RedisLocks.create(jedis),
        OptimisticRedisLocks.create(jedis));
  }

  @ParameterizedTest
  @MethodSource("providers")
  void waiting_whileAnotherProcessLoads_endsWithItsValue(LockProvider locks) throws Exception {
    opened.add((AutoCloseable) locks);
    waitForAnotherProcess(locks, options -> options);
  }

  @Test
  void waiting_byFixedInterval_endsWithTheHoldersValue() throws Exception {
    waitForAnotherProcess(
        zookeeper(),
        options -> options.waitStrategy(WaitStrategy.fixedInterval(Duration.ofMillis(500))));
  }

  @Test
  void waiting_byExponentialBackoff_endsWithTheHoldersValue() throws Exception {
    waitForAnotherProcess(
        zookeeper(), options -> options.waitStrategy(WaitStrategy.exponentialBackoff()));
  }

  @Test
  void redlock_majorityOfThreeServers_loadsOnceAndSurvivesTheLossOfOne() throws Exception {
    List<RestartableServer> masters = new ArrayList<>();
    List<RedisClient> clients = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      RestartableServer master = NodeServers.startRedis();
      masters.add(master);
      clients.add(RedisClient.create("127.0.0.1", master.port()));
    }
    try (Redlock redlock = Redlock.create(clients)) {
      masters.get(0).stop();

      waitForAnotherProcess(redlock, options -> options);
    } finally {
      for (int i = 0; i < 3; i++) {
        clients.get(i).close();
        masters.get(i).stop();
      }
    }
  }

  @Test
  void timeout_holderTakesTooLong_fallsBackOnTheDatabase() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    VersionedCache<Long, Product> slow =
        cache(zookeeper(), id -> loadAfter(gate, id), options -> options);
    VersionedCache<Long, Product> products =
        cache(
            zookeeper(),
            this::load,
            options ->
                options
                    .deadline(AN_HOUR)
                    .waitLimit(Duration.ofMillis(200))
                    .onFallback(FallbackPolicy.LOAD));
    CompletableFuture<ReadResult<Product>> holder = slow.readAsync(LAPTOP);
    await().atMost(LIMIT).until(() -> slow.stats().loads() == 1);

    ReadResult<Product> answer = products.read(LAPTOP);

    assertThat(answer.origin().label()).isEqualTo("database (fallback)");
    assertThat(answer.lockAcquired()).isFalse();
    gate.countDown();
    assertThat(holder.join().value()).isEqualTo(answer.value());
  }

  @Test
  void profiles_perCall_areTheQuerysOwn() {
    VersionedCache<Long, Product> products =
        cache(zookeeper(), this::load, options -> options.profile(LoadProfile.FAST));
    VersionedCache<Long, Product> reports =
        products.with(CallOptions.none().profile(LoadProfile.SLOW));

    assertThat(reports.get(LAPTOP)).isPresent();
    assertThat(products.read(LAPTOP).origin()).isEqualTo(Origin.CACHE);
  }

  @Test
  void warming_byTwoProcesses_loadsEachKeyOnce() {
    List<Long> popularIds = LongStream.rangeClosed(1, 100).boxed().toList();
    VersionedCache<Long, Product> products = cache(zookeeper(), this::load, options -> options);
    VersionedCache<Long, Product> other = cache(zookeeper(), this::load, options -> options);

    CompletableFuture<WarmReport> elsewhere =
        CompletableFuture.supplyAsync(() -> other.warm(popularIds, WarmOptions.defaults()));
    WarmReport here =
        products.warm(popularIds, WarmOptions.defaults().loadsPerSecond(200).parallelism(4));

    assertThat(here.loaded() + elsewhere.join().loaded()).isEqualTo(100);
    assertThat(here.failed() + elsewhere.join().failed()).isZero();
    assertThat(loads).hasValue(100);
  }

  @Test
  void timestamps_staleWriter_loses() throws Exception {
    VersionedCache<Long, Product> products = cache(zookeeper(), this::load, options -> options);
    Row<Product> old = load(LAPTOP);
    products.update(
        LAPTOP, () -> table.update(LAPTOP, new ProductFields("Laptop", new BigDecimal("899"), 9)));

    assertThat(products.publish(LAPTOP, old)).isEqualTo(WriteOutcome.SUPERSEDED);
    assertThat(products.get(LAPTOP)).map(Product::stock).hasValue(9);
  }

  /** One process loads while another waits for it by the locks and options given. */
  private void waitForAnotherProcess(
      LockProvider locks, UnaryOperator<CacheBuilder<Long, Product>> options) throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    VersionedCache<Long, Product> holder =
        cache(locks, id -> loadAfter(gate, id), builder -> builder.deadline(AN_HOUR));
    VersionedCache<Long, Product> waiter =
        cache(locks, this::load, builder -> options.apply(builder.deadline(AN_HOUR)));
    CompletableFuture<ReadResult<Product>> loaded = holder.readAsync(LAPTOP);
    await().atMost(LIMIT).until(() -> holder.stats().loads() == 1);

    CompletableFuture<ReadResult<Product>> waited = waiter.readAsync(LAPTOP);
    await().atMost(LIMIT).until(() -> waiter.stats().lockWaited() > 0);
    gate.countDown();

    assertThat(waited.get().origin().label()).isEqualTo("cache (after wait)");
    assertThat(waited.get().value()).isEqualTo(loaded.get().value());
    assertThat(loads).as("by both").hasValue(1);
  }

  private VersionedCache<Long, Product> cache(
      LockProvider locks,
      Source<Long, Product> source,
      UnaryOperator<CacheBuilder<Long, Product>> options) {
    SlotStore store = RedisStore.create(jedis);
    VersionedCache<Long, Product> cache =
        options
            .apply(
                VersionedCache.<Long, Product>builder("patterns")
                    .source(source)
                    .store(store)
                    .locks(locks)
                    .codec(JsonCodec.of(new TypeReference<Product>() {}, Json.MAPPER)))
            .build();
    opened.add(cache);
    return cache;
  }

  private ZooKeeperLocks zookeeper() {
    ZooKeeperLocks locks = ZooKeeperLocks.create(curator);
    opened.add(locks);
    return locks;
  }

  private Row<Product> load(Long id) throws Exception {
    loads.incrementAndGet();
    return table.load(id);
  }

  private Row<Product> loadAfter(CountDownLatch gate, Long id) throws Exception {
    if (!gate.await(LIMIT.toMinutes(), TimeUnit.MINUTES)) {
      throw new IllegalStateException("the gate stayed closed");
    }
    return load(id);
  }

  private static String testsOfAllModules() throws IOException {
    StringBuilder tests = new StringBuilder();
    // Not below target: there other tests make and delete files meanwhile.
    try (DirectoryStream<Path> modules = Files.newDirectoryStream(Path.of(".."))) {
      for (Path module : modules) {
        Path sources = module.resolve("src/test/java");
        if (Files.isDirectory(sources)) {
          appendJava(sources, tests);
        }
      }
    }
    return tests.toString();
  }

  private static void appendJava(Path folder, StringBuilder text) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        text.append(Files.readString(file, UTF_8));
      }
    }
  }

  private static List<String> matches(String text, String regex) {
    Matcher matcher = Pattern.compile(regex, Pattern.DOTALL).matcher(text);
    return matcher.results().map(result -> result.group(1)).toList();
  }

  private static String unindented(String text) {
    return text.replaceAll("\\s+", "");
  }
}
