package io.tidemark.demo.acts;

import io.tidemark.demo.acts.Act.Setting;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** All acts, in the order in which they are played. */
final class Playbill {
  private static final List<Act> ACTS =
      List.of(
          new StampedeAct(),
          new TidemarkAct(),
          new StaleWriterAct(),
          new EvictionAct(),
          new KilledHolderAct(),
          new RivalsAct(),
          new RollingRestartAct(),
          new RedisRestartAct(),
          new DatabaseOutageAct(),
          new FailoverAct(),
          new LeaderAct());

  private Playbill() {}

  /**
   * An act as {@code --list} shows it. The names are those of its JSON.
   *
   * @param name what the command line calls it
   * @param title its title
   * @param shows what is seen if it ends as promised
   * @param needs the option that it is not played without, or with; empty where either will do
   */
  record Entry(String name, String title, String shows, String needs) {}

  static List<Entry> entries() {
    return ACTS.stream()
        .map(act -> new Entry(act.name(), act.title(), act.promise(), needs(act)))
        .toList();
  }

  /**
   * The acts to play.
   *
   * @param names of the acts that were asked for; none stands for all that these servers allow
   * @param isFleet whether they are played on a fleet
   * @throws IllegalArgumentException if a name is unknown, or its act is not played on such
   *     servers; the message names the option, the value and the rule
   */
  static List<Act> choose(List<String> names, boolean isFleet) {
    for (String name : names) {
      Act act = find(name).orElseThrow(() -> unknown(name));
      if (!isPlayedOn(act, isFleet)) {
        throw new IllegalArgumentException(
            "--act is '%s'; it must be given %s".formatted(name, needs(act)));
      }
    }
    return ACTS.stream()
        .filter(act -> names.isEmpty() ? isPlayedOn(act, isFleet) : names.contains(act.name()))
        .toList();
  }

  private static Optional<Act> find(String name) {
    return ACTS.stream().filter(act -> act.name().equals(name)).findFirst();
  }

  private static IllegalArgumentException unknown(String name) {
    return new IllegalArgumentException(
        "--act is '%s'; it must be one of %s"
            .formatted(name, ACTS.stream().map(Act::name).collect(Collectors.joining(", "))));
  }

  private static boolean isPlayedOn(Act act, boolean isFleet) {
    return act.setting() == Setting.ANY || (act.setting() == Setting.FLEET) == isFleet;
  }

  private static String needs(Act act) {
    return switch (act.setting()) {
      case ANY -> "";
      case SINGLE_SERVERS -> "without --fleet";
      case FLEET -> "with --fleet";
    };
  }
}
