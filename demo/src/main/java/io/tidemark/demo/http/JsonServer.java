package io.tidemark.demo.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Serves routes on 127.0.0.1 until it is closed. A path of no route is answered 404, a wrong method
 * 405, a body over {@value #MAX_BODY_BYTES} bytes 413. Thread-safe.
 */
public final class JsonServer implements AutoCloseable {
  /** The longest body of a request. */
  public static final int MAX_BODY_BYTES = 64 * 1024;

  private static final byte[] LOOPBACK = {127, 0, 0, 1};

  /** Enough for 200 callers that wait, and whoever asks for the statistics meanwhile. */
  private static final int THREADS = 256;

  private static final int IDLE_THREAD_SECONDS = 30;
  private static final int BACKLOG = 1024;
  private static final int DRAIN_SECONDS = 3;

  /** How much of a body that is too long is read, so that the client gets to see the answer. */
  private static final int MAX_DISCARDED_BYTES = 4 * 1024 * 1024;

  private final List<Route> routes;
  private final Route.Failures failures;
  private final ObjectMapper mapper;
  private final HttpServer server;
  private final ExecutorService executor;
  private final AtomicInteger underWay = new AtomicInteger();

  private JsonServer(
      List<Route> routes,
      Route.Failures failures,
      ObjectMapper mapper,
      HttpServer server,
      ExecutorService executor) {
    this.routes = routes;
    this.failures = failures;
    this.mapper = mapper;
    this.server = server;
    this.executor = executor;
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
    // Without it, each answer on a connection that stays open waits 40 ms for an acknowledgement.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), port), BACKLOG);
    ExecutorService executor = newExecutor();
    JsonServer jsonServer = new JsonServer(List.copyOf(routes), failures, mapper, server, executor);
    server.setExecutor(executor);
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
   * Blocks as long; again without effect.
   */
  @Override
  public void close() {
    // The server would sit out the whole time if there was nothing to wait for.
    server.stop(underWay.get() == 0 ? 0 : DRAIN_SECONDS);
    executor.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    underWay.incrementAndGet();
    try (exchange) {
      send(exchange, answer(exchange));
    } finally {
      underWay.decrementAndGet();
    }
  }

  private Response answer(HttpExchange exchange) throws IOException {
    try {
      byte[] body = readBody(exchange);
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
  }

  private static ExecutorService newExecutor() {
    AtomicInteger number = new AtomicInteger();
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            IDLE_THREAD_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "tidemark-http-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    executor.allowCoreThreadTimeOut(true);
    return executor;
  }
}
