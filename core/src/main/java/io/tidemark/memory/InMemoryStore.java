package io.tidemark.memory;

import io.tidemark.spi.Ballot;
import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.Payload;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.RefreshAnswer;
import io.tidemark.spi.Slot;
import io.tidemark.spi.Slot.Freshness;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import io.tidemark.spi.Ticker;
import io.tidemark.spi.Version;
import io.tidemark.spi.WriterName;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A store in the memory of this process: the reference model of {@link SlotStore}, and a store for
 * unit tests. Thread-safe. It never throws {@link io.tidemark.UnavailableException} or {@link
 * io.tidemark.OutcomeUnknownException}, and waits only for other threads at the same key.
 *
 * <p>Caches that share a store behave like a fleet of several processes; give each its own {@link
 * #as view} if slots should name their writers. The ticker measures time, so a test can expire an
 * entry without waiting. An expired slot is {@code EMPTY} at once; its memory is freed when its key
 * is next changed or cleared. The number of slots is not limited.
 */
public final class InMemoryStore implements SlotStore {
  private final Servers servers;
  private final Ticker ticker;
  private final Start start;
  private final String writer;

  /** One moment, by the ticker and as a time of day. */
  private record Start(long nanos, Instant time) {}

  private InMemoryStore(Servers servers, Ticker ticker, Start start, String writer) {
    this.servers = servers;
    this.ticker = ticker;
    this.start = start;
    this.writer = writer;
  }

  /**
   * Creates an empty store whose clock is {@link Ticker#system()}. It signs slots with {@link
   * WriterName#ofThisProcess} and the time of day.
   */
  public static InMemoryStore create() {
    return create(Ticker.system(), Instant.now());
  }

  /**
   * Creates an empty store. It signs slots with {@link WriterName#ofThisProcess} and a time that
   * starts at the beginning of 1970 and follows the ticker, so that a test with its own ticker can
   * predict it.
   *
   * @param ticker the clock that measures the life of slots
   */
  public static InMemoryStore create(Ticker ticker) {
    return create(ticker, Instant.EPOCH);
  }

  private static InMemoryStore create(Ticker ticker, Instant now) {
    Objects.requireNonNull(ticker, "ticker");
    long nanos = ticker.nanos();
    return new InMemoryStore(
        new Servers(nanos), ticker, new Start(nanos, now), WriterName.ofThisProcess());
  }

  /**
   * Returns a view of the same slots that signs as another writer.
   *
   * @param writer the name to sign with
   * @throws IllegalArgumentException unless it is 1 to 8 printable ASCII characters without spaces
   */
  public InMemoryStore as(String writer) {
    return new InMemoryStore(servers, ticker, start, WriterName.check(writer));
  }

  /** Removes a slot, as a server under memory pressure would. Atomic; does not block. */
  public void evict(SlotKey key) {
    cells().remove(key);
  }

  /** The slots of a store at one moment, for {@link #failOver}. Immutable; thread-safe. */
  public static final class Snapshot {
    private final Map<SlotKey, Cell> cells;

    private Snapshot(Map<SlotKey, Cell> cells) {
      this.cells = Map.copyOf(cells);
    }
  }

  /** Takes a snapshot of the slots, such as a replica has. Not atomic; does not block. */
  public Snapshot snapshot() {
    return new Snapshot(cells());
  }

  /**
   * Replaces the server by one with an earlier state of the slots, as when a replica is promoted or
   * a server restarts from what it saved. A new lineage begins: the slots of the snapshot count as
   * lost. Atomic; does not block. What other threads do meanwhile may be lost, too.
   *
   * @param snapshot the slots of the new server
   */
  public void failOver(Snapshot snapshot) {
    servers.failOver(snapshot.cells, ticker.nanos());
  }

  private ConcurrentMap<SlotKey, Cell> cells() {
    return servers.present().cells();
  }

  /**
   * Makes a slot {@link Slot.Damaged}, as bytes of an unknown format would. Atomic; does not block.
   */
  public void damage(SlotKey key) {
    cells().put(key, Cell.damaged());
  }

  /** Names the store and its writer, for people. */
  @Override
  public String toString() {
    return "InMemoryStore (writer " + writer + ")";
  }

  @Override
  public Slot read(SlotKey key) {
    Servers.Server present = servers.present();
    Cell cell = present.cells().get(key);
    if (cell == null) {
      return new Slot.Empty();
    }
    // Safeguard STAMP_ON_READ: what a failover brought back may be arbitrarily old.
    return cell.isOf(present.lineage())
        ? withOwnBytes(cell.at(ticker.nanos()))
        : cell.floorAt(ticker.nanos());
  }

  /** Copies the bytes: a reader may change its own, as it may those from a server. */
  private static Slot withOwnBytes(Slot slot) {
    return slot instanceof Slot.Value value
        ? new Slot.Value(
            value.version(),
            Payload.wrap(value.payload().bytes().clone()),
            value.freshness(),
            value.filling(),
            value.reservation())
        : slot;
  }

  @Override
  public ClaimAnswer claim(
      SlotKey key, long fence, ClaimMode mode, Duration claimLife, Duration floorLife) {
    Ballot.checkFor(mode, fence);
    return change(
        key,
        moment -> {
          Slot slot = moment.slot();
          if (slot.isHit() && mode != ClaimMode.ALWAYS) {
            return moment.unchanged(new ClaimAnswer.Hit(withOwnBytes(slot)));
          }
          Slot.Pending claim = slot.claim();
          if (claim != null && isInTheWay(claim.fence(), fence, mode)) {
            return moment.unchanged(new ClaimAnswer.Lost(claim));
          }
          if (slot.isEntry() && mode != ClaimMode.ALWAYS) {
            ClaimAnswer answer = new ClaimAnswer.Reserved(floorOf(slot));
            // Safeguard RESERVE_EXPIRED: other loads do not see one that leaves no mark.
            return moment.reserved(answer, fence, floorOf(slot), claimLife);
          }
          Floor floor = isClaimOf(fence, slot) ? moment.carriedFloor() : moment.floor(floorLife);
          long known = slot.isEntry() ? floorOf(slot) : floor.version();
          return moment.claim(new ClaimAnswer.Claimed(known), fence, floor, claimLife);
        });
  }

  @Override
  public boolean renew(SlotKey key, long fence, Duration claimLife) {
    Ballot.checkClaim(fence);
    return change(
        key,
        moment -> {
          if (moment.isReservedBy(fence)) {
            return moment.renewedReservation(true, claimLife);
          }
          // Safeguard RENEW_OWN_CLAIM: without its claim, what a load has read may be too old.
          return isClaimOf(fence, moment.slot())
              ? moment.renewed(true, fence, moment.carriedFloor(), claimLife)
              : moment.unchanged(false);
        });
  }

  @Override
  public boolean abandon(SlotKey key, long fence) {
    Ballot.checkClaim(fence);
    return change(
        key,
        moment -> {
          if (moment.isReservedBy(fence)) {
            return moment.unreserved(true);
          }
          return isClaimOf(fence, moment.slot())
              ? moment.floorOnly(true, moment.floor(Duration.ZERO))
              : moment.unchanged(false);
        });
  }

  @Override
  public FillAnswer fill(
      SlotKey key, long fence, EncodedRow row, FloorRule rule, Lifetime lifetime) {
    Ballot.checkClaim(fence);
    return change(
        key,
        moment -> {
          // Safeguard CLAIM_ON_EMPTY: what an evicted slot held may be newer than this row.
          // Safeguard CLAIM_ON_FLOOR: a write broke the claim, and may have this row's version.
          // Safeguard OWN_CLAIM: another load's claim does not tell when this one read.
          if (!isClaimOf(fence, moment.slot())) {
            return moment.unchanged(FillAnswer.REFUSED);
          }
          // Safeguard CLAIM_CARRIES_FLOOR: the row may have been read before the floor ended.
          long floor = floorOf(moment.slot());
          return letsIn(rule, floor, row)
              ? moment.entry(FillAnswer.STORED, row, floor, lifetime)
              : moment.unchanged(FillAnswer.BEHIND);
        });
  }

  @Override
  public PublishAnswer publish(
      SlotKey key, long fence, EncodedRow row, Lifetime lifetime, Duration floorLife) {
    if (fence != LockHandle.NO_FENCE) {
      Ballot.checkClaim(fence);
    }
    return change(
        key,
        moment -> {
          Slot slot = moment.slot();
          long floor = floorOf(slot);
          PublishAnswer answer = publishAnswer(slot, fence, row);
          return switch (answer) {
            case STORED -> moment.entry(answer, row, floor, lifetime);
            case SAME, SUPERSEDED -> moment.unchanged(answer);
            case DROPPED -> {
              // If the writer's own claim carries a floor above the row, the write renews that
              // floor.
              long made = isClaimOf(fence, slot) ? floor : row.version();
              // Safeguard BREAK_OTHER_CLAIM: the claim's load may have read before this write.
              // Safeguard BREAK_OTHER_CLAIM_AS_LOCKED_WRITER: so may the one that took its claim.
              yield moment.floorOnly(answer, moment.floorAfter(made, floorLife));
            }
          };
        });
  }

  @Override
  public RefreshAnswer refresh(SlotKey key, EncodedRow row, Lifetime lifetime, Duration floorLife) {
    return change(
        key,
        moment -> {
          Slot slot = moment.slot();
          RefreshAnswer answer = slot.isEntry() ? refreshAnswer(slot, row) : RefreshAnswer.REFUSED;
          return switch (answer) {
            case STORED -> moment.entry(answer, row, floorOf(slot), lifetime);
            case SUPERSEDED, REFUSED -> moment.unchanged(answer);
            case DROPPED -> {
              long known = slot instanceof Slot.Value ? Version.NONE : row.version();
              yield moment.floorOnly(answer, moment.floorAfter(known, floorLife));
            }
          };
        });
  }

  @Override
  public PublishAnswer drop(SlotKey key, long version, Duration floorLife) {
    Version.checkOrNone(version);
    return change(
        key,
        moment -> {
          boolean isOlder =
              version != Version.NONE
                  && moment.slot() instanceof Slot.Value value
                  && version < value.version();
          if (isOlder) {
            return moment.unchanged(PublishAnswer.SUPERSEDED);
          }
          // Safeguard DROP_TELLS_VERSION: a source that lags still has what is older than the row.
          Floor floor = moment.floorAfter(version, floorLife);
          return moment.floorOnly(PublishAnswer.DROPPED, floor);
        });
  }

  @Override
  public boolean mayLackFloors(Duration floorLife) {
    return servers.present().hasLostWithin(Moment.capped(floorLife), ticker.nanos());
  }

  @Override
  public long clear(String cache, LongConsumer progress) {
    SlotKey.checkCacheName(cache);
    Servers.Server present = servers.present();
    long removed = 0;
    for (SlotKey key : present.cells().keySet()) {
      // Safeguard CLEAR_BREAKS_CLAIMS: a load under way would put back what is cleared.
      if (key.cache().equals(cache)) {
        Cell cell = present.cells().remove(key);
        if (!(moment(cell, present.lineage()).slot() instanceof Slot.Empty)) {
          removed++;
          progress.accept(removed);
        }
      }
    }
    return removed;
  }

  /** Chooses the row of the table of {@link SlotStore#publish}. */
  private static PublishAnswer publishAnswer(Slot slot, long fence, EncodedRow row) {
    boolean unversionedAbsence = row.version() == Version.NONE;
    if (slot instanceof Slot.Pending pending) {
      // Safeguard DROP_FALLEN_VERSION: stored, it would lower the floor for lagging replicas.
      boolean letIn = unversionedAbsence || row.version() >= pending.floor();
      return isClaimOf(fence, slot) && letIn ? PublishAnswer.STORED : PublishAnswer.DROPPED;
    }
    if (slot instanceof Slot.Value value && !unversionedAbsence) {
      if (row.version() != value.version()) {
        // Safeguard COMPARE_VERSIONS: writers publish in any order, the older row perhaps last.
        return row.version() > value.version() ? PublishAnswer.STORED : PublishAnswer.SUPERSEDED;
      }
      // Safeguard DROP_ON_TIE_NOT_KEEP: of two rows with one version, the slot's may be the older.
      // Safeguard DROP_ON_TIE_NOT_REPLACE: of two rows with one version, this may be the older.
      return isSamePayload(value, row) ? PublishAnswer.SAME : PublishAnswer.DROPPED;
    }
    if (slot instanceof Slot.Absent absent && !unversionedAbsence) {
      boolean sameAbsence = row instanceof EncodedRow.Absent && row.version() == absent.floor();
      // Safeguard DROP_ABSENT: the row may be older than a delete that came without a version.
      return sameAbsence ? PublishAnswer.SAME : PublishAnswer.DROPPED;
    }
    // Safeguard CLAIM_ON_EMPTY: what an evicted slot held may be newer than this row.
    return PublishAnswer.DROPPED;
  }

  /** Chooses the row of the table of {@link SlotStore#refresh} for a slot that holds an entry. */
  private static RefreshAnswer refreshAnswer(Slot slot, EncodedRow row) {
    if (!(slot instanceof Slot.Value value) || !(row instanceof EncodedRow.Present)) {
      return RefreshAnswer.DROPPED;
    }
    // Safeguard COMPARE_VERSIONS: the row may have been read before the entry was written.
    if (row.version() < value.version()) {
      return value.freshness() == Freshness.FRESH
          ? RefreshAnswer.SUPERSEDED
          : RefreshAnswer.DROPPED;
    }
    // Safeguard COMPARE_VERSIONS: only a newer row replaces an entry.
    // Safeguard DROP_ON_TIE_NOT_KEEP: of two rows with one version, the slot's may be the older.
    // Safeguard DROP_ON_TIE_NOT_REPLACE: of two rows with one version, this may be the older.
    return row.version() > value.version() || isSamePayload(value, row)
        ? RefreshAnswer.STORED
        : RefreshAnswer.DROPPED;
  }

  private static boolean letsIn(FloorRule rule, long floor, EncodedRow row) {
    if (row instanceof EncodedRow.Absent) {
      // Safeguard BEHIND_ON_ABSENCE: the row may be too new for a replica to have.
      return rule == FloorRule.AT_OR_ABOVE || floor == Version.NONE;
    }
    // Safeguard BEHIND_ON_TIE: of two rows with one version, a replica may have only the older.
    return row.version() > floor || (row.version() == floor && rule == FloorRule.AT_OR_ABOVE);
  }

  private static boolean isSamePayload(Slot.Value value, EncodedRow row) {
    return row instanceof EncodedRow.Present present && present.payload().equals(value.payload());
  }

  /** Never true for {@link LockHandle#NO_FENCE}, which slots without a claim have. */
  private static boolean isClaimOf(long fence, Slot slot) {
    return fence != LockHandle.NO_FENCE
        && slot instanceof Slot.Pending pending
        && pending.fence() == fence;
  }

  private static long floorOf(Slot slot) {
    if (slot instanceof Slot.Pending pending) {
      return pending.floor();
    }
    if (slot instanceof Slot.Value value) {
      return value.version();
    }
    return slot instanceof Slot.Absent absent ? absent.floor() : Version.NONE;
  }

  /** Whether a living claim, or none, does not give way to a claim. */
  private static boolean isInTheWay(long holder, long fence, ClaimMode mode) {
    if (holder == LockHandle.NO_FENCE || holder == fence) {
      return false;
    }
    return switch (mode) {
      // A ballot is lower than every lock's fence.
      case ALWAYS -> holder > fence;
      // Safeguard BALLOT_STANDS: its load is under way, and would be refused after its query.
      case UNLESS_PRESENT -> holder > fence || Ballot.isBallot(holder);
      // Safeguard IF_FREE: ballots have no order, and two loads that take turns both query.
      case IF_FREE -> true;
    };
  }

  private Moment moment(@Nullable Cell cell, long lineage) {
    long nanos = ticker.nanos();
    return Moment.of(cell, lineage, nanos, writer, start.time().plusNanos(nanos - start.nanos()));
  }

  /** Runs a verb atomically: the map lets no other thread change the key meanwhile. */
  private <A> A change(SlotKey key, Function<Moment, Change<A>> verb) {
    AtomicReference<@Nullable A> answer = new AtomicReference<>();
    Servers.Server present = servers.present();
    ConcurrentMap<SlotKey, Cell> cells = present.cells();
    // Safeguard ATOMIC_VERB: what another thread does to the slot must not be overwritten.
    cells.compute(
        key,
        (same, cell) -> {
          Change<A> change = verb.apply(moment(cell, present.lineage()));
          answer.set(change.answer());
          return change.after();
        });
    return Objects.requireNonNull(answer.get());
  }
}
