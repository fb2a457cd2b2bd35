package io.tidemark.zookeeper;

import io.tidemark.RefusedException;
import io.tidemark.UnavailableException;
import io.tidemark.spi.DaemonThreads;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.Finding;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.TaskLimit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Locks on ZooKeeper: one Curator mutex per key, held by one process of the fleet at a time.
 * Thread-safe.
 *
 * <p>A holder that crashes or is cut off loses the lock when its session expires; whoever waits is
 * told at once. The fence is the transaction number that created the holder's node: it grows for as
 * long as the ensemble's data lives. An ensemble that is built anew starts again from 1, and then a
 * new fence loses against older claims until they expire.
 *
 * <p>The znodes are {@code /tidemark/<cache>/locks/<key>/<holder>}, under the namespace of the
 * Curator client if it has one. A key that is short and harmless is its own name, any other has a
 * hash. The nodes of keys that nobody holds are deleted. A node holds a key only if its name is one
 * that these locks make and if it ends with its session; what else is found below a key is left
 * there, and {@link #check} names it.
 *
 * <p>Each holding, and each attempt while it lasts, uses a daemon thread of this provider; an
 * attempt's thread may stay behind for as long as Curator's retry policy goes on. At most {@value
 * #MAX_ATTEMPTS} attempts are under way at once; further ones queue within their deadline.
 */
public final class ZooKeeperLocks implements LockProvider, AutoCloseable {
  static final int MAX_ATTEMPTS = 256;
  static final int MOST_KEYS_CHECKED = 1_000;
  static final String THREAD_NAME = "tidemark-zookeeper-lock";
  private static final Logger LOG = LoggerFactory.getLogger(ZooKeeperLocks.class);
  private static final Duration CHECK_LIMIT = Duration.ofSeconds(3);
  private static final String CHECKED_KEY = "tidemark-check";
  private static final String SUBJECT = "ZooKeeper";
  private static final String LATER = "check it later";
  private static final String CLOSED = "the locks are closed";
  private static final String NOT_IN_TIME = "ZooKeeper did not answer in time";
  private static final Duration IDLE_THREAD_LIFE = Duration.ofSeconds(10);

  private final CuratorFramework curator;
  private final Replies replies;
  private final Semaphore attempts = new Semaphore(MAX_ATTEMPTS);
  private final Set<MutexHolding> holdings = ConcurrentHashMap.newKeySet();
  private final AtomicReference<@Nullable String> told = new AtomicReference<>();
  private final ExecutorService threads =
      DaemonThreads.named(THREAD_NAME).newPool(IDLE_THREAD_LIFE);
  private final TaskLimit questions = TaskLimit.none(threads);

  private ZooKeeperLocks(CuratorFramework curator) {
    this.curator = curator;
    this.replies = new Replies(curator);
  }

  /**
   * Locks on the ensemble that a client is connected to.
   *
   * @param curator a started client, which stays the caller's: close it after these locks. Its
   *     session timeout is how long a crashed holder keeps its lock: see {@link
   *     #crashNoticedWithin}
   */
  public static ZooKeeperLocks create(CuratorFramework curator) {
    Objects.requireNonNull(curator, "curator");
    ZooKeeperLocks locks = new ZooKeeperLocks(curator);
    curator.getConnectionStateListenable().addListener(locks.replies);
    return locks;
  }

  /**
   * Takes the lock of a key if nobody has it. Three or four round trips; two if somebody has it.
   *
   * @throws UnavailableException at once where there is no connection, also while it is being made;
   *     when the connection is lost before the answer; or when the deadline passes. The lock is not
   *     held then: what ZooKeeper grants later is given back in the background
   * @throws RefusedException at once where these locks or the Curator client are closed, and where
   *     ZooKeeper will not let anybody lock a key before its set-up is mended
   * @throws InterruptedException if the thread is interrupted; likewise
   */
  @Override
  public LockAttempt tryAcquire(SlotKey key, Deadline deadline) throws InterruptedException {
    Objects.requireNonNull(deadline, "deadline");
    // Before a thread is spent on it.
    checkConnected(key);
    // And before it takes a place: Curator has a part in it.
    KeyMutex mutex = new KeyMutex(curator, LockPath.of(key));
    MutexHolding holding =
        new MutexHolding(key, mutex, node -> new NodeHolder(curator, replies, key, node));
    if (!attempts.tryAcquire(deadline.remainingNanos(), TimeUnit.NANOSECONDS)) {
      throw new UnavailableException(
          key, MAX_ATTEMPTS + " attempts are under way, and none ended in time", null);
    }
    start(holding);
    return await(holding, key, deadline);
  }

  /** What it is and where, for people. */
  @Override
  public String toString() {
    return "ZooKeeperLocks (" + curator.getZookeeperClient().getCurrentConnectionString() + ")";
  }

  /** {@inheritDoc} Two round trips. */
  @Override
  public Optional<String> holder(SlotKey key, Deadline deadline) throws InterruptedException {
    String parent = LockPath.of(key);
    return ask(
            key,
            deadline,
            () -> LockNode.first(curator, parent, LockNode.inLine(childrenOf(parent))))
        .map(LockNode::toString);
  }

  /**
   * {@inheritDoc}
   *
   * <p>It is the session timeout that the server granted and half of it more: a server looks for
   * sessions that have ended once a tick only, and by default grants none of fewer than two ticks.
   * Empty where there is no connection.
   */
  @Override
  public Optional<Duration> crashNoticedWithin() {
    if (replies.whyUnusable() != null || !replies.isConnected()) {
      return Optional.empty();
    }
    try {
      int sessionMillis = curator.getZookeeperClient().getZooKeeper().getSessionTimeout();
      return Optional.of(Duration.ofMillis(sessionMillis).multipliedBy(3).dividedBy(2));
    } catch (Exception e) {
      LOG.debug("ZooKeeper's session timeout is not known now", e);
      return Optional.empty();
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>Takes and gives back the lock of a key of its own, so that what ZooKeeper refuses is known
   * before the first miss; and looks for nodes below the cache's keys that are nobody's lock, where
   * no more than {@value #MOST_KEYS_CHECKED} keys have a node. It takes a few seconds at most.
   */
  @Override
  public List<Finding> check(String cache) {
    return check(cache, Deadline.after(CHECK_LIMIT));
  }

  /** Looks likewise, for as long as the caller likes. */
  List<Finding> check(String cache, Deadline deadline) {
    SlotKey key = new SlotKey(cache, CHECKED_KEY);
    try {
      if (tryAcquire(key, deadline) instanceof LockAttempt.Acquired acquired) {
        acquired.handle().close();
      }
      return ask(key, deadline, () -> strangers(LockPath.ofCache(cache)));
    } catch (UnavailableException e) {
      return List.of(finding(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of(Finding.warning(SUBJECT, "the check was interrupted", LATER));
    }
  }

  private Finding finding(UnavailableException e) {
    String reason = e.getCause() instanceof SetupException setup ? setup.getMessage() : null;
    if (reason != null) {
      return Finding.error(SUBJECT, reason, "until then no key can be locked");
    }
    String unusable = threads.isShutdown() ? CLOSED : replies.whyUnusable();
    return unusable != null
        ? Finding.error(SUBJECT, unusable, "build the cache with locks that are open")
        : Finding.warning(
            SUBJECT,
            replies.isConnected() ? "it cannot be asked: " + e : "there is no connection to it",
            LATER);
  }

  /** The nodes below keys that look like no lock of these, or like one that nobody ever ends. */
  private List<Finding> strangers(String locks) throws Exception {
    Stat stat = curator.checkExists().forPath(locks);
    if (stat == null || stat.getNumChildren() > MOST_KEYS_CHECKED) {
      return List.of();
    }
    List<Finding> findings = new ArrayList<>();
    for (String key : curator.getChildren().forPath(locks)) {
      for (String node : childrenOf(locks + '/' + key)) {
        String path = locks + '/' + key + '/' + node;
        if (!LockNode.isOurs(node) || isPersistent(path)) {
          findings.add(
              Finding.warning(
                  "ZooKeeper node " + path,
                  "Tidemark did not make it, and it holds no lock",
                  "delete it, and find out who makes such nodes"));
        }
      }
    }
    return findings;
  }

  private List<String> childrenOf(String path) throws Exception {
    try {
      return curator.getChildren().forPath(path);
    } catch (KeeperException.NoNodeException e) {
      return List.of();
    }
  }

  private boolean isPersistent(String path) throws Exception {
    Stat stat = curator.checkExists().forPath(path);
    return stat != null && stat.getEphemeralOwner() == 0;
  }

  /** Asks ZooKeeper on a thread of these locks, because Curator blocks for longer than a caller. */
  private <T> T ask(SlotKey key, Deadline deadline, Callable<T> question)
      throws InterruptedException {
    checkConnected(key);
    CompletableFuture<T> answer;
    try {
      answer = questions.submit(question);
    } catch (RejectedExecutionException e) {
      throw new RefusedException(key, CLOSED, e);
    }
    try {
      return replies.await(answer, key, deadline);
    } catch (TimeoutException e) {
      throw new UnavailableException(key, NOT_IN_TIME, e);
    }
  }

  private void checkConnected(SlotKey key) {
    if (threads.isShutdown()) {
      throw new RefusedException(key, CLOSED, null);
    }
    replies.checkUsable(key);
    if (!replies.isConnected()) {
      throw new UnavailableException(key, "there is no connection to ZooKeeper", null);
    }
  }

  /**
   * Gives back every lock that is held, and ends. Does not block: the locks become free in the
   * background, or with the session if the Curator client is closed first. Calls under way throw
   * {@link UnavailableException}. Again without effect.
   */
  @Override
  public void close() {
    threads.shutdown();
    curator.getConnectionStateListenable().removeListener(replies);
    Exception closed = new Replies.NoAnswerException(CLOSED);
    holdings.forEach(holding -> holding.acquisition().giveUp(closed));
    replies.failAll(closed);
  }

  private void start(MutexHolding holding) {
    // Before it is handed to a thread: what close() does not find here was not accepted there.
    holdings.add(holding);
    boolean started = false;
    try {
      threads.execute(() -> run(holding));
      started = true;
    } catch (RejectedExecutionException e) {
      throw new RefusedException(holding.key(), CLOSED, e);
    } finally {
      if (!started) {
        holdings.remove(holding);
        attempts.release();
      }
    }
  }

  private void run(MutexHolding holding) {
    try {
      if (attempt(holding)) {
        holding.keep();
      }
    } finally {
      holdings.remove(holding);
    }
  }

  private boolean attempt(MutexHolding holding) {
    try {
      return holding.attempt();
    } finally {
      attempts.release();
    }
  }

  /** Once for each thing that is amiss: every miss meets it again. */
  private void tell(SetupException setup) {
    String message = Objects.requireNonNull(setup.getMessage());
    if (!message.equals(told.getAndSet(message))) {
      LOG.error("{}", message);
    }
  }

  private LockAttempt await(MutexHolding holding, SlotKey key, Deadline deadline)
      throws InterruptedException {
    try {
      return replies.await(holding.acquisition(), key, deadline);
    } catch (UnavailableException e) {
      if (e.getCause() instanceof SetupException setup) {
        tell(setup);
      }
      throw e;
    } catch (TimeoutException e) {
      throw new UnavailableException(key, NOT_IN_TIME, e);
    }
  }
}
