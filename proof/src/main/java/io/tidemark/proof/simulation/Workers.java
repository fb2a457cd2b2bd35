package io.tidemark.proof.simulation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The threads of the runs that one thread makes, kept from run to run. Used by the strand that has
 * the baton. Closing ends them.
 */
final class Workers implements AutoCloseable {
  private final List<Worker> all = new ArrayList<>();
  private final Deque<Worker> idle = new ArrayDeque<>();

  Worker take() {
    Worker worker = idle.poll();
    if (worker == null) {
      worker = new Worker("simulated-" + all.size());
      all.add(worker);
      worker.start();
    }
    return worker;
  }

  void giveBack(Worker worker) {
    idle.push(worker);
  }

  @Override
  public void close() {
    all.forEach(Worker::close);
    try {
      for (Worker worker : all) {
        worker.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
