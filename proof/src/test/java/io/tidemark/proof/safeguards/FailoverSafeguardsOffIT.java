package io.tidemark.proof.safeguards;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.VersionedCache;
import io.tidemark.processes.WorkDirectory;
import io.tidemark.redis.RedisStore;
import io.tidemark.servers.RestartableServer;
import io.tidemark.testkit.Awaiting;
import io.tidemark.testkit.FreePort;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A failover of Redis breaks no promise; without a safeguard, it does. */
class FailoverSafeguardsOffIT {
  private static final EditedCopies COPIES = new EditedCopies();
  private static RestartableServer first;
  private static RestartableServer second;

  @BeforeAll
  static void start() throws Exception {
    first = RestartableServer.redis(FreePort.any());
    first.start();
    second = RestartableServer.redis(FreePort.any());
    second.start();
  }

  @AfterAll
  static void stop() throws Exception {
    second.stop();
    first.stop();
    COPIES.close();
  }

  @ParameterizedTest
  @EnumSource
  void scene_everySafeguardInPlace_noPromiseBroken(ServerSafeguard safeguard) {
    assertThat(new FailoverScenes().apply(scene(safeguard))).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  @SuppressWarnings("unchecked") // The class is made by another loader.
  void scene_safeguardOff_promiseBroken(ServerSafeguard safeguard) throws Exception {
    Path folder = Path.of("target", "failover-off", safeguard.label()).toAbsolutePath();
    WorkDirectory.delete(folder);
    COPIES.writeTo(folder, RedisEdits.without(safeguard));
    try (URLClassLoader loader =
        new EditedClassLoader(
            folder,
            VersionedCache.class,
            RedisStore.class,
            ServerSafeguard.class,
            FailoverScenes.class,
            Awaiting.class)) {
      Object scenes =
          loader.loadClass(FailoverScenes.class.getName()).getConstructor().newInstance();
      assertThat(((Function<List<String>, Boolean>) scenes).apply(scene(safeguard))).isTrue();
    }
  }

  private static List<String> scene(ServerSafeguard safeguard) {
    return List.of(
        safeguard.name(), Integer.toString(first.port()), Integer.toString(second.port()));
  }
}
