package io.tidemark.proof.simulation;

import io.tidemark.CacheBuilder;
import io.tidemark.Codec;
import io.tidemark.VersionedCache;
import io.tidemark.spi.Ticker;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;

/**
 * One life of a simulated process: a cache on the production code, with a clock, threads and
 * connections of its own. A restart is another object.
 */
final class SimulatedNode {
  private final SimulatedWorld world;
  private final Agenda agenda;
  private final int id;
  private final int incarnation;
  private final Dice dice;
  private final long clockOffset;
  private final long clockPermille;
  private final List<Strand> callers = new ArrayList<>();
  private final SimulatedTransactions transactions = new SimulatedTransactions(this);

  private final SimulatedRows rows;
  private VersionedCache<String, String> cache;
  private boolean alive = true;
  private long pausedUntil;
  private long pausedTotal;
  private long stalledTotal;
  private int strands;

  SimulatedNode(SimulatedWorld world, int id, int incarnation, Dice dice) {
    this.world = world;
    this.agenda = world.agenda();
    this.id = id;
    this.incarnation = incarnation;
    this.dice = dice;
    this.clockOffset = dice.number();
    this.clockPermille = world.plan().events.drift ? dice.between(700, 1500) : 1000;
    if (clockPermille != 1000) {
      world.count(Happening.CLOCK_DRIFTS);
    }
    this.rows = new SimulatedRows(world, this, dice);
    this.cache = newCache();
  }

  int id() {
    return id;
  }

  int incarnation() {
    return incarnation;
  }

  boolean isAlive() {
    return alive;
  }

  long pausedUntil() {
    return pausedUntil;
  }

  /** How long this process has been paused until now. */
  long pausedTotal() {
    return pausedTotal;
  }

  /** How long strands of this process have stalled until now. */
  long stalledTotal() {
    return stalledTotal;
  }

  Agenda agenda() {
    return agenda;
  }

  VersionedCache<String, String> cache() {
    return cache;
  }

  SimulatedRows rows() {
    return rows;
  }

  SimulatedTransactions transactions() {
    return transactions;
  }

  void start() {
    for (int i = 0; i < world.plan().callers; i++) {
      Workload workload = new Workload(world, this, dice.split());
      callers.add(
          spawn(dice.spread(Plan.MICRO, world.plan().pace.thinkNanos + Plan.MICRO), workload::run));
    }
  }

  /** Has one more caller do one thing with a key. */
  void meddle(long afterNanos, String key) {
    Workload workload = new Workload(world, this, dice.split());
    callers.add(spawn(afterNanos, () -> workload.meddle(key)));
  }

  List<Strand> callers() {
    return callers;
  }

  /** Starts a thread of this process. */
  Strand spawn(long afterNanos, Runnable body) {
    checkRunning();
    strands++;
    Strand strand = new Strand(agenda, this, this + "/" + strands, body);
    strand.wakeAfter(afterNanos);
    return strand;
  }

  void pause(long nanos) {
    long until = agenda.now() + nanos;
    if (until > pausedUntil) {
      pausedTotal += until - Math.max(pausedUntil, agenda.now());
      pausedUntil = until;
    }
  }

  void crash() {
    alive = false;
  }

  /** Ends this cache in the orderly way; a new one takes its place. */
  void closeCache() {
    VersionedCache<String, String> old = cache;
    cache = newCache();
    old.close();
  }

  /** The strand that called; it must be one of this process. */
  Strand caller() {
    checkRunning();
    Strand strand = agenda.running();
    if (strand == null || strand.node() != this) {
      throw new IllegalStateException(strand + " called " + this);
    }
    return strand;
  }

  void checkRunning() {
    if (agenda.isOver()) {
      throw new StrandEnded();
    }
  }

  /** Blocks the caller for a time of the world, and by chance much longer. */
  void spend(long nanos) {
    caller().blockUntil(agenda.now() + nanos + stall());
  }

  /** Blocks the caller until a future is done, or for a time of this process' clock. */
  <T> T await(CompletableFuture<T> future, Duration atMost)
      throws InterruptedException, ExecutionException, TimeoutException {
    return new Clock().await(future, atMost.toNanos());
  }

  /** A foreign call that may end with anything. */
  void mayBurst(ForeignCall call) {
    Plan plan = world.plan();
    if (plan.bursts.bursting.contains(call)
        && world.faultsMayHappen()
        && dice.permille(plan.bursts.burstPermille)) {
      boolean asError = dice.coin();
      world.count(asError ? Happening.FOREIGN_ERROR : Happening.FOREIGN_EXCEPTION);
      world.say("FAULT: %s throws %s", call, asError ? "an error" : "an exception");
      Outburst.erupt(call, asError);
    }
  }

  /** A place where the scheduler may well take the processor away. */
  void mayStall() {
    long stall = stall();
    if (stall > 0) {
      caller().blockUntil(agenda.now() + stall);
    }
  }

  private long stall() {
    if (!world.faultsMayHappen() || !dice.permille(world.plan().rates.stallPermille)) {
      return 0;
    }
    world.count(Happening.STRAND_STALLED);
    long nanos = dice.spread(50 * Plan.MICRO, 60 * Plan.MILLI);
    stalledTotal += nanos;
    world.say("stalls for %s ms", SimulatedWorld.clock(nanos));
    return nanos;
  }

  /** A time of this process' clock in time of the world, rounded up. */
  long toWorld(long nanos) {
    return nanos <= 0 ? 0 : nanos * 1000 / clockPermille + 1;
  }

  long clockNanos() {
    long now = agenda.now();
    return clockOffset + now / 1000 * clockPermille + now % 1000 * clockPermille / 1000;
  }

  private VersionedCache<String, String> newCache() {
    return plannedCache()
        .source(rows.source())
        .store(new SimulatedStore(world, this))
        .locks(new SimulatedLocks(world, this, dice.split()))
        .codec(new StallingCodec())
        .transactions(transactions)
        .keyEncoder(
            key -> {
              mayBurst(ForeignCall.ENCODE_KEY);
              return key;
            })
        .listener(event -> mayBurst(ForeignCall.LISTENER))
        .maxFallbackLoads(1_000_000)
        .executor(new Strands())
        .scheduler(new SimulatedScheduler(this))
        .ticker(new Clock())
        .random(dice::number)
        .build();
  }

  /** A builder with what the plan draws for a cache. */
  private CacheBuilder<String, String> plannedCache() {
    Plan plan = world.plan();
    CacheBuilder<String, String> builder = VersionedCache.builder(SimulatedWorld.CACHE);
    if (plan.replica) {
      builder.replica(rows.replica()).replicaLag(plan.replicaLag);
    }
    if (plan.terms.softTimeout != null) {
      builder.softTimeout(plan.terms.softTimeout);
    }
    if (plan.terms.refreshAhead != null) {
      builder.refreshAhead(plan.terms.refreshAhead);
    }
    return builder
        .ttl(plan.ttl)
        .negativeTtl(plan.negativeTtl)
        .ttlJitter(plan.ttlJitter)
        .grace(plan.grace)
        .deadline(plan.deadline)
        .onFallback(plan.fallback)
        .onLoadFailure(plan.terms.onLoadFailure)
        .waitStrategy(plan.terms.waitStrategy)
        .lockOutageWait(plan.terms.lockOutageWait)
        .claimLife(plan.claimLife)
        .maxLoadTime(plan.maxLoadTime);
  }

  @Override
  public String toString() {
    return "p" + id + (incarnation == 0 ? "" : "." + incarnation);
  }

  /** Runs each task as a strand. Messages name it, and must not differ from run to run. */
  private final class Strands implements Executor {
    @Override
    public void execute(Runnable body) {
      mayBurst(ForeignCall.EXECUTOR);
      if (world.faultsMayHappen() && dice.permille(world.plan().bursts.refusedTaskPermille)) {
        world.count(Happening.TASK_REFUSED);
        throw new RejectedExecutionException("the strands refuse a task");
      }
      if (world.faultsMayHappen() && dice.permille(world.plan().bursts.droppedTaskPermille)) {
        world.count(Happening.TASK_DROPPED);
        world.say("FAULT: the executor drops a task");
        return;
      }
      Strand unused = spawn(dice.between(0, 20 * Plan.MICRO), body);
    }

    @Override
    public String toString() {
      return "strands";
    }
  }

  /** The process' clock, which may be fast or slow, and goes on while the process is paused. */
  private final class Clock implements Ticker {
    @Override
    public long nanos() {
      // Asked for between many steps of a cache: a good place to lose the processor.
      if (dice.permille(100)) {
        mayStall();
      }
      return clockNanos();
    }

    @Override
    public void sleep(long nanos) throws InterruptedException {
      throwIfInterrupted();
      if (nanos > 0) {
        spend(toWorld(nanos));
      }
      throwIfInterrupted();
    }

    @Override
    public <T> T await(CompletableFuture<T> future, long nanos)
        throws InterruptedException, ExecutionException, TimeoutException {
      Strand strand = caller();
      throwIfInterrupted();
      if (!future.isDone() && nanos > 0) {
        long block = strand.blockNumber();
        CompletableFuture<T> unused =
            future.whenComplete(
                (result, failure) -> {
                  if (strand.waitsIn(block)) {
                    strand.wakeAfter(dice.between(0, 20 * Plan.MICRO));
                  }
                });
        strand.blockUntil(agenda.now() + toWorld(nanos));
        throwIfInterrupted();
      }
      if (!future.isDone()) {
        throw new TimeoutException();
      }
      return future.get();
    }
  }

  static void throwIfInterrupted() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
  }

  /** The same values for every process. */
  private boolean isUncacheable(String value) {
    int spread = value.hashCode() * 0x9E3779B9;
    return Math.floorMod(spread, 1000) < world.plan().uncacheablePermille;
  }

  /** Encodes as UTF-8, and is a place where a thread may stall between two steps of the cache. */
  private final class StallingCodec implements Codec<String> {
    @Override
    public byte[] encode(String value) {
      mayStall();
      mayBurst(ForeignCall.ENCODE);
      if (isUncacheable(value)) {
        world.count(Happening.VALUE_UNCACHEABLE);
        throw new IllegalStateException("this value has no encoding");
      }
      return value.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String decode(byte[] bytes) {
      mayStall();
      mayBurst(ForeignCall.DECODE);
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }
}
