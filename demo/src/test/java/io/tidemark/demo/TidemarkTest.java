package io.tidemark.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemark.jdbc.VersionSql;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

@Isolated("it sets a system property")
class TidemarkTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @ParameterizedTest
  @CsvSource({
    "demo,--processes,1,'--processes is 1; it must be 2 to 16'",
    "demo,--processes,17,'--processes is 17; it must be 2 to 16'",
    "demo,--processes,four,'Invalid value for option ''--processes'': ''four'' is not an int'",
    "serve,--nodes,0,'--nodes is 0; it must be 1 to 16'",
    "serve,--http-port,65536,"
        + "'--http-port is 65536; it must be 0 to 65535, 0 for any free port'",
    "serve,--bind,localhost,'--bind is ''localhost''; it must be an IP address of this machine'",
    "serve,--bind,203.0.113.7,"
        + "'--bind is ''203.0.113.7''; it must be an IP address of this machine'",
    "serve,--bind,224.0.0.1,'--bind is ''224.0.0.1''; it must be an IP address of this machine'",
    "serve,--bind,255.255.255.255,"
        + "'--bind is ''255.255.255.255''; it must be an IP address of this machine'",
    "services,--redis-port,65536,"
        + "'--redis-port is 65536; it must be 1 to 65535, or 0 for any free port'",
    "services,--redis-port,-1,"
        + "'--redis-port is -1; it must be 1 to 65535, or 0 for any free port'",
  })
  void command_badOption_isRefusedByNameValueAndRule(
      String command, String option, String value, String message) {
    assertThat(run(command, option, value)).isEqualTo(2);
    assertThat(err.toString()).startsWith(message);
    assertThat(out.toString()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.0.0.2"})
  void serve_portIsTakenWhereItWouldServe_isRefused(String address) throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName(address))) {
      String port = Integer.toString(taken.getLocalPort());

      assertThat(run("serve", "--bind", address, "--http-port", port)).isEqualTo(2);
      assertThat(err.toString())
          .startsWith(
              "--http-port is %s; it must be free on %s, and one that you may open"
                  .formatted(port, address));
      assertThat(out.toString()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"stop", "start", "restart"})
  void services_unknownServer_isRefusedByNameValueAndRule(String command) {
    assertThat(run("services", command, "mysql")).isEqualTo(2);
    assertThat(err.toString())
        .contains("(SERVER): 'mysql'; it must be one of zookeeper, redis, postgres");
  }

  @Test
  void services_nothingRuns_isSaidByEachCommand(@TempDir Path temporary) {
    String before = System.setProperty("java.io.tmpdir", temporary.toString());
    try {
      assertThat(run("services", "status")).isEqualTo(1);
      assertThat(run("services", "stop")).isEqualTo(1);
      assertThat(run("services", "restart", "redis")).isEqualTo(1);
      assertThat(err.toString().lines())
          .hasSize(3)
          .allMatch(line -> line.startsWith("No servers run from this checkout; 'services' or"));
    } finally {
      System.setProperty("java.io.tmpdir", before);
    }
  }

  @Test
  void services_optionToStartThemGivenWithACommand_isRefused() {
    assertThat(run("services", "--redis-port", "6379", "stop")).isEqualTo(2);
    assertThat(err.toString())
        .startsWith(
            "--redis-port is given with 'stop'; it must be given to start all servers only");
  }

  @Test
  void demo_unknownAct_isRefusedByNameValueAndTheNamesThatExist() {
    assertThat(run("demo", "--act", "stampede", "--act", "encore")).isEqualTo(2);
    assertThat(err.toString())
        .startsWith("--act is 'encore'; it must be one of stampede, tidemark, stale-writer, ");
  }

  @ParameterizedTest
  @CsvSource({"false,redis-failover,with --fleet", "true,redis-restart,without --fleet"})
  void demo_actThatThoseServersCannotPlay_isRefused(boolean fleet, String act, String rule) {
    int exitCode = fleet ? run("demo", "--fleet", "--act", act) : run("demo", "--act", act);

    assertThat(exitCode).isEqualTo(2);
    assertThat(err.toString())
        .startsWith("--act is '%s'; it must be given %s".formatted(act, rule));
  }

  @Test
  void demo_list_namesEachActAndStartsNothing() {
    assertThat(run("demo", "--list")).isZero();
    assertThat(out.toString())
        .contains(
            "stampede: Stampede", "redis-failover: Failover of every Redis master (with --fleet)")
        .doesNotContain("pid");
    assertThat(out.toString().lines()).allMatch(line -> line.length() <= 80);
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void demo_listAsJson_isAnArrayOfActs() throws Exception {
    assertThat(run("demo", "--list", "--json")).isZero();

    JsonNode acts = new ObjectMapper().readTree(out.toString());
    assertThat(acts).extracting(act -> act.get("name").textValue()).doesNotHaveDuplicates();
    assertThat(acts.get(0).get("title").textValue()).isEqualTo("Stampede");
    assertThat(acts.get(0).get("shows").textValue()).isNotEmpty();
  }

  @Test
  void demo_reportFolderIsAFile_isRefused(@TempDir Path folder) throws Exception {
    Path file = Files.createFile(folder.resolve("file"));

    assertThat(run("demo", "--report", file.toString())).isEqualTo(2);
    assertThat(err.toString())
        .startsWith("--report is '%s'; it must be a folder that can be written to".formatted(file));
  }

  @Test
  void sql_tableColumnAndKey_printsTheMigration() {
    assertThat(run("sql", "postgresql", "sales.product", "updated_at", "id")).isZero();
    assertThat(out.toString().strip())
        .isEqualTo(VersionSql.of("postgresql", "sales.product", "updated_at", "id").strip())
        .contains("zz_tidemark_version", "'id'");
  }

  @Test
  void sql_forLiquibase_isAChangeset() {
    assertThat(run("sql", "--liquibase", "mariadb", "product", "version")).isZero();
    assertThat(out.toString()).startsWith("--liquibase formatted sql");
  }

  @Test
  void sql_badArguments_areRefusedByNameValueAndRule() {
    assertThat(run("sql", "oracle", "product", "version")).isEqualTo(2);
    assertThat(err.toString())
        .startsWith("DATABASE is 'oracle'; it must be postgresql, mariadb, mysql or h2");
  }

  @Test
  void tidemark_withoutCommand_asksForOne() {
    assertThat(run()).isEqualTo(2);
    assertThat(err.toString()).contains("Which command?", "--help");
  }

  @Test
  void tidemark_help_namesEveryCommandButTheHiddenOne() {
    assertThat(run("--help")).isZero();
    assertThat(out.toString())
        .contains("demo", "services", "node", "sql")
        .doesNotContain("zookeeper");
  }

  private int run(String... arguments) {
    CommandLine command = Tidemark.commandLine();
    command.setOut(new PrintWriter(out, true));
    command.setErr(new PrintWriter(err, true));
    return command.execute(arguments);
  }
}
