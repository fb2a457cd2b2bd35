package io.tidemark.demo.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What is refused: the rest starts a node. */
class NodeCommandTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          --http-port       | 65536   | --http-port is '65536'; it must be 0 to 65535, 0 for any free port
          --http-port       | -1      | --http-port is '-1'; it must be 0 to 65535, 0 for any free port
          --http-port       | http    | 'http' is not an int
          --zookeeper       | zk      | 'zk'; it must be HOST:PORT[,HOST:PORT...], with ports of 1 to 65535
          --redis           | a:1,b:2 | 'a:1,b:2'; it must be HOST:PORT, with a port of 1 to 65535
          --jdbc            | jdbc:h2 | --jdbc is 'jdbc:h2'; it must be a URL that starts with jdbc:postgresql:
          --lock            | etcd    | 'etcd'; it must be one of zookeeper, redis, redlock, optimistic, local, none
          --redlock-servers | a:1,b   | 'a:1,b'; it must be HOST:PORT[,HOST:PORT...], with ports of 1 to 65535
          --redlock-servers | a:1,b:2 | --redlock-servers is 'a:1,b:2'; it must be given with --lock=redlock only
          --ttl             | 5       | '5'; it must be a whole number and its unit
          --ttl             | 0s      | --ttl is '0s'; it must be 1ms to 720h
          --wait            | 49ms    | --wait is '49ms'; it must be 50ms to 1h
          --wait            | 2h      | --wait is '2h'; it must be 50ms to 1h
          --db-latency      | 61s     | --db-latency is '61s'; it must be 0s to 1m
          --on-lock-timeout | wait    | 'wait'; it must be one of fail, load, stale
          --on-load-failure | wait    | 'wait'; it must be one of fail, stale
          --on-load-failure | stale   | it must be given with a --grace of more than 0s
          --grace           | 721h    | --grace is '721h'; it must be 0s to 720h
          --session-timeout | 999ms   | --session-timeout is '999ms'; it must be 1s to 10m
          """)
  void call_badOption_isRefusedWithOptionValueAndRule(String option, String value, String rule) {
    StringWriter err = new StringWriter();

    int exitCode = execute(err, option, value);

    assertThat(exitCode).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(err.toString()).contains(option).contains(rule);
  }

  @Test
  void call_requiredOptionsMissing_areNamed() {
    StringWriter err = new StringWriter();

    int exitCode =
        new CommandLine(new NodeCommand()).setErr(new PrintWriter(err)).execute("--http-port=0");

    assertThat(exitCode).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(err.toString()).contains("--zookeeper", "--redis", "--jdbc");
  }

  @Test
  void call_redlockServerTwice_isRefused() {
    StringWriter err = new StringWriter();

    int exitCode = execute(err, "--lock", "redlock", "--redlock-servers=a:1,b:2,a:1");

    assertThat(exitCode).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(err.toString())
        .contains("--redlock-servers is 'a:1,b:2,a:1'; each server must be named once");
  }

  @Test
  void call_portTaken_isRefused() throws Exception {
    StringWriter err = new StringWriter();
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());

      int exitCode = execute(err, "--http-port", port, "--lock=none");

      assertThat(exitCode).isEqualTo(CommandLine.ExitCode.USAGE);
      assertThat(err.toString())
          .contains("--http-port is '" + port + "'; it must be free on 127.0.0.1");
    }
  }

  private static int execute(StringWriter err, String option, String value, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--http-port=0",
                "--zookeeper=127.0.0.1:1",
                "--redis=127.0.0.1:1",
                "--jdbc=jdbc:postgresql://127.0.0.1:1/postgres"));
    arguments.removeIf(argument -> argument.startsWith(option + "="));
    arguments.add(option + "=" + value);
    arguments.addAll(List.of(more));
    return new CommandLine(new NodeCommand())
        .setErr(new PrintWriter(err))
        .execute(arguments.toArray(String[]::new));
  }
}
