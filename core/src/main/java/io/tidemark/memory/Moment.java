package io.tidemark.memory;

import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.Filling;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.Slot;
import io.tidemark.spi.Slot.Freshness;
import io.tidemark.spi.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A slot at the moment of a verb, and the ways in which the verb may leave it. Immutable.
 *
 * @param cell the stored cell, or null
 * @param lineage the server's present lineage
 * @param nanos the moment, by the ticker
 * @param slot what readers see at that moment
 * @param lost the version or the floor of an entry of another lineage; none if there is none
 * @param writer the name of the store that runs the verb
 * @param time the moment, as slots record it
 */
record Moment(
    @Nullable Cell cell,
    long lineage,
    long nanos,
    Slot slot,
    long lost,
    String writer,
    Instant time) {

  static Moment of(@Nullable Cell cell, long lineage, long nanos, String writer, Instant time) {
    if (cell == null) {
      return new Moment(null, lineage, nanos, new Slot.Empty(), Version.NONE, writer, time);
    }
    // Safeguard STAMP_IN_SCRIPTS: what a failover brought back may be arbitrarily old.
    if (cell.isOf(lineage)) {
      return new Moment(cell, lineage, nanos, cell.at(nanos), Version.NONE, writer, time);
    }
    // Safeguard FOREIGN_KEEPS_FLOOR: it tells which rows a replica may not have yet.
    long lost = cell.versionAt(nanos);
    return new Moment(cell, lineage, nanos, cell.floorAt(nanos), lost, writer, time);
  }

  /** Whether the slot's entry is reserved by a fence. */
  boolean isReservedBy(long fence) {
    Slot.Pending claim = slot.claim();
    return slot.isEntry() && claim != null && claim.fence() == fence;
  }

  /** The floor that the present claim carries, whether or not it has ended. */
  Floor carriedFloor() {
    return cell != null && slot instanceof Slot.Pending pending
        ? new Floor(pending.floor(), cell.lastEndNanos())
        : Floor.NONE;
  }

  /**
   * The floor that the slot has for anybody but that claim: its own until that ends, or a new one
   * for an entry that goes.
   *
   * @param life the life of a new floor; zero for none
   */
  Floor floor(Duration life) {
    if (slot instanceof Slot.Value value) {
      return newFloor(value.version(), life);
    }
    if (slot instanceof Slot.Absent absent) {
      return newFloor(absent.floor(), life);
    }
    if (lost != Version.NONE) {
      return newFloor(lost, life);
    }
    Floor carried = carriedFloor();
    return nanos - carried.endNanos() < 0 ? carried : Floor.NONE;
  }

  /**
   * The floor after a write of a version, which starts its life again, or after a drop without one.
   */
  Floor floorAfter(long version, Duration life) {
    Floor floor = floor(life);
    return version == Version.NONE ? floor : newFloor(Math.max(floor.version(), version), life);
  }

  private Floor newFloor(long version, Duration life) {
    if (life.isNegative()) {
      throw new IllegalArgumentException("floorLife is " + life + "; it must be zero or more");
    }
    // Safeguard FLOOR: until the floor ends, a replica may give a row older than this version.
    return life.isZero() || version == Version.NONE ? Floor.NONE : new Floor(version, after(life));
  }

  /** Keeps the cell with its ends, but removes an expired one. */
  <A> Change<A> unchanged(A answer) {
    boolean isOver = slot instanceof Slot.Empty && lost == Version.NONE;
    return new Change<>(answer, isOver ? null : cell);
  }

  /** Leaves a new claim. */
  <A> Change<A> claim(A answer, long fence, Floor floor, Duration life) {
    return claim(answer, fence, floor, life, writer, time);
  }

  /** Leaves the present claim with a new life, and its writer and time as they were. */
  <A> Change<A> renewed(A answer, long fence, Floor floor, Duration life) {
    return slot instanceof Slot.Pending pending
        ? claim(answer, fence, floor, life, pending.writer(), pending.writtenAt())
        : claim(answer, fence, floor, life);
  }

  private <A> Change<A> claim(
      A answer, long fence, Floor floor, Duration life, String writer, Instant writtenAt) {
    long end = endOfClaim(life);
    return pending(answer, fence, end, timeOf(end), floor, writer, writtenAt);
  }

  private long endOfClaim(Duration life) {
    if (life.compareTo(Duration.ofMillis(1)) < 0) {
      throw new IllegalArgumentException("claimLife is " + life + "; it must be 1 ms or more");
    }
    return after(life);
  }

  /** Leaves the entry, reserved. */
  <A> Change<A> reserved(A answer, long fence, long floor, Duration life) {
    return reserved(answer, fence, floor, life, writer, time);
  }

  /** Leaves the entry reserved for a new life, with the writer and the time of before. */
  <A> Change<A> renewedReservation(A answer, Duration life) {
    Slot.Pending claim = Objects.requireNonNull(slot.claim());
    return reserved(answer, claim.fence(), claim.floor(), life, claim.writer(), claim.writtenAt());
  }

  private <A> Change<A> reserved(
      A answer, long fence, long floor, Duration life, String writer, Instant writtenAt) {
    long end = endOfClaim(life);
    Slot.Pending claim =
        new Slot.Pending(fence, floor, timeOf(end), Instant.EPOCH, writer, writtenAt);
    Cell present = Objects.requireNonNull(cell);
    return new Change<>(answer, present.with(new Reservation(claim, end)));
  }

  /** Leaves the entry, reserved no more. */
  <A> Change<A> unreserved(A answer) {
    return new Change<>(answer, Objects.requireNonNull(cell).with(null));
  }

  /** Leaves a floor without a claim, or an empty slot if there is no floor. */
  <A> Change<A> floorOnly(A answer, Floor floor) {
    return floor.isNone()
        ? new Change<>(answer, null)
        : pending(answer, LockHandle.NO_FENCE, nanos, Instant.EPOCH, floor, writer, time);
  }

  private <A> Change<A> pending(
      A answer,
      long fence,
      long claimEndNanos,
      Instant claimEndsAt,
      Floor floor,
      String writer,
      Instant writtenAt) {
    long floorEndNanos = floor.isNone() ? nanos : floor.endNanos();
    Instant floorEndsAt = floor.isNone() ? Instant.EPOCH : timeOf(floorEndNanos);
    Slot pending =
        new Slot.Pending(fence, floor.version(), claimEndsAt, floorEndsAt, writer, writtenAt);
    return new Change<>(answer, new Cell(lineage, pending, claimEndNanos, floorEndNanos));
  }

  /** Leaves the row as the entry. An absence keeps the highest known version. */
  <A> Change<A> entry(A answer, EncodedRow row, long floor, Lifetime lifetime) {
    Duration life = Duration.ofNanos(capped(lifetime.fresh()));
    Filling filling = new Filling(writer, time, row.loadTime(), life, Duration.ZERO, Duration.ZERO);
    Slot entry =
        row instanceof EncodedRow.Present present
            ? new Slot.Value(present.version(), present.payload(), Freshness.FRESH, filling)
            : new Slot.Absent(Math.max(floor, row.version()), Freshness.FRESH, filling);
    // Each part is capped by itself, so that their sum cannot overflow.
    long expiresAt = after(lifetime.fresh());
    long goneAt = expiresAt + capped(lifetime.grace());
    return new Change<>(answer, new Cell(lineage, entry, expiresAt, goneAt));
  }

  private Instant timeOf(long otherNanos) {
    return time.plusNanos(otherNanos - nanos);
  }

  private long after(Duration life) {
    return nanos + capped(life);
  }

  /** Caps a life at a quarter of the range, 73 years, so that differences do not overflow. */
  static long capped(Duration life) {
    long most = Long.MAX_VALUE / 4;
    return life.compareTo(Duration.ofNanos(most)) >= 0 ? most : life.toNanos();
  }
}
