package io.tidemark.proof.histories;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemark.Origin;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The operations of one process in a file of its own. A line is handed to the operating system
 * before its call goes on, so that a killed process loses nothing that it had recorded: an
 * operation without an end had not returned. Thread-safe.
 *
 * <p>A line is one of:
 *
 * <ul>
 *   <li>{@code S number nanos kind key call}: the call is about to be made; if it is one for many
 *       keys, each has such a line, and {@code call} is the same number in all of them;
 *   <li>{@code C number nanos}: its commit has returned;
 *   <li>{@code E number nanos outcome detail}: it has returned or thrown;
 *   <li>{@code R number nanos origin stored locked version payload}: a read has returned.
 * </ul>
 */
final class OperationLog implements AutoCloseable {
  private static final String SUFFIX = ".history";
  private static final String NONE = "-";

  private final String process;
  private final FileChannel file;
  private final AtomicLong numbers = new AtomicLong();
  private final AtomicLong calls = new AtomicLong();

  private OperationLog(String process, FileChannel file) {
    this.process = process;
    this.file = file;
  }

  /** Starts the log of a process, which must not have one in this directory yet. */
  static OperationLog create(Path directory, String process) throws IOException {
    return new OperationLog(
        process,
        FileChannel.open(
            directory.resolve(process + SUFFIX),
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE));
  }

  /** Records that an operation is about to start, and returns its number. */
  long start(Kind kind, String key) {
    return start(kind, key, NONE);
  }

  /**
   * Records that a call for many keys is about to start.
   *
   * @param kinds what it asks of each key
   * @return the number of the operation on each key, in the same order
   */
  Map<String, Long> startAll(Map<String, Kind> kinds) {
    Map<String, Long> started = new LinkedHashMap<>();
    String call = Long.toString(calls.incrementAndGet());
    kinds.forEach((key, kind) -> started.put(key, start(kind, key, call)));
    return started;
  }

  private long start(Kind kind, String key, String call) {
    long number = numbers.incrementAndGet();
    write("S %d %d %s %s %s".formatted(number, System.nanoTime(), kind, key, call));
    return number;
  }

  /** The name of an operation in the whole history. */
  String id(long number) {
    return id(process, number);
  }

  void committed(long number) {
    write("C %d %d".formatted(number, System.nanoTime()));
  }

  void end(long number, Outcome outcome, String detail) {
    write("E %d %d %s %s".formatted(number, System.nanoTime(), outcome, detail));
  }

  /** Names a failure and its cause, as the detail of an end. */
  static String detailOf(Exception failure) {
    Throwable cause = failure.getCause();
    return failure.getClass().getSimpleName()
        + (cause == null ? "" : ":" + cause.getClass().getSimpleName());
  }

  void served(long number, Served served) {
    long nanos = System.nanoTime();
    write(
        "R %d %d %s %s %s %d %s"
            .formatted(
                number,
                nanos,
                served.origin(),
                served.isStored(),
                served.isLocked(),
                served.version(),
                served.payload() == null ? NONE : served.payload()));
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  /** All operations of all processes that have a log in a directory. */
  static List<Operation> readAll(Path directory) throws IOException {
    List<Path> files;
    try (Stream<Path> found = Files.list(directory)) {
      files = found.filter(file -> file.toString().endsWith(SUFFIX)).sorted().toList();
    }
    List<Operation> operations = new ArrayList<>();
    Map<String, String> texts = new HashMap<>();
    for (Path file : files) {
      String name = Objects.requireNonNull(file.getFileName()).toString();
      String process = name.substring(0, name.length() - SUFFIX.length());
      new Reader(process, texts).read(file, operations);
    }
    return operations;
  }

  private static String id(String process, long number) {
    return process + "." + number;
  }

  private void write(String text) {
    ByteBuffer line = ByteBuffer.wrap((text + "\n").getBytes(UTF_8));
    try {
      synchronized (this) {
        while (line.hasRemaining()) {
          file.write(line);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads one log. */
  private static final class Reader {
    private final String process;

    /** One copy of each text: there are many operations and few keys, payloads and details. */
    private final Map<String, String> texts;

    private final Map<Long, Started> underWay = new HashMap<>();

    private record Started(
        @Nullable String call, Kind kind, String key, long startNanos, long committedNanos) {
      Started committed(long nanos) {
        return new Started(call, kind, key, startNanos, nanos);
      }
    }

    Reader(String process, Map<String, String> texts) {
      this.process = process;
      this.texts = texts;
    }

    void read(Path file, List<Operation> operations) throws IOException {
      try (BufferedReader lines = Files.newBufferedReader(file)) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          Operation ended = take(line.split(" ", -1));
          if (ended != null) {
            operations.add(ended);
          }
        }
      }
      underWay.forEach(
          (number, started) ->
              operations.add(
                  operation(
                      number, started, Operation.NEVER, Outcome.UNKNOWN, null, "did not return")));
    }

    private @Nullable Operation take(String[] words) {
      long number = Long.parseLong(words[1]);
      long nanos = Long.parseLong(words[2]);
      switch (words[0]) {
        case "S" -> {
          Kind kind = Kind.valueOf(words[3]);
          String call = words[5].equals(NONE) ? null : one(process + ":" + words[5]);
          underWay.put(number, new Started(call, kind, one(words[4]), nanos, Operation.NEVER));
          return null;
        }
        case "C" -> {
          underWay.put(number, started(number).committed(nanos));
          return null;
        }
        case "E" -> {
          Operation ended =
              operation(
                  number, started(number), nanos, Outcome.valueOf(words[3]), null, one(words[4]));
          underWay.remove(number);
          return ended;
        }
        case "R" -> {
          Served served =
              new Served(
                  Origin.valueOf(words[3]),
                  Boolean.parseBoolean(words[4]),
                  Boolean.parseBoolean(words[5]),
                  Long.parseLong(words[6]),
                  words[7].equals(NONE) ? null : one(words[7]));
          Operation ended = operation(number, started(number), nanos, Outcome.OK, served, "");
          underWay.remove(number);
          return ended;
        }
        default -> throw new IllegalStateException(process + " has a line of " + words[0]);
      }
    }

    private Started started(long number) {
      return Objects.requireNonNull(underWay.get(number), () -> id(process, number));
    }

    private Operation operation(
        long number,
        Started started,
        long endNanos,
        Outcome outcome,
        @Nullable Served served,
        String detail) {
      return new Operation(
          id(process, number),
          started.call(),
          started.kind(),
          started.key(),
          started.startNanos(),
          started.committedNanos(),
          endNanos,
          outcome,
          served,
          detail);
    }

    private String one(String text) {
      return texts.computeIfAbsent(text, same -> same);
    }
  }
}
