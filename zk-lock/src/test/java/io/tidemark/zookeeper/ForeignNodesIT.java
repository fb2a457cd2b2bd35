package io.tidemark.zookeeper;

import static io.tidemark.testkit.LockProviderContract.acquireOnceFree;
import static io.tidemark.testkit.LockProviderContract.patience;
import static io.tidemark.zookeeper.ZooKeeperServers.connect;
import static io.tidemark.zookeeper.ZooKeeperServers.startServer;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.spi.Finding;
import io.tidemark.spi.LockAttempt.Held;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.SlotKey;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.test.TestingServer;
import org.apache.zookeeper.CreateMode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes below a key that these locks did not make, and the description of a holder. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ForeignNodesIT {
  private static final String COPIED =
      "_c_01234567-89ab-cdef-0123-456789abcdef-01234567-89ab-cdef-0123-456789abcdef-lock-0000000000";

  private final AtomicInteger keys = new AtomicInteger();
  private final TestingServer server = startServer();
  private final CuratorFramework curator = connect(server.getConnectString());
  private final ZooKeeperLocks locks = ZooKeeperLocks.create(curator);

  ForeignNodesIT() throws Exception {}

  @AfterAll
  void stop() throws Exception {
    locks.close();
    curator.close();
    server.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "README",
        "lock-0000000000",
        "_c_01234567-89ab-cdef-0123-456789abcdef-lock-0000000000",
        "x-lock-",
        "-",
        COPIED
      })
  void tryAcquire_nodeOfAnyNameIsThere_isAcquiredAndHeld(String name) throws Exception {
    SlotKey key = newKey();
    make(key, name, CreateMode.PERSISTENT);

    try (LockHandle handle = acquireOnceFree(locks, key)) {
      assertThat(handle.fence()).isPositive();
      assertThat(locks.tryAcquire(key, patience())).isInstanceOf(Held.class);
      assertThat(new KeyMutex(curator, LockPath.of(key)).contend()).isPresent();
    }
    acquireOnceFree(locks, key).close();
  }

  @Test
  void tryAcquire_anotherProgramsMutexIsThere_isAcquired() throws Exception {
    SlotKey key = newKey();
    InterProcessMutex mutex = new InterProcessMutex(curator, LockPath.of(key));
    mutex.acquire();

    acquireOnceFree(locks, key).close();
    mutex.release();
  }

  @ParameterizedTest
  @ValueSource(strings = {"README", COPIED})
  void check_nodeThatIsNobodysLock_isAWarningThatNamesIt(String name) throws Exception {
    SlotKey key = new SlotKey("checked-" + keys.incrementAndGet(), "k");
    make(key, name, CreateMode.PERSISTENT);
    try (LockHandle handle = acquireOnceFree(locks, key)) {
      assertThat(handle.fence()).isPositive();

      assertThat(locks.check(key.cache(), patience()))
          .singleElement()
          .satisfies(
              finding -> {
                assertThat(finding.severity()).isEqualTo(Finding.Severity.WARNING);
                assertThat(finding.subject())
                    .isEqualTo("ZooKeeper node " + LockPath.of(key) + "/" + name);
              });
    }
  }

  @Test
  void who_ofAHolder_isItsNodeAndTheProcessThatMadeIt() throws Exception {
    SlotKey key = newKey();
    try (LockHandle handle = acquireOnceFree(locks, key)) {
      assertThat(handle.fence()).isPositive();
      Held held = (Held) locks.tryAcquire(key, patience());

      assertThat(held.holder().who().orElseThrow())
          .startsWith(LockPath.of(key) + "/_c_")
          .contains(", made by " + ProcessHandle.current().pid() + "@");
      assertThat(locks.holder(key, patience())).isEqualTo(held.holder().who());
    }
  }

  @Test
  void holder_nobody_isEmptyAndMakesNoNode() throws Exception {
    SlotKey key = newKey();
    assertThat(locks.holder(key, patience())).isEmpty();
    assertThat(curator.checkExists().forPath(LockPath.of(key))).isNull();

    make(key, COPIED, CreateMode.PERSISTENT);
    assertThat(locks.holder(key, patience())).isEmpty();
  }

  @Test
  void who_nodeThatSomebodyElseHasWritten_showsNoControlCharacters() throws Exception {
    SlotKey key = newKey();
    String path = LockPath.of(key) + "/" + COPIED;
    curator
        .create()
        .creatingParentsIfNeeded()
        .withMode(CreateMode.EPHEMERAL)
        .forPath(path, "a\nb\u001b".concat("x".repeat(1_000)).getBytes(UTF_8));

    assertThat(((Held) locks.tryAcquire(key, patience())).holder().who().orElseThrow())
        .startsWith(path + ", made by a?b?xxx")
        .hasSizeLessThan(path.length() + 120);
    curator.delete().forPath(path);
  }

  private void make(SlotKey key, String name, CreateMode mode) throws Exception {
    curator
        .create()
        .creatingParentContainersIfNeeded()
        .withMode(mode)
        .forPath(LockPath.of(key) + "/" + name);
  }

  private SlotKey newKey() {
    return new SlotKey("foreign", "key-" + keys.incrementAndGet());
  }
}
