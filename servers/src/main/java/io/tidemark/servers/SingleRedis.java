package io.tidemark.servers;

import io.tidemark.processes.Child;
import io.tidemark.processes.ProcessGroup;
import java.io.IOException;

/** One Redis, without replicas. Thread-safe. */
public final class SingleRedis implements RedisNodes {
  private final ProcessGroup group;
  private final RedisProgram program;
  private final int port;
  private Child child;

  private SingleRedis(ProcessGroup group, RedisProgram program, int port, Child child) {
    this.group = group;
    this.program = program;
    this.port = port;
    this.child = child;
  }

  /** Starts it, and returns when it listens. */
  public static SingleRedis start(ProcessGroup group, RedisProgram program, int port)
      throws IOException, InterruptedException {
    return new SingleRedis(group, program, port, program.start(group, "redis", port));
  }

  @Override
  public int count() {
    return 1;
  }

  @Override
  public int port(int number) {
    return port;
  }

  @Override
  public synchronized Child child(int number) {
    return child;
  }

  @Override
  public synchronized void start(int number) throws IOException, InterruptedException {
    child = program.start(group, "redis", port);
  }

  @Override
  public void startReplica(int number, int master) {
    throw new UnsupportedOperationException("a single Redis has no replica");
  }
}
