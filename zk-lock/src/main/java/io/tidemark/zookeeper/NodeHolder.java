package io.tidemark.zookeeper;

import io.tidemark.UnavailableException;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.SlotKey;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.WatcherRemoveCuratorFramework;
import org.apache.curator.framework.api.BackgroundCallback;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher;

/**
 * The holder that made a node below a key. It is gone when the node is, whether deleted or expired
 * with its session. Each wait sets a watch, and ZooKeeper keeps one per process and node, however
 * many callers wait. Thread-safe.
 */
final class NodeHolder implements LockAttempt.Holder {
  private final CuratorFramework curator;
  private final Replies replies;
  private final SlotKey key;
  private final LockNode node;

  NodeHolder(CuratorFramework curator, Replies replies, SlotKey key, LockNode node) {
    this.curator = curator;
    this.replies = replies;
    this.key = key;
    this.node = node;
  }

  @Override
  public boolean awaitGone(Deadline deadline) throws InterruptedException {
    CompletableFuture<Void> gone = new CompletableFuture<>();
    replies.checkUsable(key);
    WatcherRemoveCuratorFramework watching = curator.newWatcherRemoveCuratorFramework();
    try {
      watch(watching, gone);
      replies.await(gone, key, deadline);
      return true;
    } catch (TimeoutException e) {
      return false;
    } finally {
      // The reply that sets the watch may still be under way: then whenSet removes the watch.
      gone.cancel(false);
      watching.removeWatchers();
    }
  }

  @Override
  public Optional<String> who() {
    return Optional.of(node.toString());
  }

  private void watch(WatcherRemoveCuratorFramework watching, CompletableFuture<Void> gone) {
    Watcher watcher =
        event -> {
          if (event.getType() == Watcher.Event.EventType.NodeDeleted) {
            gone.complete(null);
          } else if (event.getState() == Watcher.Event.KeeperState.Closed) {
            // The client was closed, which is not reported as a change of the connection.
            gone.completeExceptionally(NoAnswerException.notConnected());
          }
        };
    BackgroundCallback whenSet =
        (client, event) -> {
          KeeperException.Code code = KeeperException.Code.get(event.getResultCode());
          if (code == KeeperException.Code.NONODE) {
            gone.complete(null);
          } else if (code != KeeperException.Code.OK) {
            gone.completeExceptionally(KeeperException.create(code, node.path()));
          } else if (gone.isDone()) {
            // The waiter left before its watch was set, and could not remove it.
            watching.removeWatchers();
          }
        };
    try {
      // Reading data sets a watch only if the node exists; "exists" would leave one behind.
      watching.getData().usingWatcher(watcher).inBackground(whenSet).forPath(node.path());
    } catch (Exception e) {
      throw new UnavailableException(key, "ZooKeeper cannot watch the holder", e);
    }
  }
}
