package io.tidemark.demo.services;

import java.io.IOException;
import java.util.List;

/** Servers that can be stopped and started again one by one, by their names. Thread-safe. */
public interface ControlledServers {
  /** A line for each server: its name, where it is, and its process, or that it is stopped. */
  List<String> status();

  /**
   * Stops a server, and returns when it is gone.
   *
   * @return its line
   * @throws IllegalArgumentException if there is none of that name
   * @throws RefusedCommandException if it is stopped already
   */
  String stop(String name) throws IOException, InterruptedException;

  /**
   * Starts a stopped server on its port, and returns when it can be used.
   *
   * @return its line
   * @throws IllegalArgumentException if there is none of that name
   * @throws RefusedCommandException if it runs already, or somebody else took its port
   */
  String start(String name) throws IOException, InterruptedException;

  /** Stops a server if it runs, and starts it; as {@link #stop} and {@link #start}. */
  String restart(String name) throws IOException, InterruptedException;

  /** A line for each server, as when it is stopped. */
  List<String> stopped();
}
