package io.tidemark.proof.failures;

import io.tidemark.servers.PostgresProgram;
import io.tidemark.servers.RestartableServer;
import io.tidemark.testkit.FreePort;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * The three servers, and a neighbour of all the processes that faults are about, whose networks
 * never fail. Tests of one JVM share them. Thread-safe.
 */
final class ThreeServers implements AutoCloseable {
  private final Map<Server, RestartableServer> servers;
  private final Neighbour neighbour;

  private ThreeServers(Map<Server, RestartableServer> servers) throws Exception {
    this.servers = servers;
    this.neighbour = new Neighbour(servers);
  }

  /** Starts them all. */
  static ThreeServers start() throws Exception {
    Map<Server, RestartableServer> servers = new EnumMap<>(Server.class);
    for (Server server : Server.values()) {
      servers.put(server, start(server));
    }
    return new ThreeServers(servers);
  }

  /** Starts one server anew, which may be stopped: nobody else uses it. Close it afterwards. */
  ThreeServers withOwn(Server server) throws Exception {
    Map<Server, RestartableServer> mixed = new EnumMap<>(servers);
    mixed.put(server, start(server));
    return new ThreeServers(mixed);
  }

  RestartableServer server(Server server) {
    return Objects.requireNonNull(servers.get(server));
  }

  Neighbour neighbour() {
    return neighbour;
  }

  /** Ends the neighbour and one server, which is nobody else's. */
  void closeOwn(Server server) throws IOException {
    neighbour.close();
    server(server).stop();
  }

  @Override
  public void close() throws IOException {
    neighbour.close();
    for (RestartableServer server : servers.values()) {
      server.stop();
    }
  }

  private static RestartableServer start(Server server) throws Exception {
    RestartableServer running =
        switch (server) {
          case ZOOKEEPER -> RestartableServer.zookeeper(FreePort.any(), Clients.FAR);
          case REDIS -> RestartableServer.redis(FreePort.any());
          case DATABASE -> RestartableServer.postgres(FreePort.any());
        };
    running.start();
    if (server == Server.DATABASE) {
      Items.create(PostgresProgram.jdbcUrl(running.port()));
    }
    return running;
  }

  /** Gives test classes the servers of the JVM, which it starts for the first and ends at last. */
  static final class Shared implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == ThreeServers.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return context
          .getRoot()
          .getStore(Namespace.create(ThreeServers.class))
          .computeIfAbsent(
              ThreeServers.class,
              type -> {
                try {
                  return start();
                } catch (Exception e) {
                  throw new IllegalStateException("the servers did not start", e);
                }
              });
    }
  }
}
