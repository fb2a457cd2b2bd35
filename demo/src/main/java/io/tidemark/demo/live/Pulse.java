package io.tidemark.demo.live;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.demo.client.NodeAnswers.Stats;
import io.tidemark.demo.client.NodeAnswers.WorkDone;
import io.tidemark.spi.DaemonThreads;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at everything again and again, and tells the pages what it sees. A node is not asked again
 * before it has answered. Thread-safe.
 */
final class Pulse implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Pulse.class);
  private static final int CALLS_MILLIS = 100;
  private static final int WORK_MILLIS = 200;
  private static final int SLOTS_MILLIS = 250;
  private static final int TOTALS_MILLIS = 500;
  private static final double MEDIAN = 0.5;
  private static final double P99 = 0.99;

  private final LiveFleet fleet;
  private final Caller caller;
  private final EventHub hub;
  private final Runnable noticeDeaths;
  private final DatabaseReads database;
  private final Map<Long, Watched> watched = new ConcurrentHashMap<>();
  private final Questions slots = new Questions();
  private final ScheduledExecutorService timer = DaemonThreads.named("tidemark-pulse").newTimer();

  /** Of its own: a database that does not answer holds up nothing else. */
  private final ScheduledExecutorService databaseTimer =
      DaemonThreads.named("tidemark-pulse-database").newTimer();

  /** Questions of one kind, of which one at a time is open. */
  private static final class Questions {
    private final AtomicBoolean isOpen = new AtomicBoolean();

    <T> void ask(CompletableFuture<T> answer, Consumer<T> use) {
      CompletableFuture<T> unused =
          answer.whenComplete(
              (value, failure) -> {
                isOpen.set(false);
                if (failure == null) {
                  use.accept(value);
                }
              });
    }

    boolean mayAsk() {
      return isOpen.compareAndSet(false, true);
    }
  }

  /** What is known of a process. */
  private static final class Watched {
    private final Questions work = new Questions();
    private final Questions stats = new Questions();
    private volatile long nextWork;
    private volatile Stats lastStats = new Stats(0, 0, 0, 0, 0);
  }

  /**
   * Nothing is looked at yet.
   *
   * @param noticeDeaths is called again and again, to look for nodes that have died
   */
  Pulse(LiveFleet fleet, Caller caller, EventHub hub, Runnable noticeDeaths) {
    this.fleet = fleet;
    this.caller = caller;
    this.hub = hub;
    this.noticeDeaths = noticeDeaths;
    this.database = new DatabaseReads(fleet.jdbcUrl());
  }

  void start() {
    repeat(timer, CALLS_MILLIS, () -> hub.tellAll(Events.CALLS, caller.takeEnded()));
    repeat(timer, WORK_MILLIS, this::askForWork);
    repeat(timer, SLOTS_MILLIS, () -> hub.products().forEach(this::askForSlot));
    repeat(timer, TOTALS_MILLIS, this::askForStats);
    repeat(timer, TOTALS_MILLIS, noticeDeaths);
    repeat(databaseTimer, TOTALS_MILLIS, this::tellTotals);
  }

  private static void repeat(ScheduledExecutorService timer, int millis, Runnable look) {
    Runnable surviving =
        () -> {
          try {
            look.run();
          } catch (RuntimeException e) {
            LOG.warn("the page was not told", e);
          }
        };
    ScheduledFuture<?> unused =
        timer.scheduleWithFixedDelay(surviving, millis, millis, TimeUnit.MILLISECONDS);
  }

  private void askForWork() {
    for (LiveNode node : fleet.running()) {
      Watched process = watched(node);
      if (process.work.mayAsk()) {
        process.work.ask(
            LiveFleet.client(node).work(process.nextWork), done -> tellWork(node, process, done));
      }
    }
  }

  private void tellWork(LiveNode node, Watched process, WorkDone done) {
    process.nextWork = done.next();
    List<Events.Work> work =
        done.work().stream()
            .map(
                each ->
                    new Events.Work(
                        node.number(), each.at(), each.product(), each.what(), each.millis()))
            .toList();
    hub.tellAll(Events.WORK, work);
  }

  private void askForStats() {
    for (LiveNode node : fleet.running()) {
      Watched process = watched(node);
      if (process.stats.mayAsk()) {
        process.stats.ask(LiveFleet.client(node).askStats(), stats -> process.lastStats = stats);
      }
    }
  }

  private void askForSlot(long product) {
    if (slots.mayAsk()) {
      CompletableFuture<JsonNode> answer =
          fleet.running().stream()
              .findFirst()
              .map(node -> LiveFleet.client(node).slotAsTold(product))
              .orElseGet(() -> CompletableFuture.failedFuture(new NoSuchElementException()))
              .exceptionally(failure -> unknownSlot());
      slots.ask(answer, slot -> tellSlot(product, slot));
    }
  }

  private static JsonNode unknownSlot() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("state", "UNKNOWN")
        .putNull("version")
        .putNull("fence")
        .putNull("floor")
        .putNull("ttlMillis")
        .putNull("payload");
  }

  private void tellSlot(long product, JsonNode slot) {
    ObjectNode told = JsonNodeFactory.instance.objectNode();
    told.put("product", product).put("at", Caller.now());
    told.setAll((ObjectNode) slot);
    hub.tell(product, Events.SLOT, told);
  }

  private void tellTotals() {
    database.look(caller.contender(Lane.RIVAL));
    hub.tell(Events.TOTALS, totals());
  }

  /** What has been counted. The database's counts are half a second old. */
  Events.Totals totals() {
    double now = Caller.now();
    Map<String, Events.LaneTotals> lanes =
        Arrays.stream(Lane.values())
            .collect(Collectors.toMap(Lane::word, lane -> totals(caller.contender(lane))));
    List<Events.NodeTotals> nodes = fleet.nodes().stream().map(node -> totals(node, now)).toList();
    return new Events.Totals(now, lanes, nodes);
  }

  private Events.LaneTotals totals(Contender side) {
    return side.scores().totals(database.of(side));
  }

  private Events.NodeTotals totals(LiveNode node, double now) {
    Stats stats = watched(node).lastStats;
    Latencies latencies = caller.latencies(node.number());
    return new Events.NodeTotals(
        node.number(),
        stats.hits(),
        stats.loads(),
        stats.lockWaited(),
        stats.refused(),
        latencies.percentile(MEDIAN, now),
        latencies.percentile(P99, now));
  }

  /** A process that was started anew counts from 0. */
  private Watched watched(LiveNode node) {
    return watched.computeIfAbsent(node.pid(), pid -> new Watched());
  }

  @Override
  public void close() {
    timer.shutdownNow();
    databaseTimer.shutdownNow();
    database.close();
  }
}
