package io.tidemark.servers;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.Socket;

/**
 * What a ZooKeeper server says of itself (its command {@code srvr}). Immutable.
 *
 * @param requests what it has received since it was started, this question included
 * @param zxid its last transaction: a server that was never led by another has written so often,
 *     also where a request was then refused
 * @param nodes how many it keeps
 * @param leader whether it leads an ensemble
 */
public record ZooKeeperStatus(long requests, long zxid, long nodes, boolean leader) {
  private static final int HEX = 16;
  private static final int DECIMAL = 10;

  /**
   * Asks the server that listens on that port of 127.0.0.1.
   *
   * @param patienceMillis how long it may take to connect, and to answer; 0 for as long as it takes
   * @throws IOException if it gave no answer, or is not serving
   */
  public static ZooKeeperStatus of(int port, int patienceMillis) throws IOException {
    String answer = answer("srvr", port, patienceMillis);
    return new ZooKeeperStatus(
        number(answer, "Received: ", DECIMAL),
        number(answer, "Zxid: 0x", HEX),
        number(answer, "Node count: ", DECIMAL),
        answer.contains("Mode: leader"));
  }

  /** The nodes that would end with a session; of a server that {@link ZooKeeperProgram} runs. */
  public static long ephemeralNodes(int port) throws IOException {
    return number(answer("mntr", port, 0), "zk_ephemerals_count\t", DECIMAL);
  }

  private static String answer(String question, int port, int patienceMillis) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(Loopback.address(port), patienceMillis);
      socket.setSoTimeout(patienceMillis);
      socket.getOutputStream().write(question.getBytes(US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), US_ASCII);
    }
  }

  private static long number(String answer, String name, int radix) throws IOException {
    return answer
        .lines()
        .filter(line -> line.startsWith(name))
        .findFirst()
        .map(line -> Long.parseLong(line.substring(name.length()), radix))
        .orElseThrow(() -> new IOException("no \"" + name.strip() + "\" in: " + answer));
  }
}
