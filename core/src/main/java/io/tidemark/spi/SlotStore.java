package io.tidemark.spi;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongConsumer;

/**
 * Stores the slots, which all processes of the fleet share. Implementations are thread-safe.
 *
 * <p>Every verb but {@link #clear} touches one slot and is atomic: it takes effect at one moment
 * between its call and its return, in one order that all processes agree on. No verb uses the clock
 * of the calling process. A store may lose any slot at any time.
 *
 * <p>It must never bring a lost or replaced slot back. A server may: a replica that is promoted, or
 * a restart from what was saved, brings back an earlier state of its slots, which may be
 * arbitrarily old. So a store marks each slot with the <em>lineage</em> of its server, which is new
 * whenever the server may have lost something. A slot of another lineage than the server's present
 * one counts as lost: it is neither a hit nor a claim. What it still tells is a floor. In the
 * tables, it is {@code PENDING(none, floor)} with its own floor, or {@code PENDING(none, v)} if it
 * was an entry: that floor begins to live with the first verb that changes the slot. A verb that
 * leaves it unchanged leaves its lineage, too. Floors that the server has lost are no more to be
 * found there: {@link #mayLackFloors}.
 *
 * <p>A store signs whatever it writes into a slot with its name and the time of its clock: {@link
 * Filling}. A verb that leaves a slot unchanged keeps the signature too.
 *
 * <p>A verb blocks for at most the store's own time limit and then throws:
 *
 * <ul>
 *   <li>{@link io.tidemark.UnavailableException}: the store was not reached; nothing was done;
 *   <li>{@link io.tidemark.RefusedException}: the store refused; nothing was done. It is not asked
 *       again at once;
 *   <li>{@link io.tidemark.OutcomeUnknownException}: the request was sent and its answer was lost.
 *       It was carried out, or not, or will be a little later.
 * </ul>
 *
 * <p>In a slot without an entry, the claim and the floor end separately. A claim lives for {@code
 * claimLife}, at least 1 ms, from when it was made or last renewed. A floor lives for {@code
 * floorLife} from the write or drop that made it: the longest time by which a read may lag behind a
 * write. Claims, renewals and abandonments do not move its end, so a floor that no row reaches is
 * forgotten however often the slot is read. If {@code floorLife} is zero, no floor is left: a
 * source that is read where writers commit needs none. In the tables, {@code floor} is a floor that
 * has not ended; one that has counts as none. A claim carries the floor that it was given for as
 * long as it lives, because a row that was read before the floor's end may be filled after it; the
 * next claim does not get that floor any more. A slot whose claim and floor have both ended is
 * {@code EMPTY}, and so is {@code PENDING(none, none)}.
 *
 * <p>The ends are part of the slot. They hold even if the slot's own time to live was removed, as
 * by Redis's PERSIST.
 *
 * <p>A claim carries a fence: the number of a holding of the key's lock, 1 or more, or a {@link
 * Ballot}, which is negative and stands for no lock. No promise rests on the lock, so the tables
 * treat both alike, except where {@link #claim} says who gives way.
 *
 * <p>The verbs for many slots, such as {@link #readAll}, do what their single twins do, for each
 * request by itself: they are no transaction, other callers may see any part of them done, and the
 * requests are carried out in any order. The replies come in the order of the requests. A request
 * that fails, for whatever reason, fails for itself, and its reply holds what the single verb would
 * have thrown. As they stand here they ask for one slot after the other, each within the store's
 * time limit; a store at the far end of a network sends the requests together.
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
   *   <tr><td>PENDING(none, floor)</td><td>claimed, floor</td><td>PENDING(fence, floor)</td></tr>
   *   <tr><td>PENDING(fence, floor)</td><td>claimed, the claim's floor</td>
   *   <td>PENDING(fence, floor)</td></tr>
   *   <tr><td>PENDING(another lock's g, floor), g &lt; fence</td><td>claimed, floor</td>
   *   <td>PENDING(fence, floor)</td></tr>
   *   <tr><td>PENDING(another lock's g, floor), g &gt; fence, or if free</td><td>lost</td>
   *   <td>unchanged</td></tr>
   *   <tr><td>PENDING(another's ballot, floor); always</td><td>claimed, floor</td>
   *   <td>PENDING(fence, floor)</td></tr>
   *   <tr><td>PENDING(another's ballot, floor); unless present, if free</td><td>lost</td>
   *   <td>unchanged</td></tr>
   *   <tr><td>fresh VALUE, ABSENT; unless present, if free</td><td>hit</td><td>unchanged</td></tr>
   *   <tr><td>expired VALUE(v), ABSENT(f); unless present, if free</td><td>reserved, v or f</td>
   *   <td>the same, reserved by fence</td></tr>
   *   <tr><td>VALUE(v), ABSENT(f); always</td><td>claimed, v or f</td>
   *   <td>PENDING(fence, v or f)</td></tr>
   * </table>
   *
   * <p>If {@code floorLife} is zero, a hidden entry leaves no floor, but the answer still contains
   * its version.
   *
   * <p>An expired entry that is reserved is kept for callers that accept it while its row is loaded
   * again. To another claim, the reservation is the claim of PENDING(fence, v or f): it is lost to
   * it, or takes it over, as the table says. Beside claims, only {@link #renew} and {@link
   * #abandon} look at a reservation, which ends after {@code claimLife} and with the entry. Only
   * the number of loads depends on it: a store without room for it answers reserved all the same.
   *
   * <p>A load that finds the claim of a ballot leaves it alone, under a lock too, so that a row is
   * loaded once. If that loader died, its claim keeps others waiting until it ends. A write takes
   * the claim over, which refuses the loader's fill.
   *
   * @param fence the fence of the caller's holding of the lock, 1 or more; for {@link
   *     ClaimMode#IF_FREE}, a ballot that no earlier attempt has used
   * @param floorLife for the floor that a hidden entry leaves, zero or more
   */
  ClaimAnswer claim(
      SlotKey key, long fence, ClaimMode mode, Duration claimLife, Duration floorLife);

  /**
   * Extends the life of the caller's own claim or reservation to {@code claimLife} from now.
   *
   * @return whether the slot is still {@code PENDING} with this fence, or an entry reserved by it;
   *     otherwise it is unchanged
   */
  boolean renew(SlotKey key, long fence, Duration claimLife);

  /**
   * Gives up the caller's own claim, so that a later fill under it is refused: PENDING(fence,
   * floor) becomes PENDING(none, floor), or EMPTY without a floor. An entry that is reserved by the
   * fence is no longer reserved. Any other slot is unchanged.
   *
   * <p>If it fails, the claim may stay until it ends. A lock's claim is no obstacle to the lock's
   * next holder, and keeps off only loads by ballot. A ballot's claim keeps off every load, so that
   * the key's readers wait for the rest of the claim's life; a write takes it over.
   *
   * @return whether the slot was {@code PENDING} with this fence, or an entry reserved by it
   */
  boolean abandon(SlotKey key, long fence);

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
   * @param fence the fence of the claim
   */
  FillAnswer fill(SlotKey key, long fence, EncodedRow row, FloorRule rule, Lifetime lifetime);

  /**
   * Stores what a writer committed. Publishes may come in any order and be repeated. Afterwards,
   * nothing older than the row is served.
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
   * <p>Dropping starts the life of a new floor if the slot held an entry or the row has a version;
   * an absence without a version leaves a floor as it is. A store without room for the entry drops
   * where the table says stored.
   *
   * @param fence the fence of the writer's own claim, or {@link LockHandle#NO_FENCE} if it has none
   * @param floorLife for the floor that is left, zero or more; zero leaves none, and a slot that
   *     would be PENDING(none, …) is EMPTY
   */
  PublishAnswer publish(
      SlotKey key, long fence, EncodedRow row, Lifetime lifetime, Duration floorLife);

  /**
   * Stores what was loaded while a value, fresh or expired, was present. Needs no claim, and no
   * reservation.
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
   * Drops the entry or the claim of a slot, so that the next reader loads: for a row that was
   * committed and cannot be an entry, for instance because its value is too large. Drops may come
   * in any order and be repeated. Afterwards, nothing older than the row is served.
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
   * @param version the row's version, or {@link Version#NONE} if it is unknown: with a lagging
   *     source, such a drop does not keep older rows out
   * @param floorLife for the floor that is left, zero or more; zero leaves none
   */
  PublishAnswer drop(SlotKey key, long version, Duration floorLife);

  /**
   * Whether a floor that a write made within the last {@code floorLife} may be missing from its
   * slot, because the server lost it: then what a replica of the source gives may be older than the
   * write, and nothing in the slot tells. Asked after a claim, before its load reads. It is enough
   * that {@code floorLife} has passed since this store first met the lineage.
   *
   * @param floorLife the life of a floor, zero or more; zero if there are no floors
   */
  default boolean mayLackFloors(Duration floorLife) {
    return false;
  }

  /** Reads many slots; {@link #read} for each. */
  default List<Reply<Slot>> readAll(List<SlotKey> keys) {
    return forEach(keys, this::read);
  }

  /** Claims many slots; {@link #claim} for each. */
  default List<Reply<ClaimAnswer>> claimAll(
      List<SlotKey> keys, long fence, ClaimMode mode, Duration claimLife, Duration floorLife) {
    return forEach(keys, key -> claim(key, fence, mode, claimLife, floorLife));
  }

  /** Extends many claims; {@link #renew} for each. */
  default List<Reply<Boolean>> renewAll(List<SlotKey> keys, long fence, Duration claimLife) {
    return forEach(keys, key -> renew(key, fence, claimLife));
  }

  /** Gives many claims up; {@link #abandon} for each. */
  default List<Reply<Boolean>> abandonAll(List<SlotKey> keys, long fence) {
    return forEach(keys, key -> abandon(key, fence));
  }

  /** Fills many slots; {@link #fill} for each. */
  default List<Reply<FillAnswer>> fillAll(List<Fill> fills) {
    return forEach(
        fills, one -> fill(one.key(), one.fence(), one.row(), one.rule(), one.lifetime()));
  }

  /** Publishes many rows; {@link #publish} for each. */
  default List<Reply<PublishAnswer>> publishAll(List<Publish> publishes) {
    return forEach(
        publishes,
        one -> publish(one.key(), one.fence(), one.row(), one.lifetime(), one.floorLife()));
  }

  /** Refreshes many slots; {@link #refresh} for each. */
  default List<Reply<RefreshAnswer>> refreshAll(List<Refresh> refreshes) {
    return forEach(
        refreshes, one -> refresh(one.key(), one.row(), one.lifetime(), one.floorLife()));
  }

  /** Drops many slots; {@link #drop} for each. */
  default List<Reply<PublishAnswer>> dropAll(List<Drop> drops) {
    return forEach(drops, one -> drop(one.key(), one.version(), one.floorLife()));
  }

  private static <R, A> List<Reply<A>> forEach(List<R> requests, Function<R, A> verb) {
    return requests.stream().map(request -> Reply.<A>of(() -> verb.apply(request))).toList();
  }

  /** Clears like {@link #clear(String, LongConsumer)}, without reporting progress. */
  default long clear(String cache) {
    return clear(cache, removed -> {});
  }

  /**
   * Removes every slot of a cache, and no other. Not atomic: a slot that exists during the whole
   * call is removed, one that is made meanwhile may be. The time that it takes grows with the
   * number of slots.
   *
   * @param cache the cache's name
   * @param progress receives the number of slots removed so far, now and then, on the calling
   *     thread; an exception from it ends the clearing
   * @return how many slots were removed
   */
  long clear(String cache, LongConsumer progress);

  /**
   * Limits the payloads of a cache; called when the cache is built. A slot with a larger payload is
   * not an entry: it reads as {@link Slot.Damaged}, and a claim hides it, whatever the claim's
   * mode. A store outside this process does not fetch it, so that it cannot fill its readers'
   * memory. If two caches of one name are built, the larger limit counts.
   *
   * @param cache the cache's name
   * @param maxPayloadBytes the largest payload, 1 or more
   */
  default void limit(String cache, int maxPayloadBytes) {}

  /**
   * Checks the set-up of the store, for when a program starts. Does not throw if the store is
   * unavailable or does not tell: that is a finding too.
   */
  default List<Finding> check() {
    return List.of();
  }
}
