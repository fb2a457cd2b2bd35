package io.tidemark.proof.histories;

import io.tidemark.proof.safeguards.Edit;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A class path on which edited copies of the project's resources come first. */
final class EditedClassPath {
  private static final String RESOURCES = "/src/main/resources/";

  private EditedClassPath() {}

  /**
   * Writes the edited copies into a directory of their own, and returns the class path.
   *
   * @throws IllegalArgumentException if an edit is of no resource
   */
  static String of(Path directory, List<Edit> edits) throws IOException {
    Map<String, String> texts = new HashMap<>();
    for (Edit edit : edits) {
      String file = edit.file();
      if (!file.contains(RESOURCES)) {
        throw new IllegalArgumentException(file + " is no resource of a module");
      }
      String text = texts.containsKey(file) ? texts.get(file) : Edit.read(file);
      texts.put(file, edit.applyTo(Objects.requireNonNull(text)));
    }
    for (Map.Entry<String, String> text : texts.entrySet()) {
      String file = text.getKey();
      Path copy = directory.resolve(file.substring(file.indexOf(RESOURCES) + RESOURCES.length()));
      Files.createDirectories(Objects.requireNonNull(copy.getParent()));
      Files.writeString(copy, text.getValue());
    }
    return directory + File.pathSeparator + System.getProperty("java.class.path");
  }
}
