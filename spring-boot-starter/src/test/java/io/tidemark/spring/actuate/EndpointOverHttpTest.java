package io.tidemark.spring.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.spring.application.ShopApplication;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** What people send to the endpoint, and what it answers, in an application with a web server. */
class EndpointOverHttpTest {
  private static final String NO_ROLLOUT =
      "400 {\"error\":\"the body has no rollout; send one such";
  private static final String NO_CACHE =
      "404 {\"error\":\"there is no cache 'prices'; there are [products]\"}";

  private final HttpClient http = HttpClient.newHttpClient();

  @Test
  void post_aRollout_switchesAndSaysWhatIsWrong() throws Exception {
    try (ConfigurableApplicationContext shop =
        new SpringApplicationBuilder(ShopApplication.class)
            .run(
                "--server.port=0",
                "--server.address=127.0.0.1",
                "--spring.main.banner-mode=off",
                "--management.endpoints.web.exposure.include=tidemark",
                "--tidemark.store=memory",
                "--tidemark.locks=local",
                "--tidemark.caches.products.rollout=25%")) {
      String caches =
          "http://127.0.0.1:%s/actuator/tidemark"
              .formatted(shop.getEnvironment().getProperty("local.server.port"));

      assertThat(get(caches)).startsWith("200 ").contains("\"products\":{\"rollout\":\"25%\"");
      assertThat(post(caches + "/products", "{\"rollout\":\"bypass\"}"))
          .startsWith("200 {\"rollout\":\"bypass\",\"stats\":{\"hits\":0,");
      assertThat(get(caches + "/products")).startsWith("200 {\"rollout\":\"bypass\"");
      assertThat(get(caches + "/products/1"))
          .contains("Reads of the key bypass the cache in this process, whose rollout is bypass");
      assertThat(post(caches + "/products", "{\"rollout\":\"off\"}"))
          .isEqualTo(
              "400 {\"error\":\"rollout is 'off'; it must be on, bypass, or a whole percentage of the"
                  + " keys from 0% to 100%\"}");
      assertThat(post(caches + "/products", "{\"rollout\":25}"))
          .startsWith("400 {\"error\":\"rollout is '25'; it must be on, bypass, or");
      assertThat(post(caches + "/products", "{}")).startsWith(NO_ROLLOUT);
      assertThat(post(caches + "/products", "{\"rolout\":\"on\"}")).startsWith(NO_ROLLOUT);
      assertThat(get(caches + "/products")).startsWith("200 {\"rollout\":\"bypass\"");
      assertThat(get(caches + "/products/one"))
          .isEqualTo("400 {\"error\":\"'one' cannot be converted to a Long\"}");
      assertThat(post(caches + "/prices", "{\"rollout\":\"on\"}")).isEqualTo(NO_CACHE);
      assertThat(get(caches + "/prices")).isEqualTo(NO_CACHE);
      assertThat(get(caches + "/prices/1")).isEqualTo(NO_CACHE);
    }
  }

  private String get(String address) throws Exception {
    return send(HttpRequest.newBuilder(URI.create(address)));
  }

  private String post(String address, String json) throws Exception {
    return send(
        HttpRequest.newBuilder(URI.create(address))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json)));
  }

  /** The status and the body. */
  private String send(HttpRequest.Builder request) throws Exception {
    var answer = http.send(request.build(), BodyHandlers.ofString());
    return answer.statusCode() + " " + answer.body();
  }
}
