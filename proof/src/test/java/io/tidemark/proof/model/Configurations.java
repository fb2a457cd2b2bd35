package io.tidemark.proof.model;

import io.tidemark.proof.safeguards.Edit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The specifications and their configurations, in {@code docs/spec}. */
final class Configurations {
  private static final Path FOLDER = Edit.projectRoot().resolve("docs/spec");
  private static final Pattern TAKEN_OUT = Pattern.compile("(?m)^  Without = \\{(.*)}$");
  private static final Pattern BEYOND = Pattern.compile("(?m)^  Beyond = \\{(.*)}$");
  private static final Pattern INVARIANT = Pattern.compile("(?m)^INVARIANT (\\w+)$");

  private Configurations() {}

  /** The specification of the slot of one key. */
  static Path specification() {
    return FOLDER.resolve("Tidemark.tla");
  }

  /** The specification of loads of many keys. */
  static Path specificationOfBulkLoads() {
    return FOLDER.resolve("Bulk.tla");
  }

  /** The names of all configurations, sorted. */
  static List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".cfg"))
          .map(name -> name.substring(0, name.length() - ".cfg".length()))
          .sorted()
          .toList();
    }
  }

  /** The text of a configuration. */
  static String text(String name) throws IOException {
    return Files.readString(FOLDER.resolve(name + ".cfg"));
  }

  /** A folder for a run, which holds nothing from before. */
  static Path runFolder(String name) throws IOException {
    Path parent = Files.createDirectories(Edit.projectRoot().resolve("proof/target/model"));
    return Files.createTempDirectory(parent, name + "-");
  }

  /** The safeguards that a configuration takes out, in quotes. */
  static String takenOut(String text) {
    return only(TAKEN_OUT, text);
  }

  /** What a configuration does past the limits of the promises, in quotes. */
  static String beyond(String text) {
    return only(BEYOND, text);
  }

  /** The one invariant that a configuration checks, because it must be violated. */
  static String expectedViolation(String text) {
    return only(INVARIANT, text);
  }

  /** The same configuration with every safeguard in place and nothing past the limits. */
  static String madeSafe(String text) {
    String within = BEYOND.matcher(text).replaceFirst("  Beyond = {}");
    return TAKEN_OUT.matcher(within).replaceFirst("  Without = {}");
  }

  private static String only(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      throw new IllegalArgumentException("a configuration has no line " + pattern + ":\n" + text);
    }
    String found = matcher.group(1);
    if (matcher.find()) {
      throw new IllegalArgumentException("a configuration has two lines " + pattern + ":\n" + text);
    }
    return found;
  }
}
