package io.tidemark.demo.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.regex.Pattern.CASE_INSENSITIVE;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Serves routes on 127.0.0.1 until it is closed. A path of no route is answered 404, a wrong method
 * 405, a body over {@value #MAX_BODY_BYTES} bytes 413. Requests of other methods than GET and HEAD
 * must name this machine as their host, and no origin but that host: a page of a stranger in a
 * browser here is answered 403. A client that takes longer than some 10 s to send a request, or to
 * read the answer, loses its connection; sooner if more than 512 others have come after it.
 * Thread-safe.
 */
public final class JsonServer implements AutoCloseable {
  /** The longest body of a request. */
  public static final int MAX_BODY_BYTES = 64 * 1024;

  private static final byte[] LOOPBACK = {127, 0, 0, 1};

  private static final Pattern THIS_MACHINE =
      Pattern.compile("(127\\.0\\.0\\.1|localhost|\\[::1])(:[0-9]{1,5})?", CASE_INSENSITIVE);
  private static final Set<String> HARMLESS_METHODS = Set.of("GET", "HEAD");

  /** Far more than the callers of an act, even if all of them are slow. */
  private static final int MOST_WAITING = 512;

  /** As many besides for callers whose request is under way. */
  private static final int THREADS = 2 * MOST_WAITING;

  /** How long a client may take, in looks after it with a pause between them. */
  private static final int MOST_LOOKS = 10;

  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final int BACKLOG = 1024;
  private static final int DRAIN_SECONDS = 3;

  /** How much of a body that is too long is read, so that the client gets to see the answer. */
  private static final int MAX_DISCARDED_BYTES = 4 * 1024 * 1024;

  private final List<Route> routes;
  private final Route.Failures failures;
  private final ObjectMapper mapper;
  private final HttpServer server;
  private final RequestThreads threads;
  private final AtomicInteger underWay = new AtomicInteger();

  private JsonServer(
      List<Route> routes,
      Route.Failures failures,
      ObjectMapper mapper,
      HttpServer server,
      RequestThreads threads) {
    this.routes = routes;
    this.failures = failures;
    this.mapper = mapper;
    this.server = server;
    this.threads = threads;
  }

  /**
   * Starts to serve.
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
    return start(
        port,
        routes,
        failures,
        mapper,
        () -> new RequestThreads(THREADS, MOST_WAITING, MOST_LOOKS, PAUSE));
  }

  static JsonServer start(
      int port,
      List<Route> routes,
      Route.Failures failures,
      ObjectMapper mapper,
      Supplier<RequestThreads> newThreads)
      throws IOException {
    // Without it, each answer on a connection that stays open waits 40 ms for an acknowledgement.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), port), BACKLOG);
    RequestThreads threads = newThreads.get();
    JsonServer jsonServer = new JsonServer(List.copyOf(routes), failures, mapper, server, threads);
    server.setExecutor(threads);
    server.createContext("/", jsonServer::handle);
    server.start();
    return jsonServer;
  }

  /** Where it serves, such as {@code http://127.0.0.1:8080}. */
  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /**
   * Takes no more requests, and gives those under way {@value #DRAIN_SECONDS} seconds to end.
   * Blocks for as long. Idempotent.
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
      try {
        Response answer = answer(exchange);
        threads.beginWait();
        send(exchange, answer);
      } finally {
        // Before the client can see the end of the connection: it may close this server then.
        underWay.decrementAndGet();
      }
    }
  }

  private Response answer(HttpExchange exchange) throws IOException {
    try {
      checkComesFromHere(exchange);
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
          String query = exchange.getRequestURI().getRawQuery();
          return handle(route, new Request(variables.get(), query, body));
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
    try {
      return route.handler().handle(request);
    } catch (RefusedRequestException e) {
      throw e;
    } catch (Exception e) {
      return failures.explain(e);
    }
  }

  /**
   * A browser lets a page of any site send requests here, and says in Origin whose it is. A name of
   * its own that leads here makes that site's page one of the same origin, but stays in Host.
   */
  private static void checkComesFromHere(HttpExchange exchange) {
    if (HARMLESS_METHODS.contains(exchange.getRequestMethod())) {
      return;
    }
    String host = onlyHeader(exchange, "Host").orElse("");
    if (!THIS_MACHINE.matcher(host).matches()) {
      throw new RefusedRequestException(
          403, "Host is '" + host + "'; it must be 127.0.0.1, localhost or [::1], and a port");
    }
    Optional<String> origin = onlyHeader(exchange, "Origin");
    if (origin.isPresent() && !origin.get().equalsIgnoreCase("http://" + host)) {
      throw new RefusedRequestException(
          403, "Origin is '" + origin.get() + "'; it must be http://" + host + " or absent");
    }
  }

  private static Optional<String> onlyHeader(HttpExchange exchange, String name) {
    List<String> values = exchange.getRequestHeaders().getOrDefault(name, List.of());
    if (values.size() > 1) {
      throw new RefusedRequestException(400, name + " is given twice; it may be given once");
    }
    return values.stream().findFirst();
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
    if (response.body().get() instanceof Response.Text text) {
      send(exchange, response.status(), text.contentType(), text.text().getBytes(UTF_8));
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
