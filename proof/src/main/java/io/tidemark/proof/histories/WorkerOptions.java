package io.tidemark.proof.histories;

import io.tidemark.FallbackPolicy;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a worker is told on its command line.
 *
 * @param process its name, in the history
 * @param history where it writes what it does
 * @param redis the ways to Redis
 * @param zookeeper the ways to ZooKeeper's servers, {@code host:port,...}
 * @param directZookeeper the same past the network that can break
 * @param postgresPort the way to PostgreSQL
 * @param fallback what its reads do when the usual way is closed
 * @param setup what it is for
 * @param lock which locks it uses
 * @param lockServerPorts the ways to the Redis servers that have locks only
 */
record WorkerOptions(
    String process,
    Path history,
    RedisWays redis,
    String zookeeper,
    String directZookeeper,
    int postgresPort,
    FallbackPolicy fallback,
    WorkerSetup setup,
    LockKind lock,
    List<Integer> lockServerPorts) {
  private static final int ARGUMENTS = 10;

  List<String> toArguments() {
    return List.of(
        process,
        history.toString(),
        redis.toArgument(),
        zookeeper,
        directZookeeper,
        Integer.toString(postgresPort),
        fallback.name(),
        setup.name(),
        lock.name(),
        lockServerPorts.stream().map(Object::toString).collect(Collectors.joining(",")));
  }

  static WorkerOptions parse(String[] arguments) {
    if (arguments.length != ARGUMENTS) {
      throw new IllegalArgumentException(
          "there are %d arguments; a worker takes %d".formatted(arguments.length, ARGUMENTS));
    }
    return new WorkerOptions(
        arguments[0],
        Path.of(arguments[1]),
        RedisWays.parse(arguments[2]),
        arguments[3],
        arguments[4],
        Integer.parseInt(arguments[5]),
        FallbackPolicy.valueOf(arguments[6]),
        WorkerSetup.valueOf(arguments[7]),
        LockKind.valueOf(arguments[8]),
        Stream.of(arguments[9].split(",", -1))
            .filter(port -> !port.isEmpty())
            .map(Integer::valueOf)
            .toList());
  }
}
