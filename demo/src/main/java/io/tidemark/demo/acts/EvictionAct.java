package io.tidemark.demo.acts;

import io.tidemark.demo.acts.CompareNewer.Outcome;

/** A stale writer again, and Redis has lost the newer entry: nothing to compare with. */
final class EvictionAct implements Act {
  private static final long PRODUCT = 4;
  private static final long PLAIN_PRODUCT = 5;

  @Override
  public String name() {
    return "eviction";
  }

  @Override
  public String title() {
    return "Eviction";
  }

  @Override
  public String promise() {
    return "a write needs its claim, so an eviction costs a reload, not a stale price";
  }

  @Override
  public void play(DemoStage stage, Notes notes) throws Exception {
    LateWrite late = LateWrite.play(stage, PRODUCT, () -> stage.evict(PRODUCT));
    notes.did(
        "As with a stale writer, on product %d: process 1 slept with the price %s, process 2 made it %s. Then Redis lost the entry, as it does when its memory is full, and process 1 woke up to an empty slot. (Its caller had asked before the update: either price is right for that one.)"
            .formatted(PRODUCT, late.read().product().price(), late.update().product().price()));
    late.tell(notes);
    notes.expect(
        !Long.toString(late.read().rowVersion()).equals(late.slot().version()),
        "Redis kept the stale version %d".formatted(late.read().rowVersion()));

    Outcome plain = CompareNewer.play(stage, PLAIN_PRODUCT);
    notes.did(
        "Beside it the same steps with another product, number %d, and a plain script that only compares versions, and with nothing to compare accepts (compare-newer.lua)."
            .formatted(PLAIN_PRODUCT));
    notes.score(
        "late write after an eviction: Tidemark refused %d; a plain script served %s"
            .formatted(late.refused(), plain.isStale() ? "the old price" : "the right price"));
    String subject = "plain script, product %d: ".formatted(PLAIN_PRODUCT);
    notes.figure(subject + "late write of the old row", plain.lateWrite());
    notes.figure(subject + "price served", plain.servedPrice());
    notes.figure(subject + "price in the database", plain.price());
    notes.expect(
        plain.isStale(),
        "the plain script served the right price, so the comparison shows nothing");
  }
}
