package io.tidemark.demo.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.tidemark.servers.Loopback;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Serves routes until it is closed, on 127.0.0.1 if not told otherwise. A path of no route is
 * answered 404, a wrong method 405, a body over {@value #MAX_BODY_BYTES} bytes 413. Requests that
 * break the {@link HostRule}, such as those of a stranger's page in a browser here, are answered
 * 403. A client that takes longer than some 10 s to send a request, or to read the answer or a
 * piece of a stream, loses its connection; sooner if more than 512 others have come after it.
 * Thread-safe.
 */
public final class JsonServer implements AutoCloseable {
  /** The longest body of a request. */
  public static final int MAX_BODY_BYTES = 64 * 1024;

  /** Far more than the callers of an act, even if all of them are slow. */
  private static final int MOST_WAITING = 512;

  /** As many besides for callers whose request is under way. */
  private static final int THREADS = 2 * MOST_WAITING;

  /** How long a client may take, in looks after it with a pause between them. */
  private static final int MOST_LOOKS = 10;

  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final int BACKLOG = 1024;
  private static final int DRAIN_SECONDS = 3;

  /** How the JDK's server is told that a body is sent in chunks. */
  private static final long UNKNOWN_LENGTH = 0;

  /** How much of a body that is too long is read, so that the client gets to see the answer. */
  private static final int MAX_DISCARDED_BYTES = 4 * 1024 * 1024;

  private final HostRule hosts;
  private final List<Route> routes;
  private final Route.Failures failures;
  private final ObjectMapper mapper;
  private final HttpServer server;
  private final RequestThreads threads;
  private final AtomicInteger underWay = new AtomicInteger();

  private JsonServer(
      HostRule hosts,
      List<Route> routes,
      Route.Failures failures,
      ObjectMapper mapper,
      HttpServer server,
      RequestThreads threads) {
    this.hosts = hosts;
    this.routes = routes;
    this.failures = failures;
    this.mapper = mapper;
    this.server = server;
    this.threads = threads;
  }

  /**
   * Starts to serve on 127.0.0.1, by {@link HostRule#LOOPBACK_FOR_CHANGES}.
   *
   * @param port the port, or 0 for any free one
   * @param routes what is served; the first that fits answers
   * @param failures explains what a route throws, beside {@link RefusedRequestException}
   * @param mapper writes the bodies
   * @throws IOException if the port cannot be opened
   */
  public static JsonServer start(
      int port, List<Route> routes, Route.Failures failures, ObjectMapper mapper)
      throws IOException {
    return start(port, routes, failures, mapper, JsonServer::newThreads);
  }

  static JsonServer start(
      int port,
      List<Route> routes,
      Route.Failures failures,
      ObjectMapper mapper,
      Supplier<RequestThreads> newThreads)
      throws IOException {
    return start(
        Loopback.address(port),
        HostRule.LOOPBACK_FOR_CHANGES,
        routes,
        failures,
        mapper,
        newThreads);
  }

  /**
   * Starts to serve at an address, which may be that of all interfaces.
   *
   * @param address where; the port may be 0 for any free one
   * @param hosts which requests are served
   * @param routes what is served; the first that fits answers
   * @param failures explains what a route throws, beside {@link RefusedRequestException}
   * @param mapper writes the bodies
   * @throws IOException if the port cannot be opened
   */
  public static JsonServer start(
      InetSocketAddress address,
      HostRule hosts,
      List<Route> routes,
      Route.Failures failures,
      ObjectMapper mapper)
      throws IOException {
    return start(address, hosts, routes, failures, mapper, JsonServer::newThreads);
  }

  private static RequestThreads newThreads() {
    return new RequestThreads(THREADS, MOST_WAITING, MOST_LOOKS, PAUSE);
  }

  private static JsonServer start(
      InetSocketAddress address,
      HostRule hosts,
      List<Route> routes,
      Route.Failures failures,
      ObjectMapper mapper,
      Supplier<RequestThreads> newThreads)
      throws IOException {
    // Without it, each answer on a connection that stays open waits 40 ms for an acknowledgement.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    HttpServer server = HttpServer.create(address, BACKLOG);
    RequestThreads threads = newThreads.get();
    JsonServer jsonServer =
        new JsonServer(hosts, List.copyOf(routes), failures, mapper, server, threads);
    server.setExecutor(threads);
    server.createContext("/", jsonServer::handle);
    server.start();
    return jsonServer;
  }

  /** Where it serves, such as {@code http://127.0.0.1:8080}. */
  public String url() {
    InetSocketAddress address = server.getAddress();
    boolean isEverywhere = address.getAddress().isAnyLocalAddress();
    String host = isEverywhere ? "127.0.0.1" : address.getAddress().getHostAddress();
    return "http://%s:%d"
        .formatted(host.contains(":") ? "[" + host + "]" : host, address.getPort());
  }

  /**
   * Takes no more requests, gives those under way {@value #DRAIN_SECONDS} seconds to end, and ends
   * the streams. Blocks for as long. Idempotent.
   */
  @Override
  public void close() {
    // The server would sit out the whole time if there was nothing to wait for.
    server.stop(underWay.get() == 0 ? 0 : DRAIN_SECONDS);
    threads.close();
  }

  private void handle(HttpExchange exchange) throws IOException {
    underWay.incrementAndGet();
    try (exchange) {
      Response answer;
      try {
        answer = answer(exchange);
        threads.beginWait();
        send(exchange, answer);
      } finally {
        // Before the client can see the end of the connection: it may close this server then.
        underWay.decrementAndGet();
      }
      if (answer.body().orElse(null) instanceof Response.Stream stream) {
        send(exchange, stream);
      }
    }
  }

  private void send(HttpExchange exchange, Response.Stream stream) throws IOException {
    OutputStream out = exchange.getResponseBody();
    threads.endWait();
    try {
      stream.source().writeTo(piece -> sendPiece(out, piece));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void sendPiece(OutputStream out, byte[] piece) throws IOException {
    threads.beginWait();
    out.write(piece);
    out.flush();
    threads.endWait();
  }

  private Response answer(HttpExchange exchange) throws IOException {
    try {
      hosts.check(
          exchange.getRequestMethod(),
          exchange.getRequestURI().getPath(),
          exchange.getRequestHeaders());
      byte[] body = readBody(exchange);
      threads.endWait();
      return dispatch(exchange, body);
    } catch (RefusedRequestException e) {
      return Response.error(e.status(), String.valueOf(e.getMessage()));
    }
  }

  private Response dispatch(HttpExchange exchange, byte[] body) {
    String path = exchange.getRequestURI().getRawPath();
    TreeSet<String> otherMethods = new TreeSet<>();
    for (Route route : routes) {
      Optional<Map<String, String>> variables = route.match(path);
      if (variables.isPresent()) {
        if (route.method().equals(exchange.getRequestMethod())) {
          return handle(route, new Request(variables.get(), exchange.getRequestURI(), body));
        }
        otherMethods.add(route.method());
      }
    }
    if (otherMethods.isEmpty()) {
      return Response.error(404, "path is '" + path + "'; there is nothing of that name");
    }
    String allowed = String.join(", ", otherMethods);
    return Response.error(
            405, "method is " + exchange.getRequestMethod() + "; it must be " + allowed)
        .withHeader("Allow", allowed);
  }

  private Response handle(Route route, Request request) {
    route.checkParameters(request);
    try {
      return route.handler().handle(request);
    } catch (RefusedRequestException e) {
      throw e;
    } catch (Exception e) {
      return failures.explain(e);
    }
  }

  private static byte[] readBody(HttpExchange exchange) throws IOException {
    InputStream in = exchange.getRequestBody();
    byte[] body = in.readNBytes(MAX_BODY_BYTES + 1);
    if (body.length > MAX_BODY_BYTES) {
      discard(in);
      throw new RefusedRequestException(
          413, "the body is longer than " + MAX_BODY_BYTES + " bytes, which is the most");
    }
    return body;
  }

  private static void discard(InputStream in) throws IOException {
    byte[] buffer = new byte[MAX_BODY_BYTES];
    int left = MAX_DISCARDED_BYTES;
    int read = in.read(buffer);
    while (read > 0 && left > 0) {
      left -= read;
      read = in.read(buffer);
    }
  }

  private void send(HttpExchange exchange, Response response) throws IOException {
    response.headers().forEach(exchange.getResponseHeaders()::set);
    if (response.body().isEmpty() || exchange.getRequestMethod().equals("HEAD")) {
      exchange.sendResponseHeaders(response.status(), -1);
      return;
    }
    if (response.body().get() instanceof Response.Stream stream) {
      exchange.getResponseHeaders().set("Content-Type", stream.contentType());
      exchange.sendResponseHeaders(response.status(), UNKNOWN_LENGTH);
      return;
    }
    if (response.body().get() instanceof Response.Bytes body) {
      send(exchange, response.status(), body.contentType(), body.bytes());
      return;
    }
    byte[] json;
    try {
      json = mapper.writeValueAsBytes(response.body().get());
    } catch (JsonProcessingException e) {
      send(exchange, failures.explain(e));
      return;
    }
    send(exchange, response.status(), "application/json", json);
  }

  private static void send(HttpExchange exchange, int status, String contentType, byte[] body)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", contentType);
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.getResponseBody().flush();
  }
}
