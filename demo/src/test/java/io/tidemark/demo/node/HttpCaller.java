package io.tidemark.demo.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Sends requests to a node. */
public final class HttpCaller {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private final String url;

  public HttpCaller(String url) {
    this.url = url;
  }

  /** An answer; its body is missing where there is none. */
  public record Answer(int status, JsonNode body, HttpResponse<String> response) {
    /** Asserts that it is an error of that status whose text has this in it. */
    public void assertError(int expected, String error) {
      assertThat(status).as(response.body()).isEqualTo(expected);
      assertThat(body.path("error").textValue()).contains(error);
    }

    /** Asserts that something is away, and when to come again. */
    public void assertAway() {
      assertError(503, "");
      assertThat(response.headers().firstValue("Retry-After")).contains("1");
    }
  }

  public Answer get(String path) throws IOException, InterruptedException {
    return send("GET", path, "");
  }

  public Answer post(String path) throws IOException, InterruptedException {
    return send("POST", path, "");
  }

  public Answer delete(String path) throws IOException, InterruptedException {
    return send("DELETE", path, "");
  }

  public Answer put(String path, String body) throws IOException, InterruptedException {
    return send("PUT", path, body);
  }

  /** Gets it on a thread of its own. */
  public CompletableFuture<Answer> getLater(String path) {
    return later(() -> get(path));
  }

  /** Puts it on a thread of its own. */
  public CompletableFuture<Answer> putLater(String path, String body) {
    return later(() -> put(path, body));
  }

  /** Posts on a thread of its own. */
  public CompletableFuture<Answer> postLater(String path) {
    return later(() -> post(path));
  }

  private static CompletableFuture<Answer> later(Callable<Answer> call) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return call.call();
          } catch (Exception e) {
            throw new CompletionException(e);
          }
        },
        task -> new Thread(task).start());
  }

  /** An answer that is no JSON. */
  public HttpResponse<String> getText(String path) throws IOException, InterruptedException {
    return exchange("GET", path, "");
  }

  private Answer send(String method, String path, String body)
      throws IOException, InterruptedException {
    HttpResponse<String> response = exchange(method, path, body);
    return new Answer(response.statusCode(), Json.MAPPER.readTree(response.body()), response);
  }

  private HttpResponse<String> exchange(String method, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + path))
            .timeout(Duration.ofMinutes(5))
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            .build();
    return CLIENT.send(request, BodyHandlers.ofString());
  }
}
