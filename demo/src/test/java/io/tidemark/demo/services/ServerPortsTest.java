package io.tidemark.demo.services;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.servers.Loopback;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class ServerPortsTest {
  @Test
  void free_always_areThreeDifferentPorts() throws Exception {
    ServerPorts ports = ServerPorts.free();

    assertThat(ports.zookeeper()).isNotIn(ports.redis(), ports.postgres()).isPositive();
    assertThat(ports.redis()).isNotEqualTo(ports.postgres()).isPositive();
    assertThat(ports.postgres()).isPositive();
  }

  @Test
  void choose_freePort_isKept() throws Exception {
    int port = ServerPorts.free().redis();

    assertThat(ServerPorts.choose(ServerPorts.ANY, port, ServerPorts.ANY).redis()).isEqualTo(port);
  }

  @Test
  void choose_takenPort_isRefused() throws Exception {
    try (ServerSocket taken = new ServerSocket()) {
      taken.bind(Loopback.address(ServerPorts.ANY));
      int port = taken.getLocalPort();

      assertThatThrownBy(() -> ServerPorts.choose(port, ServerPorts.ANY, ServerPorts.ANY))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "--zookeeper-port is %d; it must be a port that is free on 127.0.0.1 and that you may open",
              port);
    }
  }

  @Test
  void choose_samePortTwice_isRefused() throws Exception {
    int port = ServerPorts.free().redis();

    assertThatThrownBy(() -> ServerPorts.choose(ServerPorts.ANY, port, port))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("--postgres-port is %d; it must differ from --redis-port", port);
  }
}
