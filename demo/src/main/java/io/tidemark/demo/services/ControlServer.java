package io.tidemark.demo.services;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemark.processes.ChildDiedException;
import io.tidemark.processes.ProcessGroup;
import io.tidemark.servers.Loopback;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * Takes orders for {@link ControlledServers} from other processes of the same user, on a port of
 * 127.0.0.1 that the group's {@link ControlFile} names.
 *
 * <p>An order is a line: the file's token, an {@link Order}, and the server's name where it needs
 * one. The answer is {@code done} and what to print, or {@code refused} and why. Thread-safe.
 */
final class ControlServer {
  static final String DONE = "done";
  static final String REFUSED = "refused";

  private static final int LONGEST_ORDER = 200;
  private static final int ORDER_MILLIS = 60_000;
  private static final int TOKEN_BYTES = 16;

  private final ServerSocket socket;
  private final byte[] token;
  private final ControlledServers servers;
  private final CountDownLatch over;

  /** What a group of servers can be told. */
  enum Order {
    /** A line for each server. */
    STATUS,
    /** Start one server. */
    START,
    /** Stop one server. */
    STOP,
    /** Stop and start one server. */
    RESTART,
    /** Stop everything and leave. The lines are true once the process is gone. */
    END
  }

  private ControlServer(
      ServerSocket socket, byte[] token, ControlledServers servers, CountDownLatch over) {
    this.socket = socket;
    this.token = token;
    this.servers = servers;
    this.over = over;
  }

  /**
   * Starts taking orders, as long as this process lives.
   *
   * @param over is opened by the order to leave
   */
  static void open(ProcessGroup group, ControlledServers servers, CountDownLatch over)
      throws IOException {
    ServerSocket socket = new ServerSocket();
    socket.bind(Loopback.address(ServerPorts.ANY));
    byte[] random = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(random);
    String token = HexFormat.of().formatHex(random);
    ControlServer control = new ControlServer(socket, token.getBytes(UTF_8), servers, over);
    daemon("tidemark-control", control::accept);
    ControlFile.of(group, socket.getLocalPort(), token).write();
  }

  private void accept() {
    while (true) {
      try {
        Socket caller = socket.accept();
        daemon("tidemark-order", () -> answer(caller));
      } catch (IOException e) {
        // the caller is gone already
      }
    }
  }

  private void answer(Socket caller) {
    try (caller) {
      caller.setSoTimeout(ORDER_MILLIS);
      String answer = obey(line(caller.getInputStream()));
      OutputStream out = caller.getOutputStream();
      out.write(answer.getBytes(UTF_8));
      out.flush();
    } catch (IOException e) {
      // the caller is gone, and what it asked for is done
    }
  }

  private String obey(String line) {
    String[] words = line.split(" ", -1);
    if (!MessageDigest.isEqual(words[0].getBytes(UTF_8), token) || words.length < 2) {
      return REFUSED + "\nthe order does not begin with the token";
    }
    try {
      return DONE + "\n" + String.join("\n", obey(words));
    } catch (RefusedCommandException | IllegalArgumentException | ChildDiedException e) {
      return REFUSED + "\n" + e.getMessage();
    } catch (InterruptedException e) {
      return REFUSED + "\nthe servers are ending";
    } catch (IOException | RuntimeException e) {
      return REFUSED + "\n" + e;
    }
  }

  private List<String> obey(String[] words) throws IOException, InterruptedException {
    return switch (Order.valueOf(words[1])) {
      case STATUS -> servers.status();
      case START -> List.of(servers.start(server(words)));
      case STOP -> List.of(servers.stop(server(words)));
      case RESTART -> List.of(servers.restart(server(words)));
      case END -> {
        over.countDown();
        yield servers.stopped();
      }
    };
  }

  private static String server(String[] words) {
    return words.length == 3 ? words[2] : "";
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
      line.append((char) next);
      if (line.length() > LONGEST_ORDER) {
        throw new IOException("an order is longer than " + LONGEST_ORDER);
      }
    }
    return line.toString();
  }

  private static void daemon(String name, Runnable body) {
    Thread thread = new Thread(body, name);
    thread.setDaemon(true);
    thread.start();
  }
}
