package io.tidemark.proof.safeguards;

import java.util.ArrayList;
import java.util.List;

/** Takes a safeguard out of the store on Redis, mostly out of its scripts. */
public final class RedisEdits {
  private static final String FOLDER = "redis-store/src/main/resources/io/tidemark/redis/";

  private static final String FILL_NEEDS_CLAIM =
      "if slot.state ~= 'PENDING' or slot.fence ~= fence then";
  private static final String SUPERSEDED =
      """
        if row.version < slot.floor then
          return 'SUPERSEDED'
        end
      """;
  private static final String PUBLISH_BREAKS_CLAIM =
      "leave_pending(key, NO_FENCE, later(slot.floor, row.version), pending_ms)";
  private static final String REFRESH_IS_NEWER =
      "if row.version > slot.floor or has_payload(slot, row.payload) then";

  private static final Edit PUBLISH_OVER_ABSENT =
      publish(
          """
              return 'SAME'
            end
          end

          if stored then
          """,
          """
              return 'SAME'
            end
            stored = row.version > slot.floor
          end

          if stored then
          """);

  private static final Edit PUBLISH_ON_EMPTY =
      publish(
          "  leave_floor(key, row.version, pending_ms)\n",
          """
            if versioned then
              leave_entry(key, row, slot.floor)
              return 'STORED'
            end
            leave_floor(key, row.version, pending_ms)
          """);

  private static final List<Edit> WITHOUT_COMPARING =
      List.of(
          publish(SUPERSEDED, ""),
          publish("stored = row.version > slot.floor", "stored = true"),
          refresh(SUPERSEDED, ""),
          refresh(REFRESH_IS_NEWER, "if true then"));

  private static final Edit WITHOUT_FLOOR =
      edit(
          "slot.lua",
          "write(key, 'P', NONE, fence, floor, NEVER,",
          "write(key, 'P', NONE, fence, NONE, NEVER,");

  /** A claim is a slot in the state P, which follows the format. */
  private static final Edit CLEAR_LEAVES_CLAIMS =
      new Edit(
          "redis-store/src/main/java/io/tidemark/redis/RedisStore.java",
          "removed += jedis.unlink(found.toArray(String[]::new));",
          """
          for (String name : found) {
            if (!String.valueOf(jedis.get(name)).startsWith("T2P")) {
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
                  "if slot.state ~= 'EMPTY' and (slot.state ~= 'PENDING' or slot.fence ~= fence)"
                      + " then"));
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
          List.of(
              publish(
                  PUBLISH_BREAKS_CLAIM,
                  "leave_pending(key, fence == NO_FENCE and slot.fence or NO_FENCE,"
                      + " later(slot.floor, row.version), pending_ms)"));
      case BREAK_OTHER_CLAIM_AS_LOCKED_WRITER ->
          List.of(
              publish(
                  PUBLISH_BREAKS_CLAIM,
                  "leave_pending(key, fence ~= NO_FENCE and slot.fence or NO_FENCE,"
                      + " later(slot.floor, row.version), pending_ms)"));
      case DROP_ON_TIE_NOT_KEEP ->
          List.of(
              publish(
                  "row.kind == 'VALUE' and has_payload(slot, row.payload) then",
                  "row.kind == 'VALUE' then"),
              refresh(
                  "  if row.version < slot.floor then",
                  "  if row.version < slot.floor"
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
                  "if slot.state == 'PENDING' and slot.fence == fence then",
                  "if slot.state == 'EMPTY' or (slot.state == 'PENDING'"
                      + " and (slot.fence == fence or slot.fence == NO_FENCE)) then"));
      case CLEAR_BREAKS_CLAIMS -> List.of(CLEAR_LEAVES_CLAIMS);
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
        edits.add(publish("if stored then", "if versioned then"));
        edits.add(fill(FILL_NEEDS_CLAIM, "if false then"));
        edits.add(FILL_WHATEVER_VERSION);
      }
      case VERSIONS_WITHOUT_CLAIMS -> {
        edits.add(PUBLISH_ON_EMPTY);
        edits.add(
            publish(
                "stored = own and (not versioned or row.version >= slot.floor)",
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
