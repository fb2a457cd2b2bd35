package io.tidemark.demo.acts;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.tidemark.demo.client.NodeAnswers.Product;
import io.tidemark.demo.client.NodeClient;
import io.tidemark.servers.Loopback;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class JudgedCallsTest {
  private static final int OK = 200;

  /** What only a hang can miss. */
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private static final Product PRODUCT = new Product(1, "Laptop", BigDecimal.TEN, 1);

  private final AtomicLong version = new AtomicLong(5);
  private final JudgedCalls calls = new JudgedCalls(Side.TIDEMARK);
  private String source = "cache";
  private int status = OK;
  private HttpServer server;
  private NodeClient node;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(Loopback.address(0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] answer =
              "{\"source\":\"%s\",\"product\":{\"id\":1,\"name\":\"Laptop\",\"price\":10,\"stock\":1},\"version\":\"%d\"}"
                  .formatted(source, version.get())
                  .getBytes(UTF_8);
          exchange.sendResponseHeaders(status, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
    String url = "http://127.0.0.1:" + server.getAddress().getPort();
    node = new NodeClient(HttpClient.newHttpClient(), url, LIMIT);
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void read_asNewAsTheAcknowledgedUpdate_isNoStepBack() throws Exception {
    calls.update(node, PRODUCT);
    calls.read(node, 1);

    assertThat(calls.counts().updates()).isEqualTo(1);
    assertThat(calls.counts().reads()).isEqualTo(1);
    assertThat(calls.counts().old()).isZero();
  }

  @Test
  void read_olderThanTheAcknowledgedUpdate_isAStepBack() throws Exception {
    calls.update(node, PRODUCT);
    version.set(4);
    calls.read(node, 1);
    calls.read(node, 2);

    assertThat(calls.counts().reads()).isEqualTo(2);
    assertThat(calls.counts().old()).isEqualTo(1);
  }

  @Test
  void call_answeredByAFailure_isCountedAndAcknowledgesNothing() throws Exception {
    status = 503;
    calls.update(node, PRODUCT);
    calls.read(node, 1);
    status = OK;
    version.set(4);
    calls.read(node, 1);

    assertThat(calls.counts().failures()).isEqualTo(2);
    assertThat(calls.counts().updates()).isZero();
    assertThat(calls.counts().old()).isZero();
  }

  @Test
  void read_olderThanAnotherReadBefore_isWrong() throws Exception {
    calls.read(node, 1);
    version.set(4);
    calls.read(node, 1);

    assertThat(calls.counts()).isEqualTo(new JudgedCalls.Counts(2, 0, 0, 0, 1, 0));
    assertThat(calls.counts().wrong()).isEqualTo(1);
  }

  @Test
  void read_expiredValue_isCountedAsStaleAndTimed() throws Exception {
    source = "cache (stale)";
    calls.read(node, 1);

    assertThat(calls.counts().stale()).isEqualTo(1);
    assertThat(calls.timed())
        .singleElement()
        .satisfies(call -> assertThat(call.series()).isEqualTo("Tidemark, reads"));
  }
}
