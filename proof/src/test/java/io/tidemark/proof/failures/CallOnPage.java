package io.tidemark.proof.failures;

import io.tidemark.Origin;
import io.tidemark.ReadResult;
import io.tidemark.TidemarkException;
import io.tidemark.VersionedCache;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicBoolean;

/** A call of a process, and what came of it in the words of the page. */
enum CallOnPage {
  READ_HIT,
  READ_MISS,
  READ_EXPIRED,
  UPDATE;

  static final String OLD = "old";
  static final String WRITTEN = "written";

  static CallOnPage of(String column) {
    return switch (column) {
      case "read hit" -> READ_HIT;
      case "read miss" -> READ_MISS;
      case "read of an expired value" -> READ_EXPIRED;
      case "update" -> UPDATE;
      default -> throw new IllegalArgumentException("column '" + column + "' is none of the page");
    };
  }

  /** Makes the call on a row that is {@link #OLD}, and tells what the caller got. */
  String make(VersionedCache<String, String> cache, Items items, String key) {
    return this == UPDATE ? update(cache, items, key) : read(cache, key);
  }

  private static String read(VersionedCache<String, String> cache, String key) {
    try {
      ReadResult<String> result = cache.read(key);
      if (!result.value().orElse("nothing").equals(OLD)) {
        return "wrong value " + result;
      }
      return result.origin() == Origin.CACHE_STALE
          ? "expired value"
          : result.origin() == Origin.SOURCE_FALLBACK ? "uncached value" : "value";
    } catch (TidemarkException e) {
      return e.getClass().getSimpleName();
    }
  }

  private static String update(VersionedCache<String, String> cache, Items items, String key) {
    AtomicBoolean ran = new AtomicBoolean();
    try {
      return cache
          .update(
              key,
              () -> {
                ran.set(true);
                return items.write(key, WRITTEN);
              })
          .outcome()
          .toString();
    } catch (SQLException e) {
      return "your SQLException";
    } catch (TidemarkException e) {
      return e.getClass().getSimpleName() + (ran.get() ? "" : ", not written");
    }
  }
}
