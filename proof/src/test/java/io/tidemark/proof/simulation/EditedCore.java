package io.tidemark.proof.simulation;

import io.tidemark.VersionedCache;
import io.tidemark.processes.WorkDirectory;
import io.tidemark.proof.safeguards.Edit;
import io.tidemark.proof.safeguards.EditedClassLoader;
import io.tidemark.proof.safeguards.EditedCopies;
import java.io.Closeable;
import java.io.IOException;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongFunction;
import java.util.function.LongUnaryOperator;

/** The simulation on a copy of {@code core} with some edits, in a class loader of its own. */
final class EditedCore implements Closeable {
  private final URLClassLoader loader;
  private final Object runner;

  private EditedCore(URLClassLoader loader, Object runner) {
    this.loader = loader;
    this.runner = runner;
  }

  /** Compiles the edited sources into an empty folder of that name, and loads them. */
  static EditedCore with(EditedCopies copies, List<Edit> edits, String name) throws Exception {
    Path folder = Edit.projectRoot().resolve("proof/target/safeguards-off").resolve(name);
    // What an earlier run has edited in other files must not stay edited.
    WorkDirectory.delete(folder);
    copies.writeTo(folder, edits);
    URLClassLoader loader = new EditedClassLoader(folder, VersionedCache.class, SeedRunner.class);
    Object runner = loader.loadClass(SeedRunner.class.getName()).getConstructor().newInstance();
    return new EditedCore(loader, runner);
  }

  /** Runs a seed. Returns what was broken, or an empty text. */
  String run(long seed) {
    return String.valueOf(((LongFunction<?>) runner).apply(seed));
  }

  /** Runs a seed. Returns the fingerprint of what happened. */
  long fingerprint(long seed) {
    return ((LongUnaryOperator) runner).applyAsLong(seed);
  }

  @Override
  public void close() throws IOException {
    ((Closeable) runner).close();
    loader.close();
  }
}
