package io.tidemark.demo.live;

import io.tidemark.demo.client.NodeAnswers.Product;
import io.tidemark.demo.client.NodeAnswers.Session;
import io.tidemark.demo.client.NodeAnswers.Update;
import io.tidemark.demo.client.NodeClient;
import io.tidemark.demo.http.RefusedRequestException;
import io.tidemark.demo.live.Caller.Answer;
import io.tidemark.demo.live.LiveNode.State;
import io.tidemark.judge.Judge.Verdict;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A process reads a row, sleeps through the end of its ZooKeeper session and an update by another,
 * wakes up, and writes what it read; in one form of it Redis has lost the newer entry meanwhile.
 * All of it on both lanes at once, step by step. Not thread-safe, except that it can be disturbed
 * and looked at, by one thread at a time, while another takes a step. A step can be interrupted;
 * the act must be ended then.
 */
final class BrokenWrite {
  /** What it can be. */
  enum Kind {
    LATE_WRITE("late-write", "A late write", false),
    EVICTION("eviction", "A late write after an eviction", true);

    private final String word;
    private final String title;
    private final boolean evicts;

    Kind(String word, String title, boolean evicts) {
      this.word = word;
      this.title = title;
      this.evicts = evicts;
    }

    static Kind of(String word) {
      return Arrays.stream(values())
          .filter(kind -> kind.word.equals(word))
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "'" + word + "'; it must be late-write or eviction"));
    }
  }

  private static final long FIRST_PRODUCT = 31;
  private static final int PRODUCTS = 10;
  private static final int POLL_MILLIS = 10;

  /** What only servers can miss that do not work. */
  private static final Duration MOST_WAIT = Duration.ofMinutes(2);

  private static final BigDecimal OLD_PRICE = new BigDecimal("100.00");
  private static final BigDecimal NEW_PRICE = new BigDecimal("200.00");
  private static final int STOCK = 1;
  private static final Duration DB_LATENCY = Duration.ofMillis(100);

  private final LiveFleet fleet;
  private final Caller caller;
  private final Map<Lane, Contender> sides = new EnumMap<>(Lane.class);
  private final Kind kind;
  private final long seed;
  private final long product;
  private final int sleeper;
  private final int writer;
  private final int number;
  private final List<Step> steps;
  private final Map<Lane, CompletableFuture<Answer>> held = new EnumMap<>(Lane.class);
  private @Nullable Session session;
  private int taken;
  private final Set<String> disturbances = new LinkedHashSet<>();
  private @Nullable String failure;
  private @Nullable Map<String, Events.OutcomeView> outcome;

  private interface Deed {
    void run() throws Exception;
  }

  private record Step(String title, String text, Deed deed) {}

  /**
   * Prepares an act; nothing is done yet.
   *
   * @param seed chooses the product and the two nodes, out of those that run
   * @param number tells this act from others
   * @throws RefusedRequestException 409 if fewer than two nodes run
   */
  BrokenWrite(LiveFleet fleet, Caller caller, Kind kind, long seed, int number) {
    this.fleet = fleet;
    this.caller = caller;
    for (Lane lane : Lane.values()) {
      sides.put(lane, caller.contender(lane));
    }
    this.kind = kind;
    this.seed = seed;
    this.number = number;
    Random random = new Random(seed);
    this.product = FIRST_PRODUCT + random.nextInt(PRODUCTS);
    List<Integer> running =
        new ArrayList<>(fleet.running().stream().map(LiveNode::number).toList());
    if (running.size() < 2) {
      throw new RefusedRequestException(
          409, "%d nodes are running; an act needs two".formatted(running.size()));
    }
    this.sleeper = running.remove(random.nextInt(running.size()));
    this.writer = running.get(random.nextInt(running.size()));
    this.steps = steps();
  }

  boolean isOver() {
    return taken == steps.size() || failure != null;
  }

  /** How many steps were taken. */
  int taken() {
    return taken;
  }

  Kind kind() {
    return kind;
  }

  long product() {
    return product;
  }

  /** Takes note of what somebody else did meanwhile, after which the act may show nothing. */
  void disturb(String what) {
    disturbances.add(what);
  }

  /** Takes note that the step failed, with which the act is over. */
  void fail(String why) {
    failure = why;
  }

  /** Takes the next step. */
  void next() throws Exception {
    steps.get(taken).deed().run();
    taken++;
  }

  /** What was done last, in words. */
  String lastStep() {
    return steps.get(taken - 1).text();
  }

  /** How it is, given whether a step is being taken. */
  Events.ActView view(boolean stepping) {
    return new Events.ActView(
        kind.word,
        kind.title,
        number,
        seed,
        taken,
        stepping,
        steps.stream().map(step -> new Events.StepView(step.title(), step.text())).toList(),
        List.copyOf(disturbances),
        failure,
        outcome);
  }

  private List<Step> steps() {
    String entry = "product %d".formatted(product);
    List<Step> all = new ArrayList<>();
    all.add(
        new Step(
            "Node %d reads".formatted(sleeper),
            "Node %d finds no %s in Redis, takes the lock and reads the row: %s. Its load takes long."
                .formatted(sleeper, entry, OLD_PRICE),
            this::readHeld));
    all.add(
        new Step(
            "Node %d sleeps".formatted(sleeper),
            "Node %d is stopped (SIGSTOP) before it writes to Redis, as in a long garbage collection."
                .formatted(sleeper),
            () -> fleet.pause(sleeper)));
    all.add(
        new Step(
            "ZooKeeper ends its session",
            "ZooKeeper has not heard of node %d for too long: its session ends, and with it the lock. (The page ends it, so that nobody has to wait for the timeout.)"
                .formatted(sleeper),
            this::endSession));
    all.add(
        new Step(
            "Node %d changes the price".formatted(writer),
            "Node %d sets the price to %s. The database has it, and the write is acknowledged."
                .formatted(writer, NEW_PRICE),
            () -> write(fleet.running(writer), NEW_PRICE)));
    if (kind.evicts) {
      all.add(
          new Step(
              "Redis loses the entry",
              "Redis evicts %s, as it does when its memory is full.".formatted(entry),
              this::evict));
    }
    all.add(
        new Step(
            "Node %d wakes up".formatted(sleeper),
            "Node %d goes on (SIGCONT), sure that it holds the lock, and writes what it had read: %s."
                .formatted(sleeper, OLD_PRICE),
            this::wake));
    all.add(
        new Step(
            "Everybody reads",
            "Every running node reads %s. The right price is %s.".formatted(entry, NEW_PRICE),
            this::readEverywhere));
    return List.copyOf(all);
  }

  private void readHeld() throws Exception {
    fleet.checkServersRun();
    LiveNode node = fleet.running(sleeper);
    NodeClient client = LiveFleet.client(node);
    awaitAbleToLoad(client);
    awaitAbleToLoad(LiveFleet.client(fleet.running(writer)));
    session = client.session();
    write(node, OLD_PRICE);
    evict();
    sides.forEach((lane, side) -> held.put(lane, caller.heldRead(side, node, product, hold())));
    while (client.waiting(hold()) < held.size()) {
      for (CompletableFuture<Answer> read : held.values()) {
        if (read.isDone()) {
          Answer unused = NodeClient.await(read);
          throw new IllegalStateException("a read was answered without a load");
        }
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  /** A node whose session was ended a moment ago has to find a new one. */
  private void awaitAbleToLoad(NodeClient client)
      throws IOException, InterruptedException, TimeoutException {
    long end = System.nanoTime() + MOST_WAIT.toNanos();
    while (!NodeClient.await(client.canLoad(product))) {
      if (System.nanoTime() >= end) {
        throw new TimeoutException(
            "%s has not answered a read of product %d with it within %d s"
                .formatted(client.url(), product, MOST_WAIT.toSeconds()));
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  private void endSession() throws Exception {
    fleet.checkServersRun();
    if (session != null) {
      fleet.expire(session);
    }
  }

  private void write(LiveNode node, BigDecimal price) throws IOException, InterruptedException {
    Product changed = new Product(product, "Product " + product, price, STOCK);
    for (Contender side : sides.values()) {
      Update unused = NodeClient.await(caller.update(side, node, changed));
    }
  }

  private void evict() {
    for (Contender side : sides.values()) {
      fleet.redis().del(side.cache().redisKey(product));
    }
  }

  private void wake() throws Exception {
    fleet.resume(sleeper);
    openHold();
    for (CompletableFuture<Answer> read : held.values()) {
      // Its caller may get an error; what it wrote is what counts.
      CompletableFuture<Void> ended = read.handle((answer, failure) -> null);
      Void unused = ended.get();
    }
  }

  /** Its own: what is left of an earlier act holds nothing of this one. */
  private String hold() {
    return "act-" + number;
  }

  private void openHold() throws IOException, InterruptedException {
    LiveFleet.client(fleet.running(sleeper)).open(hold());
  }

  private void readEverywhere() throws IOException, InterruptedException {
    Map<String, Events.OutcomeView> outcomes = new LinkedHashMap<>();
    for (Contender side : sides.values()) {
      List<Answer> answers = new ArrayList<>();
      // The one that slept comes last: it may still be without ZooKeeper.
      List<LiveNode> readers = new ArrayList<>(fleet.running());
      readers.sort((a, b) -> Boolean.compare(a.number() == sleeper, b.number() == sleeper));
      for (LiveNode node : readers) {
        answers.add(NodeClient.await(caller.read(side, node, product, DB_LATENCY)));
      }
      outcomes.put(side.lane().word(), outcome(side, answers));
    }
    outcome = outcomes;
  }

  /** Asks the judge, since a visitor may have changed the price meanwhile. */
  private static Events.OutcomeView outcome(Contender side, List<Answer> answers) {
    long wrong = answers.stream().filter(answer -> answer.verdict() != Verdict.RIGHT).count();
    return new Events.OutcomeView(
        side.title(), Math.toIntExact(wrong), outcomeText(wrong, answers));
  }

  private static String outcomeText(long wrong, List<Answer> answers) {
    if (wrong > 0) {
      return "%d of %d reads got a price that the database no longer has."
          .formatted(wrong, answers.size());
    }
    return answers.stream().allMatch(BrokenWrite::hasNewPrice)
        ? "All %d reads got %s: the late write did no harm.".formatted(answers.size(), NEW_PRICE)
        : "No read got a price that the database no longer has, but not all got %s."
            .formatted(NEW_PRICE);
  }

  private static boolean hasNewPrice(Answer answer) {
    Product read = answer.read().product();
    return read != null && read.price().compareTo(NEW_PRICE) == 0;
  }

  /** Lets everything go on that it stopped, unless a visitor has done so or killed it. */
  void end() throws IOException, InterruptedException {
    if (stateOfSleeper() == State.PAUSED) {
      fleet.resume(sleeper);
    }
    if (stateOfSleeper() == State.RUNNING) {
      openHold();
    }
  }

  private State stateOfSleeper() {
    return fleet.nodes().get(sleeper - 1).state();
  }
}
