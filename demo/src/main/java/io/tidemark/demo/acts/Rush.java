package io.tidemark.demo.acts;

import io.tidemark.demo.client.NodeAnswers.Stampede;
import io.tidemark.demo.client.NodeClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;

/**
 * Callers of several nodes who ask for the same product at once.
 *
 * @param answers what each node answered
 * @param reads how many reads the database counted meanwhile
 */
record Rush(List<Stampede> answers, long reads) {
  private static final double MICROS_PER_MILLI = 1_000;

  /** Lets {@link DemoStage#CALLERS} callers loose on each node. */
  static Rush run(
      DemoStage stage, List<NodeProcess> nodes, long id, NodeClient.Mode mode, Duration dbLatency)
      throws Exception {
    long before = stage.database().reads();
    List<Stampede> answers = await(start(nodes, id, mode, dbLatency));
    return new Rush(answers, stage.database().reads() - before);
  }

  /** Lets them loose, and does not wait. */
  static List<CompletableFuture<Stampede>> start(
      List<NodeProcess> nodes, long id, NodeClient.Mode mode, Duration dbLatency) {
    return nodes.stream()
        .map(node -> node.http().stampede(id, DemoStage.CALLERS, mode, dbLatency))
        .toList();
  }

  static List<Stampede> await(List<CompletableFuture<Stampede>> under) throws Exception {
    List<Stampede> answers = new ArrayList<>();
    for (CompletableFuture<Stampede> answer : under) {
      answers.add(NodeClient.await(answer));
    }
    return List.copyOf(answers);
  }

  /** Each caller, for a plot. */
  List<TimedCall> calls(String series) {
    return answers.stream()
        .flatMap(answer -> answer.callers().stream())
        .map(
            caller ->
                new TimedCall(series, caller.answeredAtMicros(), caller.latency(), caller.failed()))
        .toList();
  }

  int callers() {
    return answers.stream().mapToInt(Stampede::totalRequests).sum();
  }

  int errors() {
    return answers.stream().mapToInt(Stampede::errors).sum();
  }

  /** When the first callers were let loose, in microseconds since 1970. */
  long startedAtMicros() {
    return answers.stream().mapToLong(Stampede::startedAtMicros).min().orElseThrow();
  }

  /** When the last caller had its answer, in microseconds since 1970. */
  long lastAnsweredAtMicros() {
    return answers.stream().mapToLong(Stampede::lastAnsweredAtMicros).max().orElseThrow();
  }

  /** From the start of its callers to the last answer, in ms, in the slowest process. */
  double millisFromStart() {
    return answers.stream()
        .mapToDouble(
            answer -> (answer.lastAnsweredAtMicros() - answer.startedAtMicros()) / MICROS_PER_MILLI)
        .max()
        .orElseThrow();
  }

  /** From the end of the last load to the last answer, in ms; empty if nobody loaded. */
  OptionalDouble millisAfterLoad() {
    return answers.stream()
        .map(Stampede::loadEndedAtMicros)
        .filter(ended -> ended != null)
        .mapToDouble(ended -> (lastAnsweredAtMicros() - ended) / MICROS_PER_MILLI)
        .min();
  }
}
