package io.tidemark.testkit;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.spi.Deadline;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockAttempt.Acquired;
import io.tidemark.spi.LockAttempt.Held;
import io.tidemark.spi.LockHandle;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every {@link LockProvider} must do. Extend it, say where the locks are, and run it as a
 * JUnit test. Each test uses keys that no other test uses, so that one server serves them all.
 */
public abstract class LockProviderContract {
  private static final AtomicInteger KEYS = new AtomicInteger();

  /** Far longer than anything here takes: meeting it is a failure, not a slow machine. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private ExecutorService threads;

  /** For subclasses. */
  protected LockProviderContract() {}

  /** The locks under test, with no key held. */
  protected abstract LockProvider locks();

  /**
   * Locks that share their keys with {@link #locks} as those of another process would. Where only
   * one process can share them, the same ones.
   */
  protected abstract LockProvider locksOfAnotherProcess();

  /**
   * Makes the backend forget every trace of a key that nobody holds, as time or its own clean-up
   * would; returns once it is forgotten.
   */
  protected abstract void forget(SlotKey key) throws Exception;

  /** Readies the threads of a test: an instance may serve one test or all of them. */
  @BeforeEach
  final void startThreads() {
    threads = Executors.newCachedThreadPool();
  }

  /** Ends the threads of a test. */
  @AfterEach
  final void endThreads() throws InterruptedException {
    threads.shutdownNow();
    assertThat(threads.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void tryAcquire_freeKey_isAcquiredWithAFence() throws Exception {
    try (LockHandle handle = acquire(locks(), newKey())) {
      assertThat(handle.fence()).isGreaterThan(LockHandle.NO_FENCE);
    }
  }

  @Test
  void tryAcquire_heldKey_isHeld() throws Exception {
    SlotKey key = newKey();
    try (LockHandle handle = acquire(locks(), key)) {
      assertThat(handle.fence()).isPositive();
      assertThat(locksOfAnotherProcess().tryAcquire(key, patience())).isInstanceOf(Held.class);
    }
  }

  @Test
  void tryAcquire_heldByTheSameThread_isHeld() throws Exception {
    SlotKey key = newKey();
    try (LockHandle handle = acquire(locks(), key)) {
      assertThat(handle.fence()).isPositive();
      assertThat(locks().tryAcquire(key, patience())).isInstanceOf(Held.class);
    }
  }

  @Test
  void tryAcquire_afterClose_isAcquired() throws Exception {
    SlotKey key = newKey();
    acquire(locks(), key).close();

    acquireOnceFree(locksOfAnotherProcess(), key).close();
  }

  @Test
  void tryAcquire_whileOtherKeysAreHeld_isAcquired() throws Exception {
    SlotKey key = newKey();
    SlotKey sameKeyOfAnotherCache = new SlotKey(key.cache() + ".other", key.key());
    try (LockHandle one = acquire(locks(), key);
        LockHandle two = acquire(locks(), newKey());
        LockHandle three = acquire(locks(), sameKeyOfAnotherCache)) {
      assertThat(List.of(one, two, three)).allMatch(handle -> handle.fence() > 0);
    }
  }

  @Test
  void tryAcquire_interrupted_throwsAndHoldsNothing() throws Exception {
    SlotKey key = newKey();
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> locks().tryAcquire(key, patience()))
        .isInstanceOf(InterruptedException.class);

    acquireOnceFree(locks(), key).close();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("anyContentAndLength")
  void tryAcquire_keyOfAnyContentAndLength_isExclusive(String what, String text) throws Exception {
    SlotKey key = new SlotKey("contract." + what.replace(' ', '-'), text);
    try (LockHandle handle = acquire(locks(), key)) {
      assertThat(handle.fence()).isPositive();
      assertThat(locksOfAnotherProcess().tryAcquire(key, patience())).isInstanceOf(Held.class);
    }
    acquireOnceFree(locks(), key).close();
  }

  static Stream<Arguments> anyContentAndLength() {
    return Stream.of(
        Arguments.of("empty", ""),
        Arguments.of("space", " "),
        Arguments.of("slash", "a/b//c/"),
        Arguments.of("dot", "."),
        Arguments.of("two dots", ".."),
        Arguments.of("way up", "../../x"),
        Arguments.of("NUL", "a\0b"),
        Arguments.of("line breaks", "a\r\nb"),
        Arguments.of("percent", "%2F%00"),
        Arguments.of("braces", "{tag}*?[a]"),
        Arguments.of("emoji", "🌊🌊"),
        Arguments.of("private use", "\uE000\uFFFF"),
        Arguments.of("4 kB", "x".repeat(4096)),
        Arguments.of("longest", "é".repeat(SlotKey.MAX_KEY_CHARS - 10)));
  }

  @Test
  void tryAcquire_keysThatLookAlike_doNotShareALock() throws Exception {
    String cache = newKey().cache() + ".alike";
    String prefix = "x".repeat(SlotKey.MAX_KEY_CHARS - 1);
    List<String> texts =
        List.of(
            "",
            "a",
            "A",
            "a ",
            "a/",
            "/a",
            "a.",
            "a\0",
            "%61",
            "a%",
            "a_",
            "é",
            "e\u0301",
            prefix,
            prefix + "1",
            prefix + "2");
    List<LockHandle> handles = new ArrayList<>();
    for (String text : texts) {
      handles.add(acquire(locks(), new SlotKey(cache, text)));
    }

    assertThat(handles.stream().map(LockHandle::fence).collect(toSet())).hasSize(texts.size());
    handles.forEach(LockHandle::close);
  }

  @Test
  void fence_overManyHoldings_grows() throws Exception {
    SlotKey key = newKey();
    List<Long> fences = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      LockProvider locks = i % 2 == 0 ? locks() : locksOfAnotherProcess();
      try (LockHandle handle = acquireOnceFree(locks, key)) {
        fences.add(handle.fence());
      }
    }

    assertThat(fences).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void fence_afterTheKeyWasForgotten_grows() throws Exception {
    SlotKey key = newKey();
    long last = LockHandle.NO_FENCE;
    for (int i = 0; i < 3; i++) {
      try (LockHandle handle = acquireOnceFree(locks(), key)) {
        assertThat(handle.fence()).isGreaterThan(last);
        last = handle.fence();
      }
      forget(key);
    }
  }

  /** A caller's thread makes the threads that go on to work for others. */
  @Test
  void threads_madeByACallersCalls_haveNothingOfTheCallers() throws Exception {
    SlotKey key = newKey();
    ClassLoader ofTheCaller = new URLClassLoader(new URL[0]);
    Future<Boolean> gone =
        threads.submit(
            () -> {
              Thread.currentThread().setContextClassLoader(ofTheCaller);
              LockHandle handle = acquire(locks(), key);
              Held held = held(locksOfAnotherProcess(), key);
              boolean stayed = !held.holder().awaitGone(Deadline.after(Duration.ofMillis(10)));
              handle.close();
              return stayed;
            });

    assertThat(answer(gone)).isTrue();
    assertThat(Thread.getAllStackTraces().keySet())
        .filteredOn(thread -> thread.getContextClassLoader() == ofTheCaller)
        .as("none but the caller's own")
        .hasSizeLessThan(2);
  }

  @Test
  void awaitGone_holderCloses_isTrue() throws Exception {
    SlotKey key = newKey();
    LockHandle handle = acquire(locks(), key);
    Held held = held(locksOfAnotherProcess(), key);
    Future<Boolean> gone = threads.submit(() -> held.holder().awaitGone(patience()));

    handle.close();

    assertThat(answer(gone)).isTrue();
  }

  @Test
  void awaitGone_holderAlreadyGone_isTrue() throws Exception {
    SlotKey key = newKey();
    LockHandle handle = acquire(locks(), key);
    Held held = held(locksOfAnotherProcess(), key);
    handle.close();
    acquireOnceFree(locks(), key).close();

    assertThat(held.holder().awaitGone(patience())).isTrue();
    assertThat(held.holder().awaitGone(patience())).isTrue();
  }

  @Test
  void awaitGone_holderStays_isFalseAtTheDeadlineAndNotBefore() throws Exception {
    SlotKey key = newKey();
    try (LockHandle handle = acquire(locks(), key)) {
      assertThat(handle.fence()).isPositive();
      Held held = held(locksOfAnotherProcess(), key);
      Deadline deadline = Deadline.after(Duration.ofMillis(50));

      assertThat(held.holder().awaitGone(deadline)).isFalse();

      assertThat(deadline.hasPassed()).isTrue();
      assertThat(held.holder().awaitGone(deadline)).isFalse();
    }
  }

  @Test
  void awaitGone_interrupted_throws() throws Exception {
    SlotKey key = newKey();
    try (LockHandle handle = acquire(locks(), key)) {
      assertThat(handle.fence()).isPositive();
      Held held = held(locksOfAnotherProcess(), key);
      CompletableFuture<Thread> waiter = new CompletableFuture<>();
      Future<Boolean> gone =
          threads.submit(
              () -> {
                waiter.complete(Thread.currentThread());
                return held.holder().awaitGone(patience());
              });

      waiter.get().interrupt();

      assertThatThrownBy(() -> answer(gone))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(InterruptedException.class);
    }
  }

  @Test
  void awaitGone_manyWaiters_allWake() throws Exception {
    SlotKey key = newKey();
    LockHandle handle = acquire(locks(), key);
    CountDownLatch waiting = new CountDownLatch(60);
    List<Future<Boolean>> waiters = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      LockProvider locks = i % 2 == 0 ? locks() : locksOfAnotherProcess();
      waiters.add(
          threads.submit(
              () -> {
                Held held = held(locks, key);
                waiting.countDown();
                return held.holder().awaitGone(patience());
              }));
    }
    assertThat(waiting.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();

    handle.close();

    for (Future<Boolean> waiter : waiters) {
      assertThat(answer(waiter)).isTrue();
    }
  }

  @Test
  void close_fromAnotherThread_freesTheKey() throws Exception {
    SlotKey key = newKey();
    LockHandle handle = acquire(locks(), key);

    threads.submit(handle::close).get();

    acquireOnceFree(locksOfAnotherProcess(), key).close();
  }

  @Test
  void close_twice_doesNotFreeTheNextHolder() throws Exception {
    SlotKey key = newKey();
    LockHandle first = acquire(locks(), key);
    first.close();
    try (LockHandle second = acquireOnceFree(locks(), key)) {
      first.close();

      assertThat(second.fence()).isGreaterThan(first.fence());
      assertThat(locksOfAnotherProcess().tryAcquire(key, patience())).isInstanceOf(Held.class);
    }
  }

  @Test
  void close_interruptedThread_freesTheKeyAndStaysInterrupted() throws Exception {
    SlotKey key = newKey();
    LockHandle handle = acquire(locks(), key);
    Thread.currentThread().interrupt();

    handle.close();

    assertThat(Thread.interrupted()).isTrue();
    acquireOnceFree(locksOfAnotherProcess(), key).close();
  }

  @Test
  void holdings_underManyThreads_neverOverlap() throws Exception {
    int rounds = 60;
    List<SlotKey> keys = List.of(newKey(), newKey());
    List<AtomicInteger> holders = List.of(new AtomicInteger(), new AtomicInteger());
    List<AtomicLong> lastFences = List.of(new AtomicLong(), new AtomicLong());
    List<Callable<Set<Integer>>> contenders = new ArrayList<>();
    for (int thread = 0; thread < 8; thread++) {
      int first = thread;
      contenders.add(
          () -> {
            LockProvider locks = first % 4 < 2 ? locks() : locksOfAnotherProcess();
            Set<Integer> together = new HashSet<>();
            for (int round = 0; round < rounds; round++) {
              int k = (first + round) % keys.size();
              try (LockHandle handle = acquireOnceFree(locks, keys.get(k))) {
                together.add(holders.get(k).incrementAndGet());
                assertThat(lastFences.get(k).getAndSet(handle.fence())).isLessThan(handle.fence());
                holders.get(k).decrementAndGet();
              }
            }
            return together;
          });
    }

    Set<Integer> together = new HashSet<>();
    for (Future<Set<Integer>> contender : contenders.stream().map(threads::submit).toList()) {
      together.addAll(answer(contender));
    }

    assertThat(together).containsExactly(1);
  }

  /** A key that no other test uses. */
  protected final SlotKey newKey() {
    return new SlotKey("contract", "key-" + KEYS.incrementAndGet());
  }

  /** A deadline that a test which works never meets. */
  public static Deadline patience() {
    return Deadline.after(PATIENCE);
  }

  /** Takes a lock that must be free. */
  private static LockHandle acquire(LockProvider locks, SlotKey key) throws InterruptedException {
    LockAttempt attempt = locks.tryAcquire(key, patience());
    assertThat(attempt).isInstanceOf(Acquired.class);
    return ((Acquired) attempt).handle();
  }

  /** Takes a lock as soon as its holder is gone: {@code close} may work in the background. */
  public static LockHandle acquireOnceFree(LockProvider locks, SlotKey key)
      throws InterruptedException {
    Deadline deadline = patience();
    while (true) {
      LockAttempt attempt = locks.tryAcquire(key, deadline);
      if (attempt instanceof Acquired acquired) {
        return acquired.handle();
      }
      assertThat(((Held) attempt).holder().awaitGone(deadline)).isTrue();
    }
  }

  private static Held held(LockProvider locks, SlotKey key) throws InterruptedException {
    LockAttempt attempt = locks.tryAcquire(key, patience());
    assertThat(attempt).isInstanceOf(Held.class);
    return (Held) attempt;
  }

  private static <T> T answer(Future<T> future) throws Exception {
    return future.get(2 * PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }
}
