package io.tidemark.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemark.processes.Child;
import io.tidemark.processes.JavaProgram;
import io.tidemark.processes.ProcessGroup;
import io.tidemark.processes.ProcessGroup.ReadyChild;
import io.tidemark.processes.ThisJvm;
import io.tidemark.servers.Loopback;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.HdrHistogram.Histogram;

/**
 * A process that runs {@link WorkerProgram} or {@link ZipfProgram}, and the connection to it. Not
 * thread-safe.
 */
final class Worker {
  private static final int HEAP_MEGABYTES = 128;

  private final ProcessGroup group;
  private final Child child;
  private final Socket connection;
  private final PrintStream commands;
  private final BufferedReader answers;

  private Worker(ProcessGroup group, Child child, Socket connection) throws IOException {
    this.group = group;
    this.child = child;
    this.connection = connection;
    this.commands = new PrintStream(connection.getOutputStream(), true, UTF_8);
    this.answers = new BufferedReader(new InputStreamReader(connection.getInputStream(), UTF_8));
  }

  /** Starts so many, and returns when all of them have connected their contestants. */
  static List<Worker> start(ProcessGroup group, int count, WorkerProgram.Options options)
      throws IOException, InterruptedException {
    return start(group, count, ThisJvm.program(WorkerProgram.class.getName()), options.arguments());
  }

  /** Starts so many of any program that obeys likewise. */
  static List<Worker> start(
      ProcessGroup group, int count, JavaProgram program, List<String> arguments)
      throws IOException, InterruptedException {
    List<CompletableFuture<ReadyChild>> starting = new ArrayList<>();
    for (int number = 1; number <= count; number++) {
      starting.add(group.startJava("worker " + number, HEAP_MEGABYTES, program, arguments));
    }
    List<Worker> workers = new ArrayList<>();
    for (CompletableFuture<ReadyChild> each : starting) {
      workers.add(connect(group, group.await(each)));
    }
    return workers;
  }

  private static Worker connect(ProcessGroup group, ReadyChild ready) throws IOException {
    int port = Integer.parseInt(ready.readyLine().split(" ", -1)[1]);
    Socket connection = new Socket();
    connection.connect(Loopback.address(port));
    return new Worker(group, ready.child(), connection);
  }

  /**
   * What the callers of a process say of an item.
   *
   * @param loads how often they had to load it
   * @param times of all of them in microseconds
   */
  record Callers(int loads, Histogram times) {}

  /** Lets all callers read an item at a moment, in microseconds since 1970; does not wait. */
  void readTogether(int item, long startMicros) {
    commands.printf("%s %d %d%n", WorkerProgram.TOGETHER, item, startMicros);
  }

  /** Waits for what has become of that. */
  Callers callers() throws IOException {
    String[] words = answer().split(" ", -1);
    return new Callers(Integer.parseInt(words[0]), Histograms.of(words[1]));
  }

  /**
   * Reads some items one after the other.
   *
   * @param end the first that is not read any more
   * @return the bytes of the heap that the process then keeps
   */
  long readEach(int first, int end) throws IOException {
    commands.printf("%s %d %d%n", WorkerProgram.EACH, first, end);
    return Long.parseLong(answer());
  }

  /** Sends a command of the program; does not wait. */
  void send(String command) {
    commands.println(command);
  }

  /** Waits for the answer to the first command that has none yet. */
  String answer() throws IOException {
    String answer = answers.readLine();
    if (answer == null) {
      throw group.failureOf(child, "gave no answer");
    }
    if (answer.startsWith(WorkerProgram.FAILED)) {
      throw group.failureOf(child, answer);
    }
    return answer;
  }

  /** Ends the process, and returns when it is gone. */
  void end() throws IOException, InterruptedException {
    connection.close();
    group.end(child);
  }
}
