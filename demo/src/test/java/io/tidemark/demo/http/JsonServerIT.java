package io.tidemark.demo.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemark.servers.Loopback;
import io.tidemark.testkit.Awaiting;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(600)
class JsonServerIT {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  /** More than may wait for their clients at once. */
  private static final int HALF_SENT = 600;

  private final AtomicInteger changes = new AtomicInteger();
  private final CountDownLatch entered = new CountDownLatch(1);
  private final CountDownLatch proceed = new CountDownLatch(1);
  private JsonServer server;

  @BeforeEach
  void start() throws IOException {
    server =
        JsonServer.start(
            0,
            List.of(
                new Route("GET", "/things/{id}", JsonServerIT::thing, "size"),
                new Route("PUT", "/things/{id}", JsonServerIT::length),
                new Route("DELETE", "/things", request -> delete()),
                new Route("POST", "/failure", request -> fail()),
                new Route("GET", "/text", request -> Response.text(200, "text/plain", "ä\n")),
                new Route("GET", "/unwritable", request -> Response.json(200, new Object())),
                new Route("POST", "/slow", request -> slow()),
                new Route("GET", "/stream", request -> stream()),
                Route.ofPage("/page", request -> Response.text(200, "text/plain", ""))),
            failure -> Response.error(500, "explained: " + failure.getMessage()),
            new ObjectMapper());
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void request_ofARoute_isAnsweredAsJson() throws Exception {
    HttpResponse<String> response = send("GET", "/things/a%20b?size=12%2B", "");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
    assertThat(response.body()).isEqualTo("{\"a%20b\":\"12+\"}");
  }

  @Test
  void request_ofText_isAnsweredAsItIs() throws Exception {
    HttpResponse<String> response = send("GET", "/text", "");

    assertThat(response.headers().firstValue("Content-Type")).contains("text/plain");
    assertThat(response.body()).isEqualTo("ä\n");
  }

  @Test
  void request_withoutContent_isAnswered204() throws Exception {
    HttpResponse<String> response = send("DELETE", "/things", "");

    assertThat(response.statusCode()).isEqualTo(204);
    assertThat(response.body()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/nothing", "/things", "/things/", "/things/1/2", "//things/1"})
  void request_ofNoRoute_isAnswered404Or405(String path) throws Exception {
    HttpResponse<String> response = send("GET", path, "");

    assertThat(response.statusCode()).isEqualTo(path.equals("/things") ? 405 : pathStatus(path));
    assertThat(response.body()).contains("\"error\"");
  }

  /** An empty text between two slashes is an id, which the route refuses. */
  private static int pathStatus(String path) {
    return path.equals("/things/") ? 400 : 404;
  }

  @ParameterizedTest
  @CsvSource({
    "/things/1?size=2&seize=1, seize is given; the parameters can be size",
    "/text?size=2, size is given; there must be no parameter"
  })
  void request_parameterThatIsNotTaken_isRefused(String path, String error) throws Exception {
    HttpResponse<String> response = send("GET", path, "");

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).isEqualTo("{\"error\":\"%s\"}", error);
    assertThat(send("GET", "/page?utm_source=mail", "").statusCode()).isEqualTo(200);
  }

  @Test
  void request_ofAnotherMethod_isAnswered405WithTheOnesAllowed() throws Exception {
    HttpResponse<String> response = send("POST", "/things/1", "");

    assertThat(response.statusCode()).isEqualTo(405);
    assertThat(response.headers().firstValue("Allow")).contains("GET, PUT");
    assertThat(response.body()).isEqualTo("{\"error\":\"method is POST; it must be GET, PUT\"}");
  }

  @Test
  void request_ofHead_isAnswered405WithoutBody() throws Exception {
    HttpResponse<String> response = send("HEAD", "/things/1", "");

    assertThat(response.statusCode()).isEqualTo(405);
    assertThat(response.body()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"size=1&size=2", "size="})
  void request_badQuery_isAnswered400(String query) throws Exception {
    HttpResponse<String> response = send("GET", "/things/1?" + query, "");

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).startsWith("{\"error\":\"").contains("size");
  }

  @Test
  void request_bodyOfTheMostBytes_isRead() throws Exception {
    HttpResponse<String> response = send("PUT", "/things/1", "x".repeat(64 * 1024));

    assertThat(response.body()).isEqualTo("{\"length\":65536}");
  }

  @ParameterizedTest
  @ValueSource(ints = {64 * 1024 + 1, 1_000_000})
  void request_longerBody_isAnswered413(int bytes) throws Exception {
    HttpResponse<String> response = send("PUT", "/things/1", "x".repeat(bytes));

    assertThat(response.statusCode()).isEqualTo(413);
    assertThat(response.body()).contains("65536 bytes");
  }

  @Test
  void request_longerBodyInChunks_isAnswered413() throws Exception {
    byte[] body = "x".repeat(100_000).getBytes(UTF_8);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server.url() + "/things/1"))
            .timeout(Duration.ofMinutes(5))
            .PUT(BodyPublishers.ofByteArrays(List.of(body)))
            .build();

    assertThat(CLIENT.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(413);
  }

  @Test
  void request_whoseRouteFails_isExplained() throws Exception {
    HttpResponse<String> response = send("POST", "/failure", "");

    assertThat(response.statusCode()).isEqualTo(500);
    assertThat(response.body()).isEqualTo("{\"error\":\"explained: broken\"}");
  }

  @Test
  void request_whoseAnswerIsNoJson_isExplained() throws Exception {
    HttpResponse<String> response = send("GET", "/unwritable", "");

    assertThat(response.statusCode()).isEqualTo(500);
    assertThat(response.body()).startsWith("{\"error\":\"explained: ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /things/1 HT",
        "GET /things/1 HTTP/1.1\r\nHost: 127",
        "PUT /things/1 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nx",
        "PUT /things/1 HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nx",
        "PUT /things/1 HTTP/1.1\r\nHost: other\r\nContent-Length: 100\r\n\r\nx"
      })
  void request_manyOthersAreHalfSent_isAnswered(String half) throws Exception {
    List<Socket> others = new ArrayList<>();
    try {
      for (int i = 0; i < HALF_SENT; i++) {
        others.add(connected(half));
      }

      assertThat(send("GET", "/things/1", "").statusCode()).isEqualTo(200);
      assertThat(send("PUT", "/things/1", "x").statusCode()).isEqualTo(200);
    } finally {
      for (Socket other : others) {
        other.close();
      }
    }
  }

  @Test
  void request_halfSentForLong_losesItsConnection() throws Exception {
    try (JsonServer impatient =
            JsonServer.start(
                0,
                List.of(),
                failure -> Response.noContent(),
                new ObjectMapper(),
                () -> new RequestThreads(2, 2, 1, Duration.ofMillis(10)));
        Socket half =
            new Socket(InetAddress.getLoopbackAddress(), URI.create(impatient.url()).getPort())) {
      half.getOutputStream().write("GET /things/1 HT".getBytes(UTF_8));

      assertThat(half.getInputStream().read()).isEqualTo(-1);
    }
  }

  static Stream<Arguments> strangers() {
    return Stream.of(
        Arguments.of("Host: evil.example:{port}", 403, "Host is 'evil.example:"),
        Arguments.of("Host: 127.0.0.1.evil.example", 403, "Host is '127.0.0.1.evil.example'"),
        Arguments.of("Host: localhost:1@evil", 403, "Host is"),
        Arguments.of("X: y", 403, "Host is ''"),
        Arguments.of("Host: localhost\r\nHost: evil", 400, "Host is given twice"),
        Arguments.of(
            "Host: 127.0.0.1:{port}\r\nOrigin: http://evil.example", 403, "http://evil.example"),
        Arguments.of("Host: 127.0.0.1:{port}\r\nOrigin: null", 403, "Origin is 'null'"),
        Arguments.of(
            "Host: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:1", 403, "http://127.0.0.1:1'"),
        Arguments.of("Host: localhost:{port}\r\nOrigin: https://localhost:{port}", 403, "https"));
  }

  @ParameterizedTest
  @MethodSource("strangers")
  void request_thatChangesSomethingOfAStranger_isRefused(String headers, int status, String words)
      throws Exception {
    for (String method : List.of("PUT /things/1", "DELETE /things", "POST /failure")) {
      assertThat(raw(method, headers)).startsWith("HTTP/1.1 " + status + " ").contains(words);
    }
    assertThat(changes).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host: 127.0.0.1:{port}",
        "Host: localhost",
        "Host: LOCALHOST:9\r\nOrigin: http://localhost:9",
        "Host: [::1]:{port}\r\nOrigin: http://[::1]:{port}"
      })
  void request_thatChangesSomethingOfThisMachine_isAnswered(String headers) throws Exception {
    assertThat(raw("DELETE /things", headers)).startsWith("HTTP/1.1 204 ");
    assertThat(changes).hasValue(1);
  }

  @ParameterizedTest
  @CsvSource({
    "evil.example, 403",
    "127.0.0.1.evil.example, 403",
    "1.2.3.4:80, 200",
    "localhost:3000, 200",
    "[fe80::1]:80, 200",
    "0x7f000001, 403"
  })
  void request_whereOnlyAddressesMayBeCalled_isRefusedByAnyName(String host, int status)
      throws Exception {
    try (JsonServer strict =
            JsonServer.start(
                Loopback.address(0),
                HostRule.ADDRESS,
                List.of(new Route("GET", "/text", request -> Response.text(200, "text/plain", ""))),
                e -> Response.noContent(),
                new ObjectMapper());
        Socket client =
            new Socket(InetAddress.getLoopbackAddress(), URI.create(strict.url()).getPort())) {
      client
          .getOutputStream()
          .write("GET /text HTTP/1.1\r\nHost: %s\r\n\r\n".formatted(host).getBytes(UTF_8));

      assertThat(readTo(client, "\r\n")).startsWith("HTTP/1.1 " + status);
    }
  }

  @Test
  void request_thatChangesNothingOfAStranger_isAnswered() throws Exception {
    assertThat(raw("GET /things/1", "Host: other\r\nOrigin: http://evil.example"))
        .startsWith("HTTP/1.1 200 ");
  }

  @Test
  void stream_isSentPieceByPiece() throws Exception {
    try (Socket client = connected("GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n")) {
      assertThat(readTo(client, "one")).containsIgnoringCase("content-type: text/event-stream");
      proceed.countDown();
      readTo(client, "two");
    }
  }

  @Test
  void close_streamUnderWay_ends() throws Exception {
    try (Socket client = connected("GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n")) {
      readTo(client, "one");

      server.close();

      assertThat(new String(client.getInputStream().readAllBytes(), UTF_8)).doesNotContain("two");
    }
  }

  @Test
  void stream_thatIsNotRead_losesItsConnection() throws Exception {
    CompletableFuture<IOException> failure = new CompletableFuture<>();
    byte[] piece = new byte[1_000_000];
    Response.Source endless =
        sink -> {
          try {
            while (true) {
              sink.write(piece);
            }
          } catch (IOException e) {
            failure.complete(e);
            throw e;
          }
        };
    try (JsonServer impatient =
            JsonServer.start(
                0,
                List.of(
                    new Route(
                        "GET", "/", request -> Response.stream("text/event-stream", endless))),
                e -> Response.noContent(),
                new ObjectMapper(),
                () -> new RequestThreads(2, 2, 1, Duration.ofMillis(10)));
        Socket client =
            new Socket(InetAddress.getLoopbackAddress(), URI.create(impatient.url()).getPort())) {
      client.getOutputStream().write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(UTF_8));

      assertThat(failure).succeedsWithin(Awaiting.LIMIT);
    }
  }

  private static String readTo(Socket client, String end) throws IOException {
    StringBuilder text = new StringBuilder();
    while (text.indexOf(end) < 0) {
      int next = client.getInputStream().read();
      assertThat(next).as("the end of %s", text).isNotEqualTo(-1);
      text.append((char) next);
    }
    return text.toString();
  }

  @Test
  void close_requestUnderWay_isStillAnswered() throws Exception {
    CompletableFuture<HttpResponse<String>> answer =
        CLIENT.sendAsync(request("POST", "/slow", ""), BodyHandlers.ofString());
    entered.await();
    CompletableFuture<Void> closing = CompletableFuture.runAsync(server::close);
    proceed.countDown();

    assertThat(answer.get().statusCode()).isEqualTo(204);
    closing.get();
    assertThatExceptionOfType(ConnectException.class)
        .isThrownBy(() -> send("GET", "/things/1", ""));
  }

  @Test
  void start_portTaken_throws() {
    int port = URI.create(server.url()).getPort();

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(
            () -> JsonServer.start(port, List.of(), e -> Response.noContent(), new ObjectMapper()));
  }

  private static Response thing(Request request) {
    String id = request.path("id", JsonServerIT::notEmpty);
    String size = request.query("size", JsonServerIT::notEmpty).orElse("");
    return Response.json(200, Map.of(id, size));
  }

  private Response delete() {
    changes.incrementAndGet();
    return Response.noContent();
  }

  private static Response length(Request request) {
    return Response.json(200, Map.of("length", request.body().length));
  }

  private static Response fail() {
    throw new IllegalStateException("broken");
  }

  private Response slow() throws InterruptedException {
    entered.countDown();
    proceed.await();
    return Response.noContent();
  }

  private Response stream() {
    return Response.stream(
        "text/event-stream",
        sink -> {
          sink.write("one".getBytes(UTF_8));
          proceed.await();
          sink.write("two".getBytes(UTF_8));
        });
  }

  private Socket connected(String text) throws IOException {
    Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), URI.create(server.url()).getPort());
    socket.getOutputStream().write(text.getBytes(UTF_8));
    return socket;
  }

  /** Sends a request as it is, and gives the whole answer. */
  private String raw(String methodAndPath, String headers) throws IOException {
    String request =
        "%s HTTP/1.1\r\n%s\r\nConnection: close\r\n\r\n".formatted(methodAndPath, headers);
    String port = Integer.toString(URI.create(server.url()).getPort());
    try (Socket socket = connected(request.replace("{port}", port))) {
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
  }

  private static String notEmpty(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("''; it must not be empty");
    }
    return text;
  }

  private HttpResponse<String> send(String method, String path, String body) throws Exception {
    return CLIENT.send(request(method, path, body), BodyHandlers.ofString());
  }

  private HttpRequest request(String method, String path, String body) {
    return HttpRequest.newBuilder(URI.create(server.url() + path))
        .timeout(Duration.ofMinutes(5))
        .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
        .build();
  }
}
