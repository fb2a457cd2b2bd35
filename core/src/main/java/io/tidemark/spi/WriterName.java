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
  public static final int MAX_LENGTH = 32;

  private static final Pattern NAME = Pattern.compile("[!-~]{1," + MAX_LENGTH + "}");
  private static final Pattern UNSAFE = Pattern.compile("[^!-~]");

  private WriterName() {}

  /**
   * Checks a name.
   *
   * @return the name
   * @throws IllegalArgumentException unless it is 1 to 32 printable ASCII characters without spaces
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
   * The process's id and its host, {@code <pid>@<host>}, cut to what a name may be. The first call
   * in a process asks the system for the host's name, and may wait for a name server.
   */
  public static String ofThisProcess() {
    return ThisProcess.NAME;
  }

  /** Whatever a host is called, a name. */
  static String of(long pid, String host) {
    String name = pid + "@" + UNSAFE.matcher(host).replaceAll("-");
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
