package com.example.catalogue;

import com.example.catalogue.Instance.Answer;
import java.io.IOException;
import java.net.ConnectException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Callers that read products until they are stopped, each through a load balancer that takes the
 * instances in turn. A request to which the application gives no answer is sent to the other
 * instance, as balancers do; every other failure is a failed request.
 */
final class Load implements AutoCloseable {
  private static final int CALLERS = 4;

  private final List<Instance> instances;
  private final List<Future<?>> callers = new ArrayList<>();
  private final AtomicInteger sent = new AtomicInteger();
  private final AtomicInteger answered = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();
  private final Queue<String> unanswered = new ConcurrentLinkedQueue<>();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private volatile boolean enough;

  private Load(List<Instance> instances) {
    this.instances = instances;
  }

  static Load start(List<Instance> instances, ExecutorService threads) {
    Load load = new Load(instances);
    for (int i = 0; i < CALLERS; i++) {
      int caller = i;
      load.callers.add(threads.submit(() -> load.call(caller)));
    }
    return load;
  }

  private void call(int caller) {
    for (int i = caller; !enough; i++) {
      String path = "/products/" + (51 + i % 50) + "?request=" + sent.incrementAndGet();
      try {
        Answer answer = balanced(i, path);
        if (answer.status() == 200 && answer.body().endsWith("}")) {
          answered.incrementAndGet();
        } else {
          failures.add(path + ": " + answer);
        }
      } catch (IOException | RuntimeException e) {
        failures.add(path + ": " + e);
      }
    }
  }

  private Answer balanced(int turn, String path) throws IOException {
    try {
      return instances.get(turn % 2).get(path);
    } catch (ConnectException e) {
      refused.incrementAndGet();
    } catch (IOException e) {
      unanswered.add(path);
    }
    return instances.get((turn + 1) % 2).get(path);
  }

  /** Waits for as many more answers. */
  void awaitAnswers(int more) throws InterruptedException {
    int enoughAnswers = answered.get() + more;
    while (answered.get() < enoughAnswers && failures.isEmpty()) {
      Thread.sleep(5);
    }
  }

  /** The requests to which an instance that listened gave no answer. */
  List<String> unanswered() {
    return List.copyOf(unanswered);
  }

  /** Ends it; returns the failed requests. */
  List<String> stop() throws Exception {
    close();
    for (Future<?> caller : callers) {
      caller.get();
    }
    System.out.printf(
        "%d answered, %d sent again because nothing listened, %d without an answer of the application, %d failed%n",
        answered.get(), refused.get(), unanswered.size(), failures.size());
    return List.copyOf(failures);
  }

  /** Tells the callers to stop. */
  @Override
  public void close() {
    enough = true;
  }
}
