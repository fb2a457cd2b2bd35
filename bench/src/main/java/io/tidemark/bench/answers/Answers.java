package io.tidemark.bench.answers;

import io.tidemark.judge.Judge;
import io.tidemark.judge.Judge.Reading;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The calls of all processes of a run. The judge hears of them in the order in which they began and
 * ended.
 *
 * @param calls in any order
 * @param held how many loads and writes were held
 * @param evictions how many entries Redis has lost
 */
public record Answers(List<Call> calls, int held, long evictions) {
  public Answers {
    calls = List.copyOf(calls);
  }

  /** Of moments at the same time, beginnings are first: what touches has no order. */
  private enum Part {
    START,
    END
  }

  private record Moment(long nanos, Part part, int call) {}

  /** What the judge says, for each item. */
  public SortedMap<Integer, Counts> judged() {
    SortedMap<Integer, Counts> counts = new TreeMap<>();
    Judge judge = new Judge();
    Map<Integer, Reading> underWay = new HashMap<>();
    for (Moment moment : moments()) {
      Call call = calls.get(moment.call());
      if (moment.part() == Part.END) {
        counts.merge(call.item(), ended(call, underWay.remove(moment.call()), judge), Counts::plus);
      } else if (call.kind() == Call.Kind.READ) {
        underWay.put(moment.call(), judge.begin(call.item()));
      }
    }
    return counts;
  }

  /** The sum of all items. */
  public static Counts sum(SortedMap<Integer, Counts> counts) {
    return counts.values().stream().reduce(Counts.NONE, Counts::plus);
  }

  private static Counts ended(Call call, @Nullable Reading reading, Judge judge) {
    if (!call.isAnswered()) {
      return Counts.ofFailure(call.kind());
    }
    if (call.kind() == Call.Kind.WRITE) {
      judge.acknowledged(call.item(), call.version());
      return Counts.ofWrite();
    }
    return Counts.ofAnswer(
        judge.answered(Objects.requireNonNull(reading, "began before"), call.version()));
  }

  private List<Moment> moments() {
    List<Moment> moments = new ArrayList<>(2 * calls.size());
    for (int i = 0; i < calls.size(); i++) {
      moments.add(new Moment(calls.get(i).startNanos(), Part.START, i));
      moments.add(new Moment(calls.get(i).endNanos(), Part.END, i));
    }
    moments.sort(Comparator.comparingLong(Moment::nanos).thenComparing(Moment::part));
    return moments;
  }
}
