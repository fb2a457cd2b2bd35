package io.tidemark.proof.safeguards;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every line that a safeguard is in says so, and is edited by a proof without that safeguard. The
 * tests of {@code core} with Lincheck make edits as well, and name the marks in texts of their own.
 */
class MarksTest {
  private static final Pattern NAMED = Pattern.compile("Safeguard ([A-Z_]{2,})");
  private static final Pattern NAMED_BY_TEST = Pattern.compile("\"Safeguard ([A-Z_]+)\"");
  private static final Pattern SOURCE = Pattern.compile("\\.(java|lua|sql)$");
  private static final Path ROOT = Edit.projectRoot();

  static List<List<Edit>> safeguardsOff() {
    return Stream.of(
            Arrays.stream(Safeguard.values()).map(CoreEdits::without),
            Arrays.stream(Safeguard.values()).map(RedisEdits::without),
            Arrays.stream(PathSafeguard.values()).map(CoreEdits::without),
            Arrays.stream(BulkSafeguard.values()).map(CoreEdits::without),
            Arrays.stream(BulkSafeguard.values()).map(RedisEdits::without),
            Arrays.stream(ServerSafeguard.values()).map(RedisEdits::without))
        .flatMap(edits -> edits)
        .filter(edits -> !edits.isEmpty())
        .toList();
  }

  static Stream<List<Edit>> edits() {
    return Stream.concat(
        safeguardsOff().stream(),
        Arrays.stream(Design.values())
            .flatMap(design -> Stream.of(CoreEdits.of(design), RedisEdits.of(design))));
  }

  @ParameterizedTest
  @MethodSource("edits")
  void edits_ofTheSourcesAsTheyAre_changeEachFile(List<Edit> edits) throws IOException {
    Map<String, String> texts = new HashMap<>();
    for (Edit edit : edits) {
      String before =
          texts.containsKey(edit.file()) ? texts.get(edit.file()) : Edit.read(edit.file());
      String after = edit.applyTo(before);
      assertThat(after).isNotEqualTo(before);
      texts.put(edit.file(), after);
    }
  }

  @Test
  void marks_each_areOfALineThatIsEdited() throws IOException {
    TreeSet<String> edited = new TreeSet<>();
    for (List<Edit> edits : safeguardsOff()) {
      for (Edit edit : edits) {
        String text = Edit.read(edit.file());
        edited.add(line(edit.file(), text, edit.placeIn(text), edit.safeguard().name()));
      }
    }
    Set<String> ofCore = namedByTestsOfCore();

    assertThat(marked(mark -> true)).containsAll(edited);
    assertThat(edited).containsAll(marked(mark -> !ofCore.contains(mark.safeguard())));
  }

  @Test
  void marks_namedByTestsOfCore_areThere() {
    assertThat(sources().stream().flatMap(path -> Mark.in(read(path)).stream()))
        .extracting(Mark::safeguard)
        .containsAll(namedByTestsOfCore());
  }

  @Test
  void safeguards_namedInSources_areMarks() {
    for (Path path : sources()) {
      String text = read(path);
      assertThat(NAMED.matcher(text).results().map(found -> found.group(1)))
          .as(path.toString())
          .containsExactlyElementsOf(Mark.in(text).stream().map(Mark::safeguard).toList());
    }
  }

  private static Set<String> marked(Predicate<Mark> which) {
    TreeSet<String> lines = new TreeSet<>();
    for (Path path : sources()) {
      String file = ROOT.relativize(path).toString();
      String text = read(path);
      Mark.in(text).stream()
          .filter(which)
          .forEach(mark -> lines.add(line(file, text, mark.from(), mark.safeguard())));
    }
    return lines;
  }

  private static String line(String file, String text, int place, String safeguard) {
    long number = 1 + text.substring(0, place).chars().filter(each -> each == '\n').count();
    return "%s:%d Safeguard %s".formatted(file, number, safeguard);
  }

  private static Set<String> namedByTestsOfCore() {
    return files(ROOT.resolve("core/src/test/java")).stream()
        .flatMap(path -> NAMED_BY_TEST.matcher(read(path)).results())
        .map(found -> found.group(1))
        .collect(Collectors.toSet());
  }

  /** The sources of the product; this module's own only tell of marks. */
  private static List<Path> sources() {
    try (Stream<Path> modules = Files.list(ROOT)) {
      return modules
          .filter(module -> !module.endsWith("proof"))
          .map(module -> module.resolve("src/main"))
          .filter(Files::exists)
          .flatMap(folder -> files(folder).stream())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Path> files(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> SOURCE.matcher(file.toString()).find()).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
