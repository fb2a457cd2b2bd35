package io.tidemark.demo.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.demo.Program;
import io.tidemark.processes.JavaProgram;
import io.tidemark.processes.ThisJvm;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The process of a node: how it starts and leaves. No server runs, which it can live with. */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(600)
class NodeCommandIT {

  /** Longer than this takes only what hangs. */
  private static final int LIMIT_SECONDS = 300;

  private static final Pattern READY =
      Pattern.compile("ready (http://127\\.0\\.0\\.1:[0-9]+) pid ([0-9]+)");

  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void stop() {
    processes.forEach(Process::destroyForcibly);
  }

  @Test
  void node_started_servesBeyondTheEndOfItsInputUntilSigterm() throws Exception {
    Process process = start("none");
    process.getOutputStream().close();

    assertThat(status(url(process) + "/stats")).isEqualTo(200);
    assertThat(process.isAlive()).isTrue();
    assertThat(
            process
                .errorReader()
                .lines()
                .anyMatch(line -> line.contains("cache products: store RedisStore (writer ")))
        .isTrue();

    process.destroy();

    assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(Program.SIGTERM_EXIT);
  }

  @Test
  @Tag("thorough")
  void node_toExitWithItsParent_servesUntilTheEndOfItsInput() throws Exception {
    Process process = start("redlock", "--exit-with-parent");

    assertThat(status(url(process) + "/stats")).isEqualTo(200);

    process.getOutputStream().close();

    assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  private Process start(String lock, String... options) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--http-port=0",
                "--zookeeper=127.0.0.1:1",
                "--redis=127.0.0.1:1",
                "--jdbc=jdbc:postgresql://127.0.0.1:1/postgres",
                "--lock=" + lock));
    arguments.addAll(List.of(options));
    JavaProgram node = ThisJvm.program(NodeProgram.class.getName());
    Process process = new ProcessBuilder(ThisJvm.command(node, List.of(), arguments)).start();
    processes.add(process);
    return process;
  }

  private static String url(Process process) throws IOException {
    String line = process.inputReader().readLine();
    Matcher matcher = READY.matcher(String.valueOf(line));
    assertThat(matcher.matches()).as("first line: %s", line).isTrue();
    assertThat(matcher.group(2)).isEqualTo(Long.toString(process.pid()));
    return matcher.group(1);
  }

  private static int status(String url) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(LIMIT_SECONDS)).build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.discarding()).statusCode();
  }
}
