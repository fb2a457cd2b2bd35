package io.tidemark.demo;

import io.tidemark.processes.Child;
import io.tidemark.processes.ProcessGroup;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A command with two children, one of which it stops, and which it then waits for in vain. */
final class StoppedChild {
  private StoppedChild() {}

  public static void main(String[] args) throws Exception {
    System.exit(
        ProcessGroup.run(
            group -> {
              List<String> sleeper = List.of("/bin/sh", "-c", "echo awake; exec sleep 3600");
              Child running = group.start("running", sleeper);
              Child stopped = group.start("stopped", sleeper);
              stopped.pause();
              System.out.printf("running pid %d%n", running.pid());
              System.out.printf("stopped pid %d%n", stopped.pid());
              System.out.println("ready");
              new CountDownLatch(1).await();
              return 0;
            }));
  }
}
