package io.tidemark.proof.safeguards;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A change of one source file, in a line that a safeguard is in. Immutable.
 *
 * @param file the file, from the project's root
 * @param safeguard the safeguard that the line is marked with, see {@link Mark}
 * @param original the text to replace, which must begin in such a line exactly once; it may go on
 *     in the lines after it
 * @param replacement what stands there instead
 */
public record Edit(String file, Enum<?> safeguard, String original, String replacement) {

  /**
   * The text of the file with this edit made in it.
   *
   * @param text the file's text, or what an earlier edit made of it
   * @throws IllegalStateException if the original does not begin exactly once in a line that is
   *     marked with the safeguard: the source was changed, and the edit must follow it
   */
  public String applyTo(String text) {
    int at = placeIn(text);
    return text.substring(0, at) + replacement + text.substring(at + original.length());
  }

  /** Where the original begins. */
  int placeIn(String text) {
    List<Integer> places = new ArrayList<>();
    int marks = 0;
    for (Mark mark : Mark.in(text)) {
      if (mark.safeguard().equals(safeguard.name())) {
        marks++;
        int at = text.indexOf(original, mark.from());
        while (at >= 0 && at < mark.to()) {
          places.add(at);
          at = text.indexOf(original, at + 1);
        }
      }
    }
    if (places.size() != 1) {
      throw new IllegalStateException(
          ("%s has %d marks \"Safeguard %s:\"; what an edit replaces must begin exactly once in the"
                  + " lines under them, and does so %d times: %s")
              .formatted(file, marks, safeguard, places.size(), original));
    }
    return places.get(0);
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
