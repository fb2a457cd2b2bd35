package io.tidemark.proof.failures;

import io.tidemark.VersionedCache;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Three servers, one of them behind a network that fails for the processes here and for nobody
 * else. Thread-safe, but for the faults.
 */
final class FaultyWorld implements AutoCloseable {
  /** Missed by what hangs, and by nothing else. */
  static final Duration PATIENCE = Duration.ofMinutes(2);

  private final ThreeServers servers;
  private final Server failing;
  private final Line line;
  private final Map<Clients.Limits, Clients> processes = new HashMap<>();

  /**
   * Starts its network.
   *
   * @param failing the server that will fail
   */
  FaultyWorld(ThreeServers servers, Server failing) throws IOException {
    this.servers = servers;
    this.failing = failing;
    this.line = Line.to(servers.server(failing));
  }

  /** The process whose clients have these limits. It has used its servers. */
  synchronized Clients process(Clients.Limits limits) throws InterruptedException {
    Clients process = processes.get(limits);
    if (process == null) {
      process =
          new Clients(
              server -> server == failing ? line.port() : servers.server(server).port(),
              limits,
              Map.of(failing, Clients.CONNECTIONS));
      processes.put(limits, process);
      String key = servers.neighbour().newRow(CallOnPage.OLD);
      readWhenMended(process.failing(), key);
      process.awaitConnections();
    }
    return process;
  }

  Neighbour neighbour() {
    return servers.neighbour();
  }

  /** Begins a fault, and returns when it is what the page says. */
  void begin(Fault fault) throws Exception {
    line.begin(fault);
    if (fault == Fault.RESTARTED && failing == Server.ZOOKEEPER) {
      // Until a client has connected again it is as with a server that is gone.
      for (Clients process : processes.values()) {
        process.awaitZooKeeper();
      }
    }
  }

  void end(Fault fault) throws Exception {
    line.end(fault);
  }

  /** Reads until an answer comes, as soon as the servers can be used again. */
  static String readWhenMended(VersionedCache<String, String> cache, String key) {
    return Neighbour.untilDone(() -> cache.get(key).orElse("nothing"), Objects::nonNull);
  }

  @Override
  public synchronized void close() {
    processes.values().forEach(Clients::close);
    line.close();
  }
}
