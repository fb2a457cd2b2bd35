package io.tidemark.spring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemark.VersionedCache;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.cache.interceptor.SimpleKey;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.transaction.support.TransactionSynchronizationManager;

class TidemarkRuntimeHintsTest {

  /** Every resource that a module has is covered, also one that is added later. */
  @ParameterizedTest
  @ValueSource(strings = {"io/tidemark/redis", "io/tidemark/jdbc"})
  void hints_registeredWithAot_coverEveryResource(String folder) throws IOException {
    RuntimeHints hints = registered();
    List<String> resources =
        Arrays.stream(
                new PathMatchingResourcePatternResolver()
                    .getResources("classpath*:" + folder + "/*"))
            .map(Resource::getFilename)
            .filter(name -> name != null && !name.endsWith(".class"))
            .toList();
    assertThat(resources)
        .isNotEmpty()
        .allMatch(
            name -> RuntimeHintsPredicates.resource().forResource(folder + "/" + name).test(hints));
  }

  @Test
  void hints_registeredWithAot_coverTheParametersOfSpringsKeys() {
    assertThat(RuntimeHintsPredicates.reflection().onFieldAccess(SimpleKey.class, "params"))
        .accepts(registered());
  }

  @Test
  void metadataOfTheCore_namesWhatSpringHas() throws Exception {
    JsonNode spring;
    try (InputStream file =
        Objects.requireNonNull(
            VersionedCache.class.getResourceAsStream(
                "/META-INF/native-image/io.tidemark/tidemark-core/reachability-metadata.json"))) {
      spring = new ObjectMapper().readTree(file).get("reflection").get(0);
    }

    Class<?> manager = TransactionSynchronizationManager.class;
    assertThat(spring.get("type").textValue()).isEqualTo(manager.getName());
    assertThat(spring.get("methods")).isNotEmpty();
    for (JsonNode method : spring.get("methods")) {
      assertThat(manager.getMethod(method.get("name").textValue())).isNotNull();
    }
  }

  private static RuntimeHints registered() {
    RuntimeHints hints = new RuntimeHints();
    ClassLoader classes = TidemarkRuntimeHintsTest.class.getClassLoader();
    SpringFactoriesLoader.forResourceLocation("META-INF/spring/aot.factories")
        .load(RuntimeHintsRegistrar.class)
        .stream()
        .filter(registrar -> registrar.getClass().getName().startsWith("io.tidemark"))
        .forEach(registrar -> registrar.registerHints(hints, classes));
    return hints;
  }
}
