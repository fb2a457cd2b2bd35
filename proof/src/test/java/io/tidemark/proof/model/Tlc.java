package io.tidemark.proof.model;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Runs TLC, the model checker of TLA+, in this process. It keeps its state in static fields, so
 * each run has a class loader of its own; and it copies the standard modules to one place, so only
 * one run at a time.
 */
final class Tlc {
  private static final Pattern VIOLATION =
      Pattern.compile("Error: Invariant (\\w+) is violated\\.");
  private static final Pattern DISTINCT =
      Pattern.compile("([\\d,]+) states generated, ([\\d,]+) distinct states found, 0 states left");

  private Tlc() {}

  /**
   * What came of a run.
   *
   * @param output everything that TLC said, the trace of a counterexample included
   */
  record Run(String output) {

    /** Whether all states were searched and no invariant was violated. */
    boolean foundNothing() {
      return output.contains("Model checking completed. No error has been found.");
    }

    /** Whether somebody waits for ever: nothing can happen any more, or nothing that helps. */
    boolean foundEndlessWait() {
      return output.contains("Error: Deadlock reached.")
          || output.contains("Error: Temporal properties were violated.");
    }

    /** The invariant that the counterexample violates, if there is one. */
    Optional<String> violatedInvariant() {
      Matcher violation = VIOLATION.matcher(output);
      return violation.find() ? Optional.of(violation.group(1)) : Optional.empty();
    }

    /** How many different states there are, if all were searched. */
    long distinctStates() {
      Matcher distinct = DISTINCT.matcher(output);
      if (!distinct.find()) {
        throw new IllegalStateException("the search did not end:\n" + output);
      }
      return Long.parseLong(distinct.group(2).replace(",", ""));
    }
  }

  /**
   * Searches all states of the specification under a configuration.
   *
   * @param folder an empty folder for copies of both, and for the states
   * @param workers how many threads search
   * @param echo gets what TLC says at once
   */
  static Run check(
      Path specification, String configuration, Path folder, int workers, OutputStream echo)
      throws IOException, ReflectiveOperationException {
    Files.createDirectories(folder);
    // Copies: TLC writes beside the specification.
    Path copy = folder.resolve(specification.getFileName());
    Files.copy(specification, copy);
    Path configurationCopy = Files.writeString(folder.resolve("Run.cfg"), configuration);
    String[] arguments = {
      "-workers",
      Integer.toString(workers),
      "-metadir",
      folder.resolve("states").toString(),
      "-config",
      configurationCopy.toString(),
      copy.toString()
    };
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(new Tee(output, echo), true, UTF_8);
        URLClassLoader loader =
            new URLClassLoader(new URL[] {jar()}, ClassLoader.getPlatformClassLoader())) {
      Class<?> console = loader.loadClass("util.ToolIO");
      console.getField("out").set(null, out);
      console.getField("err").set(null, out);
      Class<?> type = loader.loadClass("tlc2.TLC");
      Object tlc = type.getConstructor().newInstance();
      Object understood =
          type.getMethod("handleParameters", String[].class).invoke(tlc, (Object) arguments);
      if (Boolean.TRUE.equals(understood)) {
        type.getMethod("process").invoke(tlc);
      }
    }
    return new Run(output.toString(UTF_8));
  }

  private static URL jar() {
    return tlc2.TLC.class.getProtectionDomain().getCodeSource().getLocation();
  }

  /** Writes everything to two streams. */
  private static final class Tee extends OutputStream {
    private final OutputStream first;
    private final OutputStream second;

    Tee(OutputStream first, OutputStream second) {
      this.first = first;
      this.second = second;
    }

    @Override
    public void write(int b) throws IOException {
      first.write(b);
      second.write(b);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      first.write(bytes, from, length);
      second.write(bytes, from, length);
    }

    @Override
    public void flush() throws IOException {
      second.flush();
    }
  }
}
