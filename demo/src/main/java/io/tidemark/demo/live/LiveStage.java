package io.tidemark.demo.live;

import io.tidemark.judge.Judge;
import java.util.Locale;

/**
 * Everything that the page shows, put together: the fleet, the load on it, who judges it, and who
 * tells the pages. Thread-safe.
 */
final class LiveStage implements AutoCloseable {
  private static final double WRONG_PAUSE_MILLIS = 1_000;
  private static final String OLD = Judge.Verdict.OLD.name().toLowerCase(Locale.ROOT);

  private final long startedAt = System.currentTimeMillis();
  private final LiveFleet fleet;
  private final EventHub hub = new EventHub(this::state);
  private final Caller caller = new Caller(RivalText.LOCK_AND_SET.word(), this::tellWrong);
  private final Load load;
  private final Acts acts;
  private final Stampedes stampedes;
  private final Pulse pulse;
  private int untoldWrong;
  private double toldWrongAt;

  private LiveStage(LiveFleet fleet) {
    this.fleet = fleet;
    this.load = new Load(fleet, caller);
    this.acts = new Acts(fleet, caller, this::tellState, this::noticeDeaths);
    this.stampedes = new Stampedes(fleet, load);
    this.pulse = new Pulse(fleet, caller, hub, this::noticeDeaths);
  }

  /** Begins to play on a fleet, which ends with this. */
  static LiveStage open(LiveFleet fleet) {
    LiveStage stage = new LiveStage(fleet);
    fleet.onChange(stage::tellState);
    stage.load.start();
    stage.pulse.start();
    return stage;
  }

  LiveFleet fleet() {
    return fleet;
  }

  EventHub hub() {
    return hub;
  }

  Caller caller() {
    return caller;
  }

  Load load() {
    return load;
  }

  Acts acts() {
    return acts;
  }

  Stampedes stampedes() {
    return stampedes;
  }

  /** What has been counted. */
  Events.Totals totals() {
    return pulse.totals();
  }

  /** How everything is. Takes no lock. */
  Events.State state() {
    return new Events.State(
        startedAt,
        System.currentTimeMillis(),
        fleet.nodeViews(),
        fleet.serverViews(),
        RivalText.views(),
        caller.contender(Lane.RIVAL).cache().rival().orElseThrow(),
        load.wanted(),
        Load.PRODUCTS,
        acts.view());
  }

  /** Tells the pages how everything is now. */
  void tellState() {
    hub.tell(Events.STATE, state());
  }

  private void noticeDeaths() {
    for (int number : fleet.noticeDeaths()) {
      String text = "Somebody else has ended the process of node %d.".formatted(number);
      acts.disturb(text);
      tellAction(text);
    }
  }

  /** Tells the pages what a visitor did. */
  void tellAction(String text) {
    tell("action", text);
  }

  /** One in a second: a rival can give hundreds, and they would hide everything else. */
  private synchronized void tellWrong(Events.Call call) {
    untoldWrong++;
    if (call.end() < toldWrongAt + WRONG_PAUSE_MILLIS) {
      return;
    }
    String others =
        untoldWrong > 1 ? " (%d more since the last line)".formatted(untoldWrong - 1) : "";
    tell(
        "wrong",
        "Wrong answer by %s: node %d read version %s of product %d, %s%s."
            .formatted(
                call.lane() == Lane.TIDEMARK ? "Tidemark" : "the rival",
                call.node(),
                call.version(),
                call.product(),
                call.verdict().equals(OLD)
                    ? "older than a write that was acknowledged before"
                    : "older than another read had been answered",
                others));
    untoldWrong = 0;
    toldWrongAt = call.end();
  }

  private void tell(String kind, String text) {
    hub.tell(Events.LOG, new Events.LogLine(Caller.now(), kind, text));
  }

  @Override
  public void close() {
    load.close();
    pulse.close();
    hub.close();
    fleet.close();
  }
}
