package io.tidemark.servers;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;

/** The folder of a module's build. */
public final class BuildFolder {
  private BuildFolder() {}

  /** The folder that has the classes or the jar of a module, its {@code target}. */
  public static Path of(Class<?> ofTheModule) throws IOException {
    try {
      Path classes =
          Path.of(ofTheModule.getProtectionDomain().getCodeSource().getLocation().toURI());
      return Objects.requireNonNull(classes.toRealPath().getParent());
    } catch (URISyntaxException e) {
      throw new IOException("the program does not know where it is", e);
    }
  }
}
