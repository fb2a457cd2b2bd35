package io.tidemark.proof.bars;

import static java.util.stream.Collectors.toMap;

import io.tidemark.CacheEvent;
import io.tidemark.processes.ChildProgram;
import io.tidemark.processes.ParentWatch;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import redis.clients.jedis.RedisClient;

/**
 * A process that reads many keys by one call whenever it is told the first of them, by a list in
 * Redis. By other lists it tells that it has found keys not to be cached, and what came of the
 * call. Ends with its standard input.
 */
public final class PageReader {
  static final int KEYS = 100;

  /** Several processes that wait for it begin at once. */
  static final String BEGIN = "begin";

  static final String MISSED = "missed";
  static final String DONE = "done";

  /** What a process tells that has read every row. */
  static final String ALL_READ = "all read";

  private PageReader() {}

  /** Runs it; the arguments are the ports of the servers, and a key to begin with. */
  public static void main(String[] arguments) {
    ChildProgram.run(
        () -> {
          int first = Integer.parseInt(arguments[3]);
          Thread reader = new Thread(() -> read(Pages.Ports.parse(arguments), first), "reader");
          reader.setDaemon(true);
          reader.start();
          ParentWatch.endOfInput().await();
        });
  }

  /** The keys of one call. */
  static List<Integer> keys(int first) {
    return IntStream.range(first, first + KEYS).boxed().toList();
  }

  private static void read(Pages.Ports ports, int first) {
    try (RedisClient lists = RedisClient.create("127.0.0.1", ports.redis());
        Pages pages =
            new Pages(
                ports,
                RedisClient.create("127.0.0.1", ports.redis()),
                Duration.ofHours(1),
                event -> {
                  if (event.kind() == CacheEvent.Kind.MISS) {
                    lists.rpush(MISSED, "");
                  }
                })) {
      // Everything is connected, and the scripts are known, before anything is counted.
      readAll(pages, first);
      System.out.printf("ready - pid %d%n", ProcessHandle.current().pid());
      while (true) {
        List<String> told = Objects.requireNonNull(lists.blpop(0, BEGIN));
        lists.rpush(DONE, readAll(pages, Integer.parseInt(told.get(1))));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String readAll(Pages pages, int first) {
    Map<Integer, Optional<Page>> expected =
        keys(first).stream()
            .collect(toMap(Function.identity(), number -> Optional.of(Page.of(number))));
    try {
      Map<Integer, Optional<Page>> values = pages.cache().getAll(keys(first));
      return values.equals(expected) ? ALL_READ : "read " + values;
    } catch (RuntimeException e) {
      e.printStackTrace();
      return "failed: " + e;
    }
  }
}
