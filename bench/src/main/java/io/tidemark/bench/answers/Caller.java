package io.tidemark.bench.answers;

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
import java.util.List;

/** A process that runs {@link CallerProgram}. For one thread. */
final class Caller {
  /** More than a line has. */
  private static final int MOST_CHARACTERS = 1_000;

  private final ProcessGroup group;
  private final Child child;
  private final int port;

  /** A process that has said that it is ready. */
  Caller(ProcessGroup group, ReadyChild ready) {
    this.group = group;
    this.child = ready.child();
    this.port = Integer.parseInt(ready.readyLine().split(" ", -1)[1]);
  }

  /** Sends a command; does not wait for its answer. */
  Asked ask(String command) throws IOException {
    Socket connection = new Socket();
    connection.connect(Loopback.address(port));
    PrintStream out = new PrintStream(connection.getOutputStream(), true, UTF_8);
    out.println(command);
    return new Asked(
        connection, new BufferedReader(new InputStreamReader(connection.getInputStream(), UTF_8)));
  }

  /** Stops the process where it stands. */
  void pause() throws IOException, InterruptedException {
    child.pause();
  }

  /** Lets the process go on, and what it has held. */
  void resume() throws IOException, InterruptedException {
    child.resume();
    ask("open").addTo(List.of());
  }

  /** Ends the process, and returns when it is gone. */
  void end() throws IOException, InterruptedException {
    group.end(child);
  }

  /** A command that was sent. */
  final class Asked {
    private final Socket connection;
    private final BufferedReader answer;

    private Asked(Socket connection, BufferedReader answer) {
      this.connection = connection;
      this.answer = answer;
    }

    /** Waits until the call is held, or has ended without it. */
    boolean isHeld() throws IOException {
      answer.mark(MOST_CHARACTERS);
      if (line().equals(CallerProgram.HELD)) {
        return true;
      }
      answer.reset();
      return false;
    }

    /** Waits for the calls that were made. */
    void addTo(List<Call> calls) throws IOException {
      try (connection) {
        for (String line = line(); !line.equals(CallerProgram.DONE); line = line()) {
          calls.add(Call.of(line));
        }
      }
    }

    private String line() throws IOException {
      String line = answer.readLine();
      if (line == null) {
        throw group.failureOf(child, "gave no answer");
      }
      return line;
    }
  }
}
