package io.tidemark.zookeeper;

import static io.tidemark.testkit.Awaiting.await;
import static io.tidemark.testkit.LockProviderContract.patience;
import static io.tidemark.zookeeper.ZooKeeperServers.connect;
import static io.tidemark.zookeeper.ZooKeeperServers.startServer;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tidemark.spi.Finding;
import io.tidemark.spi.SlotKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.ACLProvider;
import org.apache.curator.retry.RetryOneTime;
import org.apache.curator.test.TestingServer;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The permissions in docs/rights.md are enough, and each is needed. */
class ZooKeeperRightsPageIT {
  private static final Path PAGE = Path.of("..", "docs", "rights.md");
  private static final Path THIS =
      Path.of("src", "test", "java", "io", "tidemark", "zookeeper", "ZooKeeperRightsPageIT.java");

  private static final SlotKey KEY = new SlotKey("products", "42");
  private static final String ROOT = "/app";
  private static final Map<Character, Integer> BITS =
      Map.of('c', Perms.CREATE, 'd', Perms.DELETE, 'r', Perms.READ);
  private static final Map<Character, String> NAMES =
      Map.of('c', "create (c)", 'd', "delete (d)", 'r', "read (r)");

  /** The permissions of each node, from the root on, as the page has them. */
  private static final List<Node> NODES = nodes();

  private record Node(String path, String permissions) {}

  private final TestingServer server = startServer();
  private CuratorFramework admin;

  ZooKeeperRightsPageIT() throws Exception {}

  @BeforeEach
  void start() throws Exception {
    admin = connect(server.getConnectString());
    admin.getZookeeperClient().getZooKeeper().addAuthInfo("digest", "admin:admin".getBytes(UTF_8));
  }

  @AfterEach
  void stop() throws Exception {
    admin.close();
    server.close();
  }

  static Stream<Arguments> permissions() {
    return NODES.stream()
        .flatMap(
            node ->
                node.permissions()
                    .chars()
                    .mapToObj(permission -> arguments(node.path(), (char) permission)));
  }

  @Test
  void use_withThePermissionsOfThePage_works() throws Exception {
    try (CuratorFramework curator = client("", ' ')) {
      use(curator);
      assertThat(check(curator)).isEmpty();
      await().until(() -> admin.getChildren().forPath(ROOT + "/tidemark/products/locks").isEmpty());
    }
  }

  @ParameterizedTest
  @MethodSource("permissions")
  void use_withoutOnePermission_failsAndCheckNamesIt(String path, char permission)
      throws Exception {
    try (CuratorFramework curator = client(path, permission)) {
      assertThat(isUsable(curator)).isFalse();
      forget();

      String node =
          (ROOT + path).replace("<cache>", "products").replaceFirst("/<key>.*", "/tidemark-check");
      assertThat(check(curator))
          .extracting(Finding::problem)
          .anySatisfy(
              problem ->
                  assertThat(problem)
                      .startsWith("the user lacks " + NAMES.get(permission) + " on " + node));
    }
  }

  @Test
  void release_keysNodeMayNotBeDeleted_freesTheLock() throws Exception {
    try (CuratorFramework curator = client("/tidemark/<cache>/locks", 'd')) {
      String path = LockPath.of(KEY);
      // The first lock of a cache is created in another way.
      KeyMutex first = new KeyMutex(curator, LockPath.of(new SlotKey(KEY.cache(), "first")));
      assertThat(first.tryAcquire()).isEmpty();
      KeyMutex mutex = new KeyMutex(curator, path);
      assertThat(mutex.tryAcquire()).isEmpty();

      mutex.release();

      assertThat(curator.getChildren().forPath(path)).isEmpty();
    }
  }

  @Test
  void client_ofThePage_works() throws Exception {
    assertThat(Files.readString(THIS, UTF_8).replaceAll("(?m)^ +", ""))
        .contains(code().replaceAll("(?m)^ +", ""));

    try (CuratorFramework curator = ofThePage(server.getConnectString())) {
      lock(curator, LockPath.of(KEY));
      assertThat(check(curator)).isEmpty();
      assertThat(curator.getACL().forPath("/tidemark/products"))
          .singleElement()
          .satisfies(acl -> assertThat(acl.getId().getId()).startsWith("tidemark:"));
    }
    try (CuratorFramework stranger = connect(server.getConnectString())) {
      assertThat(check(stranger))
          .extracting(Finding::problem)
          .anySatisfy(problem -> assertThat(problem).contains("lacks read (r) on /tidemark"));
    }
  }

  /** The namespace is a node like others, and part of the path that is named. */
  @Test
  void check_namespaceThatTheUserMayNotMake_isNamed() throws Exception {
    admin.create().withACL(acls(0)).forPath(ROOT);
    try (CuratorFramework curator = connected("", ' ')) {
      assertThat(check(curator.usingNamespace("ours")))
          .extracting(Finding::problem)
          .anySatisfy(problem -> assertThat(problem).contains("lacks create (c) on " + ROOT));
    }
  }

  private static CuratorFramework ofThePage(String zookeeper) {
    ACLProvider acls =
        new ACLProvider() {
          private final List<ACL> ours =
              Collections.singletonList(
                  new ACL(Perms.CREATE | Perms.DELETE | Perms.READ, new Id("auth", "")));

          @Override
          public List<ACL> getDefaultAcl() {
            return ours;
          }

          @Override
          public List<ACL> getAclForPath(String path) {
            return ours;
          }
        };
    CuratorFramework curator =
        CuratorFrameworkFactory.builder()
            .connectString(zookeeper)
            .authorization("digest", "tidemark:secret".getBytes(UTF_8))
            .aclProvider(acls)
            .retryPolicy(new RetryOneTime(100))
            .build();
    curator.start();
    return curator;
  }

  private static List<Finding> check(CuratorFramework curator) {
    try (ZooKeeperLocks locks = ZooKeeperLocks.create(curator)) {
      return locks.check(KEY.cache(), patience());
    }
  }

  private boolean isUsable(CuratorFramework curator) {
    try {
      use(curator);
      return true;
    } catch (Exception | AssertionError e) {
      return false;
    }
  }

  /** Locks a key in a cache that is new, in another, and where the server reaped what was empty. */
  private void use(CuratorFramework curator) throws Exception {
    String path = LockPath.of(KEY);
    lock(curator, path);
    lock(curator, LockPath.of(new SlotKey("orders", "42")));
    // Its parent has gone since it was looked for.
    KeyMutex mutex = new KeyMutex(curator, path);
    assertThat(mutex.contend()).isEmpty();
    mutex.release();
    assertThat(curator.checkExists().forPath(path)).isNull();
    admin.delete().forPath(ROOT + LockPath.ofCache(KEY.cache()));
    lock(curator, path);
  }

  /** Acquires a lock, finds it held, and releases it, which must leave no node. */
  private static void lock(CuratorFramework curator, String path) throws Exception {
    KeyMutex mutex = new KeyMutex(curator, path);
    assertThat(mutex.tryAcquire()).isEmpty();
    try {
      assertThat(new KeyMutex(curator, path).tryAcquire()).isPresent();
    } finally {
      mutex.release();
    }
    // The node is deleted in the background, and one client's requests are answered in turn.
    assertThat(curator.checkExists().forPath(path)).isNull();
  }

  /** What a use has left is not to be in the way of the check. */
  private void forget() throws Exception {
    try {
      admin.delete().deletingChildrenIfNeeded().forPath(ROOT + "/tidemark");
    } catch (KeeperException.NoNodeException e) {
      // It could not even be made.
    }
  }

  /** Makes the root, and a client that makes nodes with the permissions of the page but for one. */
  private CuratorFramework client(String path, char without) throws Exception {
    admin.create().withACL(acls(bits(NODES.get(0), path, without))).forPath(ROOT);
    return connected(path, without);
  }

  private CuratorFramework connected(String path, char without) throws Exception {
    return connect(
        CuratorFrameworkFactory.builder()
            .connectString(server.getConnectString() + ROOT)
            .authorization("digest", "tidemark:secret".getBytes(UTF_8))
            .aclProvider(
                new ACLProvider() {
                  @Override
                  public List<ACL> getDefaultAcl() {
                    return acls(Perms.ALL);
                  }

                  @Override
                  public List<ACL> getAclForPath(String made) {
                    int depth = made.split("/", -1).length - 1;
                    return acls(bits(NODES.get(depth), path, without));
                  }
                })
            .retryPolicy(new RetryOneTime(100)));
  }

  private static int bits(Node node, String path, char without) {
    return node.permissions()
        .chars()
        .filter(permission -> !node.path().equals(path) || permission != without)
        .map(permission -> BITS.get((char) permission))
        .sum();
  }

  private static List<ACL> acls(int bits) {
    List<ACL> acls = new ArrayList<>();
    acls.add(new ACL(Perms.ALL, id("admin:admin")));
    if (bits != 0) {
      acls.add(new ACL(bits, id("tidemark:secret")));
    }
    return acls;
  }

  /** As ZooKeeper makes it of a user name and a password. */
  private static Id id(String login) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-1").digest(login.getBytes(UTF_8));
      String user = login.substring(0, login.indexOf(':'));
      return new Id("digest", user + ':' + Base64.getEncoder().encodeToString(hash));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<Node> nodes() {
    return Pattern.compile(
            "^\\| (?:the root|`(/tidemark[^`]*)`)[^|]* \\| ([cdr]+) \\|", Pattern.MULTILINE)
        .matcher(page())
        .results()
        .map(row -> new Node(row.group(1) == null ? "" : row.group(1), row.group(2)))
        .toList();
  }

  private static String code() {
    String page = page();
    int begin = page.indexOf("```java\nACLProvider") + "```java\n".length();
    return page.substring(begin, page.indexOf("```", begin));
  }

  private static String page() {
    try {
      return Files.readString(PAGE, UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
