package io.tidemark.spi;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * The names with which stores sign the slots that they write, so that people can tell the writer.
 * Nothing depends on them, and two stores may have the same name. Thread-safe.
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
   * The process id and as much of the host name as fits, as {@code <pid>@<host>}. The domain is
   * left out, and a long name loses its beginning, because the names of one fleet differ at the
   * end. The first call in a process asks the system for the host name, and may wait for a name
   * server.
   */
  public static String ofThisProcess() {
    return ThisProcess.NAME;
  }

  /** Makes a valid name of any host name. */
  static String of(long pid, String host) {
    String process = pid + "@";
    String label = UNSAFE.matcher(DOMAIN.matcher(host).replaceFirst("")).replaceAll("-");
    int room = Math.max(0, MAX_LENGTH - process.length());
    String name = process + label.substring(Math.max(0, label.length() - room));
    return name.substring(0, Math.min(name.length(), MAX_LENGTH));
  }

  /** Computes the name on first use. */
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
