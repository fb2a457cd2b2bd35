package io.tidemark.proof.safeguards;

import java.util.ArrayList;
import java.util.List;

/** Takes a safeguard out of the store on Redis, mostly out of its scripts. */
public final class RedisEdits {
  private static final String FOLDER = "redis-store/src/main/resources/io/tidemark/redis/";

  private static final String FILL_NEEDS_CLAIM = "if not is_claim_of(fence, slot) then";
  private static final String SUPERSEDED =
      """
        if row.version < slot.floor then
          return 'SUPERSEDED'
        end
      """;
  private static final String PUBLISH_BREAKS_CLAIM =
      "leave_floor(slot, key, floor_after(slot, made, floor_ms))";
  private static final String REFRESH_IS_NEWER =
      "if is_newer or (row.version == slot.floor and has_payload(slot, row.payload)) then";
  private static final String REFRESH_IS_OLDER =
      "if row.version < slot.floor and not slot.expired then";

  private static final Edit PUBLISH_OVER_ABSENT =
      publish(
          """
              return 'SAME'
            end
          end

          if stored and has_set\
          """,
          """
              return 'SAME'
            end
            stored = row.version > slot.floor
          end

          if stored and has_set\
          """);

  private static final Edit PUBLISH_ON_EMPTY =
      publish(
          "local stored\n",
          "local stored = versioned and (slot.state == 'EMPTY' or slot.state == 'DAMAGED')\n");

  private static final List<Edit> WITHOUT_COMPARING =
      List.of(
          publish(SUPERSEDED, ""),
          publish("stored = row.version > slot.floor", "stored = true"),
          refresh(REFRESH_IS_OLDER, "if false then"),
          refresh(REFRESH_IS_NEWER, "if true then"));

  private static final Edit WITHOUT_FLOOR =
      edit("slot.lua", "return version, moment(NOW_MS + floor_ms)", "return NONE, NEVER");

  /** A claim is a slot in the state P, which follows the format. */
  private static final Edit CLEAR_LEAVES_CLAIMS =
      new Edit(
          "redis-store/src/main/java/io/tidemark/redis/RedisStore.java",
          "removed += jedis.unlink(found.toArray(String[]::new));",
          """
          for (String name : found) {
            if (!String.valueOf(jedis.get(name)).startsWith("T3----P")) {
              removed += jedis.unlink(name);
            }
          }
          """);

  private static final Edit FILL_WHATEVER_VERSION = fill("if not let_in then", "if false then");

  private RedisEdits() {}

  /** The edits that take out a safeguard; empty if it is not in the store. */
  public static List<Edit> without(Safeguard safeguard) {
    return switch (safeguard) {
      case COMPARE_VERSIONS -> WITHOUT_COMPARING;
      case CLAIM_ON_EMPTY ->
          List.of(
              PUBLISH_ON_EMPTY,
              fill(
                  FILL_NEEDS_CLAIM,
                  "if slot.state ~= 'EMPTY' and not is_claim_of(fence, slot) then"));
      case CLAIM_ON_FLOOR ->
          List.of(
              fill(
                  FILL_NEEDS_CLAIM,
                  "if slot.state ~= 'PENDING' or (slot.fence ~= fence and slot.fence ~= NO_FENCE)"
                      + " then"));
      case OWN_CLAIM ->
          List.of(
              fill(FILL_NEEDS_CLAIM, "if slot.state ~= 'PENDING' or slot.fence == NO_FENCE then"));
      case BREAK_OTHER_CLAIM ->
          List.of(publish(PUBLISH_BREAKS_CLAIM, keepsClaimWhere("fence == NO_FENCE")));
      case BREAK_OTHER_CLAIM_AS_LOCKED_WRITER ->
          List.of(
              publish(
                  PUBLISH_BREAKS_CLAIM,
                  keepsClaimWhere("fence ~= NO_FENCE and slot.fence ~= fence")));
      case DROP_ON_TIE_NOT_KEEP ->
          List.of(
              publish(
                  "row.kind == 'VALUE' and has_payload(slot, row.payload) then",
                  "row.kind == 'VALUE' then"),
              refresh(
                  REFRESH_IS_OLDER,
                  "if row.version < slot.floor"
                      + " or (row.version == slot.floor and not has_payload(slot, row.payload))"
                      + " then"));
      case DROP_ON_TIE_NOT_REPLACE ->
          List.of(
              publish("stored = row.version > slot.floor", "stored = row.version >= slot.floor"),
              refresh(REFRESH_IS_NEWER, "if row.version >= slot.floor then"));
      case DROP_ABSENT -> List.of(PUBLISH_OVER_ABSENT);
      case FLOOR -> List.of(WITHOUT_FLOOR);
      case BEHIND_ON_TIE ->
          List.of(fill("let_in = row.version > slot.floor", "let_in = row.version >= slot.floor"));
      case BEHIND_ON_ABSENCE ->
          List.of(fill("let_in = rule == 'AT_OR_ABOVE' or slot.floor == NONE", "let_in = true"));
      case RENEW_OWN_CLAIM ->
          List.of(
              edit(
                  "renew.lua",
                  "if is_claim_of(fence, slot) then",
                  "if slot.state == 'EMPTY' or (slot.state == 'PENDING'"
                      + " and (slot.fence == fence or slot.fence == NO_FENCE)) then"));
      case CLEAR_BREAKS_CLAIMS -> List.of(CLEAR_LEAVES_CLAIMS);
      case CLAIM_CARRIES_FLOOR ->
          List.of(
              fill(
                  "local let_in\n",
                  "if slot.floor_end <= NOW then slot.floor = NONE end\nlocal let_in\n"));
      case FENCE_PER_ATTEMPT,
          FLIGHT_EPOCHS,
          FLIGHT_EPOCH_OF_READ,
          REPEAT_AFTER_LOST_REPLY,
          DROP_FALLEN_VERSION ->
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
        edits.add(publish("if stored and has_set", "if versioned and has_set"));
        edits.add(fill(FILL_NEEDS_CLAIM, "if false then"));
        edits.add(FILL_WHATEVER_VERSION);
      }
      case VERSIONS_WITHOUT_CLAIMS -> {
        edits.add(PUBLISH_ON_EMPTY);
        edits.add(
            publish(
                "stored = is_claim_of(fence, slot)"
                    + " and (not versioned or row.version >= slot.floor)",
                "stored = versioned and row.version >= slot.floor"));
        edits.add(
            fill(FILL_NEEDS_CLAIM, "if slot.state == 'VALUE' and row.version < slot.floor then"));
      }
      case CLAIMS_WITHOUT_VERSIONS -> {
        edits.addAll(WITHOUT_COMPARING);
        edits.add(WITHOUT_FLOOR);
        edits.add(FILL_WHATEVER_VERSION);
      }
    }
    return List.copyOf(edits);
  }

  private static String keepsClaimWhere(String condition) {
    return "if slot.fence ~= NO_FENCE and "
        + condition
        + " then leave_claim(slot, key, slot.fence, 60000, floor_after(slot, made, floor_ms))"
        + " else leave_floor(slot, key, floor_after(slot, made, floor_ms)) end";
  }

  private static Edit publish(String original, String replacement) {
    return edit("publish.lua", original, replacement);
  }

  private static Edit fill(String original, String replacement) {
    return edit("fill.lua", original, replacement);
  }

  private static Edit refresh(String original, String replacement) {
    return edit("refresh.lua", original, replacement);
  }

  private static Edit edit(String file, String original, String replacement) {
    return new Edit(FOLDER + file, original, replacement);
  }
}
