package io.tidemark.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The script {@code demo/tidemark}, in a checkout of its own whose Maven is a few lines of shell.
 */
@Timeout(600)
class LauncherScriptIT {
  @TempDir private Path folder = Path.of("");

  private Path checkout = folder;

  /**
   * What came of a run.
   *
   * @param exitCode the exit code
   * @param output what it wrote to standard output and standard error
   */
  private record Run(int exitCode, String output) {}

  @BeforeEach
  void makeCheckout() throws IOException {
    checkout = Files.createDirectories(folder.resolve("a checkout"));
    Files.createDirectories(checkout.resolve("core/src/main"));
    Files.createDirectories(checkout.resolve("demo"));
    Files.writeString(checkout.resolve("pom.xml"), "");
    Files.writeString(checkout.resolve("core/pom.xml"), "");
    Files.copy(Path.of("tidemark"), checkout.resolve("demo/tidemark"));
  }

  @Test
  void build_fails_saysSoAndIsNotTakenForBuilt() throws Exception {
    // As Maven does, it ends with the codes that switch colours off and without the end of a line.
    mavenThat("echo '[ERROR] class Broken does not compile'; printf '\\033[0m'; exit 1");

    Run first = run();
    Run second = run();

    assertThat(first.exitCode()).isEqualTo(1);
    assertThat(first.output())
        .contains("[ERROR] class Broken does not compile", "demo/tidemark: the build failed;");
    assertThat(second).isEqualTo(first);
  }

  @Test
  void build_saysThatItFailedButDidNot_isTakenForBuilt() throws Exception {
    mavenThat("echo 'the build failed'; echo lib.jar > target/class-path");

    // There is no program: Java is started, and says so.
    assertThat(run().output()).contains("io.tidemark.demo.Tidemark");
  }

  @Test
  void build_ofAKilledScriptIsUnderWay_isDoneAnew() throws Exception {
    mavenThat("echo built by the second; exit 1");
    Path turn = Files.createDirectories(checkout.resolve("demo/target/building"));
    Process gone = new ProcessBuilder("true").start();
    gone.waitFor();
    Files.writeString(turn.resolve("pid"), Long.toString(gone.pid()));

    assertThat(run().output()).contains("built by the second");
    assertThat(turn).doesNotExist();
  }

  private void mavenThat(String does) throws IOException {
    Path maven = Files.createDirectories(folder.resolve("bin")).resolve("mvn");
    Files.writeString(maven, "#!/bin/sh\ncd demo && mkdir -p target\n" + does + "\n");
    Files.setPosixFilePermissions(maven, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Run run() throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(checkout.resolve("demo/tidemark").toString(), "--help")
            .redirectErrorStream(true);
    builder
        .environment()
        .merge("PATH", folder.resolve("bin").toString(), (path, bin) -> bin + ":" + path);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Run(process.waitFor(), output);
  }
}
