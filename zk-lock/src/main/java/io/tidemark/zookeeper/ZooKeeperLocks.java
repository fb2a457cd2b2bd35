package io.tidemark.zookeeper;

import io.tidemark.UnavailableException;
import io.tidemark.spi.DaemonThreads;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.Finding;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.ZooKeeper;

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
 * hash. The nodes of keys that nobody holds are deleted.
 *
 * <p>Each holding, and each attempt while it lasts, uses a daemon thread of this provider; an
 * attempt's thread may stay behind for as long as Curator's retry policy goes on. At most {@value
 * #MAX_ATTEMPTS} attempts are under way at once; further ones queue within their deadline.
 */
public final class ZooKeeperLocks implements LockProvider, AutoCloseable {
  static final int MAX_ATTEMPTS = 256;
  static final String THREAD_NAME = "tidemark-zookeeper-lock";
  private static final long IDLE_THREAD_SECONDS = 10;

  private final CuratorFramework curator;
  private final Replies replies;
  private final Semaphore attempts = new Semaphore(MAX_ATTEMPTS);
  private final Set<Holding> holdings = ConcurrentHashMap.newKeySet();
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          IDLE_THREAD_SECONDS,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          DaemonThreads.named(THREAD_NAME));

  private ZooKeeperLocks(CuratorFramework curator) {
    this.curator = curator;
    this.replies = new Replies(curator);
  }

  /**
   * Locks on the ensemble that a client is connected to.
   *
   * @param curator a started client, which stays the caller's: close it after these locks. Its
   *     session timeout is how long a crashed holder keeps its lock
   */
  public static ZooKeeperLocks create(CuratorFramework curator) {
    Objects.requireNonNull(curator, "curator");
    ZooKeeperLocks locks = new ZooKeeperLocks(curator);
    curator.getConnectionStateListenable().addListener(locks.replies);
    return locks;
  }

  /**
   * Takes the lock of a key if nobody has it. Three or four round trips; one if somebody has it.
   *
   * @throws UnavailableException at once where there is no connection, also while it is being made;
   *     when the connection is lost before the answer; or when the deadline passes. The lock is not
   *     held then: what ZooKeeper grants later is given back in the background
   * @throws InterruptedException if the thread is interrupted; likewise
   * @throws IllegalStateException if these locks were closed before
   */
  @Override
  public LockAttempt tryAcquire(SlotKey key, Deadline deadline) throws InterruptedException {
    Objects.requireNonNull(deadline, "deadline");
    if (threads.isShutdown()) {
      throw closed();
    }
    // Before a thread is spent on it.
    if (!replies.isConnected()) {
      throw new UnavailableException(key, "there is no connection to ZooKeeper", null);
    }
    if (!attempts.tryAcquire(deadline.remainingNanos(), TimeUnit.NANOSECONDS)) {
      throw new UnavailableException(
          key, MAX_ATTEMPTS + " attempts are under way, and none ended in time", null);
    }
    KeyLock lock = new KeyLock(curator, LockPath.of(key));
    Holding holding = new Holding(key, lock, node -> new NodeHolder(curator, replies, key, node));
    start(holding);
    return await(holding, key, deadline);
  }

  /** What it is and where, for people. */
  @Override
  public String toString() {
    return "ZooKeeperLocks (" + curator.getZookeeperClient().getCurrentConnectionString() + ")";
  }

  /**
   * {@inheritDoc}
   *
   * <p>Compares the session timeout that the server granted with the claim's life.
   */
  @Override
  public List<Finding> check(Duration claimLife) {
    if (!replies.isConnected()) {
      return List.of(
          Finding.warning("ZooKeeper", "there is no connection to it", "check it later"));
    }
    Duration session;
    try {
      ZooKeeper client = curator.getZookeeperClient().getZooKeeper();
      session = Duration.ofMillis(client.getSessionTimeout());
    } catch (Exception e) {
      return List.of(Finding.warning("ZooKeeper", "it cannot be asked: " + e, "check it later"));
    }
    if (session.compareTo(claimLife) <= 0) {
      return List.of();
    }
    return List.of(
        Finding.warning(
            "ZooKeeper session timeout",
            "it is %s, longer than the claimLife of %s: so long, nobody loads a key whose holder has died"
                .formatted(session, claimLife),
            "shorten the session timeout to 6 to 10 s"));
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
    IllegalStateException closed = closed();
    holdings.forEach(holding -> holding.giveUp(closed));
    replies.failAll(closed);
  }

  private void start(Holding holding) {
    // Before it is handed to a thread: what close() does not find here was not accepted there.
    holdings.add(holding);
    boolean started = false;
    try {
      threads.execute(() -> run(holding));
      started = true;
    } catch (RejectedExecutionException e) {
      throw closed();
    } finally {
      if (!started) {
        holdings.remove(holding);
        attempts.release();
      }
    }
  }

  private void run(Holding holding) {
    try {
      if (attempt(holding)) {
        holding.keep();
      }
    } finally {
      holdings.remove(holding);
    }
  }

  private boolean attempt(Holding holding) {
    try {
      return holding.attempt();
    } finally {
      attempts.release();
    }
  }

  private LockAttempt await(Holding holding, SlotKey key, Deadline deadline)
      throws InterruptedException {
    try {
      return replies.await(holding.answer(), key, deadline);
    } catch (TimeoutException e) {
      holding.giveUp(e);
      throw new UnavailableException(key, "ZooKeeper did not answer in time", e);
    } catch (InterruptedException e) {
      holding.giveUp(e);
      throw e;
    }
  }

  private static IllegalStateException closed() {
    return new IllegalStateException("the locks are closed");
  }
}
