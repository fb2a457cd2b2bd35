package io.tidemark.proof.safeguards;

import java.util.List;

/**
 * Takes a safeguard out of {@code core}: of the reference model for what the tables of the protocol
 * say, and of the paths above it for the rest.
 */
public final class CoreEdits {
  private static final String MODEL = "core/src/main/java/io/tidemark/memory/InMemoryStore.java";
  private static final String MOMENT = "core/src/main/java/io/tidemark/memory/Moment.java";
  private static final String FALLBACK_LOAD = "core/src/main/java/io/tidemark/FallbackLoad.java";
  private static final String FLIGHT = "core/src/main/java/io/tidemark/Flight.java";
  private static final String LOAD = "core/src/main/java/io/tidemark/Load.java";
  private static final String READ_PATH = "core/src/main/java/io/tidemark/ReadPath.java";
  private static final String ROWS = "core/src/main/java/io/tidemark/Rows.java";
  private static final String WATCH = "core/src/main/java/io/tidemark/Watch.java";
  private static final String WRITE_PATH = "core/src/main/java/io/tidemark/WritePath.java";

  private static final String FILL_WITHOUT_CLAIM = "if (!isClaimOf(fence, moment.slot())) {";
  private static final String PUBLISH_BY_VERSION =
      "return row.version() > value.version() ? PublishAnswer.STORED : PublishAnswer.SUPERSEDED;";
  private static final String PUBLISH_TIE =
      "return isSamePayload(value, row) ? PublishAnswer.SAME : PublishAnswer.DROPPED;";
  private static final String PUBLISH_BEGINS =
      "boolean unversionedAbsence = row.version() == Version.NONE;";
  private static final String PUBLISH_DROPS =
      "yield moment.floorOnly(answer, moment.floorAfter(made, floorLife));";
  private static final String PUBLISH_UNDER_CLAIM =
      "boolean letIn = unversionedAbsence || row.version() >= pending.floor();";
  private static final String REFRESH_OLDER =
      """
          if (row.version() < value.version()) {
            return value.freshness() == Freshness.FRESH
                ? RefreshAnswer.SUPERSEDED
                : RefreshAnswer.DROPPED;
          }
      """;
  private static final String REFRESH_NEWER =
      "return row.version() > value.version() || isSamePayload(value, row)";
  private static final String LETS_IN_ABSENCE =
      "return rule == FloorRule.AT_OR_ABOVE || floor == Version.NONE;";
  private static final String LETS_IN_ROW =
      "return row.version() > floor || (row.version() == floor && rule == FloorRule.AT_OR_ABOVE);";

  private CoreEdits() {}

  /** The edits that take out a safeguard; empty if it is not in {@code core}. */
  public static List<Edit> without(Safeguard safeguard) {
    return switch (safeguard) {
      case COMPARE_VERSIONS ->
          List.of(
              model(PUBLISH_BY_VERSION, "return PublishAnswer.STORED;"),
              model(REFRESH_OLDER, ""),
              model(
                  REFRESH_NEWER,
                  "return row.version() != value.version() || isSamePayload(value, row)"));
      case CLAIM_ON_EMPTY ->
          List.of(
              fillAlsoWhere("moment.slot() instanceof Slot.Empty"),
              model(
                  PUBLISH_BEGINS,
                  PUBLISH_BEGINS
                      + " if (slot instanceof Slot.Empty && !unversionedAbsence) {"
                      + " return PublishAnswer.STORED; }"));
      case CLAIM_ON_FLOOR ->
          List.of(
              fillAlsoWhere(
                  "moment.slot() instanceof Slot.Pending p && p.fence() == LockHandle.NO_FENCE"));
      case OWN_CLAIM ->
          List.of(
              fillAlsoWhere(
                  "moment.slot() instanceof Slot.Pending p && p.fence() != LockHandle.NO_FENCE"));
      case BREAK_OTHER_CLAIM -> List.of(publishKeepsClaimWhere("fence == LockHandle.NO_FENCE"));
      case BREAK_OTHER_CLAIM_AS_LOCKED_WRITER ->
          List.of(
              publishKeepsClaimWhere("fence != LockHandle.NO_FENCE && pending.fence() != fence"));
      case DROP_ON_TIE_NOT_KEEP ->
          List.of(
              model(PUBLISH_TIE, "return PublishAnswer.SAME;"),
              model(
                  REFRESH_NEWER,
                  "if (row.version() == value.version() && !isSamePayload(value, row)) {"
                      + " return RefreshAnswer.SUPERSEDED; } "
                      + REFRESH_NEWER));
      case DROP_ON_TIE_NOT_REPLACE ->
          List.of(
              model(
                  PUBLISH_TIE,
                  "return isSamePayload(value, row) ? PublishAnswer.SAME : PublishAnswer.STORED;"),
              model(REFRESH_NEWER, "return row.version() >= value.version()"));
      case DROP_ABSENT ->
          List.of(
              model(
                  "return sameAbsence ? PublishAnswer.SAME : PublishAnswer.DROPPED;",
                  "return row.version() > absent.floor() ? PublishAnswer.STORED"
                      + " : sameAbsence ? PublishAnswer.SAME : PublishAnswer.DROPPED;"));
      case FLOOR ->
          List.of(
              new Edit(
                  MOMENT,
                  "return life.isZero() || version == Version.NONE ? Floor.NONE : new"
                      + " Floor(version, after(life));",
                  "return Floor.NONE;"));
      case BEHIND_ON_TIE -> List.of(model(LETS_IN_ROW, "return row.version() >= floor;"));
      case BEHIND_ON_ABSENCE -> List.of(model(LETS_IN_ABSENCE, "return true;"));
      case RENEW_OWN_CLAIM ->
          List.of(
              model(
                  """
                              isClaimOf(fence, moment.slot())
                                  ? moment.renewed(true, fence,\
                  """,
                  "!isEntry(moment.slot()) ? moment.renewed(true, fence,"));
      case FENCE_PER_ATTEMPT ->
          List.of(
              new Edit(
                  LOAD,
                  """
                      do {
                        LockHandle handle = parts.locker().acquire(slotKey, terms, waitLimit, this::lookAgain);
                        if (handle == null) {
                          return;
                        }
                        flight.beginAttempt(handle);
                        try (handle) {
                  """,
                  """
                      LockHandle handle = parts.locker().acquire(slotKey, terms, waitLimit, this::lookAgain);
                      if (handle == null) {
                        return;
                      }
                      flight.beginAttempt(handle);
                      try (handle) {
                       do {
                        try {
                  """),
              new Edit(LOAD, "} while (!lookAgain());", "} while (!lookAgain()); }"));
      case FLIGHT_EPOCHS ->
          List.of(new Edit(FLIGHT, "return epoch < landing.epoch();", "return true;"));
      case FLIGHT_EPOCH_OF_READ ->
          List.of(
              new Edit(
                  LOAD,
                  "land(loaded.row(), Origin.SOURCE_LOCK_HOLDER, true, answer, loaded.epoch());",
                  "land(loaded.row(), Origin.SOURCE_LOCK_HOLDER, true, answer, flight.advance());"),
              new Edit(FALLBACK_LOAD, "loaded.epoch());", "flight.advance());"));
      case REPEAT_AFTER_LOST_REPLY ->
          List.of(
              new Edit(
                  WRITE_PATH,
                  "if (!locker.hasTimeForAnother(startNanos, deadline)",
                  "if (e instanceof OutcomeUnknownException) { return WriteOutcome.STORED; }"
                      + " if (!locker.hasTimeForAnother(startNanos, deadline)"));
      case CLEAR_BREAKS_CLAIMS ->
          List.of(
              model(
                  "if (key.cache().equals(cache)) {",
                  "if (key.cache().equals(cache)"
                      + " && !(moment(cells.get(key)).slot() instanceof Slot.Pending)) {"));
      case DROP_FALLEN_VERSION -> List.of(model(PUBLISH_UNDER_CLAIM, "boolean letIn = true;"));
      case CLAIM_CARRIES_FLOOR ->
          List.of(
              model(
                  """
                            long floor = floorOf(moment.slot());
                            return letsIn\
                  """,
                  "long floor = moment.floor(Duration.ZERO).version(); return letsIn"));
    };
  }

  /** The edits that take out a detail of the paths. */
  public static List<Edit> without(PathSafeguard safeguard) {
    return switch (safeguard) {
      case KEEP_WHILE_REPLICA_LAGS ->
          List.of(
              new Edit(
                  ROWS, "untilCaughtUp.compareTo(grace) > 0 ? untilCaughtUp : grace", "grace"));
      case REPAIR_UNKNOWN ->
          List.of(new Edit(WRITE_PATH, "parts.repairs().add(slotKey, row);", ""));
      case DROP_AFTER_FAILED_WRITE ->
          List.of(
              new Edit(
                  WRITE_PATH,
                  """
                      } catch (Throwable t) {
                        giveUp(claim.slotKey(), t);
                        throw t;
                  """,
                  """
                      } catch (Throwable t) {
                        throw t;
                  """));
      case WATCH ->
          List.of(
              new Edit(
                  WATCH,
                  "    Deadline moment = endBy;\n    if (isOver()) {",
                  "    Deadline moment = endBy;\n    if (true) {"));
      case REFRESH_EPOCH ->
          List.of(
              new Edit(
                  LOAD,
                  "long epoch = purpose == Purpose.READ ? offerEpoch : loaded.epoch();",
                  "long epoch = offerEpoch;"));
      case HIT_EPOCH ->
          List.of(
              new Edit(
                  LOAD,
                  "land(row, Origin.CACHE_AFTER_WAIT, false, Optional.empty(), epoch)",
                  "land(row, Origin.CACHE_AFTER_WAIT, false, Optional.empty(), flight.advance())"));
      case DEADLINE_OF_CALLER ->
          List.of(
              new Edit(
                  READ_PATH,
                  "landing = call.flight().await(moment);",
                  "landing = call.flight().await("
                      + "Deadline.after(Duration.ofDays(1), parts.settings().ticker()));"));
      case RELEASE ->
          List.of(
              new Edit(
                  WRITE_PATH,
                  """
                            renewal.close();
                            handle.close();
                  """,
                  """
                            renewal.close();
                  """));
    };
  }

  /** The edits that make one of the designs that others have tried, and that fail. */
  public static List<Edit> of(Design design) {
    return switch (design) {
      case LOCK_WITHOUT_VERSIONS ->
          List.of(
              model(FILL_WITHOUT_CLAIM, "if (false) {"),
              model(LETS_IN_ABSENCE, "return true;"),
              model(LETS_IN_ROW, "return true;"),
              model(
                  PUBLISH_BEGINS,
                  PUBLISH_BEGINS + " if (!unversionedAbsence) { return PublishAnswer.STORED; }"));
      case VERSIONS_WITHOUT_CLAIMS ->
          List.of(
              model(
                  FILL_WITHOUT_CLAIM,
                  "if (isEntry(moment.slot()) && row.version() <= floorOf(moment.slot())) {"),
              model(
                  PUBLISH_BEGINS,
                  PUBLISH_BEGINS
                      + " if (!isEntry(slot) && !unversionedAbsence) { return row.version() >="
                      + " floorOf(slot) ? PublishAnswer.STORED : PublishAnswer.DROPPED; }"));
      case CLAIMS_WITHOUT_VERSIONS ->
          List.of(
              model(LETS_IN_ABSENCE, "return true;"),
              model(LETS_IN_ROW, "return true;"),
              model(PUBLISH_UNDER_CLAIM, "boolean letIn = true;"),
              model(PUBLISH_BY_VERSION, "return PublishAnswer.STORED;"),
              model(REFRESH_OLDER, ""),
              model(REFRESH_NEWER, "return true"));
    };
  }

  private static Edit model(String original, String replacement) {
    return new Edit(MODEL, original, replacement);
  }

  private static Edit fillAlsoWhere(String condition) {
    return model(
        FILL_WITHOUT_CLAIM, "if (!(" + condition + ") && !isClaimOf(fence, moment.slot())) {");
  }

  private static Edit publishKeepsClaimWhere(String condition) {
    return model(
        PUBLISH_DROPS,
        "Floor floorLeft = moment.floorAfter(made, floorLife);"
            + " yield slot instanceof Slot.Pending pending"
            + " && pending.fence() != LockHandle.NO_FENCE && "
            + condition
            + " ? moment.renewed(answer, pending.fence(), floorLeft, Duration.ofMinutes(1))"
            + " : moment.floorOnly(answer, floorLeft);");
  }
}
