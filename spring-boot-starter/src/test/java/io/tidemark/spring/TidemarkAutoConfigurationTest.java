package io.tidemark.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.CacheClosedException;
import io.tidemark.VersionedCache;
import io.tidemark.memory.InMemoryStore;
import io.tidemark.memory.LocalLocks;
import io.tidemark.redis.RedisLocks;
import io.tidemark.redis.RedisStore;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotStore;
import io.tidemark.spring.Contexts.Product;
import io.tidemark.zookeeper.ZooKeeperLocks;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.UnifiedJedis;

class TidemarkAutoConfigurationTest {
  private static final String NOWHERE = "127.0.0.1:1";

  @Test
  void start_withTheStarterOnTheClassPath_handsOutBuilders() {
    new ApplicationContextRunner()
        .withUserConfiguration(Application.class, Contexts.Products.class)
        .withPropertyValues("tidemark.store=memory", "tidemark.locks=local")
        .run(
            context -> {
              @SuppressWarnings("unchecked")
              VersionedCache<Long, Product> products = context.getBean(VersionedCache.class);
              assertThat(products.get(1L)).contains(new Product(1, "Laptop"));
            });
  }

  @Test
  void start_withServersThatAreAway_needsNone() {
    Contexts.bare()
        .withUserConfiguration(Contexts.Products.class)
        .withPropertyValues(
            "tidemark.redis.url=redis://" + NOWHERE, "tidemark.zookeeper.connect-string=" + NOWHERE)
        .run(
            context ->
                assertThat(context)
                    .hasNotFailed()
                    .hasSingleBean(RedisStore.class)
                    .hasSingleBean(ZooKeeperLocks.class)
                    .hasSingleBean(CuratorFramework.class)
                    .hasSingleBean(RedisClient.class));
  }

  @Test
  void locks_inRedis_needNoCurator() {
    Contexts.bare()
        .withClassLoader(new FilteredClassLoader(CuratorFramework.class, ZooKeeperLocks.class))
        .withPropertyValues("tidemark.redis.url=redis://" + NOWHERE, "tidemark.locks=redis")
        .run(
            context ->
                assertThat(context)
                    .hasSingleBean(RedisLocks.class)
                    .hasSingleBean(UnifiedJedis.class)
                    .doesNotHaveBean("tidemarkCurator"));
  }

  @Test
  void locks_inRedisBesideCurator_makeNoCuratorClient() {
    Contexts.bare()
        .withPropertyValues("tidemark.redis.url=redis://" + NOWHERE, "tidemark.locks=redis")
        .run(context -> assertThat(context).doesNotHaveBean(CuratorFramework.class));
  }

  @Test
  void start_withoutServers_usesNeitherJedisNorCurator() {
    Contexts.local()
        .withClassLoader(
            new FilteredClassLoader(CuratorFramework.class, UnifiedJedis.class, RedisStore.class))
        .run(
            context ->
                assertThat(context)
                    .hasSingleBean(InMemoryStore.class)
                    .hasSingleBean(LocalLocks.class));
  }

  @Test
  void start_ownStoreAndLocks_backsOff() {
    InMemoryStore store = InMemoryStore.create();
    LocalLocks locks = LocalLocks.create();
    Contexts.bare()
        .withBean("myStore", SlotStore.class, () -> store)
        .withBean("myLocks", LockProvider.class, () -> locks)
        .run(
            context -> {
              assertThat(context)
                  .hasNotFailed()
                  .doesNotHaveBean(UnifiedJedis.class)
                  .doesNotHaveBean(CuratorFramework.class);
              assertThat(context.getBean(Tidemark.class).store()).isSameAs(store);
              assertThat(context.getBean(Tidemark.class).locks()).isSameAs(locks);
            });
  }

  @Test
  void start_ownClients_backsOff() {
    RedisClient jedis = RedisClient.builder().hostAndPort("127.0.0.1", 1).build();
    CuratorFramework curator =
        CuratorFrameworkFactory.newClient(NOWHERE, 1_000, 1_000, new RetryOneTime(1));
    curator.start();
    Contexts.bare()
        .withBean("myJedis", UnifiedJedis.class, () -> jedis)
        .withBean("myCurator", CuratorFramework.class, () -> curator)
        .run(
            context ->
                assertThat(context)
                    .hasSingleBean(RedisStore.class)
                    .hasSingleBean(ZooKeeperLocks.class)
                    .getBean(CuratorFramework.class)
                    .isSameAs(curator));
  }

  @Test
  void close_ofTheContext_closesTheCachesItBuilt() {
    AtomicReference<VersionedCache<Long, Product>> built = new AtomicReference<>();
    Contexts.local()
        .run(
            context ->
                built.set(
                    context
                        .getBean(Tidemark.class)
                        .cache("products", Long.class, Product.class)
                        .source(key -> io.tidemark.Row.absent())
                        .build()));
    Assertions.assertThatThrownBy(() -> Objects.requireNonNull(built.get()).get(1L))
        .isInstanceOf(CacheClosedException.class);
  }

  @EnableAutoConfiguration
  static class Application {}
}
