package io.tidemark.demo.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a route answers. Immutable as far as its body is.
 *
 * @param status the HTTP status
 * @param body what becomes the JSON, {@link Bytes}, a {@link Stream}, or empty for none
 * @param headers further headers
 */
public record Response(int status, Optional<Object> body, Map<String, String> headers) {

  /** A body that is sent as it is; nobody changes the array. */
  @SuppressWarnings("ArrayRecordComponent")
  record Bytes(String contentType, byte[] bytes) {}

  /** A body that is sent piece by piece, for as long as it takes. */
  public record Stream(String contentType, Source source) {}

  /** Writes the body of a stream, on the thread of its request. */
  @FunctionalInterface
  public interface Source {
    /**
     * Writes until there is nothing more to say.
     *
     * @throws IOException if the client is gone, or took too long to read a piece
     * @throws InterruptedException if the server ends
     */
    void writeTo(Sink sink) throws IOException, InterruptedException;
  }

  /** Takes the pieces of a stream. */
  @FunctionalInterface
  public interface Sink {
    /** Sends a piece at once. */
    void write(byte[] piece) throws IOException;
  }

  /** An answer with a JSON body. */
  public static Response json(int status, Object body) {
    return new Response(status, Optional.of(body), Map.of());
  }

  /** An answer that is no JSON, sent as UTF-8. */
  public static Response text(int status, String contentType, String text) {
    return bytes(status, contentType, text.getBytes(UTF_8));
  }

  /** An answer of bytes, which nobody changes from now on. */
  public static Response bytes(int status, String contentType, byte[] bytes) {
    return new Response(status, Optional.of(new Bytes(contentType, bytes)), Map.of());
  }

  /** An answer that goes on until its source or its client ends it. */
  public static Response stream(String contentType, Source source) {
    return new Response(200, Optional.of(new Stream(contentType, source)), Map.of());
  }

  /** 204. */
  public static Response noContent() {
    return new Response(204, Optional.empty(), Map.of());
  }

  /** An answer that says what went wrong: {@code {"error": message}}. */
  public static Response error(int status, String message) {
    return json(status, Map.of("error", message));
  }

  /** The same answer with one more header. */
  public Response withHeader(String name, String value) {
    Map<String, String> more = new HashMap<>(headers);
    more.put(name, value);
    return new Response(status, body, Map.copyOf(more));
  }
}
