package io.tidemark.processes;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The child processes of one command, and the directory under the system's temporary one that they
 * share. None of them outlives the command:
 *
 * <ul>
 *   <li>when the body of {@link #run} is over they are ended, the last one started first, and the
 *       directory is deleted;
 *   <li>SIGTERM and SIGINT interrupt the body, and hold the virtual machine until that is done;
 *   <li>after {@code kill -9} the children find the end of their standard input, and a {@link
 *       Reaper} takes care of the rest.
 * </ul>
 *
 * <p>A child that ends unasked interrupts the body of {@link #run}, which then fails with the
 * child's name and the end of its log. Thread-safe.
 */
public final class ProcessGroup implements AutoCloseable {
  /** How the name of every group's directory begins. */
  public static final String DIRECTORY_PREFIX = "tidemark-";

  // Both are what only a hang can miss.
  private static final int READY_SECONDS = 600;
  private static final int CLOSE_SECONDS = 600;

  /** The exit code of a command that a signal cut short, as a shell gives it for SIGINT. */
  public static final int SIGNALLED = 130;

  /**
   * How long a child's death waits for this process's own signal: Ctrl-C reaches the whole terminal
   * group at once, and is then no failure of the child.
   */
  private static final int OWN_SIGNAL_MILLIS = 1_000;

  private static final Executor AFTER_OWN_SIGNAL =
      CompletableFuture.delayedExecutor(OWN_SIGNAL_MILLIS, TimeUnit.MILLISECONDS);

  private final Thread owner = Thread.currentThread();
  private final Path directory;
  private final Reaper reaper;
  private final Thread onSignal = new Thread(this::interruptOwnerAndWait, "tidemark-signal");
  private final CountDownLatch closed = new CountDownLatch(1);
  private final List<Child> children = new ArrayList<>();
  private final Set<Path> guardedPidFiles = new HashSet<>();
  private boolean closing;
  private boolean signalled;
  private @Nullable ChildDiedException failure;

  private ProcessGroup(Path directory, Reaper reaper) {
    this.directory = directory;
    this.reaper = reaper;
  }

  /** What a command does with its children. */
  @FunctionalInterface
  public interface Body {
    /** Does it; returns the command's exit code. */
    int run(ProcessGroup group) throws Exception;
  }

  /**
   * Runs a command with children, on the calling thread, and ends all of them when it is over.
   *
   * @return the body's exit code; {@link #SIGNALLED} if a signal cut it short
   * @throws ChildDiedException if a child ended unasked, whatever became of the body
   */
  public static int run(Body body) throws Exception {
    try (ProcessGroup group = open()) {
      try {
        return body.run(group);
      } catch (Exception e) {
        return group.explain(e);
      }
    }
  }

  private static ProcessGroup open() throws IOException {
    Path directory = WorkDirectory.create();
    Files.createDirectory(directory.resolve("tmp"));
    ProcessGroup group = new ProcessGroup(directory, Reaper.start(directory));
    Runtime.getRuntime().addShutdownHook(group.onSignal);
    return group;
  }

  /** The directory of this group, for what the children write. */
  public Path directory() {
    return directory;
  }

  /** Where the child of that name writes what it has to say. */
  public Path log(String name) {
    return directory.resolve(name.replace(' ', '-') + ".log");
  }

  /** Starts a program that leaves on SIGTERM. Its output goes to its log. */
  public Child start(String name, List<String> command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.directory(directory.toFile());
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log(name).toFile()));
    long logBegin = Child.length(log(name));
    Process process = builder.start();
    return add(new Child(name, process.toHandle(), log(name), logBegin, process::destroy), "TERM");
  }

  /**
   * A Java child that said it is ready.
   *
   * @param child the child
   * @param readyLine what it said: {@code ready}, where it serves, {@code pid}, and a process
   */
  public record ReadyChild(Child child, String readyLine) {
    /** The process that the line names. */
    public long pid() {
      return Long.parseLong(readyLine.substring(readyLine.lastIndexOf(' ') + 1));
    }
  }

  /**
   * Starts a program in a virtual machine of its own, tuned to start fast and stay small, which
   * leaves at the end of its standard input. Returns at once; the future completes with the line
   * beginning with {@code ready} that the child prints.
   */
  public CompletableFuture<ReadyChild> startJava(
      String name, int heapMegabytes, JavaProgram program, List<String> args)
      throws IOException, InterruptedException {
    return startJava(name, heapMegabytes, program, args, false);
  }

  /** Starts one likewise whose end is no failure of the command, not even before it is ready. */
  public CompletableFuture<ReadyChild> startJavaThatMayEnd(
      String name, int heapMegabytes, JavaProgram program, List<String> args)
      throws IOException, InterruptedException {
    return startJava(name, heapMegabytes, program, args, true);
  }

  private CompletableFuture<ReadyChild> startJava(
      String name, int heapMegabytes, JavaProgram program, List<String> args, boolean mayEnd)
      throws IOException, InterruptedException {
    List<String> options =
        List.of("-Xmx" + heapMegabytes + "m", "-Djava.io.tmpdir=" + directory.resolve("tmp"));
    ProcessBuilder builder = new ProcessBuilder(ThisJvm.command(program, options, args));
    // Not where this command was started: that folder may be gone by now.
    builder.directory(directory.toFile());
    builder.redirectError(ProcessBuilder.Redirect.appendTo(log(name).toFile()));
    long logBegin = Child.length(log(name));
    Process process = builder.start();
    Child child =
        new Child(name, process.toHandle(), log(name), logBegin, process.getOutputStream()::close);
    if (mayEnd) {
      child.expectEnd();
    }
    add(child, "KILL");
    CompletableFuture<ReadyChild> ready = new CompletableFuture<>();
    Thread reader =
        new Thread(() -> readOutput(child, process.inputReader(), ready), name + "-output");
    reader.setDaemon(true);
    reader.start();
    return ready;
  }

  /**
   * Waits for a child that {@link #startJava} started.
   *
   * @throws ChildDiedException if it ended before it was ready, or never was
   */
  public ReadyChild await(CompletableFuture<ReadyChild> ready) throws InterruptedException {
    try {
      return ready.get(READY_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ChildDiedException died) {
        throw died;
      }
      throw new IllegalStateException("a child process cannot be watched", e.getCause());
    } catch (TimeoutException e) {
      throw new ChildDiedException(
          "a child process was not ready after " + READY_SECONDS + " s: " + names());
    }
  }

  /**
   * Takes care of a child's own children that would outlive it: if this command is killed, the
   * process that the file names in its first line gets the signal.
   */
  public synchronized void guardPidFile(Path file, String signal) {
    if (guardedPidFiles.add(file)) {
      reaper.guardPidFile(directory.relativize(file), signal);
    }
  }

  /**
   * Ends one child for good: asks first, kills when asking does not help. Returns when it is gone;
   * its end is no failure.
   */
  public void end(Child child) throws IOException, InterruptedException {
    child.end();
    forget(child);
  }

  private synchronized void forget(Child child) {
    if (children.remove(child)) {
      reaper.forget(child.pid());
    }
  }

  /** The process that takes care of the children if this command is killed. */
  public long reaperPid() {
    return reaper.pid();
  }

  /** The failure of a child that is alive and does not do what it should. */
  public ChildDiedException failureOf(Child child, String what) {
    return child.failure(what);
  }

  /**
   * Ends all children, the last one started first, deletes the directory, and sends the reaper
   * home. An interrupt does not cut it short and is kept.
   *
   * @throws IOException if something could not be cleaned up; the rest was
   */
  @Override
  public void close() throws IOException {
    List<Child> lastFirst = new ArrayList<>();
    synchronized (this) {
      if (closing) {
        return;
      }
      closing = true;
      children.forEach(child -> lastFirst.add(0, child));
    }
    boolean interrupted = Thread.interrupted();
    IOException first = null;
    try {
      for (Child child : lastFirst) {
        first = attempt(first, child::end);
      }
      first = attempt(first, () -> WorkDirectory.delete(directory));
      first = attempt(first, reaper::dismiss);
    } finally {
      closed.countDown();
      removeHook();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    if (first != null) {
      throw first;
    }
  }

  /**
   * What a failure of the body really was: a signal or the death of a child shows itself to the
   * body as an interrupt, or as any failure of a call to that child.
   */
  private int explain(Exception seen) throws Exception {
    if (!(seen instanceof InterruptedException)) {
      pauseForOwnSignal();
    }
    synchronized (this) {
      if (signalled) {
        return SIGNALLED;
      }
      List.copyOf(children).forEach(this::noticeEnd);
      if (failure != null) {
        failure.addSuppressed(seen);
        throw failure;
      }
    }
    throw seen;
  }

  /**
   * Asks after a failure whether it only showed that a signal came, or that a child died.
   *
   * @throws InterruptedException if so: the body of the command is to end
   */
  public void throwIfEnding() throws InterruptedException {
    pauseForOwnSignal();
    synchronized (this) {
      List.copyOf(children).forEach(this::noticeEnd);
      if (signalled || failure != null) {
        throw new InterruptedException("the command is ending");
      }
    }
  }

  private static void pauseForOwnSignal() {
    try {
      Thread.sleep(2 * OWN_SIGNAL_MILLIS);
    } catch (InterruptedException e) {
      // this is what it waited for, and what the caller looks at next
    }
  }

  private interface Step {
    void run() throws IOException, InterruptedException;
  }

  private static @Nullable IOException attempt(@Nullable IOException first, Step step) {
    try {
      step.run();
      return first;
    } catch (InterruptedException | IOException | RuntimeException e) {
      if (first == null) {
        return new IOException("not everything could be cleaned up: " + e.getMessage(), e);
      }
      first.addSuppressed(e);
      return first;
    }
  }

  private synchronized Child add(Child child, String signal) throws InterruptedException {
    if (closing) {
      // Another thread started it too late for close() to know it.
      child.destroy();
      throw new InterruptedException(child.name() + " is not needed any more");
    }
    children.add(child);
    reaper.guard(child.pid(), signal);
    CompletableFuture<Void> unused =
        child.onExit().thenRunAsync(() -> noticeEnd(child), AFTER_OWN_SIGNAL);
    // A library may have swallowed the interrupt.
    if (signalled || failure != null) {
      throw new InterruptedException(child.name() + " is not needed any more");
    }
    return child;
  }

  private synchronized void noticeEnd(Child child) {
    if (closing || child.isAlive()) {
      return;
    }
    if (child.mayEnd()) {
      forget(child);
      return;
    }
    if (failure != null) {
      return;
    }
    failure = child.failure("died unexpectedly");
    interruptOwner();
  }

  private synchronized List<String> names() {
    return children.stream().map(Child::name).toList();
  }

  private void readOutput(Child child, BufferedReader output, CompletableFuture<ReadyChild> ready) {
    try (output;
        BufferedWriter log =
            Files.newBufferedWriter(
                log(child.name()), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        log.write(line + "\n");
        log.flush();
        if (line.startsWith("ready")) {
          ready.complete(new ReadyChild(child, line));
        }
      }
      ready.completeExceptionally(child.failure("ended before it was ready"));
    } catch (IOException e) {
      ready.completeExceptionally(new UncheckedIOException(e));
    }
  }

  private synchronized void interruptOwner() {
    // While closing, an interrupt would only turn asking children to leave into killing them.
    if (!closing) {
      owner.interrupt();
    }
  }

  private void interruptOwnerAndWait() {
    synchronized (this) {
      signalled = true;
      interruptOwner();
    }
    try {
      if (!closed.await(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        System.err.println("Not everything ended in time; killing what is left.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void removeHook() {
    try {
      Runtime.getRuntime().removeShutdownHook(onSignal);
    } catch (IllegalStateException e) {
      // the virtual machine is ending, and the hook was what waited for us
    }
  }
}
