package io.tidemark.servers;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.curator.test.InstanceSpec;
import org.apache.curator.test.TestingServer;

/** A ZooKeeper of one server in this process. */
final class ZooKeeperInProcess {
  /** A server expires sessions by the tick, and grants none shorter than two. */
  private static final int TICK_MILLIS = 500;

  private static final int UNLIMITED = 0;
  private static final int ANY = -1;

  private ZooKeeperInProcess() {}

  /** A server on 127.0.0.1 that is not started. */
  static TestingServer newServer(int port, Path data, Duration longestSession) throws Exception {
    System.setProperty("zookeeper.admin.enableServer", "false");
    System.setProperty("zookeeper.4lw.commands.whitelist", "srvr,mntr");
    // What it holds outlives a restart, not the machine's end: no need to wait for the disk on
    // every write, which a real ensemble does on a disk of its own.
    System.setProperty("zookeeper.forceSync", "no");
    InstanceSpec spec =
        new InstanceSpec(
            data.toFile(),
            port,
            ANY,
            ANY,
            // It may be started again on the same data; the owner of the folder deletes them.
            false,
            ANY,
            TICK_MILLIS,
            UNLIMITED,
            Map.of(
                "clientPortAddress",
                "127.0.0.1",
                "maxSessionTimeout",
                Long.toString(longestSession.toMillis())),
            "127.0.0.1");
    return new TestingServer(spec, false);
  }
}
