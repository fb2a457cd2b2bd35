package io.tidemark.proof.simulation;

import io.tidemark.BulkReadResult;
import io.tidemark.CacheClosedException;
import io.tidemark.CallInterruptedException;
import io.tidemark.DeadlineExceededException;
import io.tidemark.LoadFailedException;
import io.tidemark.ReadResult;
import io.tidemark.UnavailableException;
import io.tidemark.proof.simulation.Promises.Start;
import java.util.List;
import java.util.Objects;

/** Reads many keys in one call; each is judged as if it had been read alone. */
final class ManyReads {
  private final SimulatedWorld world;
  private final Workload workload;

  ManyReads(SimulatedWorld world, Workload workload) {
    this.world = world;
    this.workload = workload;
  }

  /** Reads keys; the rest is as for {@link Workload#read}. */
  void read(List<String> keys, boolean mustAnswer, boolean newest) {
    world.count(Happening.READ_OF_MANY_KEYS);
    world.say("readAll(%s) begins", keys);
    List<Start> starts = keys.stream().map(world.promises()::start).toList();
    Workload.Stopwatch stopwatch = workload.newStopwatch();
    BulkReadResult<String, String> answers;
    try {
      answers =
          workload.ask(stopwatch, cache -> cache.readAll(keys), cache -> cache.readAllAsync(keys));
    } catch (RuntimeException | Error e) {
      failed("readAll", e, mustAnswer);
      stopwatch.check();
      return;
    }
    for (Start start : starts) {
      ReadResult<String> answer = answers.results().get(start.key());
      if (answer == null) {
        failed(
            "readAll of " + start.key(),
            Objects.requireNonNull(answers.failures().get(start.key())),
            mustAnswer);
      } else {
        workload.say("readAll", start.key(), answer);
        workload.count(start.key(), answer, Happening.READ_OF_MANY_KEYS_SHARED_A_LOAD);
        world.promises().checkAnswer(start, answer, newest);
      }
    }
    stopwatch.check();
  }

  private void failed(String what, Throwable e, boolean mustAnswer) {
    if (!(e instanceof UnavailableException
        || e instanceof DeadlineExceededException
        || e instanceof LoadFailedException
        || e instanceof CacheClosedException
        || e instanceof CallInterruptedException)) {
      Outburst unused = workload.failedWithOutburst(Happening.READ_FAILED, what, e);
    } else {
      workload.failed(Happening.READ_FAILED, what, e);
      if (mustAnswer) {
        throw SimulationRule.NEWEST_AT_THE_END.brokenBy("nothing is wrong any more, and yet " + e);
      }
    }
  }
}
