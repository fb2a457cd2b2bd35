package io.tidemark.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemark.processes.JavaProgram;
import io.tidemark.processes.ThisJvm;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A command of the demo in a process of its own, with a temporary directory of its own; knows every
 * process that it saw under it.
 */
public final class Program implements AutoCloseable {
  /** How a shell tells that a command ended by SIGTERM. */
  public static final int SIGTERM_EXIT = 143;

  /** What only a hang can miss. */
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private static final Pattern PID = Pattern.compile("\\bpid ([0-9]+)");

  private final Process process;
  private final BufferedReader output;
  private final Path errors;
  private final Path temporary;
  private final Set<ProcessHandle> seen = ConcurrentHashMap.newKeySet();

  private Program(Process process, Path errors, Path temporary) {
    this.process = process;
    this.output = process.inputReader();
    this.errors = errors;
    this.temporary = temporary;
  }

  /** Starts it; everything it writes goes below the folder. */
  public static Program start(Path folder, String... arguments) throws IOException {
    return start(folder, Tidemark.class, arguments);
  }

  /** Starts another program in the same way. */
  public static Program start(Path folder, Class<?> mainClass, String... arguments)
      throws IOException {
    return start(folder, ThisJvm.program(mainClass.getName()), arguments);
  }

  /** Starts the demo with classes and resources that take the place of its own. */
  public static Program startWith(Path replacements, Path folder, String... arguments)
      throws IOException {
    JavaProgram original = ThisJvm.program(Tidemark.class.getName());
    String classPath = replacements + File.pathSeparator + original.classPath();
    return start(folder, new JavaProgram(classPath, original.mainClass()), arguments);
  }

  private static Program start(Path folder, JavaProgram program, String... arguments)
      throws IOException {
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    Path errors = folder.resolve("errors");
    List<String> command =
        ThisJvm.command(program, List.of("-Djava.io.tmpdir=" + temporary), List.of(arguments));
    Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    return new Program(process, errors, temporary);
  }

  /** Reads its output up to the line that begins so, and returns what it read. */
  public List<String> readTo(String beginning) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      lines.add(line);
      notePids(line);
      if (line.strip().startsWith(beginning)) {
        process.descendants().forEach(seen::add);
        return lines;
      }
    }
    throw new AssertionError(
        "no line begins with '%s': %s%n%s".formatted(beginning, lines, errors()));
  }

  /** Reads the rest of its output. */
  public List<String> readToEnd() throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      lines.add(line);
      notePids(line);
    }
    return lines;
  }

  /** The processes that it has started itself and that run. */
  public Set<ProcessHandle> children() {
    return process.children().collect(Collectors.toSet());
  }

  /** Waits until one of the processes seen is stopped, as SIGSTOP leaves it. Linux only. */
  public void awaitStoppedProcess() {
    await().atMost(LIMIT).until(() -> seen.stream().anyMatch(Program::isStopped));
  }

  private static boolean isStopped(ProcessHandle handle) {
    try {
      // 17 (java) T 1 ...
      String stat = Files.readString(Path.of("/proc/" + handle.pid() + "/stat"));
      return stat.startsWith(") T ", stat.lastIndexOf(')'));
    } catch (IOException e) {
      return false; // it is gone
    }
  }

  /** Ends its standard input. */
  public void endInput() throws IOException {
    process.getOutputStream().close();
  }

  /** Sends SIGTERM. */
  public void terminate() {
    process.destroy();
  }

  /** Sends SIGKILL. */
  public void kill() {
    process.destroyForcibly();
  }

  /** Waits for its end; returns its exit code. */
  public int awaitExit() throws InterruptedException {
    assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).as("ended in time").isTrue();
    return process.exitValue();
  }

  /** What it wrote to standard error. */
  public String errors() throws IOException {
    return Files.readString(errors);
  }

  /** Asserts that every process seen is gone, and that its temporary directory is empty. */
  public void assertNothingLeft() throws IOException {
    assertThat(seen).as("processes seen").isNotEmpty().noneMatch(ProcessHandle::isAlive);
    assertThat(leftFiles()).isEmpty();
  }

  /** Waits until nothing is left: after a kill, others clean up. */
  public void awaitNothingLeft() {
    await().atMost(LIMIT).untilAsserted(this::assertNothingLeft);
  }

  /** What is in its temporary directory. */
  public List<Path> leftFiles() throws IOException {
    try (Stream<Path> files = Files.list(temporary)) {
      return files.toList();
    }
  }

  /** The process of that number in a line such as {@code redis 127.0.0.1:6379 pid 17}. */
  public static ProcessHandle process(String line) {
    return PID.matcher(line)
        .results()
        .map(match -> ProcessHandle.of(Long.parseLong(match.group(1))).orElseThrow())
        .findFirst()
        .orElseThrow(() -> new AssertionError("no pid in " + line));
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    seen.forEach(ProcessHandle::destroyForcibly);
    output.close();
  }

  private void notePids(String line) {
    PID.matcher(line)
        .results()
        .map((MatchResult match) -> Long.parseLong(match.group(1)))
        .forEach(pid -> ProcessHandle.of(pid).ifPresent(seen::add));
  }
}
