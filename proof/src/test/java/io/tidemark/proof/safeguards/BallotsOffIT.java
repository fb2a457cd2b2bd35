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
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A row that is loaded without its lock is loaded once; without a safeguard, more than once. */
class BallotsOffIT {
  private static final EditedCopies COPIES = new EditedCopies();
  private static RestartableServer redis;

  @BeforeAll
  static void start() throws Exception {
    redis = RestartableServer.redis(FreePort.any());
    redis.start();
  }

  @AfterAll
  static void stop() throws Exception {
    redis.stop();
    COPIES.close();
  }

  @Test
  void claims_ofBothStores_oneLoad() {
    ClaimsWithoutLocks claims = new ClaimsWithoutLocks();

    assertThat(claims.applyAsLong(ClaimsWithoutLocks.IN_MEMORY)).isOne();
    assertThat(claims.applyAsLong(redis.port())).isOne();
  }

  @ParameterizedTest
  @EnumSource(names = {"BALLOT_STANDS", "IF_FREE", "RESERVE_EXPIRED"})
  void claims_safeguardOffInMemory_moreLoads(BulkSafeguard safeguard) throws Exception {
    assertThat(loads(CoreEdits.without(safeguard), safeguard, ClaimsWithoutLocks.IN_MEMORY))
        .isGreaterThan(1);
  }

  @ParameterizedTest
  @EnumSource(names = {"BALLOT_STANDS", "IF_FREE", "RESERVE_EXPIRED"})
  void claims_safeguardOffInRedis_moreLoads(BulkSafeguard safeguard) throws Exception {
    assertThat(loads(RedisEdits.without(safeguard), safeguard, redis.port())).isGreaterThan(1);
  }

  private static long loads(List<Edit> edits, BulkSafeguard safeguard, int port) throws Exception {
    assertThat(edits).isNotEmpty();
    Path folder = Path.of("target", "ballots-off", safeguard.label()).toAbsolutePath();
    WorkDirectory.delete(folder);
    COPIES.writeTo(folder, edits);
    try (URLClassLoader loader =
        new EditedClassLoader(
            folder,
            VersionedCache.class,
            RedisStore.class,
            ClaimsWithoutLocks.class,
            Awaiting.class)) {
      return ((IntToLongFunction)
              loader.loadClass(ClaimsWithoutLocks.class.getName()).getConstructor().newInstance())
          .applyAsLong(port);
    }
  }
}
