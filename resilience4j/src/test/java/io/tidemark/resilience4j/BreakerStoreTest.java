package io.tidemark.resilience4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.tidemark.OutcomeUnknownException;
import io.tidemark.TidemarkException;
import io.tidemark.UnavailableException;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.Drop;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.Fill;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.Publish;
import io.tidemark.spi.Refresh;
import io.tidemark.spi.Reply;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import io.tidemark.spi.Version;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/** When a breaker opens, what it does then, and how it closes. */
class BreakerStoreTest {
  private static final SlotKey KEY = new SlotKey("products", "1");
  private static final SlotKey OTHER = new SlotKey("products", "2");
  private static final List<SlotKey> ONE = List.of(KEY);
  private static final Duration LIFE = Duration.ofMinutes(1);
  private static final EncodedRow ROW = new EncodedRow.Absent(Version.NONE);
  private static final Lifetime KEPT = new Lifetime(LIFE, Duration.ZERO);

  /** 80 % of the last 10 calls. */
  private static final int FAILURES_TO_OPEN = 8;

  private final Outage outage = new Outage();
  private final HandScheduler scheduler = new HandScheduler();
  private final AtomicLong nanos = new AtomicLong();
  private final BreakerStore store =
      BreakerStore.builder(outage.store())
          .name("slots")
          .scheduler(scheduler)
          .ticker(nanos::get)
          .build();
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  @BeforeEach
  void listen() {
    log.start();
    logger().addAppender(log);
    logger().setLevel(Level.INFO);
  }

  @AfterEach
  void close() {
    store.close();
    logger().detachAppender(log);
    logger().setLevel(null);
  }

  @Test
  void read_storeAwayForTooLong_isRefusedAtOnce() {
    open();
    int asked = outage.calls();

    assertThatExceptionOfType(UnavailableException.class)
        .isThrownBy(() -> store.read(KEY))
        .withMessage("products:1: not asked: the circuit breaker of its store is OPEN")
        .satisfies(failure -> assertThat(failure.key()).contains(KEY));
    assertThat(outage.calls()).isEqualTo(asked);
  }

  @ParameterizedTest
  @MethodSource("verbs")
  void verb_open_isRefusedAtOnce(String name, Consumer<SlotStore> verb) {
    open();
    int asked = outage.calls();

    assertThatExceptionOfType(UnavailableException.class)
        .isThrownBy(() -> verb.accept(store))
        .withMessageStartingWith("products:")
        .withMessageContaining("not asked");
    assertThat(outage.calls()).isEqualTo(asked);
  }

  @ParameterizedTest
  @MethodSource("verbs")
  void verb_fails_counts(String name, Consumer<SlotStore> verb) {
    outage.begin(new OutcomeUnknownException(KEY, "lost", null));
    for (int i = 0; i < FAILURES_TO_OPEN; i++) {
      assertThatExceptionOfType(OutcomeUnknownException.class).isThrownBy(() -> verb.accept(store));
    }

    assertThat(store.circuitBreaker().getState()).isEqualTo(State.OPEN);
  }

  static Stream<Arguments> verbs() {
    return Stream.of(
        verb("read", slots -> slots.read(KEY)),
        verb("claim", slots -> slots.claim(KEY, 1, ClaimMode.ALWAYS, LIFE, LIFE)),
        verb("renew", slots -> slots.renew(KEY, 1, LIFE)),
        verb("abandon", slots -> slots.abandon(KEY, 1)),
        verb("fill", slots -> slots.fill(KEY, 1, ROW, FloorRule.ABOVE, KEPT)),
        verb("publish", slots -> slots.publish(KEY, LockHandle.NO_FENCE, ROW, KEPT, LIFE)),
        verb("refresh", slots -> slots.refresh(KEY, ROW, KEPT, LIFE)),
        verb("drop", slots -> slots.drop(KEY, Version.NONE, LIFE)),
        verb("clear", slots -> slots.clear("products")),
        verbForMany("readAll", slots -> slots.readAll(ONE)),
        verbForMany("claimAll", slots -> slots.claimAll(ONE, 1, ClaimMode.ALWAYS, LIFE, LIFE)),
        verbForMany("renewAll", slots -> slots.renewAll(ONE, 1, LIFE)),
        verbForMany("abandonAll", slots -> slots.abandonAll(ONE, 1)),
        verbForMany(
            "fillAll",
            slots -> slots.fillAll(List.of(new Fill(KEY, 1, ROW, FloorRule.ABOVE, KEPT)))),
        verbForMany(
            "publishAll", slots -> slots.publishAll(List.of(new Publish(KEY, 0, ROW, KEPT, LIFE)))),
        verbForMany(
            "refreshAll", slots -> slots.refreshAll(List.of(new Refresh(KEY, ROW, KEPT, LIFE)))),
        verbForMany("dropAll", slots -> slots.dropAll(List.of(new Drop(KEY, Version.NONE, LIFE)))));
  }

  private static <T> Arguments verbForMany(String name, Function<SlotStore, List<Reply<T>>> verb) {
    return verb(name, slots -> verb.apply(slots).forEach(Reply::get));
  }

  @Test
  void readAll_open_eachRefusedWithItsKey() {
    open();
    int asked = outage.calls();

    assertThat(store.readAll(List.of(KEY, OTHER)))
        .extracting(reply -> ((Reply.Failed<Slot>) reply).failure())
        .satisfiesExactly(
            first -> assertThat(first).hasMessageStartingWith("products:1: not asked"),
            second -> assertThat(second).hasMessageStartingWith("products:2: not asked"));
    assertThat(outage.calls()).isEqualTo(asked);
  }

  @Test
  void readAll_manyKeysFail_countsOnce() {
    outage.begin();
    store.readAll(Collections.nCopies(FAILURES_TO_OPEN, KEY));
    assertThat(store.circuitBreaker().getState()).isEqualTo(State.CLOSED);
    assertThat(store.circuitBreaker().getMetrics().getNumberOfFailedCalls()).isEqualTo(1);
  }

  @Test
  void readAll_oneOfSeveralFails_countsAsFailed() {
    outage.endAfter(1);
    assertThat(store.readAll(List.of(KEY, OTHER)).get(1)).isInstanceOf(Reply.Answered.class);
    assertThat(store.circuitBreaker().getMetrics().getNumberOfFailedCalls()).isEqualTo(1);
  }

  private static Arguments verb(String name, Consumer<SlotStore> verb) {
    return Arguments.of(name, verb);
  }

  @Test
  void read_someFailuresAmongManyAnswers_staysClosed() {
    for (int i = 0; i < 100; i++) {
      outage.endAfter(1);
      fail(1);
      store.read(KEY);
    }

    assertThat(store.circuitBreaker().getState()).isEqualTo(State.CLOSED);
  }

  @Test
  void read_storeAwayAfterManyAnswers_opensAfterEightFailures() {
    for (int i = 0; i < 100; i++) {
      store.read(KEY);
    }
    outage.begin();
    fail(FAILURES_TO_OPEN - 1);
    assertThat(store.circuitBreaker().getState()).isEqualTo(State.CLOSED);
    fail(1);

    assertThat(store.circuitBreaker().getState()).isEqualTo(State.OPEN);
  }

  @Test
  void claim_storeRefusesWritesOnly_staysClosed() {
    outage.refuseWrites();
    for (int i = 0; i < 100; i++) {
      store.read(KEY);
      assertThatExceptionOfType(UnavailableException.class)
          .isThrownBy(() -> store.claim(KEY, 1, ClaimMode.ALWAYS, LIFE, LIFE));
    }

    assertThat(store.circuitBreaker().getState()).isEqualTo(State.CLOSED);
  }

  @Test
  void read_slowAnswers_staysClosed() {
    outage.onCall(() -> nanos.addAndGet(Duration.ofHours(1).toNanos()));
    for (int i = 0; i < 100; i++) {
      store.read(KEY);
    }

    assertThat(store.circuitBreaker().getState()).isEqualTo(State.CLOSED);
  }

  @Test
  void read_otherExceptions_doNotCount() {
    outage.begin(new IllegalArgumentException("no such key"));
    for (int i = 0; i < 100; i++) {
      assertThatExceptionOfType(IllegalArgumentException.class)
          .isThrownBy(() -> store.read(KEY))
          .withMessage("no such key");
    }

    assertThat(store.circuitBreaker().getState()).isEqualTo(State.CLOSED);
  }

  @Test
  void read_interruptedThread_doesNotCount() {
    outage.begin();
    Thread.currentThread().interrupt();
    fail(100);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(store.circuitBreaker().getState()).isEqualTo(State.CLOSED);
  }

  @Test
  void read_waitedForATimeoutAcrossARecovery_doesNotCount() {
    outage.begin();
    outage.onCall(
        () -> {
          outage.onCall(() -> {});
          open();
          outage.end();
          scheduler.runNext();
          outage.begin();
        });
    fail(1);

    assertThat(store.circuitBreaker().getState()).isEqualTo(State.CLOSED);
    assertThat(store.circuitBreaker().getMetrics().getNumberOfBufferedCalls()).isZero();
  }

  @Test
  void probe_storeAnswers_closes() {
    open();
    assertThat(scheduler.lastDelay()).isEqualTo(Duration.ofMillis(250));
    outage.end();
    scheduler.runNext();

    assertThat(store.circuitBreaker().getState()).isEqualTo(State.CLOSED);
    assertThat(scheduler.scheduled()).isZero();
    store.read(KEY);
  }

  @Test
  void probe_storeStillAway_comesAgain() {
    open();
    scheduler.runNext();
    scheduler.runNext();

    assertThat(store.circuitBreaker().getState()).isEqualTo(State.OPEN);
    assertThat(scheduler.scheduled()).isEqualTo(1);
  }

  @Test
  void probe_poolFullOfBrokenConnections_usesThemUp() {
    open();
    outage.endAfter(Recovery.READS_PER_PROBE - 1);
    scheduler.runNext();

    assertThat(store.circuitBreaker().getState()).isEqualTo(State.CLOSED);
  }

  @Test
  void probe_storeRefuses_asksALimitedNumberOfTimes() {
    open();
    int asked = outage.calls();
    scheduler.runNext();

    assertThat(outage.calls() - asked).isEqualTo(Recovery.READS_PER_PROBE);
  }

  @Test
  void probe_storeIsSilent_asksOnce() {
    open();
    outage.onCall(() -> nanos.addAndGet(Duration.ofMillis(250).toNanos()));
    int asked = outage.calls();
    scheduler.runNext();

    assertThat(outage.calls() - asked).isEqualTo(1);
  }

  @Test
  void probe_storeThrowsAnError_comesAgain() {
    open();
    outage.onCall(
        () -> {
          throw new AssertionError("broken");
        });
    scheduler.runNext();

    assertThat(scheduler.scheduled()).isEqualTo(1);
  }

  @Test
  void open_againByHand_hasOneProbe() {
    open();
    store.circuitBreaker().transitionToClosedState();
    assertThat(scheduler.scheduled()).isZero();
    store.circuitBreaker().transitionToOpenState();

    assertThat(scheduler.scheduled()).isEqualTo(1);
  }

  @Test
  void forcedOpen_refusesAndIsNotProbed() {
    store.circuitBreaker().transitionToForcedOpenState();

    assertThatExceptionOfType(UnavailableException.class).isThrownBy(() -> store.read(KEY));
    assertThat(scheduler.scheduled()).isZero();
    assertThat(outage.calls()).isZero();
  }

  @Test
  void openByHand_neverFailed_closesWithTheNextProbe() {
    store.circuitBreaker().transitionToOpenState();
    scheduler.runNext();

    assertThat(store.circuitBreaker().getState()).isEqualTo(State.CLOSED);
  }

  @Test
  void openAndClose_tellOnceEach() {
    open();
    fail(100);
    scheduler.runNext();
    nanos.addAndGet(Duration.ofMillis(1_500).toNanos());
    outage.end();
    scheduler.runNext();

    assertThat(log.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly(
            "slots: the store does not answer, 8 of the last 8 calls failed; only a probe asks it"
                + " now, every PT0.25S",
            "slots: the store answers again, after PT1.5S in which calls did not reach the store");
    assertThat(log.list).extracting(ILoggingEvent::getLevel).containsOnly(Level.INFO);
  }

  @Test
  void close_whileOpen_goesStraightToTheStore() {
    open();
    store.close();
    store.close();
    outage.end();

    store.read(KEY);
    assertThat(scheduler.scheduled()).isZero();
    assertThat(scheduler.isShutdown()).as("it is the caller's").isFalse();
  }

  @Test
  void open_schedulerShutDown_goesStraightToTheStore() {
    scheduler.shutdownNow();
    open();

    assertThatExceptionOfType(UnavailableException.class)
        .isThrownBy(() -> store.read(KEY))
        .withMessage("refused");
  }

  private void open() {
    outage.begin();
    fail(FAILURES_TO_OPEN);
  }

  private void fail(int calls) {
    for (int i = 0; i < calls; i++) {
      failOnce(store, KEY);
    }
  }

  static void failOnce(SlotStore store, SlotKey key) {
    assertThat(catchThrowable(() -> store.read(key))).isInstanceOf(TidemarkException.class);
  }

  private static Logger logger() {
    return (Logger) LoggerFactory.getLogger(Recovery.class);
  }
}
