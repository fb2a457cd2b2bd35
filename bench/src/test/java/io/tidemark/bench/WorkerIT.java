package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tidemark.bench.contestants.Contestants;
import io.tidemark.processes.Child;
import io.tidemark.processes.ChildDiedException;
import io.tidemark.processes.ProcessGroup;
import io.tidemark.servers.RedisProgram;
import io.tidemark.testkit.FreePort;
import java.net.ConnectException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class WorkerIT {
  @Test
  void callers_readsFail_isToldWithTheCause() throws Exception {
    int unused =
        ProcessGroup.run(
            group -> {
              int port = FreePort.any();
              Child redis = RedisProgram.unpack(group).start(group, "redis", port);
              Worker worker =
                  Worker.start(
                          group,
                          1,
                          new WorkerProgram.Options(
                              Contestants.RAW_JEDIS,
                              1,
                              Duration.ZERO,
                              "127.0.0.1:" + port,
                              "none is needed"))
                      .get(0);
              group.end(redis);

              worker.readTogether(1, Clock.micros());

              assertThatExceptionOfType(ChildDiedException.class)
                  .isThrownBy(worker::callers)
                  .withMessageContaining(WorkerProgram.FAILED)
                  .withMessageContaining(ConnectException.class.getName());
              return 0;
            });
  }
}
