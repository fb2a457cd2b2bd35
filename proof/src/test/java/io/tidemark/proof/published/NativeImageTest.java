package io.tidemark.proof.published;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a GraalVM native image must keep because it is found by its name. The build has no GraalVM:
 * this reads the metadata, and tries each name on the class path.
 */
class NativeImageTest {
  /** Spring is not on the class path here: the starter's tests read what is said of it. */
  private static final String OF_ANOTHER_TEST = "org.springframework.";

  static List<String> modules() {
    return PublishedModules.jars();
  }

  @ParameterizedTest
  @MethodSource("modules")
  void resources_ofTheJar_areAllKept(String module) throws Exception {
    List<PathMatcher> kept = globs(module).stream().map(NativeImageTest::matcher).toList();

    assertThat(resources(module))
        .allSatisfy(
            resource ->
                assertThat(kept)
                    .as("%s of %s", resource, module)
                    .anyMatch(glob -> glob.matches(resource)));
  }

  @ParameterizedTest
  @MethodSource("modules")
  void globs_each_nameAResource(String module) throws Exception {
    List<Path> resources = resources(module);

    assertThat(globs(module))
        .allSatisfy(
            glob -> {
              boolean own = resources.stream().anyMatch(matcher(glob)::matches);
              assertThat(own || ClassLoader.getSystemResource(glob) != null).as(glob).isTrue();
            });
  }

  @ParameterizedTest
  @MethodSource("modules")
  void classes_each_haveTheNamedMembers(String module) throws Exception {
    for (JsonNode entry : metadata(module).path("reflection")) {
      JsonNode name = entry.get("type");
      for (JsonNode proxied : name.path("proxy")) {
        assertThat(Class.forName(proxied.textValue(), false, loader())).isInterface();
      }
      if (name.isObject() || name.textValue().startsWith(OF_ANOTHER_TEST)) {
        continue;
      }
      Class<?> type = Class.forName(name.textValue(), false, loader());
      for (JsonNode field : entry.path("fields")) {
        assertThat(type.getDeclaredField(field.get("name").textValue())).isNotNull();
      }
      for (JsonNode method : entry.path("methods")) {
        assertThat(find(type, method)).isNotNull();
      }
    }
  }

  private static Object find(Class<?> type, JsonNode method) throws ReflectiveOperationException {
    List<Class<?>> parameters = new ArrayList<>();
    for (JsonNode parameter : method.get("parameterTypes")) {
      parameters.add(Class.forName(parameter.textValue(), false, loader()));
    }
    Class<?>[] types = parameters.toArray(Class[]::new);
    String name = method.get("name").textValue();
    return name.equals("<init>")
        ? type.getDeclaredConstructor(types)
        : type.getDeclaredMethod(name, types);
  }

  /** Spring's own files, and what else begins with META-INF, are not this library's to read. */
  private static List<Path> resources(String module) throws IOException {
    Path root = PublishedModules.ROOT.resolve(module).resolve("src/main/resources");
    if (!Files.exists(root)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(Files::isRegularFile)
          .map(root::relativize)
          .filter(resource -> !resource.startsWith("META-INF"))
          .toList();
    }
  }

  private static List<String> globs(String module) throws IOException {
    List<String> globs = new ArrayList<>();
    metadata(module).path("resources").forEach(each -> globs.add(each.get("glob").textValue()));
    return globs;
  }

  private static JsonNode metadata(String module) throws IOException {
    Path file =
        PublishedModules.ROOT
            .resolve(module)
            .resolve("src/main/resources/META-INF/native-image/io.tidemark")
            .resolve(PublishedModules.artifact(module))
            .resolve("reachability-metadata.json");
    ObjectMapper mapper = new ObjectMapper();
    return Files.exists(file) ? mapper.readTree(file.toFile()) : mapper.createObjectNode();
  }

  private static PathMatcher matcher(String glob) {
    return FileSystems.getDefault().getPathMatcher("glob:" + glob);
  }

  private static ClassLoader loader() {
    return NativeImageTest.class.getClassLoader();
  }
}
