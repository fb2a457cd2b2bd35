package io.tidemark.demo.services;

import io.tidemark.processes.ProcessGroup;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;

/**
 * How to reach the process that runs a group of servers: a file in the group's directory, which
 * only its user may enter and which goes with the group, however that ends. Immutable.
 *
 * @param directory the group's directory
 * @param pid the process that runs the servers
 * @param started when that process started, as {@link #startOf} says it: its number may be used
 *     again
 * @param reaperPid the process that ends them and deletes the directory if that one is killed
 * @param port where it takes orders, on 127.0.0.1
 * @param token what each order begins with, so that it comes from a reader of this file
 * @param checkout the build that it runs from
 */
record ControlFile(
    Path directory,
    long pid,
    String started,
    long reaperPid,
    int port,
    String token,
    String checkout) {
  private static final String NAME = "services.control";

  /** Describes this process, which runs the servers of the group. */
  static ControlFile of(ProcessGroup group, int port, String token) throws IOException {
    return new ControlFile(
        group.directory(),
        ProcessHandle.current().pid(),
        startOf(ProcessHandle.current()),
        group.reaperPid(),
        port,
        token,
        Checkout.build().toString());
  }

  /** Writes the file; a reader finds all of it or none. */
  void write() throws IOException {
    Properties properties = new Properties();
    properties.setProperty("pid", Long.toString(pid));
    properties.setProperty("started", started);
    properties.setProperty("reaper", Long.toString(reaperPid));
    properties.setProperty("port", Integer.toString(port));
    properties.setProperty("token", token);
    properties.setProperty("checkout", checkout);
    Path draft = directory.resolve(NAME + ".draft");
    try (Writer out = Files.newBufferedWriter(draft)) {
      properties.store(out, null);
    }
    Files.move(draft, directory.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
  }

  /** The files of this checkout's groups below the temporary directory, as far as readable. */
  static List<ControlFile> ofThisCheckout(Path temporary) throws IOException {
    String checkout = Checkout.build().toString();
    List<ControlFile> found = new ArrayList<>();
    try (DirectoryStream<Path> directories =
        Files.newDirectoryStream(temporary, ProcessGroup.DIRECTORY_PREFIX + "*")) {
      for (Path directory : directories) {
        read(directory).filter(file -> file.checkout().equals(checkout)).ifPresent(found::add);
      }
    }
    return found;
  }

  private static Optional<ControlFile> read(Path directory) throws IOException {
    Path file = directory.resolve(NAME);
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      return Optional.empty();
    }
    try {
      if (!Files.getOwner(file).getName().equals(System.getProperty("user.name"))) {
        return Optional.empty();
      }
      Properties properties = new Properties();
      try (Reader in = Files.newBufferedReader(file)) {
        properties.load(in);
      }
      return Optional.of(
          new ControlFile(
              directory,
              Long.parseLong(properties.getProperty("pid", "")),
              properties.getProperty("started", ""),
              Long.parseLong(properties.getProperty("reaper", "")),
              Integer.parseInt(properties.getProperty("port", "")),
              properties.getProperty("token", ""),
              properties.getProperty("checkout", "")));
    } catch (NoSuchFileException e) {
      return Optional.empty(); // the group ends at this moment
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // not written by this program
    }
  }

  /** When a process started; empty if the system does not tell. */
  static String startOf(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toString).orElse("");
  }
}
