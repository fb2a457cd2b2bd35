package io.tidemark.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whatever ends a command, its children end with it, a stopped one as well. */
@Timeout(600)
class ProcessGroupIT {

  @TempDir private Path folder = Path.of("");

  @Test
  void command_sigtermWhileAChildIsStopped_leavesNothing() throws Exception {
    try (Program command = Program.start(folder, StoppedChild.class)) {
      command.readTo("ready");
      command.awaitStoppedProcess();

      command.terminate();

      assertThat(command.awaitExit()).isEqualTo(Program.SIGTERM_EXIT);
      command.assertNothingLeft();
      assertThat(command.errors()).isEmpty();
    }
  }

  @Test
  @Tag("thorough")
  void command_killedWhileAChildIsStopped_leavesNothing() throws Exception {
    try (Program command = Program.start(folder, StoppedChild.class)) {
      command.readTo("ready");
      command.awaitStoppedProcess();

      command.kill();

      command.awaitExit();
      command.awaitNothingLeft();
    }
  }

  @Test
  @Tag("thorough")
  void command_childDies_saysWhichAndStops() throws Exception {
    try (Program command = Program.start(folder, StoppedChild.class)) {
      List<String> lines = command.readTo("running");

      Program.process(lines.get(lines.size() - 1)).destroyForcibly();

      command.readToEnd();
      assertThat(command.awaitExit()).isEqualTo(1);
      assertThat(command.errors())
          .contains("running (pid ", "died unexpectedly; the end of its log:", "awake");
      command.assertNothingLeft();
    }
  }
}
