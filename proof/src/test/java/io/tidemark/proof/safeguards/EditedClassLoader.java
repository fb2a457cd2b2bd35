package io.tidemark.proof.safeguards;

import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;

/**
 * Loads a copy of this project's classes with some edits: what was edited first, then the
 * production's, then everybody's libraries.
 */
public final class EditedClassLoader extends URLClassLoader {
  private static final String OURS = "io.tidemark.";

  /**
   * Reads edited classes and resources.
   *
   * @param edited where {@link EditedCopies} wrote them
   * @param places a class of each place that the others come from
   */
  public EditedClassLoader(Path edited, Class<?>... places) throws MalformedURLException {
    super(
        Stream.concat(
                Stream.of(edited.toUri().toURL()),
                Arrays.stream(places)
                    .map(type -> type.getProtectionDomain().getCodeSource().getLocation()))
            .toArray(URL[]::new),
        EditedClassLoader.class.getClassLoader());
  }

  /** Asks its parent last for the classes of this project. */
  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith(OURS)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded == null ? findClass(name) : loaded;
    }
  }

  /** Finds the scripts as it finds classes. */
  @Override
  public URL getResource(String name) {
    URL ours = findResource(name);
    return ours == null ? super.getResource(name) : ours;
  }
}
