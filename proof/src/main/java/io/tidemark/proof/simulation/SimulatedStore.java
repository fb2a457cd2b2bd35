package io.tidemark.proof.simulation;

import io.tidemark.memory.InMemoryStore;
import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.RefreshAnswer;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import io.tidemark.spi.Version;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One process' client of the store: the reference model, at the far end of the network. */
final class SimulatedStore implements SlotStore {
  private final SimulatedWorld world;
  private final SimulatedNode node;
  private final InMemoryStore slots;

  SimulatedStore(SimulatedWorld world, SimulatedNode node) {
    this.world = world;
    this.node = node;
    this.slots = world.slots();
  }

  @Override
  public Slot read(SlotKey key) {
    return world.network().call(node, key, "read " + key.key(), false, () -> slots.read(key));
  }

  @Override
  public ClaimAnswer claim(
      SlotKey key, long fence, ClaimMode mode, Duration claimLife, Duration floorLife) {
    return change(
        key,
        "claim %s by %d %s".formatted(key.key(), fence, mode),
        () -> {
          Slot before = slots.read(key);
          ClaimAnswer answer = slots.claim(key, fence, mode, claimLife, floorLife);
          if (answer instanceof ClaimAnswer.Claimed) {
            boolean takenOver =
                before instanceof Slot.Pending pending
                    && pending.fence() != 0
                    && pending.fence() != fence;
            if (takenOver) {
              world.count(Happening.CLAIM_TAKEN_OVER);
            }
            world.faults().onClaim(node, key, mode);
          } else if (answer instanceof ClaimAnswer.Lost) {
            world.count(Happening.CLAIM_LOST);
          }
          return answer;
        });
  }

  @Override
  public boolean renew(SlotKey key, long fence, Duration claimLife) {
    return change(
        key,
        "renew %s by %d".formatted(key.key(), fence),
        () -> {
          boolean renewed = slots.renew(key, fence, claimLife);
          world.count(renewed ? Happening.CLAIM_RENEWED : Happening.CLAIM_RENEWAL_REFUSED);
          return renewed;
        });
  }

  @Override
  public boolean abandon(SlotKey key, long fence) {
    return change(
        key, "abandon %s by %d".formatted(key.key(), fence), () -> slots.abandon(key, fence));
  }

  @Override
  public FillAnswer fill(
      SlotKey key, long fence, EncodedRow row, FloorRule rule, Lifetime lifetime) {
    return change(
        key,
        "fill %s by %d with %s %s".formatted(key.key(), fence, shown(row), rule),
        () -> {
          FillAnswer answer = slots.fill(key, fence, row, rule, lifetime);
          world.count(
              switch (answer) {
                case STORED -> Happening.FILL_STORED;
                case REFUSED -> Happening.FILL_REFUSED;
                case BEHIND -> Happening.FILL_BEHIND;
              });
          return answer;
        });
  }

  @Override
  public PublishAnswer publish(
      SlotKey key, long fence, EncodedRow row, Lifetime lifetime, Duration floorLife) {
    return change(
        key,
        "publish %s by %d with %s".formatted(key.key(), fence, shown(row)),
        () -> slots.publish(key, fence, row, lifetime, floorLife));
  }

  @Override
  public PublishAnswer drop(SlotKey key, long version, Duration floorLife) {
    return change(
        key,
        "drop %s%s".formatted(key.key(), shown(version)),
        () -> slots.drop(key, version, floorLife));
  }

  @Override
  public RefreshAnswer refresh(SlotKey key, EncodedRow row, Lifetime lifetime, Duration floorLife) {
    return change(
        key,
        "refresh %s with %s".formatted(key.key(), shown(row)),
        () -> {
          RefreshAnswer answer = slots.refresh(key, row, lifetime, floorLife);
          world.count(
              answer == RefreshAnswer.STORED
                  ? Happening.ENTRY_REPLACED
                  : Happening.ENTRY_NOT_REPLACED);
          return answer;
        });
  }

  @Override
  public long clear(String cache, LongConsumer progress) {
    return change(null, "clear", () -> slots.clear(cache));
  }

  private <A> A change(@Nullable SlotKey key, String what, Supplier<A> verb) {
    return world.network().call(node, key, what, true, verb);
  }

  private static String shown(EncodedRow row) {
    String kind =
        row instanceof EncodedRow.Present present
            ? new String(present.payload().bytes(), StandardCharsets.UTF_8)
            : "absence";
    return kind + shown(row.version());
  }

  private static String shown(long version) {
    return version == Version.NONE ? "" : " v" + version;
  }
}
