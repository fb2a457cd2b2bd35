package io.tidemark.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every link of a page leads somewhere, and the README leads to every page. */
class PagesTest {
  private static final Path ROOT = Path.of("..");
  private static final Path README = ROOT.resolve("README.md");
  private static final Path DOCS = ROOT.resolve("docs");

  private static final Pattern CODE_BLOCK =
      Pattern.compile("^ *```.*?^ *```$", Pattern.DOTALL | Pattern.MULTILINE);
  private static final Pattern CODE = Pattern.compile("`[^`\n]+`");
  private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("^#{1,6} (.+)$", Pattern.MULTILINE);
  private static final Pattern NAME_OF_A_PAGE = Pattern.compile("docs/(?:\\w+/)?[\\w-]+\\.md");

  static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>(files(DOCS, ".md"));
    pages.addAll(files(ROOT.resolve("examples"), ".md"));
    for (String page : List.of("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")) {
      pages.add(ROOT.resolve(page));
    }
    return pages;
  }

  @ParameterizedTest
  @MethodSource("pages")
  void links_ofThePage_leadSomewhere(Path page) throws IOException {
    assertThat(links(page)).allSatisfy(link -> assertLeadsSomewhere(page, link));
  }

  private static void assertLeadsSomewhere(Path page, String link) throws IOException {
    String[] parts = link.split("#", 2);
    Path target = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
    assertThat(target).exists();
    if (parts.length == 2) {
      assertThat(anchors(Files.readString(target, UTF_8))).contains(parts[1]);
    }
  }

  @Test
  void links_ofAllPages_areFound() throws IOException {
    List<String> links = new ArrayList<>();
    for (Path page : pages()) {
      links.addAll(links(page));
    }
    assertThat(links).hasSizeGreaterThan(100).anyMatch(link -> link.contains("#"));
  }

  @Test
  void readme_listsEachPageOnce() throws IOException {
    List<String> listed =
        Files.readAllLines(README, UTF_8).stream()
            .filter(line -> line.startsWith("| [docs/"))
            .map(line -> line.substring("| [".length(), line.indexOf(']')))
            .toList();

    try (Stream<Path> pages = Files.list(DOCS)) {
      assertThat(listed)
          .containsExactlyInAnyOrderElementsOf(
              pages
                  .filter(page -> page.toString().endsWith(".md"))
                  .map(page -> "docs/" + page.getFileName())
                  .toList());
    }
  }

  @Test
  void readme_isShort() throws IOException {
    assertThat(Files.readAllLines(README, UTF_8)).hasSizeLessThanOrEqualTo(180);
  }

  @Test
  void pages_thatAreNamedAnywhere_exist() throws IOException {
    TreeSet<String> named = new TreeSet<>();
    List<Path> texts = new ArrayList<>(pages());
    texts.remove(ROOT.resolve("CHANGELOG.md"));
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (Path module : modules.map(folder -> folder.resolve("src")).toList()) {
        texts.addAll(files(module, ".java"));
      }
    }
    for (Path text : texts) {
      NAME_OF_A_PAGE
          .matcher(Files.readString(text, UTF_8))
          .results()
          .forEach(name -> named.add(name.group()));
    }

    assertThat(named).hasSizeGreaterThan(10).allMatch(page -> Files.exists(ROOT.resolve(page)));
  }

  @ParameterizedTest
  @CsvSource({
    "# The slot protocol, the-slot-protocol",
    "## What `check()` looks for, what-check-looks-for",
    "### Two holders: the claim must be one's own, two-holders-the-claim-must-be-ones-own",
    "## `onLoadFailure(STALE)`, onloadfailurestale",
    "## `@Cacheable`, cacheable",
    "## A [link](page.md) and **more**, a-link-and-more",
    "## MariaDB's `snake_case` - a test, mariadbs-snake_case---a-test",
  })
  void anchor_ofAHeading_isThatOfGitHub(String heading, String anchor) {
    assertThat(anchors(heading)).containsExactly(anchor);
  }

  @Test
  void anchors_ofEqualHeadings_areNumbered() {
    assertThat(anchors("# Keys\n\n## Keys\n\n```\n# a comment\n```\n\n## Keys\n"))
        .containsExactly("keys", "keys-1", "keys-2");
  }

  /** The targets of its links, but not those in the network. */
  private static List<String> links(Path page) throws IOException {
    String text = CODE_BLOCK.matcher(Files.readString(page, UTF_8)).replaceAll("");
    return LINK.matcher(CODE.matcher(text).replaceAll(""))
        .results()
        .map(link -> link.group(1))
        .filter(link -> !link.startsWith("https://"))
        .toList();
  }

  /** The anchors that GitHub gives to the headings of a page. */
  private static List<String> anchors(String text) {
    List<String> anchors = new ArrayList<>();
    HEADING
        .matcher(CODE_BLOCK.matcher(text).replaceAll(""))
        .results()
        .map(heading -> heading.group(1).replaceAll("]\\([^)]*\\)", ""))
        .map(heading -> heading.replaceAll("[^\\p{L}\\p{M}\\p{N}\\p{Pc} -]", ""))
        .map(heading -> heading.toLowerCase(Locale.ROOT).replace(' ', '-'))
        .forEach(
            slug -> {
              String anchor = slug;
              for (int n = 1; anchors.contains(anchor); n++) {
                anchor = slug + "-" + n;
              }
              anchors.add(anchor);
            });
    return anchors;
  }

  /** The files below a folder whose names end like this; none if there is no such folder. */
  private static List<Path> files(Path folder, String ending) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(ending)).toList();
    }
  }
}
