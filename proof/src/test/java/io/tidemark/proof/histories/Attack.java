package io.tidemark.proof.histories;

import io.tidemark.proof.histories.Holds.Point;
import io.tidemark.testkit.TcpProxy;
import java.util.concurrent.Future;

/**
 * What a safeguard is there to stop, step by step. Played against all safeguards it must break no
 * rule; without the one it must break one.
 */
enum Attack {
  /** A writer commits first and publishes last. */
  LATE_PUBLISH {
    @Override
    void play(AttackStage stage) throws Exception {
      stage.run(stage.other(), Kind.UPDATE);
      Future<String> late = stage.runUntil(stage.suspect(), Kind.PUBLISH, Point.BEFORE_PUBLISH);
      stage.run(stage.other(), Kind.UPDATE);
      stage.finish(late, stage.suspect(), Point.BEFORE_PUBLISH);
      stage.readEverywhere();
    }
  },
  /** A loader fills after a write whose traces were evicted. */
  LATE_FILL_OF_AN_EMPTY_SLOT {
    @Override
    void play(AttackStage stage) throws Exception {
      stage.run(stage.other(), Kind.UPDATE);
      stage.evict();
      Future<String> load = stage.runUntil(stage.suspect(), Kind.READ, Point.AFTER_READ);
      stage.run(stage.other(), Kind.PUBLISH);
      stage.evict();
      stage.finish(load, stage.suspect(), Point.AFTER_READ);
      stage.readEverywhere();
    }
  },
  /** A loader fills after a write whose version, which is the floor now, is the one it has read. */
  LATE_FILL_OVER_A_FLOOR(Versions.COARSE, WorkerSetup.SCRIPT_WITH_REPLICA) {
    @Override
    void play(AttackStage stage) throws Exception {
      stage.run(stage.other(), Kind.UPDATE);
      stage.run(stage.other(), Kind.INVALIDATE);
      // What it reads from the replica is behind the floor, so that it goes on to the source.
      Future<String> load = stage.runUntil(stage.suspect(), Kind.READ, Point.AFTER_READ);
      stage.run(stage.other(), Kind.PUBLISH);
      stage.finish(load, stage.suspect(), Point.AFTER_READ);
      stage.readEverywhere();
    }
  },
  /** A loader that lost its lock and its claim fills while the next one loads. */
  LATE_FILL_UNDER_THE_NEXT_CLAIM {
    @Override
    void play(AttackStage stage) throws Exception {
      stage.run(stage.other(), Kind.UPDATE);
      stage.evict();
      Future<String> load = stage.runUntil(stage.suspect(), Kind.READ, Point.AFTER_READ);
      stage.loseLock();
      stage.run(stage.other(), Kind.PUBLISH);
      stage.evict();
      Future<String> next = stage.runUntil(stage.other(), Kind.READ, Point.AFTER_READ);
      // Refused, it waits for the next one.
      stage.letGoUntilFilled(stage.suspect());
      stage.finish(next, stage.other(), Point.AFTER_READ);
      stage.await(load);
      stage.readEverywhere();
    }
  },
  /** A loader that lost its lock fills what its successor has written meanwhile. */
  LATE_FILL_AFTER_A_LOST_LOCK {
    @Override
    void play(AttackStage stage) throws Exception {
      stage.run(stage.other(), Kind.UPDATE);
      stage.evict();
      Future<String> load = stage.runUntil(stage.suspect(), Kind.READ, Point.AFTER_READ);
      stage.loseLock();
      stage.run(stage.other(), Kind.UPDATE);
      stage.finish(load, stage.suspect(), Point.AFTER_READ);
      stage.readEverywhere();
    }
  },
  /** A claim that a deletion broke comes to life again by its renewal. */
  LATE_FILL_UNDER_A_RENEWED_CLAIM {
    @Override
    void play(AttackStage stage) throws Exception {
      stage.run(stage.other(), Kind.UPDATE);
      stage.evict();
      Future<String> load = stage.runUntil(stage.suspect(), Kind.READ, Point.AFTER_READ);
      stage.run(stage.other(), Kind.PUBLISH_DELETE_UNVERSIONED);
      stage.awaitRenewal(stage.suspect());
      stage.finish(load, stage.suspect(), Point.AFTER_READ);
      stage.readEverywhere();
    }
  },
  /** A writer without a claim deletes while somebody loads. */
  DELETION_DURING_A_LOAD {
    @Override
    void play(AttackStage stage) throws Exception {
      stage.run(stage.other(), Kind.UPDATE);
      stage.evict();
      Future<String> load = stage.runUntil(stage.other(), Kind.READ, Point.AFTER_READ);
      stage.run(stage.suspect(), Kind.PUBLISH_DELETE_UNVERSIONED);
      stage.finish(load, stage.other(), Point.AFTER_READ);
      stage.readEverywhere();
    }
  },
  /** A writer that lost its lock and its claim deletes while its successor loads. */
  LOCKED_DELETION_DURING_THE_NEXT_LOAD {
    @Override
    void play(AttackStage stage) throws Exception {
      stage.run(stage.other(), Kind.UPDATE);
      Future<String> deletion =
          stage.runUntil(stage.suspect(), Kind.UPDATE_DELETE_UNVERSIONED, Point.BEFORE_COMMIT);
      stage.loseLock();
      Future<String> load = stage.runUntil(stage.other(), Kind.READ, Point.AFTER_READ);
      stage.finish(deletion, stage.suspect(), Point.BEFORE_COMMIT);
      stage.finish(load, stage.other(), Point.AFTER_READ);
      stage.readEverywhere();
    }
  },
  /** A row changes, and its version does not. */
  TIE(Versions.COARSE, WorkerSetup.SCRIPT) {
    @Override
    void play(AttackStage stage) throws Exception {
      stage.run(stage.other(), Kind.UPDATE);
      stage.run(stage.suspect(), Kind.PUBLISH);
      stage.readEverywhere();
    }
  },
  /** A writer commits first and publishes last, with the version that the later one has, too. */
  LATE_TIE(Versions.COARSE, WorkerSetup.SCRIPT) {
    @Override
    void play(AttackStage stage) throws Exception {
      stage.run(stage.other(), Kind.UPDATE);
      Future<String> late = stage.runUntil(stage.suspect(), Kind.PUBLISH, Point.BEFORE_PUBLISH);
      stage.run(stage.other(), Kind.PUBLISH);
      stage.run(stage.other(), Kind.READ);
      stage.finish(late, stage.suspect(), Point.BEFORE_PUBLISH);
      stage.readEverywhere();
    }
  },
  /** A writer commits first and publishes last, after a deletion that told no version. */
  LATE_PUBLISH_OVER_AN_ABSENCE {
    @Override
    void play(AttackStage stage) throws Exception {
      stage.run(stage.other(), Kind.UPDATE);
      Future<String> late = stage.runUntil(stage.suspect(), Kind.PUBLISH, Point.BEFORE_PUBLISH);
      stage.run(stage.other(), Kind.PUBLISH_DELETE_UNVERSIONED);
      stage.run(stage.other(), Kind.READ);
      stage.finish(late, stage.suspect(), Point.BEFORE_PUBLISH);
      stage.readEverywhere();
    }
  },
  /** An entry is dropped, and the replica does not have it yet. */
  LAGGING_REPLICA(Versions.FINE, WorkerSetup.SCRIPT_WITH_REPLICA) {
    @Override
    void play(AttackStage stage) throws Exception {
      stage.run(stage.other(), Kind.UPDATE);
      stage.replicate();
      stage.run(stage.other(), Kind.PUBLISH);
      stage.run(stage.suspect(), Kind.INVALIDATE);
      stage.run(stage.suspect(), Kind.READ);
      stage.readEverywhere();
    }
  },
  /** A row changes, its version does not, and the replica does not have the change yet. */
  LAGGING_REPLICA_WITH_A_TIE(Versions.COARSE, WorkerSetup.SCRIPT_WITH_REPLICA) {
    @Override
    void play(AttackStage stage) throws Exception {
      stage.run(stage.other(), Kind.UPDATE);
      stage.replicate();
      stage.run(stage.other(), Kind.PUBLISH);
      stage.run(stage.suspect(), Kind.READ);
      stage.readEverywhere();
    }
  },
  /** A row is inserted, and the replica does not have it yet. */
  LAGGING_REPLICA_OF_AN_INSERT(Versions.FINE, WorkerSetup.SCRIPT_WITH_REPLICA) {
    @Override
    void play(AttackStage stage) throws Exception {
      stage.run(stage.other(), Kind.PUBLISH);
      stage.run(stage.suspect(), Kind.READ);
      stage.readEverywhere();
    }
  },
  /** Redis fails over to a server with an older entry. */
  FAILOVER_TO_AN_OLDER_ENTRY {
    @Override
    void play(AttackStage stage) throws Exception {
      stage.run(stage.other(), Kind.UPDATE);
      String older = stage.slot();
      stage.run(stage.other(), Kind.UPDATE);
      stage.bringBack(older);
      stage.run(stage.suspect(), Kind.READ);
      stage.readEverywhere();
    }
  },
  /** Redis fails over to a server with a claim that a write has broken since. */
  FAILOVER_TO_A_BROKEN_CLAIM {
    @Override
    void play(AttackStage stage) throws Exception {
      stage.run(stage.other(), Kind.UPDATE);
      stage.evict();
      Future<String> load = stage.runUntil(stage.suspect(), Kind.READ, Point.AFTER_READ);
      String claimed = stage.slot();
      stage.run(stage.other(), Kind.PUBLISH);
      stage.bringBack(claimed);
      stage.finish(load, stage.suspect(), Point.AFTER_READ);
      stage.readEverywhere();
    }
  },
  /** A slot moves to another server of Redis, and the replica of the database lags. */
  MOVED_ENTRY_AND_LAGGING_REPLICA(Versions.FINE, WorkerSetup.SCRIPT_WITH_REPLICA) {
    @Override
    void play(AttackStage stage) throws Exception {
      stage.run(stage.other(), Kind.UPDATE);
      stage.replicate();
      stage.run(stage.other(), Kind.UPDATE);
      stage.bringBack(stage.slot());
      stage.run(stage.suspect(), Kind.READ);
      stage.readEverywhere();
    }
  },
  /** Redis fails over and loses a floor, and the replica of the database lags. */
  LOST_FLOOR_AND_LAGGING_REPLICA(Versions.FINE, WorkerSetup.SCRIPT_WITH_REPLICA) {
    @Override
    void play(AttackStage stage) throws Exception {
      stage.run(stage.other(), Kind.UPDATE);
      stage.replicate();
      stage.run(stage.other(), Kind.UPDATE);
      stage.evict();
      stage.run(stage.suspect(), Kind.READ);
      stage.readEverywhere();
    }
  },
  /** A caller joins a load after a write that the load has not seen, and that the store refuses. */
  LATE_JOINER(Versions.FINE, WorkerSetup.SCRIPT, Reach.SUSPECT) {
    @Override
    void play(AttackStage stage) throws Exception {
      stage.run(stage.other(), Kind.UPDATE);
      stage.evict();
      Future<String> first = stage.runUntil(stage.suspect(), Kind.READ, Point.AFTER_READ);
      for (int refused = 1; refused < LAST_REFUSAL; refused++) {
        stage.run(stage.other(), Kind.PUBLISH);
        stage.letGoUntilNext(stage.suspect(), Point.AFTER_READ);
      }
      stage.run(stage.other(), Kind.PUBLISH);
      Future<String> joiner = stage.join(stage.suspect());
      stage.finish(first, stage.suspect(), Point.AFTER_READ);
      stage.await(joiner);
      stage.readEverywhere();
    }
  },
  /**
   * What a writer publishes is lost, and so is the reply. A proxy cannot tell when it has swallowed
   * a request; but what the request did can be seen, and undone.
   */
  LOST_PUBLISH(Versions.FINE, WorkerSetup.SCRIPT, Reach.SUSPECT) {
    @Override
    void play(AttackStage stage) throws Exception {
      stage.run(stage.other(), Kind.UPDATE);
      Future<String> write = stage.runUntil(stage.suspect(), Kind.PUBLISH, Point.BEFORE_PUBLISH);
      stage.suspect().network().redis().forEach(TcpProxy::swallowReplies);
      stage.undoNextChange(() -> stage.letGo(stage.suspect(), Point.BEFORE_PUBLISH));
      stage.suspect().network().redis().forEach(TcpProxy::refuse);
      stage.run(stage.other(), Kind.READ);
      stage.suspect().network().redis().forEach(TcpProxy::forward);
      stage.await(write);
      stage.run(stage.other(), Kind.READ);
    }
  },
  /** A cache is cleared while somebody loads what was there before. */
  CLEAR_DURING_A_LOAD(Versions.FINE, WorkerSetup.SCRIPT, Reach.CACHE) {
    @Override
    void play(AttackStage stage) throws Exception {
      stage.run(stage.other(), Kind.UPDATE);
      stage.evict();
      Future<String> load = stage.runUntil(stage.other(), Kind.READ, Point.AFTER_READ);
      Future<String> write = stage.runUntil(stage.suspect(), Kind.PUBLISH, Point.BEFORE_PUBLISH);
      stage.run(stage.suspect(), Kind.CLEAR);
      stage.finish(load, stage.other(), Point.AFTER_READ);
      stage.readEverywhere();
      stage.finish(write, stage.suspect(), Point.BEFORE_PUBLISH);
    }
  };

  /** With how many rows refused a load gives up, and tells its callers the last. */
  private static final int LAST_REFUSAL = 3;

  /** Whether the versions of a row always grow. */
  enum Versions {
    FINE,
    COARSE
  }

  /** What it does something to. */
  enum Reach {
    /** Its own key. */
    KEY,
    /** All keys of its suspect. */
    SUSPECT,
    /** All keys. */
    CACHE
  }

  private final Versions versions;
  private final WorkerSetup setup;
  private final Reach reach;

  Attack() {
    this(Versions.FINE, WorkerSetup.SCRIPT);
  }

  Attack(Versions versions, WorkerSetup setup) {
    this(versions, setup, Reach.KEY);
  }

  Attack(Versions versions, WorkerSetup setup, Reach reach) {
    this.versions = versions;
    this.setup = setup;
    this.reach = reach;
  }

  Reach reach() {
    return reach;
  }

  /** Plays it, to the end of every operation. */
  abstract void play(AttackStage stage) throws Exception;

  /** What the workers must be for. */
  WorkerSetup setup() {
    return setup;
  }

  /** The key of a trial of this attack. */
  String key(String trial) {
    return (versions == Versions.COARSE ? ItemTable.COARSE : "") + trial;
  }
}
