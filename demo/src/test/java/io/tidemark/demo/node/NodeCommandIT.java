package io.tidemark.demo.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The process of a node: how it starts and leaves. No server runs, which it can live with. */
@Timeout(120)
class NodeCommandIT {
  private static final int SIGTERM_EXIT = 143;
  private static final Pattern READY =
      Pattern.compile("ready (http://127\\.0\\.0\\.1:[0-9]+) pid ([0-9]+)");

  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void stop() {
    processes.forEach(Process::destroyForcibly);
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "redlock"})
  void node_started_saysWhereItServes(String lock) throws Exception {
    Process process = startWithLock(lock, "--http-port=0");

    assertThat(status(url(process) + "/stats")).isEqualTo(200);
  }

  @Test
  void node_onSigterm_leaves() throws Exception {
    Process process = start("--http-port=0");
    awaitReady(process);

    process.destroy();

    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(SIGTERM_EXIT);
  }

  @Test
  void node_withoutParentOption_survivesTheEndOfItsInput() throws Exception {
    Process process = start("--http-port=0");
    process.getOutputStream().close();

    String url = url(process);

    assertThat(status(url + "/stats")).isEqualTo(200);
    assertThat(process.isAlive()).isTrue();
  }

  @Test
  void node_toExitWithItsParent_leavesAtTheEndOfItsInput() throws Exception {
    Process process = start("--http-port=0", "--exit-with-parent");
    awaitReady(process);

    process.getOutputStream().close();

    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  @Test
  void node_portTaken_isRefused() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Process process = start("--http-port=" + taken.getLocalPort());

      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(2);
      assertThat(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
          .contains("--http-port is '" + taken.getLocalPort() + "'; it must be free on 127.0.0.1");
    }
  }

  private Process start(String... options) throws IOException {
    return startWithLock("none", options);
  }

  private Process startWithLock(String lock, String... options) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                NodeProgram.class.getName(),
                "--zookeeper=127.0.0.1:1",
                "--redis=127.0.0.1:1",
                "--jdbc=jdbc:postgresql://127.0.0.1:1/postgres",
                "--lock=" + lock));
    command.addAll(List.of(options));
    Process process = new ProcessBuilder(command).start();
    processes.add(process);
    return process;
  }

  private static void awaitReady(Process process) throws IOException {
    assertThat(url(process)).isNotEmpty();
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
        HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(30)).build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.discarding()).statusCode();
  }
}
