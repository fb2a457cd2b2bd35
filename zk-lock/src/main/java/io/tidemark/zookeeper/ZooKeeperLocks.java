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
import java.util.function.Consumer;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.KeeperException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Locks on ZooKeeper: one Curator mutex per key, held by one process of the fleet at a time.
 * Thread-safe.
 *
 * <p>A holder that crashes or is cut off loses the lock when its session expires, and waiting
 * processes hear of it at once. The fence is the number of the transaction that created the
 * holder's node, which grows as long as the ensemble keeps its data. A rebuilt ensemble starts
 * again from 1; its fences then lose against older claims until these expire.
 *
 * <p>The znodes are {@code /tidemark/<cache>/locks/<key>/<holder>}, under the namespace of the
 * Curator client if it has one. A short key of harmless characters is its own name; any other key
 * is hashed. The nodes of keys that are not locked are deleted. A node holds a lock only if these
 * locks could have named it and if it ends with its session. Other nodes below a key are left
 * alone, and {@link #check} names them.
 *
 * <p>An attempt that finds nodes of the key, and a holding that it ends in, use a daemon thread of
 * this provider. The thread of an attempt may outlast its caller, for as long as Curator's retry
 * policy goes on. All others are answered on the client's thread for events: what blocks that, such
 * as a watcher of yours, blocks them. At most {@value #MAX_ATTEMPTS} attempts are under way at
 * once; further ones queue within their deadline.
 */
public final class ZooKeeperLocks implements LockProvider, AutoCloseable {
  static final int MAX_ATTEMPTS = 256;
  static final String THREAD_NAME = "tidemark-zookeeper-lock";
  private static final Logger LOG = LoggerFactory.getLogger(ZooKeeperLocks.class);
  private static final Duration CHECK_LIMIT = Duration.ofSeconds(3);
  private static final String SUBJECT = "ZooKeeper";
  private static final String LATER = "repeat the check later";
  private static final String CLOSED = "the locks are closed";
  private static final String NOT_IN_TIME = "ZooKeeper did not answer in time";
  private static final Duration IDLE_THREAD_LIFE = Duration.ofSeconds(10);

  private final CuratorFramework curator;
  private final Replies replies;
  private final Semaphore attempts = new Semaphore(MAX_ATTEMPTS);
  private final Set<MutexHolding> holdings = ConcurrentHashMap.newKeySet();
  private final AtomicReference<@Nullable String> told = new AtomicReference<>();
  private final ExecutorService threads;
  private final TaskLimit questions;
  private final Care care = new Care();

  /** Its thread is started before it is needed: it cleans up where no other can be started. */
  private final ExecutorService reserve = DaemonThreads.named(THREAD_NAME).newTimer();

  private ZooKeeperLocks(CuratorFramework curator, ExecutorService threads) {
    this.curator = curator;
    this.replies = new Replies(curator);
    this.threads = threads;
    this.questions = TaskLimit.none(threads);
    reserve.execute(() -> {});
  }

  /**
   * Creates locks on the ensemble that a client is connected to.
   *
   * @param curator a started client, which the caller closes after these locks. Its session timeout
   *     decides how long a crashed holder keeps its lock: see {@link #crashNoticedWithin}
   */
  public static ZooKeeperLocks create(CuratorFramework curator) {
    Objects.requireNonNull(curator, "curator");
    return create(curator, DaemonThreads.named(THREAD_NAME).newPool(IDLE_THREAD_LIFE));
  }

  /** Creates locks whose attempts and clean-ups run in a pool, which they shut down. */
  static ZooKeeperLocks create(CuratorFramework curator, ExecutorService threads) {
    // It may ask a name server, for which a caller with a deadline must not wait.
    LockNode.findNameOfThisProcess();
    ZooKeeperLocks locks = new ZooKeeperLocks(curator, threads);
    curator.getConnectionStateListenable().addListener(locks.replies);
    return locks;
  }

  /**
   * Acquires a key's lock if it is free. Takes one round trip, which writes, if the key has no
   * node; a few more if it has.
   *
   * @throws UnavailableException at once if there is no connection, or not yet, or only to a server
   *     that is read-only because it has no majority; when the connection is lost before the
   *     answer; or when the deadline passes. The lock is not held then: if ZooKeeper grants it
   *     later, it is released in the background
   * @throws RefusedException at once if these locks or the Curator client are closed, or if
   *     ZooKeeper refuses all locks until its set-up is corrected
   * @throws InterruptedException if the thread is interrupted; the lock is not held then either
   */
  @Override
  public LockAttempt tryAcquire(SlotKey key, Deadline deadline) throws InterruptedException {
    return tryAcquire(key, deadline, MutexHolding::begin);
  }

  /**
   * {@inheritDoc} Looks for a holder first, which is a read for the servers. Where somebody holds
   * the lock, that costs two requests instead of three, and none of them writes.
   */
  @Override
  public LockAttempt tryAcquireContended(SlotKey key, Deadline deadline)
      throws InterruptedException {
    return tryAcquire(key, deadline, holding -> threads.execute(holding::attempt));
  }

  private LockAttempt tryAcquire(SlotKey key, Deadline deadline, Consumer<MutexHolding> beginning)
      throws InterruptedException {
    Objects.requireNonNull(deadline, "deadline");
    // First, because it needs no thread.
    checkConnected(key);
    // Before the attempt takes a place: what Curator throws here would keep the place for good.
    KeyMutex mutex = new KeyMutex(curator, LockPath.of(key));
    MutexHolding holding =
        new MutexHolding(key, mutex, node -> new NodeHolder(curator, replies, key, node), care);
    if (!attempts.tryAcquire(deadline.remainingNanos(), TimeUnit.NANOSECONDS)) {
      throw new UnavailableException(
          key, MAX_ATTEMPTS + " attempts are under way, and none ended in time", null);
    }
    start(holding, beginning);
    return await(holding, key, deadline);
  }

  /** Names the provider and its servers, for people. */
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
   * <p>It is one and a half times the session timeout that the server granted: a server checks for
   * expired sessions only once per tick, and by default grants no timeout of less than two ticks.
   * Empty if there is no connection.
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
   * <p>Acquires and releases the lock of a key of its own, so that a refusal is found before the
   * first miss, and names each permission that the user lacks. If there is no connection, it asks
   * the servers why. If no more than {@value ZooKeeperSetup#MOST_KEYS_CHECKED} keys of the cache
   * have a node, it also looks below them for nodes that are not locks. Takes a few seconds at
   * most.
   */
  @Override
  public List<Finding> check(String cache) {
    return check(cache, Deadline.after(CHECK_LIMIT));
  }

  /** Checks likewise, with a deadline of the caller's choice. */
  List<Finding> check(String cache, Deadline deadline) {
    SlotKey key = new SlotKey(cache, ZooKeeperSetup.CHECKED_KEY);
    try {
      List<Finding> findings = ask(key, deadline, () -> new ZooKeeperSetup(curator, cache).check());
      boolean isUsable =
          findings.stream()
              .noneMatch(
                  found ->
                      found.severity() == Finding.Severity.ERROR
                          || found.equals(Ensemble.READ_ONLY));
      if (isUsable && tryAcquire(key, deadline) instanceof LockAttempt.Acquired acquired) {
        acquired.handle().close();
      }
      return findings;
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
    if (unusable != null) {
      return Finding.error(SUBJECT, unusable, "build the cache with locks that are open");
    }
    if (replies.isReadOnly()) {
      return Ensemble.READ_ONLY;
    }
    return replies.isConnected()
        ? Finding.warning(SUBJECT, "the check failed: " + e, LATER)
        : Ensemble.of(curator).whyUnconnected();
  }

  private List<String> childrenOf(String path) throws Exception {
    try {
      return curator.getChildren().forPath(path);
    } catch (KeeperException.NoNodeException e) {
      return List.of();
    }
  }

  /** Asks ZooKeeper on another thread, because Curator may block for longer than a caller waits. */
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
      throw new UnavailableException(
          key, Objects.requireNonNull(replies.notConnected().getMessage()), null);
    }
  }

  /**
   * Releases every lock that is held. Does not block: the locks become free in the background, or
   * with the session if the Curator client is closed first. Calls under way throw {@link
   * UnavailableException}. Idempotent.
   */
  @Override
  public void close() {
    threads.shutdown();
    curator.getConnectionStateListenable().removeListener(replies);
    Exception closed = new NoAnswerException(CLOSED);
    holdings.forEach(holding -> holding.acquisition().giveUp(closed));
    replies.end(closed);
    endReserve();
  }

  /** Ends the reserved thread once nothing can need it any more. */
  private void endReserve() {
    if (threads.isShutdown() && holdings.isEmpty()) {
      reserve.shutdown();
    }
  }

  private void start(MutexHolding holding, Consumer<MutexHolding> beginning) {
    // Before it begins: a holding that close() does not find here is rejected there.
    holdings.add(holding);
    boolean started = false;
    try {
      if (threads.isShutdown()) {
        throw new RejectedExecutionException();
      }
      beginning.accept(holding);
      started = true;
    } catch (RejectedExecutionException e) {
      throw new RefusedException(holding.key(), CLOSED, e);
    } finally {
      if (!started) {
        care.attempted(holding);
        care.over(holding);
      }
    }
  }

  private final class Care implements MutexHolding.Threads {
    @Override
    public void attempt(Runnable attempt) {
      threads.execute(attempt);
    }

    @Override
    public void cleanUp(Runnable cleaning) {
      try {
        try {
          threads.execute(cleaning);
        } catch (RejectedExecutionException e) {
          // These locks are closed, and what is left in ZooKeeper has to be deleted all the same.
          DaemonThreads.named(THREAD_NAME).newThread(cleaning).start();
        }
      } catch (Error e) {
        reserve.execute(cleaning);
        LOG.warn("No thread could be started to clean up, so the reserved one does", e);
      }
    }

    @Override
    public void attempted(MutexHolding holding) {
      attempts.release();
    }

    @Override
    public void over(MutexHolding holding) {
      holdings.remove(holding);
      endReserve();
    }
  }

  /** Logs each problem once: every miss meets it again. */
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
