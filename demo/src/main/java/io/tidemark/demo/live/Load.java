package io.tidemark.demo.live;

import io.tidemark.demo.client.NodeAnswers.Product;
import io.tidemark.spi.DaemonThreads;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

/**
 * Reads and writes a few products all the time, the same of Tidemark and of the rival, at the same
 * moment and through the same node. Thread-safe.
 */
final class Load implements AutoCloseable {
  /** What is read and written. The first ones are left to whoever tries out a command. */
  static final List<Long> PRODUCTS = LongStream.rangeClosed(21, 28).boxed().toList();

  static final int MOST_READS_PER_SECOND = 1_000;
  static final int MOST_WRITES_PER_SECOND = 100;
  static final int MOST_DATABASE_LATENCY_MILLIS = 10_000;

  private static final int PAUSE_MILLIS = 20;
  private static final double NANOS_PER_SECOND = 1_000_000_000;

  /** A process that stood still does not make up for it. */
  private static final double MOST_SECONDS = 0.1;

  /** A node that does not answer gets no more, counting both lanes. */
  private static final int MOST_UNDER_WAY = 64;

  private static final int MOST_CENTS = 100_000;
  private static final int CENTS = 2;
  private static final int MOST_STOCK = 1_000;

  private final LiveFleet fleet;
  private final Caller caller;
  private final Random random = new Random();
  private final ScheduledExecutorService timer = DaemonThreads.named("tidemark-load").newTimer();
  private volatile Events.LoadView wanted = new Events.LoadView(60, 2, 100);
  private long lastNanos = System.nanoTime();
  private double dueReads;
  private double dueWrites;

  Load(LiveFleet fleet, Caller caller) {
    this.fleet = fleet;
    this.caller = caller;
  }

  void start() {
    ScheduledFuture<?> unused =
        timer.scheduleWithFixedDelay(
            this::callWhatIsDue, PAUSE_MILLIS, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
  }

  Events.LoadView wanted() {
    return wanted;
  }

  void want(Events.LoadView next) {
    wanted = next;
  }

  /** How long loads from the database take beside their query. */
  Duration databaseLatency() {
    return Duration.ofMillis(wanted.databaseLatencyMillis());
  }

  /** Gives a product another price on both lanes. */
  CompletableFuture<Void> change(LiveNode node, long product) {
    BigDecimal price = BigDecimal.valueOf(1 + random.nextInt(MOST_CENTS), CENTS);
    Product changed = new Product(product, "Product " + product, price, random.nextInt(MOST_STOCK));
    return CompletableFuture.allOf(
        Arrays.stream(Lane.values())
            .map(lane -> caller.update(caller.contender(lane), node, changed))
            .toArray(CompletableFuture<?>[]::new));
  }

  private void callWhatIsDue() {
    long nanos = System.nanoTime();
    double seconds = Math.min(MOST_SECONDS, (nanos - lastNanos) / NANOS_PER_SECOND);
    lastNanos = nanos;
    dueReads += seconds * wanted.readsPerSecond();
    dueWrites += seconds * wanted.writesPerSecond();
    for (; dueReads >= 1; dueReads--) {
      anyNode().ifPresent(this::read);
    }
    for (; dueWrites >= 1; dueWrites--) {
      anyNode().ifPresent(this::write);
    }
  }

  private void read(LiveNode node) {
    long product = anyProduct();
    for (Lane lane : Lane.values()) {
      CompletableFuture<?> unused =
          caller.read(caller.contender(lane), node, product, databaseLatency());
    }
  }

  private void write(LiveNode node) {
    CompletableFuture<?> unused = change(node, anyProduct());
  }

  private long anyProduct() {
    return PRODUCTS.get(random.nextInt(PRODUCTS.size()));
  }

  private Optional<LiveNode> anyNode() {
    List<LiveNode> able =
        fleet.running().stream().filter(node -> node.underWay().get() < MOST_UNDER_WAY).toList();
    return able.isEmpty() ? Optional.empty() : Optional.of(able.get(random.nextInt(able.size())));
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
