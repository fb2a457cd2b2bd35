package io.tidemark.engine;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.commons.ClassRemapper;
import org.objectweb.asm.commons.Remapper;

/**
 * Copies the classes of one package under names of their own, with one marked line of one source
 * file changed: so a test can show that it fails without what stands there. The copies are written
 * beside the test's classes, as Lincheck finds only what the tests' own class loader finds. Not
 * thread-safe.
 */
public final class EditedCopy {
  private final String folder;
  private final String suffix;
  private final Class<?> shared;
  private final Path editedClasses;
  private final Path testClasses;
  private final Set<String> copied = new HashSet<>();

  private EditedCopy(String folder, String suffix, Class<?> shared, Path editedClasses) {
    this.folder = folder;
    this.suffix = suffix;
    this.shared = shared;
    this.editedClasses = editedClasses;
    URL own = Objects.requireNonNull(EditedCopy.class.getResource("EditedCopy.class"));
    this.testClasses = Path.of(URI.create(own.toString())).resolve("../../../..").normalize();
  }

  /**
   * Makes an instance of {@code maker} in a copy of the package of {@code edited}.
   *
   * @param name what the names of the copies end with
   * @param maker a class of that package, with a constructor without parameters
   * @param shared the type of what is made; it is not copied, so that its caller can use it
   * @param edited the class whose source is changed
   * @param mark the text of the comment above the line to be changed, up to its colon
   * @param text what to replace, which must begin in that line
   * @param replacement what stands there instead
   */
  public static <T> Supplier<T> of(
      String name,
      Class<? extends Supplier<T>> maker,
      Class<T> shared,
      Class<?> edited,
      String mark,
      String text,
      String replacement) {
    Path source = Path.of("src/main/java", edited.getName().replace('.', '/') + ".java");
    try {
      Path classes = Files.createTempDirectory("edited-copy-");
      compile(source, edit(source, mark, text, replacement), classes);
      String folder = edited.getPackageName().replace('.', '/') + "/";
      EditedCopy copies = new EditedCopy(folder, "_" + name, shared, classes);
      String original = maker.getName().replace('.', '/');
      copies.copy(original);
      var constructor =
          Class.forName(copies.nameOfCopy(original).replace('/', '.')).getDeclaredConstructor();
      constructor.setAccessible(true);
      Supplier<?> made = (Supplier<?>) constructor.newInstance();
      return () -> shared.cast(made.get());
    } catch (IOException | ReflectiveOperationException e) {
      throw new IllegalStateException("no edited copy of " + source, e);
    }
  }

  private static String edit(Path source, String mark, String original, String replacement)
      throws IOException {
    String text = Files.readString(source);
    List<MatchResult> places =
        Pattern.compile("// %s: .*\\n(?: *//.*\\n)*+.*?(\\Q%s\\E)".formatted(mark, original))
            .matcher(text)
            .results()
            .toList();
    if (places.size() != 1) {
      throw new IllegalStateException(
          ("%s must have exactly one line under the mark \"// %s:\" in which begins what an edit"
                  + " replaces: %s")
              .formatted(source, mark, original));
    }
    MatchResult place = places.get(0);
    return text.substring(0, place.start(1)) + replacement + text.substring(place.end(1));
  }

  private static void compile(Path source, String text, Path classes) throws IOException {
    Path edited = Files.writeString(classes.resolve(source.getFileName()), text);
    ToolProvider compiler = ToolProvider.findFirst("javac").orElseThrow();
    int exitCode =
        compiler.run(
            System.out,
            System.err,
            "-proc:none",
            "-nowarn",
            "-d",
            classes.toString(),
            "-classpath",
            classPath(),
            edited.toString());
    if (exitCode != 0) {
      throw new IllegalStateException(source + " does not compile with its edit");
    }
  }

  /** Everything that the tests run with, modules too. */
  private static String classPath() {
    return System.getProperty("jdk.module.path", "")
        + File.pathSeparator
        + System.getProperty("java.class.path", "");
  }

  /** Copies a class, and all others that it mentions. */
  private void copy(String name) throws IOException {
    if (!isCopied(name) || !copied.add(name)) {
      return;
    }
    Set<String> mentioned = new TreeSet<>();
    ClassWriter copy = new ClassWriter(0);
    new ClassReader(bytes(name))
        .accept(
            new ClassRemapper(
                copy,
                new Remapper(Opcodes.ASM9) {
                  @Override
                  public String map(String each) {
                    mentioned.add(each);
                    return nameOfCopy(each);
                  }
                }),
            0);
    Files.write(testClasses.resolve(nameOfCopy(name) + ".class"), copy.toByteArray());
    for (String each : mentioned) {
      copy(each);
    }
  }

  private boolean isCopied(String name) {
    return name.startsWith(folder)
        && name.indexOf('/', folder.length()) < 0
        && !name.equals(shared.getName().replace('.', '/'));
  }

  /** The copy of {@code a/B$C} is {@code a/B_Suffix$C}. */
  private String nameOfCopy(String name) {
    if (!isCopied(name)) {
      return name;
    }
    int nested = name.indexOf('$');
    return nested < 0 ? name + suffix : name.substring(0, nested) + suffix + name.substring(nested);
  }

  private byte[] bytes(String name) throws IOException {
    Path edited = editedClasses.resolve(name + ".class");
    try (InputStream in =
        Files.exists(edited)
            ? Files.newInputStream(edited)
            : EditedCopy.class.getResourceAsStream("/" + name + ".class")) {
      return Objects.requireNonNull(in, name).readAllBytes();
    }
  }
}
