package io.tidemark.proof.histories;

import io.tidemark.Origin;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What a history has of calls for many keys, in numbers. */
enum BulkFigure {
  /** Calls of {@code readAll} and {@code readAllAsync}. */
  READS("reads of many keys"),
  /** Their keys. */
  KEYS_READ("keys of these reads"),
  /** Keys whose slots had an entry at the first look. */
  HITS("keys found at once"),
  /** Keys whose slots had an entry later, mostly by the load of another process. */
  HITS_AFTER_WAIT("keys found after a wait"),
  /** Keys whose rows a load of many keys has read. */
  LOADED("keys loaded by a ballot"),
  /** Keys whose rows such a load has filled in. */
  FILLED("keys filled by a ballot"),
  /** Keys that another call of the same process got from the same load. */
  JOINED("keys whose load several calls waited for"),
  /** Keys whose rows were read past the cache. */
  FALLBACKS("keys read past the cache"),
  /** Keys that could not be read. */
  FAILED("keys that could not be read"),
  /** Reads that got several rows from a load of many keys. */
  LOADED_TOGETHER("reads with several keys loaded by a ballot"),
  /** Reads that found some keys and loaded others. */
  HIT_AND_LOADED("reads with keys found and keys loaded"),
  /** Reads of which some keys failed and others did not. */
  FAILED_IN_PART("reads that failed in part"),
  /** Calls of {@code publishAll}. */
  PUBLISHES("publications of many keys"),
  /** Keys that such a call has published. */
  KEYS_PUBLISHED("keys that these published"),
  /** Calls of {@code invalidateAll}. */
  INVALIDATIONS("invalidations of many keys"),
  /** Keys that such a call has dropped. */
  KEYS_DROPPED("keys that these dropped");

  private final String text;

  BulkFigure(String text) {
    this.text = text;
  }

  /** Counts in a history. */
  static Map<BulkFigure, Integer> countIn(History history) {
    Collection<List<Operation>> calls = calls(history);
    Map<BulkFigure, Integer> counts = new EnumMap<>(BulkFigure.class);
    for (BulkFigure figure : values()) {
      counts.put(figure, calls.stream().mapToInt(figure::in).sum());
    }
    counts.put(JOINED, joined(history));
    return counts;
  }

  private int in(List<Operation> call) {
    return switch (this) {
      case READS -> one(isRead(call));
      case KEYS_READ -> isRead(call) ? call.size() : 0;
      case HITS -> served(call, BulkFigure::isHit);
      case HITS_AFTER_WAIT -> served(call, each -> each.origin() == Origin.CACHE_AFTER_WAIT);
      case LOADED -> served(call, Served::isLoadedByBallot);
      case FILLED -> served(call, each -> each.isLoadedByBallot() && each.isStored());
      case FALLBACKS -> served(call, each -> each.origin() == Origin.SOURCE_FALLBACK);
      case FAILED -> isRead(call) ? number(call, Outcome.FAILED) : 0;
      case LOADED_TOGETHER -> one(served(call, Served::isLoadedByBallot) > 1);
      case HIT_AND_LOADED ->
          one(served(call, BulkFigure::isHit) > 0 && served(call, Served::isLoadedByBallot) > 0);
      case FAILED_IN_PART ->
          one(isRead(call) && number(call, Outcome.FAILED) > 0 && number(call, Outcome.OK) > 0);
      case PUBLISHES -> one(isPublish(call));
      case KEYS_PUBLISHED -> isPublish(call) ? number(call, Outcome.OK) : 0;
      case INVALIDATIONS -> one(isInvalidation(call));
      case KEYS_DROPPED -> isInvalidation(call) ? number(call, Outcome.OK) : 0;
      // It takes two calls.
      case JOINED -> 0;
    };
  }

  private static int one(boolean condition) {
    return condition ? 1 : 0;
  }

  private static Collection<List<Operation>> calls(History history) {
    Map<String, List<Operation>> calls = new LinkedHashMap<>();
    for (Operation operation : history.operations()) {
      String call = operation.call();
      if (call != null) {
        calls.computeIfAbsent(call, any -> new ArrayList<>()).add(operation);
      }
    }
    return calls.values();
  }

  /**
   * How many keys of calls for many have the row that another call of the process had filled in
   * while this one was under way.
   */
  private static int joined(History history) {
    record Fill(String process, String key, @Nullable Served served) {}

    Map<Fill, Operation> lastOfFills = new HashMap<>();
    int joined = 0;
    for (Operation operation :
        history.operations().stream()
            .filter(BulkFigure::isFilled)
            .sorted(Comparator.comparingLong(Operation::endNanos))
            .toList()) {
      Fill fill = new Fill(operation.process(), operation.key(), operation.served());
      Operation last = lastOfFills.put(fill, operation);
      if (last != null
          && operation.startNanos() < last.endNanos()
          && (operation.call() != null || last.call() != null)) {
        joined++;
      }
    }
    return joined;
  }

  private static boolean isFilled(Operation operation) {
    Served served = operation.served();
    return served != null && served.isStored();
  }

  private static boolean isRead(List<Operation> call) {
    return call.get(0).kind() == Kind.READ;
  }

  private static boolean isInvalidation(List<Operation> call) {
    return call.get(0).kind() == Kind.INVALIDATE;
  }

  private static boolean isPublish(List<Operation> call) {
    return !isRead(call) && !isInvalidation(call);
  }

  private static boolean isHit(Served served) {
    return served.origin() == Origin.CACHE;
  }

  private static int served(List<Operation> call, Predicate<Served> predicate) {
    int count = 0;
    for (Operation operation : call) {
      Served served = operation.served();
      if (served != null && predicate.test(served)) {
        count++;
      }
    }
    return count;
  }

  private static int number(List<Operation> call, Outcome outcome) {
    return (int) call.stream().filter(one -> one.outcome() == outcome).count();
  }

  @Override
  public String toString() {
    return text;
  }
}
