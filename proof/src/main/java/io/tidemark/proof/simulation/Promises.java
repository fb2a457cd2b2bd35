package io.tidemark.proof.simulation;

import io.tidemark.Origin;
import io.tidemark.ReadResult;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.Slot;
import io.tidemark.spi.Version;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Checks each answer against what is promised, as the world itself knows the truth: which commit a
 * value is from, and what every call could know when it began.
 *
 * <p>Beside the readers of the simulated processes there is an onlooker, who reads every slot after
 * every step of the store and whenever a write returns. A plain read changes nothing, so another
 * process could have read there too.
 */
final class Promises {
  private final SimulatedWorld world;
  private final Map<String, Known> known = new TreeMap<>();

  Promises(SimulatedWorld world) {
    this.world = world;
    for (String key : world.keys()) {
      known.put(key, new Known());
    }
  }

  /** What the fleet knows of a row. */
  private static final class Known {
    /** The newest commit that a read must not be behind, because a write or drop has returned. */
    private int required;

    /** The newest commit that a read was answered with from the shared cache. */
    private int served;

    private long servedVersion = Version.NONE;

    /** When each commit was last read from the source, and last an entry of the store. */
    private final Map<Integer, Long> lastTrue = new TreeMap<>();

    private int held = -1;

    int least() {
      return Math.max(required, served);
    }
  }

  /**
   * What a read must respect: what was known when it began.
   *
   * @param versionServed the highest version that was served, for rows whose versions fall
   * @param newest the newest commit in the source
   */
  record Start(
      String key, int required, int served, long versionServed, int newest, long atNanos) {}

  Start start(String key) {
    Known of = of(key);
    int newest = world.database().newest(key).number();
    return new Start(key, of.required, of.served, of.servedVersion, newest, world.now());
  }

  /** The row was read from the source at this moment. */
  void readFromSource(SimulatedCommit commit) {
    of(commit.key()).lastTrue.put(commit.number(), world.now());
  }

  /** From here on no read may be answered with anything older. */
  void require(String key, int commit) {
    Known of = of(key);
    if (commit > of.required) {
      of.required = commit;
      world.say("from now on, %s must be #%d or newer", key, commit);
      look(key);
    }
  }

  int required(String key) {
    return of(key).required;
  }

  /** The store must have forgotten everything older than this commit. */
  void requireRepaired(SimulatedCommit commit) {
    String key = commit.key();
    Slot slot = world.slots().read(world.slotKey(key));
    if (!world.plan().fallingVersions && slot.isHit()) {
      SimulatedCommit held = identify(key, slot, commit.number());
      if (held.number() < commit.number()) {
        throw SimulationRule.REPAIRED.brokenBy(
            "%s is still the entry, and %s was written".formatted(held, commit));
      }
    }
  }

  void checkAnswer(Start start, ReadResult<String> answer, boolean newest) {
    String key = start.key();
    boolean pastTheCache =
        answer.origin() == Origin.SOURCE_BYPASS || answer.origin() == Origin.SOURCE_FALLBACK;
    int known = Math.max(start.required(), start.served());
    SimulatedCommit commit =
        identify(
            key,
            answer.value().orElse(null),
            answer.version().orElse(Version.NONE),
            pastTheCache ? start.newest() : known);
    if (answer.origin() == Origin.CACHE_STALE) {
      return;
    }
    if (pastTheCache) {
      checkNewest(start, commit);
    }
    boolean fromCache =
        answer.origin() == Origin.CACHE || answer.origin() == Origin.CACHE_AFTER_WAIT;
    if (world.plan().fallingVersions) {
      if (fromCache) {
        checkVersion(key, commit, start.versionServed());
      }
    } else {
      checkOrder(commit, start.required(), start.served());
      if (commit.value() != null) {
        checkTrueAfter(start, commit);
      }
    }
    if (newest && commit.number() != newestLike(key, commit)) {
      throw SimulationRule.NEWEST_AT_THE_END.brokenBy(
          "long after the last fault %s was answered, the newest is %s"
              .formatted(commit, world.database().newest(key)));
    }
    if (fromCache || answer.fill().equals(Optional.of(FillAnswer.STORED))) {
      raise(key, commit);
    }
  }

  /** A refresh must come from a read of the source that began after the call did. */
  void checkRefreshed(Start start, int newestAtStart, ReadResult<String> answer) {
    SimulatedCommit commit =
        identify(
            start.key(),
            answer.value().orElse(null),
            answer.version().orElse(Version.NONE),
            newestAtStart);
    if (answer.origin() != Origin.SOURCE_LOCK_HOLDER || commit.number() < newestAtStart) {
      throw SimulationRule.NOT_FROM_BEFORE_THE_CALL.brokenBy(
          "a refresh answered %s, %s, and when it began the source had #%d already"
              .formatted(commit, answer.origin(), newestAtStart));
    }
  }

  /** What is read past the cache is what the source has, and never a replica. */
  private static void checkNewest(Start start, SimulatedCommit commit) {
    if (commit.number() < start.newest()) {
      throw SimulationRule.NOT_FROM_BEFORE_THE_CALL.brokenBy(
          "%s was read past the cache, and when the call began the source had #%d already"
              .formatted(commit, start.newest()));
    }
  }

  /** The onlooker's reading of all slots. */
  void look() {
    for (String key : world.keys()) {
      look(key);
    }
  }

  private void look(String key) {
    Known of = of(key);
    Slot slot = world.slots().read(world.slotKey(key));
    if (of.held >= 0) {
      of.lastTrue.put(of.held, world.now());
      of.held = -1;
    }
    if (!slot.isHit()) {
      return;
    }
    SimulatedCommit commit = identify(key, slot, of.least());
    if (world.plan().fallingVersions) {
      checkVersion(key, commit, of.servedVersion);
    } else {
      checkOrder(commit, of.required, of.served);
    }
    if (commit.value() != null) {
      of.held = commit.number();
      of.lastTrue.put(commit.number(), world.now());
    }
    raise(key, commit);
  }

  private void raise(String key, SimulatedCommit commit) {
    Known of = of(key);
    of.served = Math.max(of.served, commit.number());
    if (commit.value() != null) {
      of.servedVersion = Math.max(of.servedVersion, commit.version());
    }
  }

  private SimulatedCommit identify(String key, Slot slot, int least) {
    return slot instanceof Slot.Value value
        ? identify(
            key,
            new String(value.payload().bytes(), StandardCharsets.UTF_8),
            value.version(),
            least)
        : identify(key, null, Version.NONE, least);
  }

  /** Which commit an answer is from; for an absence the first that would do. */
  private SimulatedCommit identify(String key, @Nullable String value, long version, int least) {
    List<SimulatedCommit> history = world.database().history(key);
    if (value == null) {
      return absence(key, history, least);
    }
    for (SimulatedCommit commit : history) {
      if (value.equals(commit.value())) {
        if (commit.version() != version) {
          throw SimulationRule.ONE_COMMIT.brokenBy(
              "the value of %s came with version %d".formatted(commit, version));
        }
        return commit;
      }
    }
    throw SimulationRule.COMMITTED_ONLY.brokenBy(key + " was never '" + value + "'");
  }

  private static SimulatedCommit absence(String key, List<SimulatedCommit> history, int least) {
    SimulatedCommit found = null;
    for (SimulatedCommit commit : history) {
      if (commit.value() == null && (found == null || found.number() < least)) {
        found = commit;
      }
    }
    if (found == null) {
      throw SimulationRule.COMMITTED_ONLY.brokenBy(key + " was never absent");
    }
    return found;
  }

  private void checkOrder(SimulatedCommit commit, int required, int served) {
    if (commit.number() < required) {
      throw SimulationRule.READ_YOUR_WRITES.brokenBy(
          "%s was answered, and #%d or newer had to be".formatted(commit, required));
    }
    if (commit.number() < served) {
      throw SimulationRule.FORWARD_ONLY.brokenBy(
          "%s was answered, and #%d had been before".formatted(commit, served));
    }
  }

  private void checkVersion(String key, SimulatedCommit commit, long served) {
    if (!world.isEnding() && commit.value() != null && commit.version() < served) {
      throw SimulationRule.FORWARD_ONLY.brokenBy(
          "the cache had %s, and version %d of %s before".formatted(commit, served, key));
    }
  }

  private void checkTrueAfter(Start start, SimulatedCommit commit) {
    Known of = of(start.key());
    Long lastTrue = of.lastTrue.get(commit.number());
    if (of.held != commit.number() && (lastTrue == null || lastTrue < start.atNanos())) {
      throw SimulationRule.NOT_FROM_BEFORE_THE_CALL.brokenBy(
          "%s was answered to a call that began at %s; it was read or held last at %s"
              .formatted(commit, SimulatedWorld.clock(start.atNanos()), lastTrue));
    }
  }

  private int newestLike(String key, SimulatedCommit commit) {
    SimulatedCommit newest = world.database().newest(key);
    return newest.value() == null && commit.value() == null ? commit.number() : newest.number();
  }

  private Known of(String key) {
    Known of = known.get(key);
    if (of == null) {
      throw new IllegalArgumentException("no such row: " + key);
    }
    return of;
  }
}
