package io.tidemark.spring.actuate;

import io.tidemark.VersionedCache;
import io.tidemark.spring.Tidemark;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/**
 * The endpoint {@code tidemark} over HTTP, where the body says why a request is refused: as {@code
 * {"error": …}}. Spring Boot's own answer to an exception has no message by default. Thread-safe.
 */
@EndpointWebExtension(endpoint = TidemarkEndpoint.class)
public final class TidemarkWebEndpoint {
  private final Tidemark tidemark;
  private final TidemarkEndpoint endpoint;

  TidemarkWebEndpoint(Tidemark tidemark, TidemarkEndpoint endpoint) {
    this.tidemark = tidemark;
    this.endpoint = endpoint;
  }

  /** One cache; 404 if there is none of the name. */
  @ReadOperation
  public WebEndpointResponse<Object> cache(@Selector String cache) {
    return answer(cache, () -> endpoint.cache(cache));
  }

  /**
   * Changes which keys are read by a cache in this process; 404 if there is none of the name.
   *
   * @param rollout on, bypass, or a percentage such as 25%; 400 for any other text, and without it
   */
  @WriteOperation
  public WebEndpointResponse<Object> switchTo(@Selector String cache, @Nullable String rollout) {
    return answer(
        cache,
        () -> {
          if (rollout == null) {
            throw new InvalidEndpointRequestException(
                "No rollout", "the body has no rollout; send one such as {\"rollout\":\"bypass\"}");
          }
          return endpoint.switchTo(cache, rollout);
        });
  }

  /**
   * Explains the answer for a key, which reads the source; 404 if there is no cache of the name.
   *
   * @param key the key as text. What is after a slash belongs to it; 400 if the cache has no such
   *     keys
   */
  @ReadOperation
  public WebEndpointResponse<Object> explain(
      @Selector String cache, @Selector(match = Selector.Match.ALL_REMAINING) String... key) {
    return answer(cache, () -> endpoint.explain(cache, key));
  }

  private WebEndpointResponse<Object> answer(String cache, Supplier<@Nullable Object> operation) {
    if (tidemark.find(cache).isEmpty()) {
      return refused(
          WebEndpointResponse.STATUS_NOT_FOUND,
          "there is no cache '%s'; there are %s"
              .formatted(cache, tidemark.caches().stream().map(VersionedCache::name).toList()));
    }
    try {
      return new WebEndpointResponse<>(operation.get());
    } catch (InvalidEndpointRequestException e) {
      return refused(WebEndpointResponse.STATUS_BAD_REQUEST, e.getReason());
    }
  }

  private static WebEndpointResponse<Object> refused(int status, @Nullable String reason) {
    return new WebEndpointResponse<>(Map.of("error", String.valueOf(reason)), status);
  }
}
