package io.tidemark.testkit;

import static io.tidemark.testkit.SlotStoreFixture.present;
import static io.tidemark.testkit.SlotStoreFixture.value;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.Slot;
import java.util.concurrent.atomic.AtomicLong;

/** What everybody does at the slot, and the least that it must show from then on. */
final class SlotTraffic {
  private final SlotStoreFixture store;
  private final AtomicLong source = new AtomicLong();
  private final AtomicLong fences = new AtomicLong();
  private final AtomicLong published = new AtomicLong();
  private final AtomicLong served = new AtomicLong();

  SlotTraffic(SlotStoreFixture store) {
    this.store = store;
  }

  void load() {
    long fence = fences.incrementAndGet();
    if (store.claim(fence) instanceof ClaimAnswer.Claimed) {
      store.fill(fence, row(source.get()));
    }
  }

  void write() {
    long version = source.incrementAndGet();
    store.publish(row(version));
    published.accumulateAndGet(version, Math::max);
  }

  void update() {
    long fence = fences.incrementAndGet();
    store.claimAlways(fence);
    long version = source.incrementAndGet();
    store.publish(fence, row(version));
    published.accumulateAndGet(version, Math::max);
  }

  void refresh() {
    store.refresh(row(source.get()));
  }

  void look() {
    long atLeast = Math.max(served.get(), published.get());
    if (store.slot() instanceof Slot.Value value) {
      assertThat(value.version()).isGreaterThanOrEqualTo(atLeast);
      assertThat(value).isEqualTo(value(value.version(), "row " + value.version()));
      served.accumulateAndGet(value.version(), Math::max);
    }
  }

  void assertNewestServed() {
    assertThat(served).as("newest version served").hasValue(source.get());
  }

  private static EncodedRow row(long version) {
    return present(version, "row " + version);
  }
}
