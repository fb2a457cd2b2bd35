package io.tidemark.proof.simulation;

import io.tidemark.VersionedCache;
import io.tidemark.memory.InMemoryStore;
import io.tidemark.spi.SlotKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Everything that one run consists of, and its record. Used by the strand that has the baton. */
final class SimulatedWorld {
  static final String CACHE = "c";

  private final Plan plan;
  private final Agenda agenda;
  private final Dice dice;
  private final List<String> keys;
  private final InMemoryStore slots;
  private final SimulatedDatabase database;
  private final LoadsUnderWay loads = new LoadsUnderWay(this);
  private final LockService locks;
  private final Promises promises;
  private final Network network;
  private final Faults faults;
  private final List<SimulatedNode> nodes = new ArrayList<>();
  private final Map<Happening, Long> counts = new EnumMap<>(Happening.class);
  private final @Nullable List<String> trace;
  private final List<Unknown> unknown = new ArrayList<>();
  private boolean ending;

  /** When the store last lost floors; null before the first time. */
  private @Nullable Long floorsLostNanos;

  SimulatedWorld(long seed, Workers workers, boolean traced) {
    dice = new Dice(seed);
    plan = new Plan(dice.split());
    agenda = new Agenda(workers);
    keys = List.of("a", "b", "c", "d", "e", "f").subList(0, plan.keys);
    trace = traced ? new ArrayList<>() : null;
    slots = InMemoryStore.create(agenda::now);
    database = new SimulatedDatabase(this, dice.split());
    promises = new Promises(this);
    locks = new LockService(this, dice.split());
    network = new Network(this, dice.split());
    faults = new Faults(this, dice.split());
    for (int id = 0; id < plan.nodes; id++) {
      nodes.add(new SimulatedNode(this, id, 0, dice.split()));
    }
  }

  SimulationReport run(long seed) {
    if (plan.calm) {
      count(Happening.CALM);
    }
    nodes.forEach(SimulatedNode::start);
    faults.begin();
    RolloutChange.schedule(this);
    ServerChange.schedule(this);
    agenda.after(plan.busyNanos, new Ending(this)::begin);
    agenda.run();
    Throwable failure = agenda.failure();
    return new SimulationReport(
        seed,
        failure == null ? null : asViolation(failure),
        agenda.steps(),
        agenda.now(),
        agenda.fingerprint(),
        counts,
        trace == null ? List.of() : trace);
  }

  private static SimulationViolation asViolation(Throwable failure) {
    if (failure instanceof SimulationViolation violation) {
      return violation;
    }
    SimulationViolation surprise = SimulationRule.NO_SURPRISE.brokenBy(failure.toString());
    surprise.initCause(failure);
    return surprise;
  }

  Plan plan() {
    return plan;
  }

  Agenda agenda() {
    return agenda;
  }

  long now() {
    return agenda.now();
  }

  List<String> keys() {
    return keys;
  }

  SlotKey slotKey(String key) {
    return new SlotKey(CACHE, key);
  }

  InMemoryStore slots() {
    return slots;
  }

  void loseFloors() {
    floorsLostNanos = agenda.now();
  }

  /** Whether the store has lost floors within this time. */
  boolean hasLostFloorsWithin(Duration time) {
    return floorsLostNanos != null && agenda.now() - floorsLostNanos < time.toNanos();
  }

  SimulatedDatabase database() {
    return database;
  }

  LoadsUnderWay loads() {
    return loads;
  }

  LockService locks() {
    return locks;
  }

  Promises promises() {
    return promises;
  }

  Network network() {
    return network;
  }

  Faults faults() {
    return faults;
  }

  List<SimulatedNode> nodes() {
    return nodes;
  }

  boolean faultsMayHappen() {
    return agenda.now() < plan.faultsEndNanos;
  }

  boolean isEnding() {
    return ending;
  }

  void beginEnding() {
    ending = true;
  }

  /** A write whose outcome the caller does not know. */
  private record Unknown(
      SimulatedNode node, VersionedCache<String, String> cache, SimulatedCommit commit) {}

  /** The cache must see to it in the background that this commit is not forgotten. */
  void toBeRepaired(
      SimulatedNode node, VersionedCache<String, String> cache, SimulatedCommit commit) {
    unknown.add(new Unknown(node, cache, commit));
  }

  /** Requires what must have been repaired by now: by caches that still live. */
  void requireRepairs() {
    for (Unknown write : unknown) {
      if (write.node().isAlive() && write.node().cache() == write.cache()) {
        promises.requireRepaired(write.commit());
      }
    }
    for (SimulatedNode node : nodes) {
      for (long i = node.cache().stats().repaired(); i > 0; i--) {
        count(Happening.WRITE_REPAIRED);
      }
    }
  }

  void restart(SimulatedNode dead) {
    SimulatedNode node = new SimulatedNode(this, dead.id(), dead.incarnation() + 1, dice.split());
    nodes.set(dead.id(), node);
    count(Happening.PROCESS_RESTARTED);
    say("process %s starts", node);
    node.start();
  }

  void count(Happening happening) {
    counts.merge(happening, 1L, Long::sum);
  }

  /** A line of the trace; formatted only if someone wants to read it. */
  @SuppressWarnings("AnnotateFormatMethod") // Its annotations are no dependency of this module.
  void say(String format, @Nullable Object... arguments) {
    if (trace != null) {
      Strand running = agenda.running();
      trace.add(
          "%s %-8s %s"
              .formatted(
                  clock(agenda.now()),
                  running == null ? "" : running,
                  format.formatted(arguments)));
    }
  }

  /** A moment in milliseconds. */
  static String clock(long nanos) {
    return "%6d.%03d".formatted(nanos / Plan.MILLI, nanos % Plan.MILLI / Plan.MICRO);
  }
}
