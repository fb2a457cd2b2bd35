package io.tidemark.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tidemark.engine.EditedCopy;
import io.tidemark.spi.Ballot;
import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Ballots, and that a row is loaded once where they meet locks. The testkit has the tables. */
class BallotTest {
  private static final SlotKey KEY = new SlotKey("ballots", "key");
  private static final Duration HOUR = Duration.ofHours(1);

  /** Makes the store, in a copy of this package or here. */
  public static final class Stores implements Supplier<SlotStore> {
    @Override
    public SlotStore get() {
      return InMemoryStore.create();
    }
  }

  @Test
  void claims_ofBallotsAndLocks_oneLoad() {
    assertThat(loads(new Stores())).isOne();
  }

  @Test
  void claims_ballotGivesWayToLock_twoLoads() {
    assertThat(
            loads(
                without(
                    "WithoutBallotStands",
                    "Safeguard BALLOT_STANDS",
                    "holder > fence || Ballot.isBallot(holder)",
                    "holder > fence")))
        .isEqualTo(2);
  }

  @Test
  void claims_ballotGivesWayToBallot_moreLoads() {
    assertThat(loads(without("WithoutIfFree", "Safeguard IF_FREE", "true", "holder > fence")))
        .isGreaterThan(1);
  }

  private static Supplier<SlotStore> without(
      String name, String mark, String text, String replacement) {
    return EditedCopy.of(
        name, Stores.class, SlotStore.class, InMemoryStore.class, mark, text, replacement);
  }

  /** How many of those that come while a bulk load is at work load as well. */
  private static long loads(Supplier<SlotStore> stores) {
    SlotStore store = stores.get();
    return LongStream.of(-5, -7, -3, 1)
        .mapToObj(
            fence -> {
              ClaimMode mode =
                  Ballot.isBallot(fence) ? ClaimMode.IF_FREE : ClaimMode.UNLESS_PRESENT;
              return store.claim(KEY, fence, mode, HOUR, HOUR);
            })
        .filter(ClaimAnswer.Claimed.class::isInstance)
        .count();
  }

  @Test
  void draw_manyTimes_distinctBallots() {
    SecureRandom random = new SecureRandom();
    assertThat(LongStream.generate(() -> Ballot.draw(random)).limit(1_000).boxed().toList())
        .doesNotHaveDuplicates()
        .allMatch(Ballot::isBallot)
        .allSatisfy(ballot -> assertThat(Ballot.checkFor(ClaimMode.IF_FREE, ballot)).isNegative());
  }

  @Test
  void draw_lowestAndHighestNumber_validBallots() {
    assertThat(Ballot.draw(numbers(0))).isEqualTo(-1);
    assertThat(Ballot.draw(numbers(Long.MAX_VALUE - 1))).isEqualTo(-Long.MAX_VALUE);
  }

  private static Random numbers(long number) {
    return new Random() {
      @Override
      public long nextLong(long bound) {
        return number;
      }
    };
  }

  @Test
  void checkFor_fenceOfTheOtherKind_refusedWithRule() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Ballot.checkFor(ClaimMode.IF_FREE, 5))
        .withMessage("fence is 5; a claim IF_FREE needs a ballot, which is negative");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Ballot.checkFor(ClaimMode.ALWAYS, -5))
        .withMessage("fence is -5; a claim ALWAYS needs the fence of a lock, 1 or more");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Ballot.checkClaim(0))
        .withMessage("fence is 0; it must be a lock's, 1 or more, or a ballot, -(2^63-1) to -1");
  }
}
