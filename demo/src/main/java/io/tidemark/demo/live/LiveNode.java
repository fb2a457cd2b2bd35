package io.tidemark.demo.live;

import io.tidemark.demo.client.NodeClient;
import io.tidemark.processes.Child;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A node as it is. Immutable, but for what is under way.
 *
 * @param number from 1
 * @param state how it is
 * @param child its process; null while it is stopped or starts
 * @param client its interface, likewise
 * @param underWay how many calls of the load it has not answered
 */
record LiveNode(
    int number,
    State state,
    @Nullable Child child,
    @Nullable NodeClient client,
    AtomicInteger underWay) {

  /** How a node is. */
  enum State {
    STARTING("starting"),
    RUNNING("running"),
    PAUSED("paused"),
    STOPPED("stopped");

    private final String word;

    State(String word) {
      this.word = word;
    }

    String word() {
      return word;
    }
  }

  static LiveNode stopped(int number) {
    return new LiveNode(number, State.STOPPED, null, null, new AtomicInteger());
  }

  static LiveNode starting(int number) {
    return new LiveNode(number, State.STARTING, null, null, new AtomicInteger());
  }

  static LiveNode running(int number, Child child, NodeClient client) {
    return new LiveNode(number, State.RUNNING, child, client, new AtomicInteger());
  }

  /** The same process, stopped where it stands, or going on. */
  LiveNode with(State next) {
    return new LiveNode(number, next, child, client, underWay);
  }

  boolean isRunning() {
    return state == State.RUNNING;
  }

  /** Its process; 0 while it has none. */
  long pid() {
    return child == null ? 0 : child.pid();
  }

  Events.NodeView view() {
    return new Events.NodeView(
        number,
        state.word(),
        client == null ? null : client.url(),
        child == null ? null : child.pid());
  }
}
