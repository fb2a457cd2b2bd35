package io.tidemark.demo.acts;

import io.tidemark.demo.client.NodeClient;
import io.tidemark.processes.Child;
import java.io.IOException;

/**
 * One process of the fleet.
 *
 * @param child the process
 * @param http its interface
 */
record NodeProcess(Child child, NodeClient http) {
  String name() {
    return child.name();
  }

  /** Stops the process where it stands, as a long pause would. */
  void pause() throws IOException, InterruptedException {
    child.pause();
  }

  /** Lets it go on. */
  void resume() throws IOException, InterruptedException {
    child.resume();
  }

  /** Kills it without a word. */
  void kill() throws IOException, InterruptedException {
    child.kill();
  }
}
