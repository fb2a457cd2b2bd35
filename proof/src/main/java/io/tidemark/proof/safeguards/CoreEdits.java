package io.tidemark.proof.safeguards;

import java.util.List;

/**
 * Takes a safeguard out of {@code core}: of the reference model for what the tables of the protocol
 * say, and of the paths above it for the rest.
 */
public final class CoreEdits {
  private static final String MODEL = "core/src/main/java/io/tidemark/memory/InMemoryStore.java";
  private static final String MOMENT = "core/src/main/java/io/tidemark/memory/Moment.java";
  private static final String BULK_FALLBACK_LOAD =
      "core/src/main/java/io/tidemark/engine/BulkFallbackLoad.java";
  private static final String BULK_LOAD = "core/src/main/java/io/tidemark/engine/BulkLoad.java";
  private static final String BULK_LOADER = "core/src/main/java/io/tidemark/engine/BulkLoader.java";
  private static final String BULK_READ_CALL =
      "core/src/main/java/io/tidemark/engine/BulkReadCall.java";
  private static final String CLAIMS = "core/src/main/java/io/tidemark/engine/Claims.java";
  private static final String CLAIM = "core/src/main/java/io/tidemark/engine/Claim.java";
  private static final String FALLBACK_LOAD =
      "core/src/main/java/io/tidemark/engine/FallbackLoad.java";
  private static final String FLIGHT = "core/src/main/java/io/tidemark/engine/Flight.java";
  private static final String LOAD = "core/src/main/java/io/tidemark/engine/Load.java";
  private static final String OPEN_TRANSACTION =
      "core/src/main/java/io/tidemark/engine/OpenTransaction.java";
  private static final String SETTINGS = "core/src/main/java/io/tidemark/engine/Settings.java";
  private static final String PUBLISHING = "core/src/main/java/io/tidemark/engine/Publishing.java";
  private static final String READ_CALL = "core/src/main/java/io/tidemark/engine/ReadCall.java";
  private static final String LIFETIMES = "core/src/main/java/io/tidemark/engine/Lifetimes.java";
  private static final String UPDATES = "core/src/main/java/io/tidemark/engine/Updates.java";
  private static final String WATCH = "core/src/main/java/io/tidemark/engine/Watch.java";
  private static final String WRITE_PATH = "core/src/main/java/io/tidemark/engine/WritePath.java";

  private static final String FILL_WITHOUT_CLAIM = "!isClaimOf(fence, moment.slot())";
  private static final String PUBLISH_SAME = "PublishAnswer.SAME : PublishAnswer.DROPPED;";
  private static final String PUBLISH_UNDER_CLAIM =
      "unversionedAbsence || row.version() >= pending.floor();";
  private static final String PUBLISH_DROPS =
      "yield moment.floorOnly(answer, moment.floorAfter(made, floorLife));";
  private static final String REFRESH_NEWER =
      "row.version() > value.version() || isSamePayload(value, row)";

  private static final Edit PUBLISH_WHATEVER_VERSION =
      model(
          Safeguard.COMPARE_VERSIONS,
          "row.version() > value.version() ? PublishAnswer.STORED",
          "true ? PublishAnswer.STORED");
  private static final Edit PUBLISH_ON_EMPTY =
      model(
          Safeguard.CLAIM_ON_EMPTY,
          "return PublishAnswer.DROPPED;",
          "return unversionedAbsence ? PublishAnswer.DROPPED : PublishAnswer.STORED;");
  private static final Edit PUBLISH_FALLEN_VERSION =
      model(Safeguard.DROP_FALLEN_VERSION, PUBLISH_UNDER_CLAIM, "true;");
  private static final Edit REFRESH_OLDER =
      model(Safeguard.COMPARE_VERSIONS, "row.version() < value.version()", "false");
  private static final Edit LETS_IN_ABSENCE =
      model(
          Safeguard.BEHIND_ON_ABSENCE,
          "rule == FloorRule.AT_OR_ABOVE || floor == Version.NONE",
          "true");

  /** What is taken out for each safeguard. */
  private static final List<Edit> EDITS =
      List.of(
          PUBLISH_WHATEVER_VERSION,
          REFRESH_OLDER,
          model(
              Safeguard.COMPARE_VERSIONS,
              REFRESH_NEWER,
              "row.version() != value.version() || isSamePayload(value, row)"),
          fillAlsoWhere(Safeguard.CLAIM_ON_EMPTY, "moment.slot() instanceof Slot.Empty"),
          PUBLISH_ON_EMPTY,
          fillAlsoWhere(
              Safeguard.CLAIM_ON_FLOOR,
              "moment.slot() instanceof Slot.Pending p && p.fence() == LockHandle.NO_FENCE"),
          fillAlsoWhere(
              Safeguard.OWN_CLAIM,
              "moment.slot() instanceof Slot.Pending p && p.fence() != LockHandle.NO_FENCE"),
          publishKeepsClaimWhere(Safeguard.BREAK_OTHER_CLAIM, "fence == LockHandle.NO_FENCE"),
          publishKeepsClaimWhere(
              Safeguard.BREAK_OTHER_CLAIM_AS_LOCKED_WRITER,
              "fence != LockHandle.NO_FENCE && pending.fence() != fence"),
          model(
              Safeguard.DROP_ON_TIE_NOT_KEEP,
              PUBLISH_SAME,
              "PublishAnswer.SAME : PublishAnswer.SAME;"),
          model(
              Safeguard.DROP_ON_TIE_NOT_KEEP,
              "return " + REFRESH_NEWER,
              "if (row.version() == value.version() && !isSamePayload(value, row)) {"
                  + " return RefreshAnswer.SUPERSEDED; } return "
                  + REFRESH_NEWER),
          model(
              Safeguard.DROP_ON_TIE_NOT_REPLACE,
              PUBLISH_SAME,
              "PublishAnswer.SAME : PublishAnswer.STORED;"),
          model(
              Safeguard.DROP_ON_TIE_NOT_REPLACE, REFRESH_NEWER, "row.version() >= value.version()"),
          model(
              Safeguard.DROP_ABSENT,
              PUBLISH_SAME,
              "PublishAnswer.SAME : row.version() > absent.floor()"
                  + " ? PublishAnswer.STORED : PublishAnswer.DROPPED;"),
          new Edit(MOMENT, Safeguard.FLOOR, "life.isZero() || version == Version.NONE ?", "true ?"),
          letsInRowWhere("row.version() >= floor"),
          LETS_IN_ABSENCE,
          model(
              Safeguard.RENEW_OWN_CLAIM,
              "isClaimOf(fence, moment.slot())",
              "!moment.slot().isEntry()"),
          new Edit(
              LOAD,
              Safeguard.FENCE_PER_ATTEMPT,
              """
                      while (landing == null && !flight.hasEnded()) {
                        HeldLock lock = wait.acquireOrAwait();
                  """,
              """
                      HeldLock first = null;
                      while (landing == null && !flight.hasEnded()) {
                        HeldLock lock = first == null ? wait.acquireOrAwait() : first;
                        first = lock;
                  """),
          new Edit(FLIGHT, Safeguard.FLIGHT_EPOCHS, "epoch < landing.epoch()", "true"),
          new Edit(LOAD, Safeguard.FLIGHT_EPOCH_OF_READ, "loaded.epoch()", "Long.MAX_VALUE"),
          new Edit(
              FALLBACK_LOAD, Safeguard.FLIGHT_EPOCH_OF_READ, "loaded.epoch()", "Long.MAX_VALUE"),
          new Edit(
              PUBLISHING,
              Safeguard.REPEAT_AFTER_LOST_REPLY,
              "if (",
              "if (e instanceof OutcomeUnknownException) { return WriteOutcome.STORED; } if ("),
          model(
              Safeguard.CLEAR_BREAKS_CLAIMS,
              "key.cache().equals(cache)",
              "key.cache().equals(cache)" + " && !(read(key) instanceof Slot.Pending)"),
          PUBLISH_FALLEN_VERSION,
          model(
              Safeguard.CLAIM_CARRIES_FLOOR,
              "floorOf(moment.slot())",
              "moment.floor(Duration.ZERO).version()"),
          model(Safeguard.DROP_TELLS_VERSION, "floorAfter(version,", "floorAfter(Version.NONE,"),
          model(Safeguard.STAMP_ON_READ, "cell.isOf(present.lineage())", "true"),
          new Edit(MOMENT, Safeguard.STAMP_IN_SCRIPTS, "cell.isOf(lineage)", "true"),
          new Edit(MOMENT, Safeguard.FOREIGN_KEEPS_FLOOR, "cell.versionAt(nanos)", "Version.NONE"),
          new Edit(
              SETTINGS,
              Safeguard.YOUNG_LINEAGE_SKIPS_REPLICA,
              " && !store().mayLackFloors(floorLife())",
              ""),
          new Edit(
              LIFETIMES,
              PathSafeguard.KEEP_WHILE_REPLICA_LAGS,
              "untilCaughtUp.compareTo(grace) > 0 ? untilCaughtUp : grace",
              "grace"),
          new Edit(PUBLISHING, PathSafeguard.REPAIR_UNKNOWN, "repairs.add(slotKey, row);", ""),
          new Edit(
              UPDATES,
              PathSafeguard.DROP_AFTER_FAILED_WRITE,
              "afterCommit.giveUp(update.key(), Version.NONE, t);",
              ""),
          new Edit(
              WRITE_PATH,
              PathSafeguard.PUBLISH_AFTER_COMMIT,
              "return transaction == null",
              "return true"),
          new Edit(
              OPEN_TRANSACTION,
              PathSafeguard.DROP_AFTER_ROLLBACK,
              "committed ? parcel : Parcel.NOTHING",
              "parcel"),
          new Edit(WATCH, PathSafeguard.WATCH, "isOver()", "true"),
          new Edit(
              LOAD,
              PathSafeguard.REFRESH_EPOCH,
              "order.purpose() == Purpose.READ ? stored.epoch() : loaded.epoch()",
              "stored.epoch()"),
          new Edit(LOAD, PathSafeguard.HIT_EPOCH, ", epoch)", ", Long.MAX_VALUE)"),
          new Edit(
              READ_CALL,
              PathSafeguard.DEADLINE_OF_CALLER,
              "mayFallBack && !caller.waitLimit().hasPassed() ? caller.waitLimit() : deadline()",
              "Deadline.after(Duration.ofDays(1), settings.ticker())"),
          new Edit(
              BULK_READ_CALL,
              PathSafeguard.DEADLINE_OF_CALLER,
              "caller.deadline()",
              "Deadline.after(java.time.Duration.ofDays(1), settings.ticker())"),
          new Edit(CLAIM, PathSafeguard.RELEASE, "lock.close();", ""),
          new Edit(MODEL, BulkSafeguard.BALLOT_STANDS, " || Ballot.isBallot(holder)", ""),
          new Edit(MODEL, BulkSafeguard.IF_FREE, "true", "holder > fence"),
          new Edit(
              MODEL,
              BulkSafeguard.RESERVE_EXPIRED,
              "moment.reserved(answer, fence, floorOf(slot), claimLife)",
              "moment.unchanged(answer)"),
          new Edit(
              CLAIMS,
              BulkSafeguard.BALLOT_PER_ATTEMPT,
              "Ballot.draw(settings.ballots())",
              "-1L - System.identityHashCode(this)"),
          new Edit(
              BULK_LOADER, BulkSafeguard.EPOCH_OF_BULK_FILL, "epochs.advance()", "Long.MAX_VALUE"),
          new Edit(
              BULK_LOAD,
              BulkSafeguard.EPOCH_OF_BULK_READ,
              "unstored.loaded().epoch()",
              "Long.MAX_VALUE"),
          new Edit(
              BULK_FALLBACK_LOAD,
              BulkSafeguard.EPOCH_OF_BULK_READ,
              "loaded.epoch()",
              "Long.MAX_VALUE"));

  private CoreEdits() {}

  /** The edits that take out a safeguard or a detail of the paths. */
  public static List<Edit> without(Enum<?> safeguard) {
    return EDITS.stream().filter(edit -> edit.safeguard() == safeguard).toList();
  }

  /** The edits that make one of the designs that others have tried, and that fail. */
  public static List<Edit> of(Design design) {
    return switch (design) {
      case LOCK_WITHOUT_VERSIONS ->
          List.of(
              model(Safeguard.OWN_CLAIM, FILL_WITHOUT_CLAIM, "false"),
              LETS_IN_ABSENCE,
              letsInRowWhere("true"),
              PUBLISH_ON_EMPTY,
              PUBLISH_WHATEVER_VERSION,
              publishUnderAnyClaimWhere("true"),
              model(
                  Safeguard.DROP_ON_TIE_NOT_REPLACE,
                  PUBLISH_SAME,
                  "PublishAnswer.STORED : PublishAnswer.STORED;"),
              model(
                  Safeguard.DROP_ABSENT,
                  PUBLISH_SAME,
                  "PublishAnswer.STORED : PublishAnswer.STORED;"));
      case VERSIONS_WITHOUT_CLAIMS ->
          List.of(
              model(
                  Safeguard.OWN_CLAIM,
                  FILL_WITHOUT_CLAIM,
                  "moment.slot().isEntry() && row.version() <= floorOf(moment.slot())"),
              PUBLISH_ON_EMPTY,
              publishUnderAnyClaimWhere("row.version() >= pending.floor()"));
      case CLAIMS_WITHOUT_VERSIONS ->
          List.of(
              LETS_IN_ABSENCE,
              letsInRowWhere("true"),
              PUBLISH_FALLEN_VERSION,
              PUBLISH_WHATEVER_VERSION,
              REFRESH_OLDER,
              model(Safeguard.COMPARE_VERSIONS, REFRESH_NEWER, "true"));
    };
  }

  private static Edit model(Safeguard safeguard, String original, String replacement) {
    return new Edit(MODEL, safeguard, original, replacement);
  }

  private static Edit fillAlsoWhere(Safeguard safeguard, String condition) {
    return model(safeguard, FILL_WITHOUT_CLAIM, "!(" + condition + ") && " + FILL_WITHOUT_CLAIM);
  }

  private static Edit letsInRowWhere(String condition) {
    return model(
        Safeguard.BEHIND_ON_TIE,
        "row.version() > floor || (row.version() == floor && rule == FloorRule.AT_OR_ABOVE)",
        condition);
  }

  /** A row with a version, that is; the slot is left to what is under its claim otherwise. */
  private static Edit publishUnderAnyClaimWhere(String condition) {
    return model(
        Safeguard.DROP_FALLEN_VERSION,
        PUBLISH_UNDER_CLAIM,
        PUBLISH_UNDER_CLAIM
            + " if (!unversionedAbsence) { return "
            + condition
            + " ? PublishAnswer.STORED : PublishAnswer.DROPPED; }");
  }

  private static Edit publishKeepsClaimWhere(Safeguard safeguard, String condition) {
    return model(
        safeguard,
        PUBLISH_DROPS,
        "Floor floorLeft = moment.floorAfter(made, floorLife);"
            + " yield slot instanceof Slot.Pending pending"
            + " && pending.fence() != LockHandle.NO_FENCE && "
            + condition
            + " ? moment.renewed(answer, pending.fence(), floorLeft, Duration.ofMinutes(1))"
            + " : moment.floorOnly(answer, floorLeft);");
  }
}
