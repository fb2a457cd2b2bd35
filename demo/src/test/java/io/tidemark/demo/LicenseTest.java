package io.tidemark.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.VersionedCache;
import io.tidemark.micrometer.TidemarkMetrics;
import io.tidemark.processes.ProcessGroup;
import io.tidemark.redis.RedisStore;
import io.tidemark.resilience4j.BreakerStore;
import io.tidemark.testkit.SlotStoreContract;
import io.tidemark.zookeeper.ZooKeeperLocks;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each jar says under which terms it may be used. */
class LicenseTest {

  @ParameterizedTest
  @ValueSource(
      classes = {
        VersionedCache.class,
        ZooKeeperLocks.class,
        RedisStore.class,
        BreakerStore.class,
        TidemarkMetrics.class,
        SlotStoreContract.class,
        ProcessGroup.class,
        Tidemark.class
      })
  void jar_ofEachModule_hasLicenseAndNotice(Class<?> ofTheModule) throws IOException {
    for (String file : new String[] {"LICENSE", "NOTICE"}) {
      assertThat(read(ofTheModule, "META-INF/" + file))
          .as(file)
          .isEqualTo(Files.readString(Path.of("..", file), UTF_8));
    }
  }

  /** Reads a file of the jar, or of the folder that becomes one, that a class is in. */
  private static String read(Class<?> of, String file) throws IOException {
    URL place = of.getProtectionDomain().getCodeSource().getLocation();
    URI uri =
        URI.create(place.getPath().endsWith(".jar") ? "jar:" + place + "!/" + file : place + file);
    try (InputStream in = uri.toURL().openStream()) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }
}
