package io.tidemark.proof.simulation;

import io.tidemark.LoadFailurePolicy;
import io.tidemark.RefreshAhead;
import io.tidemark.WaitStrategy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What the caches do while they wait and when a load fails. Immutable. */
final class CallTerms {
  final LoadFailurePolicy onLoadFailure;
  final @Nullable Duration softTimeout;
  final @Nullable RefreshAhead refreshAhead;
  final WaitStrategy waitStrategy;
  final Duration lockOutageWait;
  final int withoutThreadPermille;
  final int otherTermsPermille;

  CallTerms(Dice dice, boolean keepsExpired, Duration deadline) {
    onLoadFailure =
        keepsExpired && dice.permille(300) ? LoadFailurePolicy.STALE : LoadFailurePolicy.FAIL;
    softTimeout =
        keepsExpired && dice.permille(300)
            ? Duration.ofMillis(dice.between(1, deadline.toMillis() - 1))
            : null;
    refreshAhead =
        !dice.permille(400)
            ? null
            : dice.coin() ? RefreshAhead.xFetch(10) : RefreshAhead.afterFraction(0.5);
    waitStrategy =
        !dice.permille(300)
            ? WaitStrategy.eventDriven()
            : dice.coin()
                ? WaitStrategy.fixedInterval(Duration.ofMillis(dice.between(1, 20)))
                : WaitStrategy.exponentialBackoff(Duration.ofMillis(1), Duration.ofMillis(16), 0.5);
    lockOutageWait = Duration.ofMillis(dice.some(300, 100));
    withoutThreadPermille = dice.some(600, 1000);
    otherTermsPermille = dice.some(400, 600);
  }
}
