package io.tidemark.servers;

import io.tidemark.processes.Child;
import java.io.IOException;

/**
 * A Redis of one node or several, each a process that can be killed and started again, empty.
 * Thread-safe.
 */
public interface RedisNodes {
  /** How many nodes. */
  int count();

  /** Where a node listens; numbers begin at 1. */
  int port(int number);

  /** The process that a node is now. */
  Child child(int number);

  /** Starts a node that is not there as it was first, and returns when it listens. */
  void start(int number) throws IOException, InterruptedException;

  /** Starts a node likewise, as the replica of another where nobody else tells it. */
  void startReplica(int number, int master) throws IOException, InterruptedException;
}
