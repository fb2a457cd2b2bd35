package io.tidemark.proof.safeguards;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Takes out of the Lua scripts each safeguard that lives in them. */
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
          "write(key, 'P', NONE, fence, floor, NEVER, '', pending_ms)",
          "write(key, 'P', NONE, fence, NONE, NEVER, '', pending_ms)");

  private static final Edit FILL_WHATEVER_VERSION = fill("if not let_in then", "if false then");

  private static final Map<Safeguard, List<Edit>> EDITS = new EnumMap<>(Safeguard.class);

  static {
    EDITS.put(Safeguard.COMPARE_VERSIONS, WITHOUT_COMPARING);
    EDITS.put(
        Safeguard.CLAIM_ON_EMPTY,
        List.of(
            PUBLISH_ON_EMPTY,
            fill(
                FILL_NEEDS_CLAIM,
                "if slot.state ~= 'EMPTY' and (slot.state ~= 'PENDING' or slot.fence ~= fence)"
                    + " then")));
    EDITS.put(
        Safeguard.CLAIM_ON_FLOOR,
        List.of(
            fill(
                FILL_NEEDS_CLAIM,
                "if slot.state ~= 'PENDING' or (slot.fence ~= fence and slot.fence ~= NO_FENCE)"
                    + " then")));
    EDITS.put(
        Safeguard.OWN_CLAIM,
        List.of(
            fill(FILL_NEEDS_CLAIM, "if slot.state ~= 'PENDING' or slot.fence == NO_FENCE then")));
    EDITS.put(
        Safeguard.BREAK_OTHER_CLAIM,
        List.of(
            publish(
                PUBLISH_BREAKS_CLAIM,
                "leave_pending(key, fence == NO_FENCE and slot.fence or NO_FENCE,"
                    + " later(slot.floor, row.version), pending_ms)")));
    EDITS.put(
        Safeguard.BREAK_OTHER_CLAIM_AS_LOCKED_WRITER,
        List.of(
            publish(
                PUBLISH_BREAKS_CLAIM,
                "leave_pending(key, fence ~= NO_FENCE and slot.fence or NO_FENCE,"
                    + " later(slot.floor, row.version), pending_ms)")));
    EDITS.put(
        Safeguard.DROP_ON_TIE_NOT_KEEP,
        List.of(
            publish(
                "row.kind == 'VALUE' and has_payload(slot, row.payload) then",
                "row.kind == 'VALUE' then"),
            refresh(
                "  if row.version < slot.floor then",
                "  if row.version < slot.floor"
                    + " or (row.version == slot.floor and not has_payload(slot, row.payload))"
                    + " then")));
    EDITS.put(
        Safeguard.DROP_ON_TIE_NOT_REPLACE,
        List.of(
            publish("stored = row.version > slot.floor", "stored = row.version >= slot.floor"),
            refresh(REFRESH_IS_NEWER, "if row.version >= slot.floor then")));
    EDITS.put(Safeguard.DROP_ABSENT, List.of(PUBLISH_OVER_ABSENT));
    EDITS.put(Safeguard.FLOOR, List.of(WITHOUT_FLOOR));
    EDITS.put(
        Safeguard.BEHIND_ON_TIE,
        List.of(fill("let_in = row.version > slot.floor", "let_in = row.version >= slot.floor")));
    EDITS.put(
        Safeguard.BEHIND_ON_ABSENCE,
        List.of(fill("let_in = rule == 'AT_OR_ABOVE' or slot.floor == NONE", "let_in = true")));
    EDITS.put(
        Safeguard.RENEW_OWN_CLAIM,
        List.of(
            edit(
                "renew.lua",
                "if slot.state == 'PENDING' and slot.fence == fence then",
                "if slot.state == 'EMPTY' or (slot.state == 'PENDING'"
                    + " and (slot.fence == fence or slot.fence == NO_FENCE)) then")));
  }

  private RedisEdits() {}

  /** The edits without which each safeguard is there. Not all safeguards live in the scripts. */
  public static Map<Safeguard, List<Edit>> all() {
    return Map.copyOf(EDITS);
  }

  /**
   * A design that is expected to fail: whoever holds the lock stores what it has. No claims, no
   * versions, so that a holder whose lock was lost unnoticed overwrites its successor.
   */
  public static List<Edit> lockWithoutVersions() {
    List<Edit> edits = new ArrayList<>(WITHOUT_COMPARING);
    edits.add(PUBLISH_ON_EMPTY);
    edits.add(publish("if stored then", "if versioned then"));
    edits.add(fill(FILL_NEEDS_CLAIM, "if false then"));
    edits.add(FILL_WHATEVER_VERSION);
    return List.copyOf(edits);
  }

  /**
   * A design that is expected to fail: whoever has a version that is not lower stores it, claimed
   * or not. There is nothing to compare with once an entry was evicted.
   */
  public static List<Edit> versionsWithoutClaims() {
    return List.of(
        PUBLISH_ON_EMPTY,
        publish(
            "stored = own and (not versioned or row.version >= slot.floor)",
            "stored = versioned and row.version >= slot.floor"),
        fill(FILL_NEEDS_CLAIM, "if slot.state == 'VALUE' and row.version < slot.floor then"));
  }

  /**
   * A design that is expected to fail: a fill needs its own unbroken claim, and nothing is
   * compared, so that the writer who published last wins, whoever committed last.
   */
  public static List<Edit> claimsWithoutVersions() {
    List<Edit> edits = new ArrayList<>(WITHOUT_COMPARING);
    edits.add(WITHOUT_FLOOR);
    edits.add(FILL_WHATEVER_VERSION);
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
