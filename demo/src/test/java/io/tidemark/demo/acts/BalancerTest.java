package io.tidemark.demo.acts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.demo.client.NodeClient;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BalancerTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final NodeClient first = client(1);
  private final NodeClient second = client(2);
  private final Balancer balancer = new Balancer(List.of(first, second));
  private final List<NodeClient> called = new ArrayList<>();

  @Test
  void send_someCalls_goToTheNodesInTurn() throws Exception {
    send(3);

    assertThat(called).containsExactly(first, second, first);
  }

  @Test
  void send_nodeTakenOut_goesToTheOther() throws Exception {
    balancer.takeOut(first);
    send(2);

    assertThat(called).containsExactly(second, second);
  }

  @Test
  void send_nodePutIn_goesThereToo() throws Exception {
    NodeClient third = client(3);
    balancer.takeOut(first);
    balancer.putIn(third);
    send(2);

    assertThat(called).containsExactlyInAnyOrder(second, third);
  }

  @Test
  void send_noNodeIsIn_isRefused() {
    balancer.takeOut(first);
    balancer.takeOut(second);

    assertThatThrownBy(() -> send(1)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void isBusy_duringACall_isTrueAlthoughTheNodeIsOut() throws Exception {
    boolean answered =
        balancer.send(
            node -> {
              balancer.takeOut(node);
              return balancer.isBusy(node) && !balancer.isBusy(second);
            });

    assertThat(answered).isTrue();
    assertThat(balancer.isBusy(first)).isFalse();
  }

  private void send(int calls) throws InterruptedException {
    for (int call = 0; call < calls; call++) {
      assertThat(balancer.send(called::add)).isTrue();
    }
  }

  private static NodeClient client(int number) {
    return new NodeClient(HTTP, "http://127.0.0.1:" + number, Duration.ofMinutes(1));
  }
}
