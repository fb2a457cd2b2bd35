package io.tidemark.zookeeper;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.tidemark.spi.Finding;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.client.ConnectStringParser;

/** The servers of a client, asked for their state without a session. Immutable. */
record Ensemble(List<InetSocketAddress> servers) {
  private static final String SUBJECT = "ZooKeeper";
  private static final int LIMIT_MILLIS = 500;
  private static final int MOST_BYTES = 1_000;

  /** A client that is allowed to is connected to a server without a majority. */
  static final Finding READ_ONLY =
      Finding.warning(
          SUBJECT,
          "the client is connected to a read-only server, which has lost the majority of its"
              + " ensemble: no key can be locked",
          "bring the other servers back, and build the client without canBeReadOnly");

  /** What a server answers that sees no majority. */
  private static final String NOT_SERVING = "not currently serving requests";

  static Ensemble of(CuratorFramework curator) {
    String address = curator.getZookeeperClient().getCurrentConnectionString();
    return new Ensemble(new ConnectStringParser(address).getServerAddresses());
  }

  /** Tells why there is no connection, as far as the servers tell. Takes half a second for each. */
  Finding whyUnconnected() {
    long waiting = servers.stream().filter(Ensemble::isWithoutMajority).count();
    return waiting == 0
        ? Finding.warning(SUBJECT, "there is no connection to it", "repeat the check later")
        : Finding.warning(
            SUBJECT,
            "%d of %d servers answer that their ensemble has no majority"
                .formatted(waiting, servers.size()),
            "start the others: more than half of the servers must reach each other");
  }

  /** Asks by a command that servers answer by default. */
  private static boolean isWithoutMajority(InetSocketAddress server) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(server.getHostString(), server.getPort()), LIMIT_MILLIS);
      socket.setSoTimeout(LIMIT_MILLIS);
      socket.getOutputStream().write("srvr".getBytes(US_ASCII));
      String answer = new String(socket.getInputStream().readNBytes(MOST_BYTES), US_ASCII);
      return answer.contains(NOT_SERVING);
    } catch (IOException e) {
      return false;
    }
  }
}
