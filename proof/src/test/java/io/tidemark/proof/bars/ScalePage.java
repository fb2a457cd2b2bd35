package io.tidemark.proof.bars;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** The table of {@code docs/scale.md}. */
final class ScalePage {
  private static final Path FILE = Path.of("..", "docs", "scale.md");
  private static final String HEAD = "| call |";

  /** INFO's answer has numbers of any length. */
  private static final double BYTES_APART = 0.2;

  private ScalePage() {}

  /**
   * What a call costs.
   *
   * @param call its name
   * @param trips round trips to Redis
   * @param commands to Redis
   * @param bytesToRedis about
   * @param bytesFromRedis about
   * @param requests to ZooKeeper
   * @param writes that ZooKeeper's servers agree on
   * @param watches in ZooKeeper
   * @param statements of the cache to the database
   */
  record Cost(
      String call,
      long trips,
      long commands,
      long bytesToRedis,
      long bytesFromRedis,
      long requests,
      long writes,
      long watches,
      long statements) {
    /** All numbers that are exact. */
    List<Long> numbers() {
      return List.of(trips, commands, requests, writes, watches, statements);
    }

    /** Whether these bytes are about as many as others. */
    boolean allowsBytes(Cost counted) {
      return isAbout(bytesToRedis, counted.bytesToRedis)
          && isAbout(bytesFromRedis, counted.bytesFromRedis);
    }

    private static boolean isAbout(long said, long counted) {
      return Math.abs(said - counted) <= said * BYTES_APART;
    }

    @Override
    public String toString() {
      return "| %s | %d | %d | %d | %d | %d | %d | %d | %d |"
          .formatted(
              call,
              trips,
              commands,
              bytesToRedis,
              bytesFromRedis,
              requests,
              writes,
              watches,
              statements);
    }
  }

  /** The rows of the table. */
  static List<Cost> costs() {
    try {
      return Files.readAllLines(FILE, UTF_8).stream()
          .dropWhile(line -> !line.startsWith(HEAD))
          .skip(2)
          .takeWhile(line -> line.startsWith("|"))
          .map(ScalePage::cost)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Cost cost(String line) {
    List<String> fields =
        Arrays.stream(line.substring(1, line.lastIndexOf('|')).split("\\|", -1))
            .map(String::strip)
            .toList();
    long[] numbers =
        fields.stream()
            .skip(1)
            .mapToLong(field -> Long.parseLong(field.replace(",", "")))
            .toArray();
    return new Cost(
        fields.get(0),
        numbers[0],
        numbers[1],
        numbers[2],
        numbers[3],
        numbers[4],
        numbers[5],
        numbers[6],
        numbers[7]);
  }
}
