package io.tidemark.proof.histories;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.proof.histories.Holds.Point;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.KeeperException;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.params.SetParams;

/**
 * Where one {@link Attack} is played on a key of its own: a worker that may lack a safeguard, one
 * that has them all, and the servers. For one thread.
 */
record AttackStage(
    String key,
    WorkerProcess suspect,
    WorkerProcess other,
    RedisClient redis,
    CuratorFramework curator,
    String jdbcUrl,
    ExecutorService background) {
  private static final int ANSWER_SECONDS = 900;
  private static final int POLL_MILLIS = 10;

  /** The caller that started a load, and the one that joined it. */
  private static final String WITH_THE_FIRST = "2";

  /** Runs an operation to its end, which must be a good one. */
  String run(WorkerProcess worker, Kind kind) throws Exception {
    String answer = worker.command("run %s %s".formatted(kind, key));
    assertThat(answer)
        .as("%s by %s of %s", kind, worker, key)
        .doesNotStartWith(Outcome.FAILED.name())
        .doesNotStartWith(Outcome.UNKNOWN.name());
    return answer;
  }

  /**
   * Starts an operation, and returns when it stands at a point, where it stays until it is let go.
   */
  Future<String> runUntil(WorkerProcess worker, Kind kind, Point point) throws Exception {
    told(worker, "set %s %s".formatted(point, key));
    Future<String> running = background.submit(() -> run(worker, kind));
    try {
      told(worker, "reached %s %s".formatted(point, key));
    } catch (AssertionError e) {
      if (running.isDone()) {
        running.get();
      }
      throw e;
    }
    return running;
  }

  /** Lets an operation go on to its end. */
  void finish(Future<String> running, WorkerProcess worker, Point point) throws Exception {
    letGo(worker, point);
    await(running);
  }

  /** Waits for the end of an operation. */
  void await(Future<String> running) throws Exception {
    running.get(ANSWER_SECONDS, TimeUnit.SECONDS);
  }

  /** Lets an operation go on until it, or what it started, comes to the same point again. */
  void letGoUntilNext(WorkerProcess worker, Point point) throws Exception {
    told(worker, "set %s %s".formatted(point, key));
    letGo(worker, point);
    told(worker, "reached %s %s".formatted(point, key));
  }

  /**
   * Starts a read that finds no entry, and returns when it has joined the load under way. The
   * worker must have nothing else to do.
   */
  Future<String> join(WorkerProcess worker) throws Exception {
    Future<String> joiner = background.submit(() -> run(worker, Kind.READ));
    poll("a caller that joins", () -> worker.command("waiting").equals(WITH_THE_FIRST));
    return joiner;
  }

  /** Waits until a claim was renewed, or was found gone. */
  void awaitRenewal(WorkerProcess worker) throws Exception {
    // The next answer may be to a renewal that is under way. One that finds the claim gone is the
    // last.
    int enough = answered(worker, "renew") + 2;
    poll(
        "a renewal",
        () ->
            answered(worker, "renew") >= enough
                || answered(worker, "renew" + Requests.REFUSED) > 0);
  }

  /** Lets a load go on until the store has answered its fill. */
  void letGoUntilFilled(WorkerProcess worker) throws Exception {
    int before = answered(worker, "fill");
    letGo(worker, Point.AFTER_READ);
    poll("a fill", () -> answered(worker, "fill") > before);
  }

  private int answered(WorkerProcess worker, String verb) throws Exception {
    return Integer.parseInt(worker.command("answered %s %s".formatted(verb, key)));
  }

  /** A step of a script. */
  interface Step {
    void run() throws Exception;
  }

  /** Takes a step, waits until the slot has changed, and makes it what it was before. */
  void undoNextChange(Step step) throws Exception {
    String before = slot();
    step.run();
    poll("a change of the slot", () -> !Objects.equals(slot(), before));
    set(before);
  }

  /** The bytes of the slot. */
  String slot() {
    return redis.get(redisKey());
  }

  /**
   * Brings bytes of the slot back that were written in another lineage, as a server does that takes
   * over or restarts.
   */
  void bringBack(String bytes) {
    set(bytes.replaceFirst("^(?<format>..).{8}", "${format}ffffffff"));
  }

  private void set(String bytes) {
    redis.set(redisKey(), bytes, SetParams.setParams().ex(WorkerSetup.SCRIPT.ttl().toSeconds()));
  }

  private String redisKey() {
    return "tidemark:" + WorkerProgram.CACHE + ":" + key;
  }

  private static void poll(String what, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(ANSWER_SECONDS);
    while (!condition.call()) {
      if (System.nanoTime() > end) {
        throw new TimeoutException("there is not " + what);
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  void letGo(WorkerProcess worker, Point point) throws Exception {
    told(worker, "open %s %s".formatted(point, key));
  }

  /** Reads by both workers. */
  void readEverywhere() throws Exception {
    run(other, Kind.READ);
    run(suspect, Kind.READ);
  }

  /** Loses the slot, as an eviction does. */
  void evict() {
    redis.del(redisKey());
  }

  /** Takes the lock from its holder, who does not hear of it: what the end of its session does. */
  void loseLock() throws Exception {
    String parent = "/tidemark/%s/locks/%s".formatted(WorkerProgram.CACHE, key);
    List<String> holders = curator.getChildren().forPath(parent);
    assertThat(holders).as("locks of %s", key).isNotEmpty();
    for (String holder : holders) {
      try {
        curator.delete().forPath(parent + "/" + holder);
      } catch (KeeperException.NoNodeException e) {
        // It was only waiting, and has left.
      }
    }
  }

  /** Lets the replica have what the primary has. */
  void replicate() throws Exception {
    ItemTable.replicate(jdbcUrl, key);
  }

  private static void told(WorkerProcess worker, String command) throws Exception {
    assertThat(worker.command(command)).as(command).isEqualTo(WorkerProgram.DONE);
  }
}
