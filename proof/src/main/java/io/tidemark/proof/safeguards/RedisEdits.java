package io.tidemark.proof.safeguards;

import java.util.ArrayList;
import java.util.List;

/** Takes a safeguard out of the store on Redis, mostly out of its scripts. */
public final class RedisEdits {
  private static final String FOLDER = "redis-store/src/main/resources/io/tidemark/redis/";

  private static final String CLEARING =
      "redis-store/src/main/java/io/tidemark/redis/Clearing.java";

  private static final String LINEAGE = "redis-store/src/main/java/io/tidemark/redis/Lineage.java";
  private static final String SLOT_READS =
      "redis-store/src/main/java/io/tidemark/redis/SlotReads.java";
  private static final String SLOT_FORMAT =
      "redis-store/src/main/java/io/tidemark/redis/SlotFormat.java";

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

  private static final Edit WITHOUT_FLOOR =
      edit(
          "slot.lua",
          Safeguard.FLOOR,
          "return version, moment(NOW_MS + floor_ms)",
          "return NONE, NEVER");

  /** A claim is a slot in the state P, which follows the format. */
  private static final Edit CLEAR_LEAVES_CLAIMS =
      new Edit(
          CLEARING,
          Safeguard.CLEAR_BREAKS_CLAIMS,
          "progress.accept(removed.addAndGet(master.unlink(found)));",
          """
          for (String name : found) {
            if (!String.valueOf(jedis.get(name)).matches("T7.{8}P.*")) {
              removed.addAndGet(jedis.unlink(name));
            }
          }
          """);

  private static final Edit FILL_WHATEVER_VERSION =
      fill(Safeguard.CLAIM_CARRIES_FLOOR, "local let_in", "slot.floor = NONE local let_in");

  /** What is taken out for each safeguard that is in the store. */
  private static final List<Edit> EDITS =
      List.of(
          publish(Safeguard.COMPARE_VERSIONS, "row.version < slot.floor", "false"),
          publish(Safeguard.COMPARE_VERSIONS, IS_NEWER, "true"),
          refresh(Safeguard.COMPARE_VERSIONS, REFRESH_IS_OLDER, "false"),
          refresh(Safeguard.COMPARE_VERSIONS, REFRESH_IS_NEWER, "true"),
          PUBLISH_ON_EMPTY,
          fill(
              Safeguard.CLAIM_ON_EMPTY,
              FILL_NEEDS_CLAIM,
              "if slot.state ~= 'EMPTY' and not is_claim_of(fence, slot) then"),
          fill(
              Safeguard.CLAIM_ON_FLOOR,
              FILL_NEEDS_CLAIM,
              "if slot.state ~= 'PENDING' or (slot.fence ~= fence and slot.fence ~= NO_FENCE)"
                  + " then"),
          fill(
              Safeguard.OWN_CLAIM,
              FILL_NEEDS_CLAIM,
              "if slot.state ~= 'PENDING' or slot.fence == NO_FENCE then"),
          publishKeepsClaimWhere(Safeguard.BREAK_OTHER_CLAIM, "fence == NO_FENCE"),
          publishKeepsClaimWhere(
              Safeguard.BREAK_OTHER_CLAIM_AS_LOCKED_WRITER,
              "fence ~= NO_FENCE and slot.fence ~= fence"),
          publish(Safeguard.DROP_ON_TIE_NOT_KEEP, " and has_payload(slot, row.payload)", ""),
          refresh(
              Safeguard.DROP_ON_TIE_NOT_KEEP,
              REFRESH_IS_OLDER,
              "row.version < slot.floor"
                  + " or (row.version == slot.floor and not has_payload(slot, row.payload))"),
          publish(Safeguard.DROP_ON_TIE_NOT_REPLACE, IS_NEWER, "row.version >= slot.floor"),
          refresh(Safeguard.DROP_ON_TIE_NOT_REPLACE, REFRESH_IS_NEWER, "row.version >= slot.floor"),
          publishOverAbsentWhere(IS_NEWER),
          WITHOUT_FLOOR,
          fill(Safeguard.BEHIND_ON_TIE, IS_NEWER, "row.version >= slot.floor"),
          fill(Safeguard.BEHIND_ON_ABSENCE, "rule == 'AT_OR_ABOVE' or slot.floor == NONE", "true"),
          edit(
              "renew.lua",
              Safeguard.RENEW_OWN_CLAIM,
              "is_claim_of(fence, slot)",
              "slot.state == 'EMPTY' or (slot.state == 'PENDING'"
                  + " and (slot.fence == fence or slot.fence == NO_FENCE))"),
          CLEAR_LEAVES_CLAIMS,
          publish(Safeguard.DROP_FALLEN_VERSION, "row.version >= slot.floor", "true"),
          fill(
              Safeguard.CLAIM_CARRIES_FLOOR,
              "local let_in",
              "if slot.floor_end <= NOW then slot.floor = NONE end local let_in"),
          edit(
              "drop.lua",
              Safeguard.DROP_TELLS_VERSION,
              "floor_after(slot, version,",
              "floor_after(slot, NONE,"),
          new Edit(
              SLOT_FORMAT,
              Safeguard.STAMP_ON_READ,
              "lineage.isAt(bytes, LINEAGE_AT)",
              "!lineage.equals(null)"),
          edit(
              "slot.lua",
              Safeguard.STAMP_IN_SCRIPTS,
              "slot.lineage and not is_present(slot.lineage)",
              "false"),
          edit("slot.lua", Safeguard.FOREIGN_KEEPS_FLOOR, "is_entry(slot)", "false"),
          edit(
              "lineage.lua",
              ServerSafeguard.ONLY_MASTERS_COUNT,
              "string.find(REPLICATION, 'role:slave', 1, true)",
              "false"),
          new Edit(
              LINEAGE,
              ServerSafeguard.ONLY_MASTERS_COUNT,
              "throw new JedisDataException(\"READONLY This server is a replica.\");",
              "continue;"),
          new Edit(
              CLEARING,
              ServerSafeguard.ONLY_MASTERS_COUNT,
              "Lineage unused = Lineage.parsed(master.ask(REPLICATION));",
              ""),
          edit(
              "lineage.lua",
              ServerSafeguard.ENOUGH_REPLICAS,
              "string.find(REPLICATION, 'min_slaves_good_slaves:0', 1, true)",
              "false"),
          new Edit(
              LINEAGE,
              ServerSafeguard.ENOUGH_REPLICAS,
              "throw new JedisDataException(\"NOREPLICAS This master has no replica that keeps"
                  + " up.\");",
              "continue;"),
          new Edit(
              SLOT_READS,
              ServerSafeguard.LINEAGE_ASKED_AFTER,
              "commands.sendTogether(name, List.of(reading, replication));",
              "java.util.stream.Stream.of(1, 0)"
                  + ".map(commands.sendTogether(name, List.of(replication, reading))::get)"
                  + ".toList();"),
          edit(
              "slot.lua",
              ServerSafeguard.DROP_FOREIGN,
              "redis.call('DEL', key)",
              "if not slot.was_entry then redis.call('DEL', key) end"),
          edit("claim.lua", BulkSafeguard.BALLOT_STANDS, " or is_ballot(slot.fence)", ""),
          edit(
              "claim.lua",
              BulkSafeguard.IF_FREE,
              "slot.fence ~= NO_FENCE and slot.fence ~= fence",
              "in_the_way"),
          edit(
              "claim.lua",
              BulkSafeguard.RESERVE_EXPIRED,
              "mark_of(fence, moment(NOW_MS + claim_ms), NOW_S, WRITER)",
              "mark_of(NO_FENCE, NEVER, NOW_S, WRITER)"));

  private RedisEdits() {}

  /** The edits that take out a safeguard; empty if it is not in the store. */
  public static List<Edit> without(Enum<?> safeguard) {
    return EDITS.stream().filter(edit -> edit.safeguard() == safeguard).toList();
  }

  /** The edits that make one of the designs that others have tried, and that fail. */
  public static List<Edit> of(Design design) {
    List<Edit> edits = new ArrayList<>();
    switch (design) {
      case LOCK_WITHOUT_VERSIONS -> {
        edits.addAll(without(Safeguard.COMPARE_VERSIONS));
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
        edits.addAll(without(Safeguard.COMPARE_VERSIONS));
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

  private static Edit edit(String file, Enum<?> safeguard, String original, String replacement) {
    return new Edit(FOLDER + file, safeguard, original, replacement);
  }
}
