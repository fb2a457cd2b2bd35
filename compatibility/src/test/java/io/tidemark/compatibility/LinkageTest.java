package io.tidemark.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.VersionedCache;
import io.tidemark.micrometer.TidemarkMetrics;
import io.tidemark.redis.RedisStore;
import io.tidemark.resilience4j.BreakerStore;
import io.tidemark.zookeeper.ZooKeeperLocks;
import java.net.URISyntaxException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Everything that the libraries refer to is there in the versions that they support. */
class LinkageTest {

  @ParameterizedTest
  @ValueSource(
      classes = {
        VersionedCache.class,
        RedisStore.class,
        ZooKeeperLocks.class,
        TidemarkMetrics.class,
        BreakerStore.class
      })
  void references_withWhatSpringBootBrings_areThere(Class<?> ofModule) throws Exception {
    assertThat(Linkage.missing(classes(ofModule), ofModule.getClassLoader())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"jedis-oldest", "jedis-newest-7"})
  void references_withAnotherSupportedJedis_areThere(String jar) throws Exception {
    try (OtherVersion jedis = OtherVersion.ofJedis(jar)) {
      assertThat(Linkage.missing(classes(RedisStore.class), jedis)).isEmpty();
    }
  }

  @Test
  void references_withAJedisThatLacksThem_areMissed() throws Exception {
    try (OtherVersion jedis = OtherVersion.ofJedis("jedis-much-too-old")) {
      assertThat(Linkage.missing(classes(RedisStore.class), jedis))
          .contains(
              "io.tidemark.redis.ClientPools needs redis/clients/jedis/RedisClient",
              "io.tidemark.redis.ClientPools needs"
                  + " redis/clients/jedis/RedisClient.getPool()Lredis/clients/jedis/util/Pool;");
    }
  }

  private static Path classes(Class<?> ofModule) throws URISyntaxException {
    return Path.of(ofModule.getProtectionDomain().getCodeSource().getLocation().toURI());
  }
}
