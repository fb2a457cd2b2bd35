package io.tidemark.bench;

import io.tidemark.bench.contestants.Contestants;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/** What can be measured. */
enum Workload {
  /** Reads of cached items, beside a bare GET with the same decoding. */
  HITS {
    @Override
    List<Work> works(Set<Contestants> contestants, Effort effort) {
      List<Work> works = new ArrayList<>();
      for (int bytes : only(effort, SIZES)) {
        for (int threads : only(effort, THREADS)) {
          works.add(hits(threads, bytes, contestants));
        }
      }
      if (!effort.equals(Effort.SMOKE)) {
        works.add(hits(MANY_THREADS, SIZES[0], contestants));
        works.add(hits(1, LARGE_SIZE, contestants));
      }
      return works;
    }
  },
  /** Reads of many cached items at once, beside an MGET with the same decoding. */
  MANY_HITS {
    @Override
    List<Work> works(Set<Contestants> contestants, Effort effort) {
      return List.of(
          reads(
              "Hits of 100 items at once, 1 thread, %d bytes each".formatted(SIZES[0]),
              List.of(Comparison.RATE, Comparison.ALLOCATION),
              contestants,
              any -> Contestants.RAW_JEDIS,
              contestant -> read("hits", contestant, 1, SIZES[0])));
    }
  },
  /** Reads of items that nobody has read before. */
  MISSES {
    @Override
    List<Work> works(Set<Contestants> contestants, Effort effort) {
      List<Work> works = new ArrayList<>();
      for (int threads : only(effort, THREADS)) {
        works.add(
            reads(
                "Misses of new keys, %s, a load of 0 ms".formatted(threads(threads)),
                List.of(threads == 1 ? Comparison.TIME : Comparison.RATE),
                contestants,
                Workload::baseOfMisses,
                contestant -> read("miss", contestant, threads, SIZES[0])));
      }
      return works;
    }
  },
  /** Reads of items whose entries were dropped. */
  KNOWN_MISSES {
    @Override
    List<Work> works(Set<Contestants> contestants, Effort effort) {
      return List.of(
          reads(
              "Misses of dropped entries, 1 thread, a load of 0 ms",
              List.of(Comparison.TIME),
              contestants,
              Workload::baseOfMisses,
              contestant ->
                  read("missEachDropped", contestant, 1, SIZES[0])
                      .withCalls("dropped", effort.dropped())));
    }
  },
  /** Changes of cached items, in the source and in the cache. */
  UPDATES {
    @Override
    List<Work> works(Set<Contestants> contestants, Effort effort) {
      return List.of(
          reads(
              "Updates, 1 thread, %d bytes, a source that takes no time".formatted(SIZES[0]),
              List.of(Comparison.TIME),
              contestants,
              Workload::baseOfMisses,
              contestant -> read("update", contestant, 1, SIZES[0])));
    }
  },
  /** Reads of an item that nobody has cached, by many processes at the same moment. */
  COLD_KEY {
    @Override
    List<Work> works(Set<Contestants> contestants, Effort effort) {
      return List.of(
          effort.equals(Effort.SMOKE) ? coldKeys(2, 2, contestants) : coldKeys(4, 25, contestants));
    }
  },
  /** The same in a large fleet. A smoke run leaves it out: only the numbers differ. */
  COLD_KEY_LARGE_FLEET {
    @Override
    List<Work> works(Set<Contestants> contestants, Effort effort) {
      return effort.equals(Effort.SMOKE) ? List.of() : List.of(coldKeys(16, 64, contestants));
    }
  },
  /** What Redis and a process keep of many keys that were read. */
  MEMORY {
    @Override
    List<Work> works(Set<Contestants> contestants, Effort effort) {
      return List.of(
          reads(
              "Memory for each of %,d keys, %d bytes".formatted(effort.entries(), SIZES[0]),
              List.of(Comparison.ENTRY_BYTES, Comparison.EXTRA_BYTES, Comparison.HEAP_BYTES),
              contestants,
              any -> Contestants.RAW_JEDIS,
              MemoryRun::new));
    }
  },
  /** Reads at a fixed rate, of which most want the same few items, and one of 20 finds none. */
  ZIPF {
    @Override
    List<Work> works(Set<Contestants> contestants, Effort effort) {
      List<Work> works = new ArrayList<>();
      // Its entries do not expire.
      Set<Contestants> expiring = new LinkedHashSet<>(contestants);
      expiring.remove(Contestants.REDISSON_MAP);
      if (expiring.isEmpty()) {
        return works;
      }
      for (int percent : only(effort, SHARES)) {
        works.add(
            reads(
                "Zipf load at %d %% of the capacity, 95 %% hits".formatted(percent),
                List.of(
                    Comparison.P50,
                    Comparison.P99,
                    Comparison.P999,
                    Comparison.CAPACITY,
                    Comparison.HITS),
                expiring,
                any -> Contestants.RAW_JEDIS,
                contestant -> new ZipfRun(contestant, percent)));
      }
      return works;
    }
  },
  /** Answers while processes are paused and entries are evicted, and how many of them are wrong. */
  ANSWERS {
    @Override
    List<Work> works(Set<Contestants> contestants, Effort effort) {
      return List.of(
          reads(
              "Wrong answers, with pauses and evictions",
              List.of(Comparison.STALE_ANSWERS, Comparison.STEPS_BACK, Comparison.FAILED_READS),
              contestants,
              UnaryOperator.identity(),
              AnswersRun::new));
    }
  },
  /** The verbs of the Redis store, beside a SET PX of the same value. */
  VERBS {
    @Override
    List<Work> works(Set<Contestants> contestants, Effort effort) {
      List<Run> runs = Arrays.stream(Verb.values()).map(verb -> call(verb, effort)).toList();
      return List.of(
          new Work(
              "Verbs of the Redis store, one after the other, %d bytes".formatted(SIZES[0]),
              List.of(Comparison.TIME),
              besideFirst(runs)));
    }
  },
  /** What a hit and a miss are made of, beside what Redis and ZooKeeper take at least. */
  STEPS {
    @Override
    List<Work> works(Set<Contestants> contestants, Effort effort) {
      List<Run> runs = Arrays.stream(Step.values()).map(step -> call(step, effort)).toList();
      return List.of(
          new Work(
              "Steps of a hit and of a miss, 1 thread, %d bytes".formatted(SIZES[0]),
              List.of(Comparison.TIME),
              besideFirst(runs),
              List.of(hit(effort), miss(effort))));
    }
  };

  private static final int[] THREADS = {1, 8};
  private static final int[] SIZES = {100, 1_000};
  private static final int[] SHARES = {50, 80};
  private static final int MANY_THREADS = 64;
  private static final int LARGE_SIZE = 100_000;

  /**
   * How often a step that only reads is called where others are called once. It is short, and the
   * compiler takes as many calls of it to do its work.
   */
  private static final int READS = 20;

  /**
   * The works of it, in the order of the report.
   *
   * @param contestants those to be measured; the bases that they need come on top
   */
  abstract List<Work> works(Set<Contestants> contestants, Effort effort);

  /** A smoke run takes the first of each. */
  private static int[] only(Effort effort, int[] choices) {
    return effort.equals(Effort.SMOKE) ? Arrays.copyOf(choices, 1) : choices;
  }

  private static String threads(int threads) {
    return threads == 1 ? "1 thread" : threads + " threads";
  }

  /** A lock in ZooKeeper is compared with one in ZooKeeper, and all else with one in Redis. */
  private static Contestants baseOfMisses(Contestants contestant) {
    return switch (contestant) {
      case PLAIN_MUTEX, TIDEMARK_ZOOKEEPER -> Contestants.PLAIN_MUTEX;
      default -> Contestants.REDISSON_LOCK;
    };
  }

  private static Work hits(int threads, int bytes, Set<Contestants> contestants) {
    return reads(
        "Hits, %s, %d bytes".formatted(threads(threads), bytes),
        List.of(Comparison.RATE, Comparison.ALLOCATION),
        contestants,
        any -> Contestants.RAW_JEDIS,
        contestant -> read("hit", contestant, threads, bytes));
  }

  private static Work coldKeys(int processes, int callers, Set<Contestants> contestants) {
    return reads(
        "A cold key, %d processes with %d callers each, a load of 100 ms"
            .formatted(processes, callers),
        List.of(
            Comparison.LAST_CALLER,
            Comparison.MEDIAN_CALLER,
            Comparison.LOADS,
            Comparison.ZOOKEEPER_REQUESTS,
            Comparison.ZOOKEEPER_WRITES,
            Comparison.REDIS_COMMANDS),
        contestants,
        Workload::baseOfMisses,
        contestant -> new ColdKeyRun(contestant, processes, callers));
  }

  private interface Reading {
    Run of(Contestants contestant);
  }

  private static Work reads(
      String title,
      List<Comparison> comparisons,
      Set<Contestants> contestants,
      UnaryOperator<Contestants> base,
      Reading reading) {
    Set<Contestants> all = new LinkedHashSet<>(contestants);
    contestants.forEach(contestant -> all.add(base.apply(contestant)));
    List<Work.Entry> entries =
        all.stream()
            .sorted()
            .map(one -> new Work.Entry(reading.of(one), reading.of(base.apply(one))))
            .toList();
    return new Work(title, comparisons, entries);
  }

  private static JmhRun read(String method, Contestants contestant, int threads, int bytes) {
    return new JmhRun(
        contestant.title(),
        ReadBenchmark.class.getName() + "." + method,
        threads,
        Map.of("contestant", contestant.name(), "bytes", Integer.toString(bytes)));
  }

  private static Run call(Verb verb, Effort effort) {
    return new JmhRun(
            verb.title(),
            VerbBenchmark.class.getName() + ".callForEachSlot",
            1,
            Map.of("verb", verb.name(), "bytes", Integer.toString(SIZES[0])))
        .withCalls("slots", effort.slots());
  }

  private static Run call(Step step, Effort effort) {
    return new JmhRun(
            step.title(),
            StepBenchmark.class.getName() + ".callForEachNumber",
            1,
            Map.of("step", step.name(), "bytes", Integer.toString(SIZES[0])))
        .withCalls("calls", effort.slots() * (step.onlyReads() ? READS : 1));
  }

  private static List<Work.Entry> besideFirst(List<Run> runs) {
    Run base = runs.get(0);
    return runs.stream().map(run -> new Work.Entry(run, base)).toList();
  }

  private static Breakdown hit(Effort effort) {
    Breakdown.Part roundTrip = part("the round trip", effort, Step.ROUND_TRIP);
    return new Breakdown(
        "Where the time of a hit goes",
        List.of(
            new Breakdown.Bar(
                "a hit",
                call(Step.HIT, effort),
                List.of(
                    roundTrip,
                    part("GET, and the bytes of the entry", effort, Step.GET, Step.ROUND_TRIP),
                    part("reading the header", effort, Step.READ_KEEPING, Step.GET),
                    part(
                        "INFO replication, in the same round trip",
                        effort,
                        Step.READ,
                        Step.READ_KEEPING),
                    part("decoding, meters and bookkeeping", effort, Step.HIT, Step.READ))),
            new Breakdown.Bar(
                "the limit: one round trip to Redis", roundTrip.whole(), List.of(roundTrip))));
  }

  private static Breakdown miss(Effort effort) {
    return new Breakdown(
        "Where the time of a miss goes",
        List.of(
            new Breakdown.Bar(
                "a miss",
                call(Step.MISS, effort),
                List.of(
                    part("the read of the empty slot", effort, Step.LOOK),
                    part("the lock", effort, Step.LOCK),
                    part("the claim", effort, Step.CLAIM),
                    part("the fill", effort, Step.FILL),
                    part(
                        "all else: threads that hand over, the release of the lock, encoding, meters",
                        effort,
                        Step.MISS,
                        Step.LOOK,
                        Step.LOCK,
                        Step.CLAIM,
                        Step.FILL))),
            new Breakdown.Bar(
                "the limit: one write of ZooKeeper",
                call(Step.ZOOKEEPER_WRITE, effort),
                List.of(part("the write", effort, Step.ZOOKEEPER_WRITE)))));
  }

  private static Breakdown.Part part(String title, Effort effort, Step whole, Step... others) {
    return new Breakdown.Part(
        title,
        call(whole, effort),
        Arrays.stream(others).map(other -> call(other, effort)).toList());
  }
}
