package io.tidemark.spi;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * The names by which stores sign the slots that they write, for people who ask later who it was.
 * Nothing is decided by them, and two stores may have the same. Thread-safe.
 */
public final class WriterName {
  /** The longest name, in characters. */
  public static final int MAX_LENGTH = 8;

  private static final Pattern NAME = Pattern.compile("[!-~]{1," + MAX_LENGTH + "}");
  private static final Pattern DOMAIN = Pattern.compile("[.].*", Pattern.DOTALL);
  private static final Pattern UNSAFE = Pattern.compile("[^!-~]");

  private WriterName() {}

  /**
   * Checks a name.
   *
   * @return the name
   * @throws IllegalArgumentException unless it is 1 to 8 printable ASCII characters without spaces
   */
  public static String check(String writer) {
    Objects.requireNonNull(writer, "writer");
    if (!NAME.matcher(writer).matches()) {
      throw new IllegalArgumentException(
          "writer is '%s'; it must be 1 to %d printable ASCII characters without spaces"
              .formatted(SlotKey.printable(writer), MAX_LENGTH));
    }
    return writer;
  }

  /**
   * The process's id, and as much of its host's name as there is room for: {@code <pid>@<host>},
   * the host without its domain, and of a long one the end, where the names of one fleet differ.
   * The first call in a process asks the system for the host's name, and may wait for a name
   * server.
   */
  public static String ofThisProcess() {
    return ThisProcess.NAME;
  }

  /** Whatever a host is called, a name. */
  static String of(long pid, String host) {
    String process = pid + "@";
    String label = UNSAFE.matcher(DOMAIN.matcher(host).replaceFirst("")).replaceAll("-");
    int room = Math.max(0, MAX_LENGTH - process.length());
    String name = process + label.substring(Math.max(0, label.length() - room));
    return name.substring(0, Math.min(name.length(), MAX_LENGTH));
  }

  /** Holds the name once it is first asked for. */
  private static final class ThisProcess {
    static final String NAME = of(ProcessHandle.current().pid(), host());

    private static String host() {
      try {
        return InetAddress.getLocalHost().getHostName();
      } catch (UnknownHostException e) {
        return "unknown";
      }
    }
  }
}
