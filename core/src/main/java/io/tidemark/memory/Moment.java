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
import org.jspecify.annotations.Nullable;

/**
 * A slot at the moment of a verb, and the ways in which the verb can leave it. Immutable.
 *
 * @param cell the cell as it is, if there is one
 * @param nanos the moment, by the ticker
 * @param slot what readers see at the moment
 * @param writer whose verb it is
 * @param time the moment, as a slot tells it
 */
record Moment(@Nullable Cell cell, long nanos, Slot slot, String writer, Instant time) {

  static Moment of(@Nullable Cell cell, long nanos, String writer, Instant time) {
    Slot slot = cell == null ? new Slot.Empty() : cell.at(nanos);
    return new Moment(cell, nanos, slot, writer, time);
  }

  /** The floor as the claim that is there was given it, ended or not. */
  Floor carriedFloor() {
    return cell != null && slot instanceof Slot.Pending pending
        ? new Floor(pending.floor(), cell.lastEndNanos())
        : Floor.NONE;
  }

  /**
   * The floor that is left to others than that claim: the slot's, until its end, or a new one for
   * an entry that goes.
   *
   * @param life of a new one; zero for none
   */
  Floor floor(Duration life) {
    if (slot instanceof Slot.Value value) {
      return newFloor(value.version(), life);
    }
    if (slot instanceof Slot.Absent absent) {
      return newFloor(absent.floor(), life);
    }
    Floor carried = carriedFloor();
    return nanos - carried.endNanos() < 0 ? carried : Floor.NONE;
  }

  /** That floor after a write of a version, which makes it anew; or after a drop without one. */
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

  /** The cell as it is, life and all; an expired one is dropped. */
  <A> Change<A> unchanged(A answer) {
    return new Change<>(answer, slot instanceof Slot.Empty ? null : cell);
  }

  /** A new claim. */
  <A> Change<A> claim(A answer, long fence, Floor floor, Duration life) {
    return claim(answer, fence, floor, life, writer, time);
  }

  /** A claim that lives on as whose it was. */
  <A> Change<A> renewed(A answer, long fence, Floor floor, Duration life) {
    return slot instanceof Slot.Pending pending
        ? claim(answer, fence, floor, life, pending.writer(), pending.writtenAt())
        : claim(answer, fence, floor, life);
  }

  private <A> Change<A> claim(
      A answer, long fence, Floor floor, Duration life, String writer, Instant writtenAt) {
    if (life.compareTo(Duration.ofMillis(1)) < 0) {
      throw new IllegalArgumentException("claimLife is " + life + "; it must be 1 ms or more");
    }
    long end = after(life);
    return pending(answer, fence, end, timeOf(end), floor, writer, writtenAt);
  }

  /** A slot that nobody may fill, for its floor's sake alone; empty without a floor. */
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
    return new Change<>(answer, new Cell(pending, claimEndNanos, floorEndNanos));
  }

  /** The row as the entry. An absence keeps the highest version known. */
  <A> Change<A> entry(A answer, EncodedRow row, long floor, Lifetime lifetime) {
    Duration life = Duration.ofNanos(capped(lifetime.fresh()));
    Filling filling = new Filling(writer, time, row.loadTime(), life, Duration.ZERO, Duration.ZERO);
    Slot entry =
        row instanceof EncodedRow.Present present
            ? new Slot.Value(present.version(), present.payload(), Freshness.FRESH, filling)
            : new Slot.Absent(Math.max(floor, row.version()), Freshness.FRESH, filling);
    // Each part is capped by itself, so that their sum cannot overflow.
    long expiresAt = after(lifetime.fresh());
    return new Change<>(answer, new Cell(entry, expiresAt, expiresAt + capped(lifetime.grace())));
  }

  private Instant timeOf(long otherNanos) {
    return time.plusNanos(otherNanos - nanos);
  }

  private long after(Duration life) {
    return nanos + capped(life);
  }

  /**
   * A quarter of all nanoseconds, 73 years, is for ever, and keeps differences from overflowing.
   */
  private static long capped(Duration life) {
    long most = Long.MAX_VALUE / 4;
    return life.compareTo(Duration.ofNanos(most)) >= 0 ? most : life.toNanos();
  }
}
