package io.tidemark.demo.acts;

/** A process that slept through an update writes what it read before. */
final class StaleWriterAct implements Act {
  private static final long PRODUCT = 3;

  @Override
  public String name() {
    return "stale-writer";
  }

  @Override
  public String title() {
    return "Stale writer";
  }

  @Override
  public String promise() {
    return "the stale write was refused, and its own caller got the new price";
  }

  @Override
  public void play(DemoStage stage, Notes notes) throws Exception {
    LateWrite late = LateWrite.play(stage, PRODUCT, () -> {});
    notes.did(
        "Process 1 took the lock, read the row at %s, and was stopped (SIGSTOP) before it wrote to Redis. Its ZooKeeper session ended, as that of any process does that is silent for too long, and the lock with it. (The launcher ended it: nobody has to wait for the timeout.)"
            .formatted(late.read().product().price()));
    notes.did(
        "Process 2 updated the price to %s. Process 1 woke up (SIGCONT), sure that it holds the lock, and wrote what it had read."
            .formatted(late.update().product().price()));
    late.tell(notes);
    notes.expect(
        late.update().version().equals(late.slot().version()),
        "Redis held version %s after the late write".formatted(late.slot().version()));
    notes.expect(
        late.update().version().equals(late.ownAnswer().version()),
        "the caller of process 1 got version %s".formatted(late.ownAnswer().version()));
  }
}
