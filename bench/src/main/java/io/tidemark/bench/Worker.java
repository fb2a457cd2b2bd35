package io.tidemark.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemark.processes.Child;
import io.tidemark.processes.ProcessGroup;
import io.tidemark.processes.ProcessGroup.ReadyChild;
import io.tidemark.servers.Loopback;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.Socket;
import org.HdrHistogram.Histogram;

/** A process that runs {@link WorkerProgram}, and the connection to it. Not thread-safe. */
final class Worker {
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

  /** Connects to a worker that has said that it is ready. */
  static Worker connect(ProcessGroup group, ReadyChild ready) throws IOException {
    int port = Integer.parseInt(ready.readyLine().split(" ", -1)[1]);
    Socket connection = new Socket();
    connection.connect(Loopback.address(port));
    return new Worker(group, ready.child(), connection);
  }

  /** Lets its callers read an item at a moment, in microseconds since 1970; does not wait. */
  void read(int item, long startMicros) {
    commands.println(item + " " + startMicros);
  }

  /** Waits for the times of its callers. */
  Histogram times() throws IOException {
    String answer = answers.readLine();
    if (answer == null) {
      throw group.failureOf(child, "gave no answer");
    }
    return Histograms.of(answer);
  }

  /** Ends the process, and returns when it is gone. */
  void end() throws IOException, InterruptedException {
    connection.close();
    group.end(child);
  }
}
