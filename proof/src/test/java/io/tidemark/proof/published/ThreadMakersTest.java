package io.tidemark.proof.published;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Every thread of the library is made by {@code DaemonThreads}, so that none inherits the session
 * of the caller that it was made for. What the JDK makes by itself does: its timer for futures, the
 * common pool, and pools without a factory.
 */
class ThreadMakersTest {
  private static final List<String> MODULES =
      PublishedModules.jars().stream().filter(module -> !module.equals("testkit")).toList();

  private static final String MAKER = "DaemonThreads.java";

  private static final Pattern OTHER_THREADS =
      Pattern.compile(
          "new Thread\\(|new Timer\\(|\\bExecutors\\.|ForkJoinPool|commonPool|parallelStream"
              + "|Thread\\.(startVirtualThread|ofPlatform|ofVirtual)|delayedExecutor|orTimeout|completeOnTimeout"
              + "|\\b(run|supply|then\\w+|when\\w+|handle)Async\\(");

  @Test
  void sources_ofTheLibrary_makeNoThreadsButByTheirFactory() throws Exception {
    List<String> found = new ArrayList<>();
    List<Path> sources = sources();
    for (Path source : sources) {
      if (!source.endsWith(MAKER) && OTHER_THREADS.matcher(code(source)).find()) {
        found.add(source.toString());
      }
    }

    assertThat(found).isEmpty();
    assertThat(sources).anyMatch(source -> source.endsWith(MAKER));
  }

  private static List<Path> sources() throws Exception {
    List<Path> sources = new ArrayList<>();
    for (String module : MODULES) {
      try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "main", "java"))) {
        files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
      }
    }
    return sources;
  }

  /** Without comments, which may speak of anything. */
  private static String code(Path source) throws Exception {
    return Files.readString(source, UTF_8).replaceAll("(?s)/\\*.*?\\*/", "").replaceAll("//.*", "");
  }
}
