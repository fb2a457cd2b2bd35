package io.tidemark.bench.contestants;

import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.ExponentialBackoffRetry;

/** The client of ZooKeeper of those that use it. */
public final class ZooKeeperClient {
  private static final int FIRST_PAUSE_MILLIS = 1_000;
  private static final int MOST_RETRIES = 3;

  private ZooKeeperClient() {}

  /** Connects a client, which the caller closes. */
  public static CuratorFramework start(Setting setting) {
    CuratorFramework client =
        CuratorFrameworkFactory.newClient(
            setting.zookeeper(),
            (int) setting.lockLifeOr(Patience.LIMIT).toMillis(),
            Patience.millis(),
            new ExponentialBackoffRetry(FIRST_PAUSE_MILLIS, MOST_RETRIES));
    client.start();
    try {
      if (client.blockUntilConnected(Patience.millis(), TimeUnit.MILLISECONDS)) {
        return client;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    client.close();
    throw new IllegalStateException("no connection to ZooKeeper at " + setting.zookeeper());
  }
}
