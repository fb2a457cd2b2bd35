package io.tidemark.proof.safeguards;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;

/**
 * Makes copies of the project's classes and resources with some edits made in their sources. It
 * keeps what the compiler has read of the class path from copy to copy: reading it takes longer
 * than to compile one. Thread-safe.
 */
public final class EditedCopies implements AutoCloseable {
  private static final String RESOURCES = "/src/main/resources/";
  private static final String SOURCES = "/src/main/java/";

  private final JavaCompiler compiler =
      Objects.requireNonNull(ToolProvider.getSystemJavaCompiler(), "a JDK is needed");
  private final StandardJavaFileManager files = compiler.getStandardFileManager(null, null, UTF_8);

  /**
   * Writes the edited copies into a directory, compiled where they are Java. Before everything else
   * on a class path, the directory takes the place of what was edited.
   *
   * @param directory is made where it is missing
   * @throws IllegalStateException if an edit does not fit the file, or the result does not compile
   */
  public synchronized void writeTo(Path directory, List<Edit> edits) throws IOException {
    Files.createDirectories(directory);
    Map<String, String> texts = new HashMap<>();
    for (Edit edit : edits) {
      String before = texts.get(edit.file());
      texts.put(edit.file(), edit.applyTo(before == null ? Edit.read(edit.file()) : before));
    }
    List<Path> sources = new ArrayList<>();
    for (Map.Entry<String, String> text : texts.entrySet()) {
      String file = text.getKey();
      if (file.contains(SOURCES)) {
        sources.add(write(directory.resolve("sources"), file, SOURCES, text.getValue()));
      } else {
        write(directory, file, RESOURCES, text.getValue());
      }
    }
    if (!sources.isEmpty()) {
      compile(directory, sources);
    }
  }

  private static Path write(Path directory, String file, String root, String text)
      throws IOException {
    int at = file.indexOf(root);
    if (at < 0) {
      throw new IllegalArgumentException(file + " is no source and no resource of a module");
    }
    Path copy = directory.resolve(file.substring(at + root.length()));
    Files.createDirectories(Objects.requireNonNull(copy.getParent()));
    return Files.writeString(copy, text);
  }

  @Override
  public void close() throws IOException {
    files.close();
  }

  private void compile(Path directory, List<Path> sources) throws IOException {
    files.setLocationFromPaths(StandardLocation.CLASS_OUTPUT, List.of(directory));
    StringWriter complaints = new StringWriter();
    boolean compiled =
        compiler
            .getTask(
                complaints,
                files,
                null,
                List.of("-proc:none", "-implicit:none"),
                null,
                files.getJavaFileObjectsFromPaths(sources))
            .call();
    if (!compiled) {
      throw new IllegalStateException("the edited sources do not compile: " + complaints);
    }
  }
}
