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

class FailoverJudgeTest {
  private static final int OK = 200;

  /** What only a hang can miss. */
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private static final Product PRODUCT = new Product(1, "Laptop", BigDecimal.TEN, 1);

  private final AtomicLong version = new AtomicLong(5);
  private final FailoverJudge judge = new FailoverJudge();
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
              "{\"product\":{\"id\":1,\"name\":\"Laptop\",\"price\":10,\"stock\":1},\"version\":\"%d\"}"
                  .formatted(version.get())
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
    judge.update(node, PRODUCT);
    judge.read(node, 1);

    assertThat(judge.updates()).isEqualTo(1);
    assertThat(judge.reads()).isEqualTo(1);
    assertThat(judge.stepsBack()).isZero();
  }

  @Test
  void read_olderThanTheAcknowledgedUpdate_isAStepBack() throws Exception {
    judge.update(node, PRODUCT);
    version.set(4);
    judge.read(node, 1);
    judge.read(node, 2);

    assertThat(judge.reads()).isEqualTo(2);
    assertThat(judge.stepsBack()).isEqualTo(1);
  }

  @Test
  void call_answeredByAFailure_isCountedAndAcknowledgesNothing() throws Exception {
    status = 503;
    judge.update(node, PRODUCT);
    judge.read(node, 1);
    status = OK;
    version.set(4);
    judge.read(node, 1);

    assertThat(judge.failures()).isEqualTo(2);
    assertThat(judge.updates()).isZero();
    assertThat(judge.stepsBack()).isZero();
  }
}
