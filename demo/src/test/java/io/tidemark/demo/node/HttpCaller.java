package io.tidemark.demo.node;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** Sends requests to a node. */
final class HttpCaller {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private final String url;

  HttpCaller(String url) {
    this.url = url;
  }

  /** An answer; its body is missing where there is none. */
  record Answer(int status, JsonNode body, HttpResponse<String> response) {}

  Answer get(String path) throws IOException, InterruptedException {
    return send("GET", path, "");
  }

  Answer post(String path) throws IOException, InterruptedException {
    return send("POST", path, "");
  }

  Answer delete(String path) throws IOException, InterruptedException {
    return send("DELETE", path, "");
  }

  Answer put(String path, String body) throws IOException, InterruptedException {
    return send("PUT", path, body);
  }

  /** An answer that is no JSON. */
  HttpResponse<String> getText(String path) throws IOException, InterruptedException {
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
            .timeout(Duration.ofSeconds(60))
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            .build();
    return CLIENT.send(request, BodyHandlers.ofString());
  }
}
