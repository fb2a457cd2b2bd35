package io.tidemark.proof.simulation;

import io.tidemark.OutcomeUnknownException;
import io.tidemark.memory.InMemoryStore;
import io.tidemark.proof.simulation.Exchange.Request;
import io.tidemark.spi.Ballot;
import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.Drop;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.Fill;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.Publish;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.Refresh;
import io.tidemark.spi.RefreshAnswer;
import io.tidemark.spi.Reply;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import io.tidemark.spi.Version;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.LongConsumer;

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
    return world.network().call(node, false, reading(key));
  }

  @Override
  public List<Reply<Slot>> readAll(List<SlotKey> keys) {
    return world.network().callAll(node, false, keys.stream().map(this::reading).toList());
  }

  private Request<Slot> reading(SlotKey key) {
    return new Request<>(key, "read " + key.key(), () -> slots.read(key));
  }

  @Override
  public ClaimAnswer claim(
      SlotKey key, long fence, ClaimMode mode, Duration claimLife, Duration floorLife) {
    return change(claiming(key, fence, mode, claimLife, floorLife));
  }

  @Override
  public List<Reply<ClaimAnswer>> claimAll(
      List<SlotKey> keys, long fence, ClaimMode mode, Duration claimLife, Duration floorLife) {
    List<Reply<ClaimAnswer>> replies =
        changeAll(
            keys.stream().map(key -> claiming(key, fence, mode, claimLife, floorLife)).toList());
    for (Reply<ClaimAnswer> reply : replies) {
      if (reply instanceof Reply.Failed<ClaimAnswer> failed
          && failed.failure() instanceof OutcomeUnknownException) {
        world.count(Happening.BALLOT_UNANSWERED);
      }
    }
    return replies;
  }

  private Request<ClaimAnswer> claiming(
      SlotKey key, long fence, ClaimMode mode, Duration claimLife, Duration floorLife) {
    return new Request<>(
        key,
        "claim " + key.key() + " by " + fence + " " + mode,
        () -> {
          Slot before = slots.read(key);
          ClaimAnswer answer = slots.claim(key, fence, mode, claimLife, floorLife);
          long holder = before instanceof Slot.Pending pending ? pending.fence() : 0;
          if (answer instanceof ClaimAnswer.Claimed) {
            countClaim(fence, holder);
            world.faults().onClaim(node, key, mode);
          } else if (answer instanceof ClaimAnswer.Reserved) {
            world.count(
                Ballot.isBallot(fence)
                    ? Happening.ENTRY_RESERVED_BY_A_BALLOT
                    : Happening.ENTRY_RESERVED_BY_A_LOCK);
            world.faults().onClaim(node, key, mode);
          } else if (answer instanceof ClaimAnswer.Lost lost) {
            countLoss(fence, lost.claim().fence());
            if (!(before instanceof Slot.Pending)) {
              world.count(Happening.RESERVATION_STOOD);
            }
          }
          return answer;
        });
  }

  private void countClaim(long fence, long holder) {
    if (Ballot.isBallot(fence)) {
      world.count(Happening.BALLOT_CLAIMED);
    }
    if (holder != LockHandle.NO_FENCE && holder != fence) {
      world.count(
          Ballot.isBallot(holder) ? Happening.BALLOT_TAKEN_OVER : Happening.CLAIM_TAKEN_OVER);
    }
  }

  private void countLoss(long fence, long holder) {
    if (!Ballot.isBallot(fence)) {
      world.count(Ballot.isBallot(holder) ? Happening.BALLOT_STOOD : Happening.CLAIM_LOST);
    } else {
      world.count(
          Ballot.isBallot(holder)
              ? Happening.BALLOT_LOST_TO_A_BALLOT
              : Happening.BALLOT_LOST_TO_A_LOCK);
    }
  }

  @Override
  public boolean renew(SlotKey key, long fence, Duration claimLife) {
    return change(renewing(key, fence, claimLife));
  }

  @Override
  public List<Reply<Boolean>> renewAll(List<SlotKey> keys, long fence, Duration claimLife) {
    return changeAll(keys.stream().map(key -> renewing(key, fence, claimLife)).toList());
  }

  private Request<Boolean> renewing(SlotKey key, long fence, Duration claimLife) {
    return new Request<>(
        key,
        "renew " + key.key() + " by " + fence,
        () -> {
          boolean renewed = slots.renew(key, fence, claimLife);
          world.count(renewed ? Happening.CLAIM_RENEWED : Happening.CLAIM_RENEWAL_REFUSED);
          if (renewed && Ballot.isBallot(fence)) {
            world.count(Happening.BALLOT_RENEWED);
          }
          return renewed;
        });
  }

  @Override
  public boolean abandon(SlotKey key, long fence) {
    return change(abandoning(key, fence));
  }

  @Override
  public List<Reply<Boolean>> abandonAll(List<SlotKey> keys, long fence) {
    return changeAll(keys.stream().map(key -> abandoning(key, fence)).toList());
  }

  private Request<Boolean> abandoning(SlotKey key, long fence) {
    return new Request<>(
        key,
        "abandon " + key.key() + " by " + fence,
        () -> {
          boolean abandoned = slots.abandon(key, fence);
          if (abandoned && Ballot.isBallot(fence)) {
            world.count(Happening.BALLOT_GIVEN_UP);
          }
          return abandoned;
        });
  }

  @Override
  public FillAnswer fill(
      SlotKey key, long fence, EncodedRow row, FloorRule rule, Lifetime lifetime) {
    return change(filling(new Fill(key, fence, row, rule, lifetime)));
  }

  @Override
  public List<Reply<FillAnswer>> fillAll(List<Fill> fills) {
    return changeAll(fills.stream().map(this::filling).toList());
  }

  private Request<FillAnswer> filling(Fill one) {
    String key = one.key().key();
    return new Request<>(
        one.key(),
        "fill " + key + " by " + one.fence() + " with " + shown(one.row()) + " " + one.rule(),
        () -> {
          FillAnswer answer =
              slots.fill(one.key(), one.fence(), one.row(), one.rule(), one.lifetime());
          boolean byBallot = Ballot.isBallot(one.fence());
          world.count(
              switch (answer) {
                case STORED -> byBallot ? Happening.BALLOT_FILLED : Happening.FILL_STORED;
                case REFUSED -> byBallot ? Happening.BALLOT_REFUSED : Happening.FILL_REFUSED;
                case BEHIND -> byBallot ? Happening.BALLOT_BEHIND : Happening.FILL_BEHIND;
              });
          return answer;
        });
  }

  @Override
  public PublishAnswer publish(
      SlotKey key, long fence, EncodedRow row, Lifetime lifetime, Duration floorLife) {
    return change(publishing(new Publish(key, fence, row, lifetime, floorLife)));
  }

  @Override
  public List<Reply<PublishAnswer>> publishAll(List<Publish> publishes) {
    return changeAll(publishes.stream().map(this::publishing).toList());
  }

  private Request<PublishAnswer> publishing(Publish one) {
    String key = one.key().key();
    return new Request<>(
        one.key(),
        "publish " + key + " by " + one.fence() + " with " + shown(one.row()),
        () -> slots.publish(one.key(), one.fence(), one.row(), one.lifetime(), one.floorLife()));
  }

  @Override
  public PublishAnswer drop(SlotKey key, long version, Duration floorLife) {
    return change(dropping(new Drop(key, version, floorLife)));
  }

  @Override
  public List<Reply<PublishAnswer>> dropAll(List<Drop> drops) {
    return changeAll(drops.stream().map(this::dropping).toList());
  }

  private Request<PublishAnswer> dropping(Drop one) {
    return new Request<>(
        one.key(),
        "drop " + one.key().key() + shown(one.version()),
        () -> slots.drop(one.key(), one.version(), one.floorLife()));
  }

  @Override
  public RefreshAnswer refresh(SlotKey key, EncodedRow row, Lifetime lifetime, Duration floorLife) {
    return change(refreshing(new Refresh(key, row, lifetime, floorLife)));
  }

  @Override
  public List<Reply<RefreshAnswer>> refreshAll(List<Refresh> refreshes) {
    return changeAll(refreshes.stream().map(this::refreshing).toList());
  }

  private Request<RefreshAnswer> refreshing(Refresh one) {
    return new Request<>(
        one.key(),
        "refresh " + one.key().key() + " with " + shown(one.row()),
        () -> {
          RefreshAnswer answer =
              slots.refresh(one.key(), one.row(), one.lifetime(), one.floorLife());
          world.count(
              answer == RefreshAnswer.STORED
                  ? Happening.ENTRY_REPLACED
                  : Happening.ENTRY_NOT_REPLACED);
          return answer;
        });
  }

  @Override
  public boolean mayLackFloors(Duration floorLife) {
    return world.hasLostFloorsWithin(floorLife);
  }

  @Override
  public long clear(String cache, LongConsumer progress) {
    return change(new Request<>(null, "clear", () -> slots.clear(cache)));
  }

  private <A> A change(Request<A> request) {
    return world.network().call(node, true, request);
  }

  private <A> List<Reply<A>> changeAll(List<Request<A>> requests) {
    return world.network().callAll(node, true, requests);
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
