package io.tidemark.proof.simulation;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Runs what a process has planned for a time of its own clock, each on a strand of its own. Only
 * single runs: nothing in the cache asks for more.
 */
final class SimulatedScheduler extends AbstractExecutorService implements ScheduledExecutorService {
  private final SimulatedNode node;

  SimulatedScheduler(SimulatedNode node) {
    this.node = node;
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
    return plan(new Planned<>(command), delay, unit);
  }

  @Override
  public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
    return plan(new Planned<>(callable), delay, unit);
  }

  private <V> Planned<V> plan(Planned<V> planned, long delay, TimeUnit unit) {
    node.mayBurst(ForeignCall.SCHEDULER);
    planned.dueNanos = node.clockNanos() + unit.toNanos(delay);
    node.checkRunning();
    node.agenda()
        .after(
            node.toWorld(unit.toNanos(delay)),
            () -> {
              if (!planned.isDone() && node.isAlive()) {
                Strand unused = node.spawn(0, planned);
              }
            });
    return planned;
  }

  @Override
  public void execute(Runnable command) {
    Strand unused = node.spawn(0, command);
  }

  @Override
  public ScheduledFuture<?> scheduleAtFixedRate(
      Runnable command, long initialDelay, long period, TimeUnit unit) {
    throw new UnsupportedOperationException("single runs only");
  }

  @Override
  public ScheduledFuture<?> scheduleWithFixedDelay(
      Runnable command, long initialDelay, long delay, TimeUnit unit) {
    throw new UnsupportedOperationException("single runs only");
  }

  @Override
  public void shutdown() {
    throw new UnsupportedOperationException("a cache must not shut down what is its owner's");
  }

  @Override
  public List<Runnable> shutdownNow() {
    throw new UnsupportedOperationException("a cache must not shut down what is its owner's");
  }

  @Override
  public boolean isShutdown() {
    return false;
  }

  @Override
  public boolean isTerminated() {
    return false;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    return false;
  }

  private final class Planned<V> extends FutureTask<V> implements ScheduledFuture<V> {
    private long dueNanos;

    Planned(Callable<V> callable) {
      super(callable);
    }

    @SuppressWarnings("NullAway") // The result of a command is null, as FutureTask documents.
    Planned(Runnable command) {
      super(command, null);
    }

    @Override
    public long getDelay(TimeUnit unit) {
      return unit.convert(dueNanos - node.clockNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public int compareTo(Delayed other) {
      return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
    }
  }
}
