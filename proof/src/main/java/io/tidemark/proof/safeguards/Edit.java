package io.tidemark.proof.safeguards;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A change of one source file that takes a safeguard out. Immutable.
 *
 * @param file the file, from the project's root
 * @param original the text to replace, which must be in the file exactly once
 * @param replacement what stands there instead
 */
public record Edit(String file, String original, String replacement) {

  /**
   * The text of the file with this edit made in it.
   *
   * @param text the file's text, or what an earlier edit made of it
   * @throws IllegalStateException if the original is not there exactly once: the source was
   *     changed, and the edit must follow it
   */
  public String applyTo(String text) {
    int at = text.indexOf(original);
    if (at < 0 || text.indexOf(original, at + 1) >= 0) {
      throw new IllegalStateException(
          "%s must contain exactly once, for an edit to replace it: %s".formatted(file, original));
    }
    return text.substring(0, at) + replacement + text.substring(at + original.length());
  }

  /** The project's root, found upwards from the working directory of a test. */
  public static Path projectRoot() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("proof/pom.xml"))) {
      folder = folder.getParent();
      if (folder == null) {
        throw new IllegalStateException("not run from inside the project");
      }
    }
    return folder;
  }

  /** The text of a file of the project. */
  public static String read(String file) throws IOException {
    return Files.readString(projectRoot().resolve(file));
  }
}
