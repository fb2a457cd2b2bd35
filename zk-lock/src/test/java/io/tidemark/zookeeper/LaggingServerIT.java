package io.tidemark.zookeeper;

import static io.tidemark.testkit.Awaiting.await;
import static io.tidemark.testkit.LockProviderContract.acquireOnceFree;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.spi.SlotKey;
import io.tidemark.testkit.Awaiting;
import io.tidemark.testkit.FreePort;
import io.tidemark.testkit.TcpProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.curator.RetryPolicy;
import org.apache.curator.RetrySleeper;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.retry.RetryForever;
import org.apache.zookeeper.server.quorum.QuorumPeerConfig;
import org.apache.zookeeper.server.quorum.QuorumPeerMain;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A client moves to a server that does not yet know what the client has done. The servers talk over
 * networks that can be held.
 */
final class LaggingServerIT {
  private static final SlotKey KEY = new SlotKey("users", "42");
  private static final String PARENT = LockPath.of(KEY);
  private static final int SERVERS = 3;

  @TempDir private Path folder = Path.of("");

  private final List<Peer> peers = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    for (int number = 0; number < SERVERS; number++) {
      peers.add(new Peer());
    }
    for (Peer peer : peers) {
      for (Peer other : peers) {
        peer.networks.add(new HeldNetwork(other.quorumPort));
      }
    }
    for (Peer peer : peers) {
      peer.start(folder, peers);
    }
    await().until(() -> peers.stream().filter(peer -> peer.is("follower")).count() == SERVERS - 1);
    await().until(() -> peers.stream().anyMatch(peer -> peer.is("leader")));
  }

  @AfterEach
  void stop() throws Exception {
    for (Peer peer : peers) {
      peer.close();
    }
  }

  @Test
  void attempt_creationLostItsReplyAndTheNextServerLags_leavesNoNode() throws Exception {
    assertLeavesNoNode(new NoRetry());
  }

  /** On that server Curator does not find the first node, and creates a second one. */
  @Test
  void attempt_curatorCreatesAgainOnAServerThatLags_leavesNeitherNode() throws Exception {
    assertLeavesNoNode(new RetryForever(100));
  }

  private void assertLeavesNoNode(RetryPolicy retryPolicy) throws Exception {
    Peer leader = peers.stream().filter(peer -> peer.is("leader")).findAny().orElseThrow();
    List<Peer> followers = peers.stream().filter(peer -> peer != leader).toList();
    Peer lagging = followers.get(0);
    try (TcpProxy first = TcpProxy.to(leader.clientPort);
        TcpProxy second = TcpProxy.to(lagging.clientPort);
        CuratorFramework observer =
            ZooKeeperServers.connectToEnsemble("127.0.0.1:" + leader.clientPort)) {
      second.refuse();
      // Something that holds no lock keeps the parent.
      observer.create().creatingParentsIfNeeded().forPath(PARENT + "/stays");
      try (CuratorFramework curator =
          ZooKeeperServers.connectToEnsemble(
              first.address() + "," + second.address(), retryPolicy)) {
        long session = ZooKeeperServers.sessionId(curator);
        // A server refuses a client that has seen later changes than the server itself.
        await()
            .until(
                () ->
                    leader.lastChange().isPresent()
                        && lagging.lastChange().equals(leader.lastChange()));
        CompletableFuture<Boolean> attempt =
            moveToLaggingServer(
                curator, first, second, lagging.to(leader), followers.get(1).to(leader));

        assertThat(attempt).succeedsWithin(Awaiting.LIMIT).isEqualTo(false);
        await().untilAsserted(() -> assertThat(changes(observer)).isGreaterThanOrEqualTo(3));
        await()
            .untilAsserted(
                () -> assertThat(observer.getChildren().forPath(PARENT)).containsExactly("stays"));
        assertThat(ZooKeeperServers.sessionId(curator)).isEqualTo(session);
        try (ZooKeeperLocks locks = ZooKeeperLocks.create(observer)) {
          acquireOnceFree(locks, KEY).close();
        }
      }
    }
  }

  /**
   * Attempts the lock at the leader, which cannot get a vote for the node, and moves on to a
   * follower that does not know the node when the client looks. Then everybody goes on.
   */
  private static CompletableFuture<Boolean> moveToLaggingServer(
      CuratorFramework curator,
      TcpProxy first,
      TcpProxy second,
      HeldNetwork network,
      HeldNetwork otherNetwork)
      throws Exception {
    byte[] parent = PARENT.getBytes(UTF_8);
    network.answers().countFromNow(parent);
    network.answers().hold();
    otherNetwork.answers().hold();
    CompletableFuture<Boolean> attempt = attemptInBackground(curator);
    // The leader has proposed the node, and nobody has voted for it.
    await().until(() -> network.answers().seen() > 0);

    long session = ZooKeeperServers.sessionId(curator);
    network.requests().countFromNow(ByteBuffer.allocate(Long.BYTES).putLong(session).array());
    first.refuse();
    second.forward();
    // The follower has asked the leader about the session.
    await().until(() -> network.requests().seen() > 0);
    network.requests().hold();
    // Not the session: answers to pings name it, too.
    network.requests().countFromNow(parent);
    network.answers().release();
    // The client has looked there, and goes on with a request that needs the leader.
    await().until(() -> network.requests().seen() > 0);
    network.requests().release();
    otherNetwork.answers().release();
    return attempt;
  }

  /** Returns whether the lock is held after the attempt. */
  private static CompletableFuture<Boolean> attemptInBackground(CuratorFramework curator) {
    AtomicBoolean isHeld = new AtomicBoolean(true);
    MutexHolding holding =
        new MutexHolding(
            KEY,
            new KeyMutex(curator, PARENT),
            node -> new NodeHolder(curator, new Replies(curator), KEY, node),
            new MutexHolding.Threads() {
              @Override
              public void attempt(Runnable attempt) {
                throw new IllegalStateException("the attempt has a thread");
              }

              @Override
              public void cleanUp(Runnable cleaning) {
                throw new IllegalStateException("the attempt has a thread");
              }

              @Override
              public void attempted(MutexHolding holding) {}

              @Override
              public void over(MutexHolding holding) {
                isHeld.set(false);
              }
            });
    return CompletableFuture.supplyAsync(
        () -> {
          holding.attempt();
          return isHeld.get();
        },
        command -> new Thread(command, "attempt").start());
  }

  /** How often a node was created or deleted below the parent. */
  private static int changes(CuratorFramework observer) throws Exception {
    return observer.checkExists().forPath(PARENT).getCversion();
  }

  /** Gives up at once, and does not try to make it good either. */
  private static final class NoRetry implements RetryPolicy {
    @Override
    public boolean allowRetry(int retryCount, long elapsedTimeMs, RetrySleeper sleeper) {
      return false;
    }

    @Override
    public boolean allowRetry(Throwable exception) {
      return false;
    }
  }

  /** A server of this process, and its networks to all. */
  private static final class Peer extends QuorumPeerMain {
    private final int clientPort = FreePort.any();
    private final int quorumPort = FreePort.any();
    private final int electionPort = FreePort.any();
    private final List<HeldNetwork> networks = new ArrayList<>();
    private int number;

    HeldNetwork to(Peer other) {
      return networks.get(other.number);
    }

    boolean is(String mode) {
      return ThreeServers.is(clientPort, mode);
    }

    OptionalLong lastChange() {
      return ThreeServers.lastChange(clientPort);
    }

    void start(Path folder, List<Peer> peers) throws Exception {
      number = peers.indexOf(this);
      Path data = Files.createDirectory(folder.resolve("server" + number));
      Files.writeString(data.resolve("myid"), Integer.toString(number));
      Properties properties = new Properties();
      properties.putAll(
          Map.of(
              "tickTime",
              "5000",
              // An election that came to nothing is given up after one of them.
              "initLimit",
              "1",
              // A follower that is held is given up after so many of them.
              "syncLimit",
              "20",
              "dataDir",
              data.toString(),
              "clientPort",
              Integer.toString(clientPort),
              "clientPortAddress",
              "127.0.0.1"));
      for (int other = 0; other < peers.size(); other++) {
        Peer peer = peers.get(other);
        int port = peer == this ? quorumPort : networks.get(other).port();
        properties.setProperty(
            "server." + other, "127.0.0.1:%d:%d".formatted(port, peer.electionPort));
      }
      QuorumPeerConfig config = new QuorumPeerConfig();
      config.parseProperties(properties);
      Thread thread = new Thread(() -> run(config), "lagging-server-" + number);
      thread.setDaemon(true);
      thread.start();
    }

    private void run(QuorumPeerConfig config) {
      try {
        runFromConfig(config);
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void close() {
      super.close();
      for (HeldNetwork network : networks) {
        try {
          network.close();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }
}
