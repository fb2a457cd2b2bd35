package io.tidemark.proof.safeguards;

import java.util.ArrayList;
import java.util.List;

/** Takes a safeguard out of the store on Redis, mostly out of its scripts. */
public final class RedisEdits {
  private static final String FOLDER = "redis-store/src/main/resources/io/tidemark/redis/";

  private static final String STORE = "redis-store/src/main/java/io/tidemark/redis/RedisStore.java";

  private static final String IS_NEWER = "row.version > slot.floor";
  private static final String FILL_NEEDS_CLAIM = "if not is_claim_of(fence, slot) then";
  private static final String PUBLISH_UNDER_CLAIM =
      "is_claim_of(fence, slot) and (not versioned or row.version >= slot.floor)";
  private static final String PUBLISH_BREAKS_CLAIM =
      "leave_floor(slot, key, floor_after(slot, made, floor_ms))";
  private static final String REFRESH_IS_NEWER =
      "is_newer or (row.version == slot.floor and has_payload(slot, row.payload))";
  private static final String REFRESH_IS_OLDER = "row.version < slot.floor and not slot.expired";

  private static final Edit PUBLISH_ON_EMPTY =
      publish(
          Safeguard.CLAIM_ON_EMPTY,
          "local stored",
          "local stored = versioned and (slot.state == 'EMPTY' or slot.state == 'DAMAGED')");

  private static final List<Edit> WITHOUT_COMPARING =
      List.of(
          publish(Safeguard.COMPARE_VERSIONS, "row.version < slot.floor", "false"),
          publish(Safeguard.COMPARE_VERSIONS, IS_NEWER, "true"),
          refresh(Safeguard.COMPARE_VERSIONS, REFRESH_IS_OLDER, "false"),
          refresh(Safeguard.COMPARE_VERSIONS, REFRESH_IS_NEWER, "true"));

  private static final Edit WITHOUT_FLOOR =
      edit(
          "slot.lua",
          Safeguard.FLOOR,
          "return version, moment(NOW_MS + floor_ms)",
          "return NONE, NEVER");

  /** A claim is a slot in the state P, which follows the format. */
  private static final Edit CLEAR_LEAVES_CLAIMS =
      new Edit(
          STORE,
          Safeguard.CLEAR_BREAKS_CLAIMS,
          "progress.accept(removed.addAndGet(jedis.unlink(found.toArray(String[]::new))));",
          """
          for (String name : found) {
            if (!String.valueOf(jedis.get(name)).startsWith("T3----P")) {
              removed.addAndGet(jedis.unlink(name));
            }
          }
          """);

  private static final Edit FILL_WHATEVER_VERSION =
      fill(Safeguard.CLAIM_CARRIES_FLOOR, "local let_in", "slot.floor = NONE local let_in");

  private RedisEdits() {}

  /** The edits that take out a safeguard; empty if it is not in the store. */
  public static List<Edit> without(Safeguard safeguard) {
    return switch (safeguard) {
      case COMPARE_VERSIONS -> WITHOUT_COMPARING;
      case CLAIM_ON_EMPTY ->
          List.of(
              PUBLISH_ON_EMPTY,
              fill(
                  safeguard,
                  FILL_NEEDS_CLAIM,
                  "if slot.state ~= 'EMPTY' and not is_claim_of(fence, slot) then"));
      case CLAIM_ON_FLOOR ->
          List.of(
              fill(
                  safeguard,
                  FILL_NEEDS_CLAIM,
                  "if slot.state ~= 'PENDING' or (slot.fence ~= fence and slot.fence ~= NO_FENCE)"
                      + " then"));
      case OWN_CLAIM ->
          List.of(
              fill(
                  safeguard,
                  FILL_NEEDS_CLAIM,
                  "if slot.state ~= 'PENDING' or slot.fence == NO_FENCE then"));
      case BREAK_OTHER_CLAIM -> List.of(publishKeepsClaimWhere(safeguard, "fence == NO_FENCE"));
      case BREAK_OTHER_CLAIM_AS_LOCKED_WRITER ->
          List.of(publishKeepsClaimWhere(safeguard, "fence ~= NO_FENCE and slot.fence ~= fence"));
      case DROP_ON_TIE_NOT_KEEP ->
          List.of(
              publish(safeguard, " and has_payload(slot, row.payload)", ""),
              refresh(
                  safeguard,
                  REFRESH_IS_OLDER,
                  "row.version < slot.floor"
                      + " or (row.version == slot.floor and not has_payload(slot, row.payload))"));
      case DROP_ON_TIE_NOT_REPLACE ->
          List.of(
              publish(safeguard, IS_NEWER, "row.version >= slot.floor"),
              refresh(safeguard, REFRESH_IS_NEWER, "row.version >= slot.floor"));
      case DROP_ABSENT -> List.of(publishOverAbsentWhere(IS_NEWER));
      case FLOOR -> List.of(WITHOUT_FLOOR);
      case BEHIND_ON_TIE -> List.of(fill(safeguard, IS_NEWER, "row.version >= slot.floor"));
      case BEHIND_ON_ABSENCE ->
          List.of(fill(safeguard, "rule == 'AT_OR_ABOVE' or slot.floor == NONE", "true"));
      case RENEW_OWN_CLAIM ->
          List.of(
              edit(
                  "renew.lua",
                  safeguard,
                  "is_claim_of(fence, slot)",
                  "slot.state == 'EMPTY' or (slot.state == 'PENDING'"
                      + " and (slot.fence == fence or slot.fence == NO_FENCE))"));
      case CLEAR_BREAKS_CLAIMS -> List.of(CLEAR_LEAVES_CLAIMS);
      case DROP_FALLEN_VERSION -> List.of(publish(safeguard, "row.version >= slot.floor", "true"));
      case CLAIM_CARRIES_FLOOR ->
          List.of(
              fill(
                  safeguard,
                  "local let_in",
                  "if slot.floor_end <= NOW then slot.floor = NONE end local let_in"));
      case DROP_TELLS_VERSION ->
          List.of(
              edit("drop.lua", safeguard, "floor_after(slot, version,", "floor_after(slot, NONE,"));
      case FENCE_PER_ATTEMPT, FLIGHT_EPOCHS, FLIGHT_EPOCH_OF_READ, REPEAT_AFTER_LOST_REPLY ->
          List.of();
    };
  }

  /** The edits that make one of the designs that others have tried, and that fail. */
  public static List<Edit> of(Design design) {
    List<Edit> edits = new ArrayList<>();
    switch (design) {
      case LOCK_WITHOUT_VERSIONS -> {
        edits.addAll(WITHOUT_COMPARING);
        edits.add(PUBLISH_ON_EMPTY);
        edits.add(publish(Safeguard.DROP_FALLEN_VERSION, PUBLISH_UNDER_CLAIM, "versioned"));
        edits.add(publishOverAbsentWhere("true"));
        edits.add(fill(Safeguard.OWN_CLAIM, FILL_NEEDS_CLAIM, "if false then"));
        edits.add(FILL_WHATEVER_VERSION);
      }
      case VERSIONS_WITHOUT_CLAIMS -> {
        edits.add(PUBLISH_ON_EMPTY);
        edits.add(
            publish(
                Safeguard.DROP_FALLEN_VERSION,
                PUBLISH_UNDER_CLAIM,
                "versioned and row.version >= slot.floor"));
        edits.add(
            fill(
                Safeguard.OWN_CLAIM,
                FILL_NEEDS_CLAIM,
                "if slot.state == 'VALUE' and row.version < slot.floor then"));
      }
      case CLAIMS_WITHOUT_VERSIONS -> {
        edits.addAll(WITHOUT_COMPARING);
        edits.add(WITHOUT_FLOOR);
        edits.add(FILL_WHATEVER_VERSION);
      }
    }
    return List.copyOf(edits);
  }

  private static Edit publishKeepsClaimWhere(Safeguard safeguard, String condition) {
    return publish(
        safeguard,
        PUBLISH_BREAKS_CLAIM,
        "if slot.fence ~= NO_FENCE and "
            + condition
            + " then leave_claim(slot, key, slot.fence, 60000, floor_after(slot, made, floor_ms))"
            + " else "
            + PUBLISH_BREAKS_CLAIM
            + " end");
  }

  private static Edit publishOverAbsentWhere(String condition) {
    return publish(
        Safeguard.DROP_ABSENT,
        "if row.version == slot.floor",
        "stored = " + condition + " if row.version == slot.floor");
  }

  private static Edit publish(Safeguard safeguard, String original, String replacement) {
    return edit("publish.lua", safeguard, original, replacement);
  }

  private static Edit fill(Safeguard safeguard, String original, String replacement) {
    return edit("fill.lua", safeguard, original, replacement);
  }

  private static Edit refresh(Safeguard safeguard, String original, String replacement) {
    return edit("refresh.lua", safeguard, original, replacement);
  }

  private static Edit edit(String file, Safeguard safeguard, String original, String replacement) {
    return new Edit(FOLDER + file, safeguard, original, replacement);
  }
}
