package io.tidemark.proof.histories;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.demo.processes.ProcessGroup;
import io.tidemark.proof.safeguards.CoreEdits;
import io.tidemark.proof.safeguards.Design;
import io.tidemark.proof.safeguards.Edit;
import io.tidemark.proof.safeguards.EditedCopies;
import io.tidemark.proof.safeguards.RedisEdits;
import io.tidemark.proof.safeguards.Safeguard;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.RedisClient;

/**
 * Real processes of which one lacks a safeguard: the checker must find what that costs. Each attack
 * is also played against processes that have them all, and then it must find nothing.
 */
@Tag("one-jdk")
class SafeguardsOffIT {
  /** The attack that each safeguard is there to stop. */
  private static final Map<Safeguard, Attack> ATTACKS = new EnumMap<>(Safeguard.class);

  /** Why a safeguard has no run of this kind. */
  private static final Map<Safeguard, String> NOT_HERE = new EnumMap<>(Safeguard.class);

  static {
    ATTACKS.put(Safeguard.COMPARE_VERSIONS, Attack.LATE_PUBLISH);
    ATTACKS.put(Safeguard.CLAIM_ON_EMPTY, Attack.LATE_FILL_OF_AN_EMPTY_SLOT);
    ATTACKS.put(Safeguard.CLAIM_ON_FLOOR, Attack.LATE_FILL_OVER_A_FLOOR);
    ATTACKS.put(Safeguard.OWN_CLAIM, Attack.LATE_FILL_UNDER_THE_NEXT_CLAIM);
    ATTACKS.put(Safeguard.BREAK_OTHER_CLAIM, Attack.DELETION_DURING_A_LOAD);
    ATTACKS.put(
        Safeguard.BREAK_OTHER_CLAIM_AS_LOCKED_WRITER, Attack.LOCKED_DELETION_DURING_THE_NEXT_LOAD);
    ATTACKS.put(Safeguard.DROP_ON_TIE_NOT_KEEP, Attack.TIE);
    ATTACKS.put(Safeguard.DROP_ON_TIE_NOT_REPLACE, Attack.LATE_TIE);
    ATTACKS.put(Safeguard.DROP_ABSENT, Attack.LATE_PUBLISH_OVER_AN_ABSENCE);
    ATTACKS.put(Safeguard.FLOOR, Attack.LAGGING_REPLICA);
    ATTACKS.put(Safeguard.BEHIND_ON_TIE, Attack.LAGGING_REPLICA_WITH_A_TIE);
    ATTACKS.put(Safeguard.BEHIND_ON_ABSENCE, Attack.LAGGING_REPLICA_OF_AN_INSERT);
    ATTACKS.put(Safeguard.RENEW_OWN_CLAIM, Attack.LATE_FILL_UNDER_A_RENEWED_CLAIM);
    ATTACKS.put(Safeguard.FLIGHT_EPOCHS, Attack.LATE_JOINER);
    ATTACKS.put(Safeguard.FLIGHT_EPOCH_OF_READ, Attack.LATE_JOINER);
    ATTACKS.put(Safeguard.REPEAT_AFTER_LOST_REPLY, Attack.LOST_PUBLISH);
    ATTACKS.put(Safeguard.CLEAR_BREAKS_CLAIMS, Attack.CLEAR_DURING_A_LOAD);
    NOT_HERE.put(
        Safeguard.FENCE_PER_ATTEMPT,
        "the network must hold a fill back until the next attempt has claimed, and a proxy can only"
            + " cut: the simulation does it");
    NOT_HERE.put(
        Safeguard.DROP_FALLEN_VERSION,
        "a row is ranked by its commit here, and the later one is right whatever its version");
  }

  /** The attack that each of the designs falls to. */
  private static final Map<Design, Attack> DESIGNS =
      Map.of(
          Design.LOCK_WITHOUT_VERSIONS,
          Attack.LATE_FILL_AFTER_A_LOST_LOCK,
          Design.VERSIONS_WITHOUT_CLAIMS,
          Attack.LATE_FILL_OF_AN_EMPTY_SLOT,
          Design.CLAIMS_WITHOUT_VERSIONS,
          Attack.LATE_PUBLISH);

  /** What each trial came to. */
  private static final Map<String, List<Violation>> VIOLATIONS = new HashMap<>();

  /** An attack against a suspect that lacks something. */
  record Trial(String name, List<Edit> edits, Attack attack) {
    String key() {
      return attack.key(name);
    }

    /** Whether it would disturb others: the suspect that lacks nothing is shared. */
    boolean needsSolitude() {
      return attack.reach() == Attack.Reach.CACHE
          || (attack.reach() == Attack.Reach.SUSPECT && edits.isEmpty());
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Trial> trials() {
    return Stream.concat(
        ATTACKS.entrySet().stream()
            .map(
                entry ->
                    new Trial(entry.getKey().label(), without(entry.getKey()), entry.getValue())),
        DESIGNS.entrySet().stream()
            .map(
                entry ->
                    new Trial(
                        entry.getKey().label(), RedisEdits.of(entry.getKey()), entry.getValue())));
  }

  /** Where it does not live in the store it lives above it. */
  private static List<Edit> without(Safeguard safeguard) {
    List<Edit> edits = RedisEdits.without(safeguard);
    return edits.isEmpty() ? CoreEdits.without(safeguard) : edits;
  }

  private static Trial safe(Attack attack) {
    return new Trial("all-safeguards-" + attack, List.of(), attack);
  }

  @BeforeAll
  static void playAll() throws Exception {
    VIOLATIONS.clear();
    int code =
        ProcessGroup.run(
            group -> {
              CompletableFuture<Map<String, String>> classPaths =
                  CompletableFuture.supplyAsync(() -> classPaths(group.directory()));
              try (Fleet fleet = Fleet.startServers(group, LockKind.ZOOKEEPER)) {
                playAll(fleet, classPaths.join());
              }
              return 0;
            });
    assertThat(code).isZero();
  }

  @ParameterizedTest
  @MethodSource("trials")
  void attack_withoutItsSafeguard_breaksAPromise(Trial trial) {
    assertThat(violations(trial))
        .extracting(Violation::rule)
        .containsAnyOf(Rule.READ_YOUR_WRITES, Rule.FORWARD_ONLY);
  }

  @ParameterizedTest
  @EnumSource
  void attack_withAllSafeguards_breaksNone(Attack attack) {
    assertThat(violations(safe(attack))).isEmpty();
  }

  @Test
  void safeguards_each_haveAnAttackHereOrAReason() {
    EnumSet<Safeguard> named = EnumSet.noneOf(Safeguard.class);
    named.addAll(ATTACKS.keySet());
    named.addAll(NOT_HERE.keySet());
    assertThat(named).containsExactly(Safeguard.values());
    assertThat(ATTACKS).doesNotContainKeys(NOT_HERE.keySet().toArray(Safeguard[]::new));
  }

  /** Coarse versions tie, which is what they are for here. */
  private static List<Violation> violations(Trial trial) {
    return Objects.requireNonNull(VIOLATIONS.get(trial.key()), trial.name()).stream()
        .filter(violation -> violation.rule() != Rule.VERSIONS_GROW)
        .toList();
  }

  /** What each trial's suspect lacks, compiled where it must be. */
  private static Map<String, String> classPaths(Path directory) {
    Map<String, String> classPaths = new HashMap<>();
    trials()
        .forEach(
            trial -> {
              try {
                Path edited = directory.resolve(trial.name());
                EditedCopies.writeTo(edited, trial.edits());
                classPaths.put(
                    trial.name(),
                    edited + File.pathSeparator + System.getProperty("java.class.path"));
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    return classPaths;
  }

  private static void playAll(Fleet fleet, Map<String, String> classPaths) throws Exception {
    String classPath = System.getProperty("java.class.path");
    Map<WorkerSetup, WorkerProcess> others = new EnumMap<>(WorkerSetup.class);
    Map<WorkerSetup, WorkerProcess> safeSuspects = new EnumMap<>(WorkerSetup.class);
    for (WorkerSetup setup : List.of(WorkerSetup.SCRIPT, WorkerSetup.SCRIPT_WITH_REPLICA)) {
      others.put(setup, fleet.addWorker(classPath, setup));
      safeSuspects.put(setup, fleet.addWorker(classPath, setup));
    }
    ExecutorService threads = Executors.newCachedThreadPool();
    try (RedisClient redis = fleet.redisClient();
        CuratorFramework curator =
            CuratorFrameworkFactory.newClient(
                ZooKeeperServer.addresses(fleet.zookeeper()), new RetryOneTime(100))) {
      curator.start();
      List<Callable<?>> plays = new ArrayList<>();
      List<String> keys = new ArrayList<>();
      List<Trial> trials = new ArrayList<>(trials().toList());
      trials.addAll(Arrays.stream(Attack.values()).map(SafeguardsOffIT::safe).toList());
      for (Trial trial : trials) {
        WorkerSetup setup = trial.attack().setup();
        WorkerProcess suspect =
            trial.edits().isEmpty()
                ? Objects.requireNonNull(safeSuspects.get(setup))
                : fleet.addWorker(Objects.requireNonNull(classPaths.get(trial.name())), setup);
        keys.add(trial.key());
        Stage stage =
            new Stage(
                trial.key(),
                suspect,
                Objects.requireNonNull(others.get(setup)),
                redis,
                curator,
                fleet.jdbcUrl(),
                threads);
        plays.add(
            () -> {
              trial.attack().play(stage);
              return null;
            });
      }
      for (WorkerProcess worker : fleet.workers()) {
        worker.awaitReady();
      }
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < plays.size(); i++) {
        if (!trials.get(i).needsSolitude()) {
          running.add(threads.submit(plays.get(i)));
        } else {
          running.add(CompletableFuture.completedFuture(null));
        }
      }
      for (int i = 0; i < plays.size(); i++) {
        await(running.get(i), trials.get(i));
      }
      for (int i = 0; i < plays.size(); i++) {
        if (trials.get(i).needsSolitude()) {
          await(threads.submit(plays.get(i)), trials.get(i));
        }
      }
      keys.forEach(key -> VIOLATIONS.put(key, new ArrayList<>()));
      for (Violation violation : HistoryChecker.check(fleet.collectHistory())) {
        Objects.requireNonNull(VIOLATIONS.get(violation.key())).add(violation);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static void await(Future<?> playing, Trial trial) throws Exception {
    try {
      playing.get(2, TimeUnit.MINUTES);
    } catch (ExecutionException e) {
      throw new AssertionError(trial + " could not be played", e.getCause());
    }
  }
}
