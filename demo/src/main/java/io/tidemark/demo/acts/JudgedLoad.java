package io.tidemark.demo.acts;

import io.tidemark.demo.client.NodeAnswers.Product;
import io.tidemark.demo.client.NodeClient;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/**
 * Callers who read and update some products all the time, in a closed loop: each makes its next
 * call when the last was answered. What they do is counted, and never timed. Thread-safe.
 */
final class JudgedLoad implements AutoCloseable {
  static final long FIRST_PRODUCT = 41;
  static final int PRODUCTS = 30;

  private static final int READERS = 4;
  private static final int UPDATERS = 2;

  /** So that callers of a server that is away do not take the processor from those who start it. */
  private static final int PAUSE_AFTER_FAILURE_MILLIS = 20;

  private final DemoStage stage;
  private final Balancer balancer;
  private final JudgedCalls calls = new JudgedCalls(Side.TIDEMARK);
  private final List<CompletableFuture<Void>> callers = new ArrayList<>();
  private volatile boolean updatesAreOver;
  private volatile boolean over;

  private JudgedLoad(DemoStage stage, Balancer balancer) {
    this.stage = stage;
    this.balancer = balancer;
  }

  /** Lets the callers loose. */
  static JudgedLoad start(DemoStage stage, Balancer balancer) {
    JudgedLoad load = new JudgedLoad(stage, balancer);
    for (int number = 0; number < READERS + UPDATERS; number++) {
      load.callers.add(
          number < READERS
              ? load.start(number, () -> load.over, id -> node -> load.calls.read(node, id))
              : load.start(
                  number,
                  () -> load.over || load.updatesAreOver,
                  id -> node -> load.calls.update(node, product(id))));
    }
    return load;
  }

  /** What its callers are, for people. */
  static String text() {
    return "%d callers read %d products all the time and %d changed them, each with its next call when the last was answered"
        .formatted(READERS, PRODUCTS, UPDATERS);
  }

  JudgedCalls calls() {
    return calls;
  }

  /** Waits until so many more reads were answered. */
  void awaitReads(int more) throws Exception {
    long enough = calls.counts().reads() + more;
    await("callers had %d answers".formatted(enough), () -> calls.counts().reads() >= enough);
  }

  /** Waits until so many more calls have ended, one way or the other. */
  void awaitCalls(int more) throws Exception {
    long enough = calls.counts().calls() + more;
    await("%d calls have ended".formatted(enough), () -> calls.counts().calls() >= enough);
  }

  /** Lets only the readers go on, and returns when the last update has ended. */
  void endUpdates() throws Exception {
    updatesAreOver = true;
    for (CompletableFuture<Void> updater : callers.subList(READERS, callers.size())) {
      NodeClient.await(updater);
    }
  }

  /** Waits for something that depends on the callers, and fails if one of them does. */
  void await(String what, DemoStage.Condition condition) throws Exception {
    stage.await(
        what,
        () -> {
          for (CompletableFuture<Void> caller : callers) {
            if (caller.isCompletedExceptionally()) {
              NodeClient.await(caller);
            }
          }
          return condition.holds();
        });
  }

  /** Lets the calls under way end, and notes what came of all. */
  JudgedCalls.Counts end(Notes notes) throws Exception {
    over = true;
    for (CompletableFuture<Void> caller : callers) {
      NodeClient.await(caller);
    }
    JudgedCalls.Counts counts = calls.counts();
    notes.calls(calls.timed());
    notes.figure("reads", counts.reads());
    notes.figure("updates acknowledged", counts.updates());
    notes.figure("calls that failed", counts.failures());
    notes.figure("reads older than an acknowledged update", counts.old());
    notes.figure("other reads older than an answer before", counts.back());
    return counts;
  }

  /** Lets the callers go without waiting for them. */
  @Override
  public void close() {
    over = true;
  }

  private static Product product(long id) {
    return new Product(id, "Product " + id, BigDecimal.valueOf(System.nanoTime() % 100_000, 2), 1);
  }

  private interface Calls {
    Balancer.Call of(long id);
  }

  /** Makes calls of one product after the other, beginning elsewhere than the other callers. */
  private CompletableFuture<Void> start(int number, BooleanSupplier isOver, Calls kind) {
    CompletableFuture<Void> ended = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                for (int next = 7 * number; !isOver.getAsBoolean(); next++) {
                  if (!balancer.send(kind.of(FIRST_PRODUCT + next % PRODUCTS))) {
                    Thread.sleep(PAUSE_AFTER_FAILURE_MILLIS);
                  }
                }
                ended.complete(null);
              } catch (InterruptedException | RuntimeException e) {
                ended.completeExceptionally(e);
              }
            },
            "caller " + number);
    thread.setDaemon(true);
    thread.start();
    return ended;
  }
}
