package io.tidemark.proof.simulation;

import java.util.List;

/** How likely a single request, load or write is to go wrong, in thousandths. Immutable. */
final class FaultRates {
  final int requestRefusedPermille;
  final int requestLostPermille;
  final int replyLostPermille;
  final int replySlowPermille;
  final int requestLatePermille;
  final int requestTwicePermille;
  final int stallPermille;
  final int slowLoadPermille;
  final int failedLoadPermille;
  final int failedWritePermille;
  final int slowWritePermille;
  final int dropAfterSilentCommitPermille;
  final String faultyVerb;
  final int lateReleasePermille;

  FaultRates(Dice dice) {
    requestRefusedPermille = dice.some(250, 80);
    requestLostPermille = dice.some(250, 120);
    replyLostPermille = dice.some(300, 150);
    replySlowPermille = dice.some(400, 250);
    requestLatePermille = dice.some(500, 400);
    requestTwicePermille = dice.some(250, 200);
    stallPermille = dice.some(500, 120);
    slowLoadPermille = dice.some(650, 600);
    failedLoadPermille = dice.some(200, 150);
    failedWritePermille = dice.some(350, 400);
    slowWritePermille = dice.some(600, 600);
    dropAfterSilentCommitPermille = dice.some(800, 1000);
    faultyVerb = dice.oneOf(List.of("", "", "fill", "fill", "publish", "claim"));
    lateReleasePermille = dice.some(250, 300);
  }
}
