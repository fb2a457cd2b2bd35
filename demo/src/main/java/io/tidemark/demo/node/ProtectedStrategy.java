package io.tidemark.demo.node;

import io.tidemark.OutcomeUnknownException;
import io.tidemark.VersionedCache;
import io.tidemark.WriteOutcome;

/** Tidemark. */
final class ProtectedStrategy implements Strategy {
  private final VersionedCache<ProductRead, Product> cache;

  ProtectedStrategy(VersionedCache<ProductRead, Product> cache) {
    this.cache = cache;
  }

  @Override
  public void clear(ProductRead read) {
    if (cache.invalidate(read) == WriteOutcome.UNKNOWN) {
      throw new OutcomeUnknownException(
          null, "Redis did not answer, so the product may still be cached", null);
    }
  }

  @Override
  public void read(ProductRead read, Meeting meeting) {
    cache.read(read);
  }
}
