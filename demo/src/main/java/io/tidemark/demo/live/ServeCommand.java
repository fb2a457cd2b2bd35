package io.tidemark.demo.live;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemark.demo.http.HostRule;
import io.tidemark.demo.http.JsonServer;
import io.tidemark.processes.ProcessGroup;
import io.tidemark.servers.Loopback;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs servers, nodes and the live page until Ctrl-C, and leaves nothing behind. */
@Command(
    name = "serve",
    description = {
      "Starts ZooKeeper, Redis, PostgreSQL and some nodes, and a page that shows them at work, with "
          + "a button for every fault. Runs until Ctrl-C, and stops everything then.",
      "The page's port also takes the requests of a node, and passes them to the nodes in turn."
    },
    mixinStandardHelpOptions = true)
public final class ServeCommand implements Callable<Integer> {
  private static final int LEAST_NODES = 1;
  private static final int MOST_NODES = 16;
  private static final int USUAL_PORT = 3_000;
  private static final int ANY_PORT = 0;
  private static final int UNSET = -1;

  /** A name would have to be looked up, and a stranger may own it. */
  private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--nodes",
      paramLabel = "N",
      defaultValue = "4",
      description = "How many nodes, 1 to 16. Default: ${DEFAULT-VALUE}.")
  private int nodes;

  @Option(
      names = "--http-port",
      paramLabel = "P",
      defaultValue = "-1",
      description = {
        "The page's port, 0 for any free one.",
        "Default: 3000, or any free one if that is taken."
      })
  private int httpPort;

  @Option(
      names = "--bind",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description = {
        "The IP address to serve the page on; 0.0.0.0 for all. Everybody who reaches it can stop "
            + "your servers and nodes. Default: ${DEFAULT-VALUE}."
      })
  private String bind = "";

  @Override
  public Integer call() throws Exception {
    checkNodes();
    InetAddress address = address();
    int port = port(address);
    return ProcessGroup.run(group -> serve(group, new InetSocketAddress(address, port)));
  }

  private int serve(ProcessGroup group, InetSocketAddress address) throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "Starting ZooKeeper, Redis, PostgreSQL and %d %s on 127.0.0.1 ...%n",
        nodes, nodes == 1 ? "node" : "nodes");
    out.flush();
    try {
      serve(address, LiveFleet.start(group, nodes));
    } finally {
      out.println("Stopping everything ...");
      out.flush();
    }
    return 0;
  }

  private void serve(InetSocketAddress address, LiveFleet fleet) throws Exception {
    try (LiveStage stage = LiveStage.open(fleet);
        JsonServer server = open(address, stage)) {
      print(spec.commandLine().getOut(), fleet, server.url());
      new CountDownLatch(1).await();
    }
  }

  private JsonServer open(InetSocketAddress address, LiveStage stage) throws IOException {
    try {
      return JsonServer.start(
          address,
          HostRule.ADDRESS,
          new LiveApi(stage).routes(),
          new LiveFailures(),
          new ObjectMapper());
    } catch (BindException e) {
      throw new ParameterException(spec.commandLine(), takenPort(address.getPort()), e);
    }
  }

  private static void print(PrintWriter out, LiveFleet fleet, String url) {
    for (Events.ServerView server : fleet.serverViews()) {
      out.printf("%s %s pid %d%n", server.name(), server.address(), server.pid());
    }
    for (Events.NodeView node : fleet.nodeViews()) {
      out.printf("node %d %s pid %d%n", node.node(), node.url(), node.pid());
    }
    out.printf("ready %s pid %d%n", url, ProcessHandle.current().pid());
    out.println(
        PageFiles.areHere()
            ? "Open it in a browser. Ctrl-C stops everything."
            : PageFiles.MISSING.stripTrailing());
    out.flush();
  }

  private void checkNodes() {
    if (nodes < LEAST_NODES || nodes > MOST_NODES) {
      throw refused("--nodes is %d; it must be %d to %d".formatted(nodes, LEAST_NODES, MOST_NODES));
    }
  }

  /** Before anything is started. */
  private int port(InetAddress address) {
    if (httpPort == UNSET) {
      return isFree(address, USUAL_PORT) ? USUAL_PORT : ANY_PORT;
    }
    if (httpPort < 0 || httpPort > 65_535) {
      throw refused(
          "--http-port is %d; it must be 0 to 65535, 0 for any free port".formatted(httpPort));
    }
    if (httpPort != ANY_PORT && !isFree(address, httpPort)) {
      throw refused(takenPort(httpPort));
    }
    return httpPort;
  }

  private static boolean isFree(InetAddress address, int port) {
    return Loopback.isFree(new InetSocketAddress(address, port));
  }

  private String takenPort(int port) {
    return "--http-port is %d; it must be free on %s, and one that you may open"
        .formatted(port, bind);
  }

  private InetAddress address() {
    if (ADDRESS.matcher(bind).matches()) {
      try {
        InetAddress address = InetAddress.getByName(bind);
        if (isOfThisMachine(address)) {
          return address;
        }
      } catch (UnknownHostException e) {
        // It is refused below.
      }
    }
    throw refused("--bind is '%s'; it must be an IP address of this machine".formatted(bind));
  }

  /** Linux lets a port be opened on a multicast or broadcast address, where nobody can reach it. */
  private static boolean isOfThisMachine(InetAddress address) {
    try {
      boolean isNamed =
          address.isAnyLocalAddress()
              || address.isLoopbackAddress()
              || NetworkInterface.getByInetAddress(address) != null;
      return isNamed && isFree(address, ANY_PORT);
    } catch (SocketException e) {
      return false;
    }
  }

  private ParameterException refused(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
