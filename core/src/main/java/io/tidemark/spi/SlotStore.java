package io.tidemark.spi;

import java.time.Duration;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Where the slots live: shared by every process of the fleet. Implementations are thread-safe.
 *
 * <p>Every verb but {@link #clear} touches one slot and is atomic: it happens at one moment between
 * its call and its return, in one order that all processes agree on. No verb uses the clock of the
 * calling process. A store may lose any slot at any time; it must never bring a lost or replaced
 * slot back.
 *
 * <p>A store has a name, and signs with it whatever it leaves in a slot, with the time of its
 * clock: {@link Filling}. A verb that leaves a slot unchanged leaves that unchanged, too.
 *
 * <p>A verb blocks for at most the store's own time limit and then throws:
 *
 * <ul>
 *   <li>{@link io.tidemark.UnavailableException}: the store was not reached, and nothing was done;
 *   <li>{@link io.tidemark.RefusedException}: it says no, and nothing was done. It is not asked
 *       again at once;
 *   <li>{@link io.tidemark.OutcomeUnknownException}: the request was sent and its answer was lost.
 *       It was carried out, or not, or will be a little later.
 * </ul>
 *
 * <p>A slot without an entry has two ends. A claim lives for {@code claimLife}, at least 1 ms, from
 * when it was made or renewed last. A floor lives for {@code floorLife} from the write or the drop
 * that made it: the longest time by which what is read may lag behind what was written. No claim,
 * renewal or abandonment moves its end, so that a floor that no row reaches is forgotten however
 * often the slot is read. Where {@code floorLife} is zero none is left: what reads where writers
 * commit needs none. The tables write {@code floor} for one that has not ended, and none for one
 * that has. A claim keeps the floor that it was given for as long as it lives, because what is read
 * before a floor's end may be filled after it; the next claim is not given it any more. A slot
 * whose claim and floor have both ended is {@code EMPTY}, and so is {@code PENDING(none, none)}.
 *
 * <p>The ends are part of the slot. Where they have passed it is over, even if the slot's own life
 * was taken from it, as by Redis's PERSIST.
 */
public interface SlotStore {

  /**
   * Reads a slot.
   *
   * @return what the slot holds; {@link Slot.Damaged} for anything this version cannot read
   */
  Slot read(SlotKey key);

  /**
   * Claims a slot, before a load or a write.
   *
   * <table>
   *   <caption>Transitions</caption>
   *   <tr><th>slot</th><th>answer</th><th>slot after</th></tr>
   *   <tr><td>EMPTY, damaged</td><td>claimed, no floor</td><td>PENDING(fence, none)</td></tr>
   *   <tr><td>PENDING(g, floor), g &lt; fence</td><td>claimed, floor</td>
   *   <td>PENDING(fence, floor)</td></tr>
   *   <tr><td>PENDING(fence, floor)</td><td>claimed, the claim's floor</td>
   *   <td>PENDING(fence, floor)</td></tr>
   *   <tr><td>PENDING(g, floor), g &gt; fence</td><td>lost</td><td>unchanged</td></tr>
   *   <tr><td>VALUE, ABSENT; unless present</td><td>hit</td><td>unchanged</td></tr>
   *   <tr><td>VALUE(v), ABSENT(f); always</td><td>claimed, v or f</td>
   *   <td>PENDING(fence, v or f)</td></tr>
   * </table>
   *
   * <p>Where {@code floorLife} is zero a hidden entry leaves no floor, and the answer tells its
   * version all the same.
   *
   * @param fence the fence of the caller's holding of the lock, 1 or more
   * @param floorLife for the floor that a hidden entry leaves, zero or more
   */
  ClaimAnswer claim(
      SlotKey key, long fence, ClaimMode mode, Duration claimLife, Duration floorLife);

  /**
   * Starts the life of the caller's own claim anew.
   *
   * @return whether the slot is still {@code PENDING} with this fence; if not, it is unchanged
   */
  boolean renew(SlotKey key, long fence, Duration claimLife);

  /**
   * Gives up the caller's own claim, so that a later fill under it is refused: PENDING(fence,
   * floor) becomes PENDING(none, floor), or EMPTY without a floor. Any other slot is unchanged.
   */
  void abandon(SlotKey key, long fence);

  /**
   * Stores what a loader read after its claim.
   *
   * <table>
   *   <caption>Transitions</caption>
   *   <tr><th>slot</th><th>answer</th><th>slot after</th></tr>
   *   <tr><td>PENDING(fence, floor), the floor's rule lets the row in</td><td>stored</td>
   *   <td>VALUE(version, payload) or ABSENT(max(floor, version))</td></tr>
   *   <tr><td>PENDING(fence, floor), it does not</td><td>behind</td><td>unchanged</td></tr>
   *   <tr><td>anything else</td><td>refused</td><td>unchanged</td></tr>
   * </table>
   *
   * @param fence the fence of the claim, 1 or more
   */
  FillAnswer fill(SlotKey key, long fence, EncodedRow row, FloorRule rule, Lifetime lifetime);

  /**
   * Stores what a writer committed, in any order and any number of times. After it, nothing older
   * than the row is served.
   *
   * <table>
   *   <caption>Transitions</caption>
   *   <tr><th>slot</th><th>answer</th><th>slot after</th></tr>
   *   <tr><td>PENDING(own fence, floor), version ≥ floor or an absence without a version</td>
   *   <td>stored</td><td>VALUE(version) or ABSENT(max(floor, version))</td></tr>
   *   <tr><td>PENDING(own fence, floor), version &lt; floor</td><td>dropped</td>
   *   <td>PENDING(none, floor)</td></tr>
   *   <tr><td>any other PENDING(g, floor)</td><td>dropped</td>
   *   <td>PENDING(none, max(floor, version))</td></tr>
   *   <tr><td>EMPTY, damaged</td><td>dropped</td><td>PENDING(none, version)</td></tr>
   *   <tr><td>VALUE(w), version &gt; w</td><td>stored</td><td>VALUE or ABSENT(version)</td></tr>
   *   <tr><td>VALUE(w), 0 ≤ version &lt; w</td><td>superseded</td><td>unchanged</td></tr>
   *   <tr><td>VALUE(w), version = w, same payload</td><td>same</td><td>unchanged</td></tr>
   *   <tr><td>VALUE(w), version = w, otherwise</td><td>dropped</td><td>PENDING(none, w)</td></tr>
   *   <tr><td>VALUE(w), an absence without a version</td><td>dropped</td><td>PENDING(none, w)</td>
   *   </tr>
   *   <tr><td>ABSENT(f), an absence with version f</td><td>same</td><td>unchanged</td></tr>
   *   <tr><td>ABSENT(f), anything else</td><td>dropped</td><td>PENDING(none, max(f, version))</td>
   *   </tr>
   * </table>
   *
   * <p>Dropped makes a floor, whose life begins, where the slot held an entry or the row has a
   * version; an absence without a version leaves a floor as it is. A store that has no room for the
   * entry drops where the table says stored.
   *
   * @param fence the fence of the writer's own claim, or {@link LockHandle#NO_FENCE}
   * @param floorLife for the floor that is left, zero or more; zero leaves none, and a slot that
   *     would be PENDING(none, …) is EMPTY
   */
  PublishAnswer publish(
      SlotKey key, long fence, EncodedRow row, Lifetime lifetime, Duration floorLife);

  /**
   * Stores what was loaded while a value, fresh or expired, was present. Needs no claim.
   *
   * <table>
   *   <caption>Transitions</caption>
   *   <tr><th>slot</th><th>answer</th><th>slot after</th></tr>
   *   <tr><td>VALUE(w), version &gt; w</td><td>stored</td><td>VALUE(version)</td></tr>
   *   <tr><td>VALUE(w), version = w, same payload</td><td>stored</td><td>VALUE(w), a new life</td>
   *   </tr>
   *   <tr><td>VALUE(w), version = w, other payload</td><td>dropped</td><td>PENDING(none, w)</td></tr>
   *   <tr><td>fresh VALUE(w), version &lt; w</td><td>superseded</td><td>unchanged</td></tr>
   *   <tr><td>expired VALUE(w), version &lt; w</td><td>dropped</td><td>PENDING(none, w)</td></tr>
   *   <tr><td>VALUE(w), an absence</td><td>dropped</td><td>PENDING(none, w)</td></tr>
   *   <tr><td>ABSENT(f)</td><td>dropped</td><td>PENDING(none, max(f, version))</td></tr>
   *   <tr><td>EMPTY, PENDING, damaged</td><td>refused</td><td>unchanged</td></tr>
   * </table>
   *
   * @param floorLife for the floor that is left by dropping, as in {@link #publish}
   */
  RefreshAnswer refresh(SlotKey key, EncodedRow row, Lifetime lifetime, Duration floorLife);

  /**
   * Drops whatever entry or claim the slot holds, so that the next reader loads: for a row that was
   * committed and must not be an entry, because its value is too large, say. After it, nothing
   * older than the row is served. In any order and any number of times.
   *
   * <table>
   *   <caption>Transitions</caption>
   *   <tr><th>slot</th><th>answer</th><th>slot after</th></tr>
   *   <tr><td>EMPTY, damaged</td><td>dropped</td><td>PENDING(none, version)</td></tr>
   *   <tr><td>PENDING(g, floor)</td><td>dropped</td><td>PENDING(none, max(floor, version))</td></tr>
   *   <tr><td>VALUE(w), 0 ≤ version &lt; w</td><td>superseded</td><td>unchanged</td></tr>
   *   <tr><td>VALUE(w), otherwise</td><td>dropped</td><td>PENDING(none, max(w, version))</td></tr>
   *   <tr><td>ABSENT(f)</td><td>dropped</td><td>PENDING(none, max(f, version))</td></tr>
   * </table>
   *
   * <p>The life of a floor begins as with {@link #publish}.
   *
   * @param version the row's, or {@link Version#NONE} for whatever was committed: with a source
   *     that lags, such a drop does not hold back what is older
   * @param floorLife for the floor that is left, zero or more; zero leaves none
   */
  PublishAnswer drop(SlotKey key, long version, Duration floorLife);

  /** Clears like {@link #clear(String, LongConsumer)}, without telling of its progress. */
  default long clear(String cache) {
    return clear(cache, removed -> {});
  }

  /**
   * Removes every slot of a cache, and no other. Not atomic: a slot that exists from before the
   * call to its end is removed, one that is made meanwhile may be. Takes time with the number of
   * slots.
   *
   * @param cache the cache's name
   * @param progress is told now and then, on the calling thread, how many slots were removed so
   *     far; what it throws ends the clearing
   * @return how many slots were removed
   */
  long clear(String cache, LongConsumer progress);

  /**
   * Is told, when a cache is built on this store, how large its payloads may be. What a slot of the
   * cache holds beyond that is none of its entries, and a store outside this process does not fetch
   * it, so that it cannot fill the memory of its readers: such a slot reads as {@link
   * Slot.Damaged}, and a claim hides it, whatever the claim's mode. Where two caches of one name
   * are built, the larger limit counts.
   *
   * @param cache the cache's name
   * @param maxPayloadBytes the largest payload, 1 or more
   */
  default void limit(String cache, int maxPayloadBytes) {}

  /**
   * Looks for what is wrong with the store's set-up; for when a program starts. Does not throw
   * where the store is away or will not tell: that is a finding too.
   */
  default List<Finding> check() {
    return List.of();
  }
}
