package io.tidemark.demo.client;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tidemark.testkit.Awaiting;
import io.tidemark.testkit.FreePort;
import java.io.IOException;
import java.net.http.HttpClient;
import org.junit.jupiter.api.Test;

class NodeClientTest {
  /** The HTTP client's own failure has no message. */
  @Test
  void read_nobodyListens_namesTheRequestAndTheReason() {
    String url = "http://127.0.0.1:" + FreePort.any();
    NodeClient client = new NodeClient(HttpClient.newHttpClient(), url, Awaiting.LIMIT);

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> client.read(7))
        .withMessageMatching("GET \\Q%s\\E/\\S+/7 was not answered: \\S.+".formatted(url));
  }
}
