package io.tidemark;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A page of the folder {@code docs}, for the tests that compare it with the code. Immutable. */
final class DocPage {
  private static final Pattern CODE = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  private final String text;

  private DocPage(String text) {
    this.text = text;
  }

  static DocPage named(String name) throws IOException {
    return new DocPage(Files.readString(Path.of("..", "docs", name), UTF_8));
  }

  /** Its blocks of Java, without their indentation. */
  List<String> code() {
    return CODE.matcher(text).results().map(block -> unindented(block.group(1))).toList();
  }

  /** The lines below a heading of the second level, up to the next one. */
  List<String> section(String title) {
    return text.lines()
        .dropWhile(line -> !line.equals("## " + title))
        .skip(1)
        .takeWhile(line -> !line.startsWith("## "))
        .toList();
  }

  /** The source of a test in this package, without its indentation. */
  static String source(Class<?> test) throws IOException {
    Path file = Path.of("src", "test", "java", "io", "tidemark", test.getSimpleName() + ".java");
    return unindented(Files.readString(file, UTF_8));
  }

  private static String unindented(String code) {
    return code.lines().map(String::strip).collect(Collectors.joining("\n"));
  }
}
