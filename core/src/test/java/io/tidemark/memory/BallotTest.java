package io.tidemark.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tidemark.spi.Ballot;
import io.tidemark.spi.ClaimMode;
import java.security.SecureRandom;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Ballots themselves. The testkit has the tables of their claims. */
class BallotTest {
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
