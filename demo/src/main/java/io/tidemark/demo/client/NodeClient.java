package io.tidemark.demo.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tidemark.demo.client.NodeAnswers.Product;
import io.tidemark.demo.client.NodeAnswers.Read;
import io.tidemark.demo.client.NodeAnswers.Session;
import io.tidemark.demo.client.NodeAnswers.Slot;
import io.tidemark.demo.client.NodeAnswers.Stampede;
import io.tidemark.demo.client.NodeAnswers.Stats;
import io.tidemark.demo.client.NodeAnswers.Update;
import io.tidemark.demo.client.NodeAnswers.Waiting;
import io.tidemark.demo.client.NodeAnswers.Warmed;
import io.tidemark.demo.client.NodeAnswers.WorkDone;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A node's HTTP interface, from outside. Thread-safe. */
public final class NodeClient {
  private static final Pattern READY = Pattern.compile("ready (http://\\S+) pid \\d+");
  private static final int OK = 200;
  private static final int NO_CONTENT = 204;

  private static final ObjectMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  /** How the callers of a stampede read. */
  public enum Mode {
    /** Look into Redis, else read the database. */
    UNPROTECTED("unprotected"),
    /** Through Tidemark. */
    PROTECTED("protected"),
    /** By a bare GET of what is cached. */
    GET("get");

    private final String word;

    Mode(String word) {
      this.word = word;
    }
  }

  private final HttpClient http;
  private final String url;
  private final Duration timeout;

  /**
   * A client of one node.
   *
   * @param url where the node serves
   * @param timeout of each request; longer than the callers in a node wait, so that their answer
   *     comes first
   */
  public NodeClient(HttpClient http, String url, Duration timeout) {
    this.http = http;
    this.url = url;
    this.timeout = timeout;
  }

  /**
   * Where a node serves that says it is ready.
   *
   * @throws IOException if it says something else
   */
  public static String urlOf(String readyLine) throws IOException {
    Matcher matcher = READY.matcher(readyLine);
    if (!matcher.matches()) {
      throw new IOException("a node said '" + readyLine + "', which is not " + READY);
    }
    return matcher.group(1);
  }

  /** Where the node serves. */
  public String url() {
    return url;
  }

  /** Reads a product whose load takes that long. */
  public CompletableFuture<Read> read(long id, Duration dbLatency) {
    return send("GET", readPath(id) + "?dbLatency=" + millis(dbLatency), Read.class);
  }

  /** Reads a product. */
  public Read read(long id) throws IOException, InterruptedException {
    return await(send("GET", readPath(id), Read.class));
  }

  /** Reads a product; a load stays in the hold, once it has read the row, until that is open. */
  public CompletableFuture<Read> heldRead(long id, String hold) {
    return send("GET", readPath(id) + "?hold=" + hold, Read.class);
  }

  /** Reads a product by a rival. */
  public CompletableFuture<Read> read(String rival, long id, Duration dbLatency) {
    return send("GET", rivalPath(rival, id) + "?dbLatency=" + millis(dbLatency), Read.class);
  }

  /** Reads a product by a rival, with a hold. */
  public CompletableFuture<Read> heldRead(String rival, long id, String hold) {
    return send("GET", rivalPath(rival, id) + "?hold=" + hold, Read.class);
  }

  /** Changes a product by a rival. */
  public CompletableFuture<Update> update(String rival, Product product) {
    return send("PUT", rivalPath(rival, product.id()), body(product), Update.class);
  }

  /** Changes a product, through the cache. */
  public CompletableFuture<Update> update(Product product) {
    return send("PUT", "/products/" + product.id(), body(product), Update.class);
  }

  /** What the node's cache did since a number, which was the last answer's {@code next}. */
  public CompletableFuture<WorkDone> work(long after) {
    return send("GET", "/live/work?after=" + after, WorkDone.class);
  }

  /** Passes a request on as it is. */
  public CompletableFuture<HttpResponse<byte[]>> forward(
      String method, String pathAndQuery, byte[] body) {
    return http.sendAsync(
        request(method, pathAndQuery, BodyPublishers.ofByteArray(body)),
        BodyHandlers.ofByteArray());
  }

  /** How many loads are in a hold. */
  public int waiting(String hold) throws IOException, InterruptedException {
    return lookInto(hold).waiting();
  }

  /** How many callers of a stampede are in a hold or have ended, such as with an error. */
  public int arrived(String hold) throws IOException, InterruptedException {
    Waiting found = lookInto(hold);
    return found.waiting() + found.ended();
  }

  private Waiting lookInto(String hold) throws IOException, InterruptedException {
    return await(send("GET", "/rehearsal/holds/" + hold, Waiting.class));
  }

  /** Lets the loads in a hold go on, and all that come later. */
  public void open(String hold) throws IOException, InterruptedException {
    String path = "/rehearsal/holds/" + hold + "/open";
    int status = await(status("POST", path));
    if (status != NO_CONTENT) {
      throw new IOException("POST %s was answered %d".formatted(url + path, status));
    }
  }

  /** What ZooKeeper knows the node by at present. */
  public Session session() throws IOException, InterruptedException {
    return await(send("GET", "/rehearsal/session", Session.class));
  }

  /** Lets callers loose on a product, cold or not. */
  public CompletableFuture<Stampede> stampede(long id, int callers, Mode mode, Duration dbLatency) {
    // Not cleared: that would break the load of the first caller in another process.
    return send(
        "POST",
        "%s/stampede?requests=%d&mode=%s&clear=false&detail=true&dbLatency=%s"
            .formatted(readPath(id), callers, mode.word, millis(dbLatency)),
        Stampede.class);
  }

  /** Lets callers loose on a cold product, without protection; each of them stays in the hold. */
  public CompletableFuture<Stampede> unprotectedStampede(long id, int callers, String hold) {
    return send(
        "POST",
        "%s/stampede?requests=%d&mode=%s&detail=true&hold=%s"
            .formatted(readPath(id), callers, Mode.UNPROTECTED.word, hold),
        Stampede.class);
  }

  /** Loads products ahead of their readers. */
  public CompletableFuture<Warmed> warm(
      long firstId, int count, int loadsPerSecond, Duration dbLatency) {
    return send(
        "POST",
        "/cache-strategies/warm?from=%d&count=%d&loadsPerSecond=%d&dbLatency=%s"
            .formatted(firstId, count, loadsPerSecond, millis(dbLatency)),
        Warmed.class);
  }

  /** Gives a product a new price, through the cache. */
  public Update update(Product product, BigDecimal price) throws IOException, InterruptedException {
    return await(update(new Product(product.id(), product.name(), price, product.stock())));
  }

  /** What Redis holds for a product. */
  public Slot slot(long id) throws IOException, InterruptedException {
    return await(send("GET", "/products/" + id + "/slot", Slot.class));
  }

  /** What Redis holds for a product, as the node tells it. */
  public CompletableFuture<JsonNode> slotAsTold(long id) {
    return send("GET", "/products/" + id + "/slot", JsonNode.class);
  }

  /** Drops a product from the cache, and tells whether the node answers a read of it then. */
  public CompletableFuture<Boolean> canLoad(long id) {
    return status("POST", "/products/" + id + "/invalidate")
        .thenCompose(
            dropped ->
                dropped == NO_CONTENT
                    ? status("GET", readPath(id) + "?dbLatency=0ms").thenApply(read -> read == OK)
                    : CompletableFuture.completedFuture(false));
  }

  /** The node's counts. */
  public Stats stats() throws IOException, InterruptedException {
    return await(askStats());
  }

  /** The node's counts, once it has told them. */
  public CompletableFuture<Stats> askStats() {
    return send("GET", "/stats", Stats.class);
  }

  /**
   * Waits for an answer.
   *
   * @throws IOException if there was none, or not the one asked for
   */
  public static <T> T await(CompletableFuture<T> answer) throws IOException, InterruptedException {
    try {
      return answer.get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      throw new IOException(
          cause instanceof UncheckedIOException u ? u.getMessage() : String.valueOf(cause), cause);
    }
  }

  private static String readPath(long id) {
    return "/cache-strategies/distributed-lock/" + id;
  }

  private static String rivalPath(String rival, long id) {
    return "/rivals/" + rival + "/" + id;
  }

  private static BodyPublisher body(Product product) {
    Map<String, Object> fields =
        Map.of("name", product.name(), "price", product.price(), "stock", product.stock());
    try {
      return BodyPublishers.ofString(JSON.writeValueAsString(fields));
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String millis(Duration duration) {
    return duration.toMillis() + "ms";
  }

  private <T> CompletableFuture<T> send(String method, String path, Class<T> type) {
    return send(method, path, BodyPublishers.noBody(), type);
  }

  private <T> CompletableFuture<T> send(
      String method, String path, BodyPublisher body, Class<T> type) {
    String request = method + " " + url + path;
    return http.sendAsync(request(method, path, body), BodyHandlers.ofString())
        .exceptionally(failure -> fail(request, failure))
        .thenApply(response -> parse(request, response, type));
  }

  /** Names the request that the HTTP client's failure does not name, and often the reason. */
  private static HttpResponse<String> fail(String request, Throwable failure) {
    Throwable cause = causeOf(failure);
    String reason =
        cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    String text = "%s was not answered: %s".formatted(request, reason);
    throw new UncheckedIOException(text, new IOException(text, cause));
  }

  /** What went wrong, without what a future wraps it in. */
  public static Throwable causeOf(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  private CompletableFuture<Integer> status(String method, String path) {
    return http.sendAsync(request(method, path, BodyPublishers.noBody()), BodyHandlers.discarding())
        .thenApply(HttpResponse::statusCode);
  }

  private HttpRequest request(String method, String path, BodyPublisher body) {
    return HttpRequest.newBuilder(URI.create(url + path))
        .method(method, body)
        .header("Content-Type", "application/json")
        .timeout(timeout)
        .build();
  }

  private static <T> T parse(String request, HttpResponse<String> response, Class<T> type) {
    try {
      if (response.statusCode() != OK) {
        throw new IOException(
            "%s was answered %d %s".formatted(request, response.statusCode(), response.body()));
      }
      return JSON.readValue(response.body(), type);
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }
}
