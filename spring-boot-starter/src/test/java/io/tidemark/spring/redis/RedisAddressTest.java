package io.tidemark.spring.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.spring.Contexts;
import io.tidemark.spring.failure.SetupException;
import io.tidemark.spring.properties.TidemarkProperties;
import io.tidemark.spring.redis.RedisAddress.Login;
import io.tidemark.spring.redis.RedisAddress.Sentinels;
import io.tidemark.spring.redis.RedisAddress.Topology;
import java.time.Duration;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.data.redis.core.RedisOperations;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClient;

/** Reads addresses; makes no client. */
class RedisAddressTest {
  private static final String[] BUNDLE = {
    "spring.ssl.bundle.pem.redis.truststore.certificate=classpath:redis-test.crt",
    "spring.ssl.bundle.pem.redis.options.enabled-protocols=TLSv1.3"
  };

  @Test
  void own_url_hasEverything() {
    own(
        address -> {
          assertThat(address.topology()).isEqualTo(Topology.SERVER);
          assertThat(address.nodes()).containsExactly(new HostAndPort("cache", 7000));
          assertThat(address.login()).isEqualTo(new Login("shop", "p@ss"));
          assertThat(address.database()).isEqualTo(3);
          assertThat(address.tls()).isTrue();
        },
        "url=rediss://shop:p%40ss@cache:7000/3");
  }

  @Test
  void own_hostWithoutPort_hasTheDefaults() {
    own(
        address -> {
          assertThat(address.nodes()).containsExactly(new HostAndPort("cache", 6379));
          assertThat(address.login()).isEqualTo(Login.NONE);
          assertThat(address.database()).isZero();
          assertThat(address.tls()).isFalse();
        },
        "host=cache");
  }

  @Test
  void own_cluster_hasItsNodes() {
    own(
        address -> {
          assertThat(address.topology()).isEqualTo(Topology.CLUSTER);
          assertThat(address.nodes())
              .isEqualTo(Set.of(new HostAndPort("a", 1), new HostAndPort("b", 2)));
          assertThat(address.login()).isEqualTo(new Login("shop", "secret"));
        },
        "cluster.nodes=a:1,b:2",
        "username=shop",
        "password=secret");
  }

  @Test
  void own_sentinels_haveTheMasterAndALoginOfTheirOwn() {
    own(
        address -> {
          assertThat(address.topology()).isEqualTo(Topology.SENTINELS);
          assertThat(address.sentinels())
              .isEqualTo(new Sentinels("main", new Login("watcher", "watched")));
          assertThat(address.database()).isEqualTo(2);
        },
        "sentinel.nodes=a:1,b:2",
        "sentinel.master=main",
        "sentinel.username=watcher",
        "sentinel.password=watched",
        "database=2");
  }

  @Test
  void own_sslBundle_switchesTlsOn() {
    own(
        address -> {
          assertThat(address.tls()).isTrue();
          assertThat(address.bundle()).isNotNull();
        },
        "host=cache",
        "ssl.bundle=redis");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          url=redis://a, host=b              | mutually exclusive
          url=redis://a, port=5              | mutually exclusive
          host=b, cluster.nodes=a:1          | mutually exclusive
          url=http://u:secret@a:1            | redis://user:password@host:port/database
          url=redis://u:se cret@a:1          | redis://user:password@host:port/database
          cluster.nodes=nowhere              | Each node must be host:port
          cluster.nodes=a:1, database=2      | only the database 0
          sentinel.nodes=a:1                 | tidemark.redis.sentinel.master
          cluster.nodes=127.0.0.1:1          | one must answer at start
          sentinel.nodes=127.0.0.1:1, sentinel.master=m | one must answer at start
          password=secret                    | none says where it is
          host=a, ssl.bundle=missing         | missing
          host=a, timeout=0                  | tidemark.redis.timeout
          host=a, pool.max-active=0          | tidemark.redis.pool.max-active
          host=a, pool.max-wait=-1           | tidemark.redis.pool.max-wait
          host=a, lock.life=1ms              | tidemark.redis.lock.life
          ''                                 | tidemark.redis.url
          """)
  void own_wrong_saysWhatToSet(String properties, String words) {
    Contexts.bare()
        .withPropertyValues("tidemark.locks=redis")
        .withPropertyValues(BUNDLE)
        .withPropertyValues(prefixed(properties.split(", ")))
        .run(
            context -> {
              var analysis = Contexts.analysis(context.getStartupFailure());
              assertThat(analysis.getDescription() + analysis.getAction())
                  .containsIgnoringCase(words)
                  .doesNotContain("cret");
            });
  }

  @Test
  void client_byDefault_waitsForNothingWithoutALimit() {
    client()
        .withPropertyValues("tidemark.redis.pool.max-active=9")
        .run(
            context -> {
              var pool = context.getBean(RedisClient.class).getPool();
              assertThat(pool.getMaxTotal()).isEqualTo(9);
              assertThat(pool.getMaxWaitDuration()).isEqualTo(Duration.ofSeconds(2));
              assertThat(pool.getJmxName()).isNull();
            });
  }

  @Test
  void client_withJmxSwitchedOn_registersItsPool() {
    client()
        .withPropertyValues("spring.jmx.enabled=true")
        .run(
            context ->
                assertThat(context.getBean(RedisClient.class).getPool().getJmxName()).isNotNull());
  }

  private static ApplicationContextRunner client() {
    return Contexts.bare()
        .withPropertyValues("tidemark.redis.host=127.0.0.1", "tidemark.locks=local");
  }

  @Test
  void start_withoutAnyAddressOfZooKeeper_saysWhatToSet() {
    Contexts.bare()
        .withPropertyValues("tidemark.redis.host=127.0.0.1")
        .run(
            context ->
                assertThat(Contexts.analysis(context.getStartupFailure()).getAction())
                    .contains("tidemark.zookeeper.connect-string")
                    .contains("tidemark.locks=redis")
                    .contains("tidemark.locks=local"));
  }

  @Test
  void boots_server_isUsedWithItsTimeoutsAndBundle() {
    boots(
        address -> {
          assertThat(address.topology()).isEqualTo(Topology.SERVER);
          assertThat(address.nodes()).containsExactly(new HostAndPort("cache", 7001));
          assertThat(address.login()).isEqualTo(new Login("shop", "secret"));
          assertThat(address.database()).isEqualTo(4);
          assertThat(address.tls()).isTrue();
          assertThat(address.bundle()).isNotNull();
          assertThat(address.defaults())
              .isEqualTo(
                  new RedisAddress.Defaults(
                      Duration.ofMillis(300), Duration.ofMillis(400), "catalogue"));
        },
        "host=cache",
        "port=7001",
        "username=shop",
        "password=secret",
        "database=4",
        "ssl.bundle=redis",
        "connect-timeout=300ms",
        "timeout=400ms",
        "client-name=catalogue");
  }

  @Test
  void boots_cluster_isUsed() {
    boots(
        address -> {
          assertThat(address.topology()).isEqualTo(Topology.CLUSTER);
          assertThat(address.nodes())
              .isEqualTo(Set.of(new HostAndPort("a", 1), new HostAndPort("b", 2)));
        },
        "cluster.nodes=a:1,b:2");
  }

  @Test
  void boots_sentinels_areUsed() {
    boots(
        address -> {
          assertThat(address.topology()).isEqualTo(Topology.SENTINELS);
          assertThat(address.nodes()).containsExactly(new HostAndPort("a", 1));
          assertThat(address.sentinels())
              .isEqualTo(new Sentinels("main", new Login(null, "watched")));
        },
        "sentinel.master=main",
        "sentinel.nodes=a:1",
        "sentinel.password=watched");
  }

  @Test
  void boots_masterReplica_isRefused() {
    springData("masterreplica.nodes=a:1,b:2")
        .run(
            context ->
                assertThat(context.getStartupFailure())
                    .hasRootCauseInstanceOf(SetupException.class)
                    .hasStackTraceContaining("Set tidemark.redis.host to the primary"));
  }

  @Test
  void own_besideBoots_wins() {
    springData("host=boots")
        .withPropertyValues("tidemark.redis.host=own")
        .run(
            context -> {
              TidemarkProperties properties = context.getBean(TidemarkProperties.class);
              assertThat(new OwnAddress(properties.redis(), null).find().orElseThrow().nodes())
                  .containsExactly(new HostAndPort("own", 6379));
              assertThat(context).hasNotFailed();
            });
  }

  @Test
  void start_withoutSpringDataRedis_needsAnAddressOfItsOwn() {
    springData("host=boots")
        .withClassLoader(new FilteredClassLoader(RedisOperations.class))
        .run(
            context ->
                assertThat(Contexts.analysis(context.getStartupFailure()).getAction())
                    .contains("tidemark.redis.url"));
  }

  private static void own(Consumer<RedisAddress> expected, String... properties) {
    Contexts.local()
        .withPropertyValues(BUNDLE)
        .withPropertyValues(prefixed(properties))
        .run(
            context ->
                expected.accept(
                    new OwnAddress(
                            context.getBean(TidemarkProperties.class).redis(),
                            context.getBean(SslBundles.class))
                        .find()
                        .orElseThrow()));
  }

  private static void boots(Consumer<RedisAddress> expected, String... properties) {
    springData(properties)
        .withPropertyValues("tidemark.store=memory", "tidemark.locks=local")
        .run(context -> expected.accept(context.getBean(RedisAddress.class)));
  }

  private static ApplicationContextRunner springData(String... properties) {
    String[] names = properties.clone();
    for (int i = 0; i < names.length; i++) {
      names[i] = "spring.data.redis." + names[i];
    }
    return Contexts.withSpringData()
        .withPropertyValues(BUNDLE)
        .withPropertyValues(names)
        .withPropertyValues("tidemark.locks=local");
  }

  private static String[] prefixed(String... properties) {
    String[] names = properties.clone();
    for (int i = 0; i < names.length; i++) {
      names[i] = names[i].isEmpty() ? "tidemark.store=redis" : "tidemark.redis." + names[i];
    }
    return names;
  }
}
