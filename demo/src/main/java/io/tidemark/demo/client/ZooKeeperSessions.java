package io.tidemark.demo.client;

import io.tidemark.demo.client.NodeAnswers.Session;
import java.io.IOException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.zookeeper.ZooKeeper;

/** Sessions of nodes, as ZooKeeper sees them. */
public final class ZooKeeperSessions {
  private static final int TIMEOUT_MILLIS = 60_000;

  private ZooKeeperSessions() {}

  /**
   * Ends a session at once, as ZooKeeper itself does with the session of a process that was silent
   * for its whole timeout: another connection joins the session and closes it.
   *
   * @param limit how long to wait for ZooKeeper
   * @throws TimeoutException if it does not answer in that time
   */
  public static void end(String zookeeperAddress, Session session, Duration limit)
      throws IOException, InterruptedException, TimeoutException {
    CountDownLatch heard = new CountDownLatch(1);
    ZooKeeper twin =
        new ZooKeeper(
            zookeeperAddress,
            TIMEOUT_MILLIS,
            event -> heard.countDown(),
            session.id(),
            HexFormat.of().parseHex(session.password()));
    try {
      // Whatever it hears first: it has joined the session, or the session has ended already.
      if (!heard.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new TimeoutException(
            "waited %d s in vain until the session can be ended".formatted(limit.toSeconds()));
      }
    } finally {
      twin.close();
    }
  }
}
