package io.tidemark.spring.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.core.type.TypeReference;
import io.tidemark.CacheClosedException;
import io.tidemark.InvalidVersionException;
import io.tidemark.Origin;
import io.tidemark.json.JsonCodec;
import io.tidemark.spi.SlotKey;
import io.tidemark.spring.Tidemark;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.cache.Cache;
import org.springframework.cache.Cache.ValueRetrievalException;
import org.springframework.cache.Cache.ValueWrapper;

/** The contract of Spring's {@link Cache}, method by method, in two processes. */
class TidemarkCacheTest {
  private static final Book OLD = new Book("Tides", 1);
  private static final Book NEW = new Book("Tides, second edition", 2);

  private final Fleet fleet = new Fleet();
  private final Tidemark here = fleet.tidemark();
  private final Tidemark there = fleet.tidemark();
  private final TidemarkCache books = TidemarkCache.builder(here, "books", Book.class).build();
  private final TidemarkCache others = TidemarkCache.builder(there, "books", Book.class).build();
  private final TidemarkCache notes = TidemarkCache.builder(here, "notes", Note.class).build();
  private final AtomicInteger loads = new AtomicInteger();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  @BeforeEach
  void listen() {
    log.start();
    logger().addAppender(log);
  }

  @AfterEach
  void close() {
    logger().detachAppender(log);
    threads.shutdownNow();
    fleet.close();
  }

  private static Logger logger() {
    return (Logger) LoggerFactory.getLogger(TidemarkCache.class);
  }

  private <T> Callable<T> loading(T value) {
    return () -> {
      loads.incrementAndGet();
      return value;
    };
  }

  private static Callable<@Nullable Book> nothing() {
    return () -> null;
  }

  private static <T> Callable<T> never() {
    return () -> {
      throw new AssertionError("the entry should have been served");
    };
  }

  @Test
  void getName_always_isThatOfTheAnnotations() {
    assertThat(books.getName()).isEqualTo("books");
  }

  @Test
  void getNativeCache_always_isTheCacheUnderneath() {
    books.get(1L, loading(OLD));

    assertThat(books.getNativeCache().get(new NativeKey("Long:1"))).contains(OLD);
    assertThat(books.getNativeCache().explain(new NativeKey("Long:1")).toString())
        .contains("VALUE", "no call of a method");
  }

  /** How the endpoint gets the key that it is to explain. */
  @Test
  void nativeKey_convertedFromItsText_isTheKey() {
    assertThat(ApplicationConversionService.getSharedInstance().convert("Long:1", NativeKey.class))
        .isEqualTo(new NativeKey("Long:1"))
        .hasToString("Long:1");
  }

  @Test
  void get_noEntry_isNullAndLoadsNothing() {
    assertThat(books.get(1L)).isNull();
    assertThat(books.get(1L, Book.class)).isNull();
    assertThat(books.getNativeCache().stats().loads()).isZero();
  }

  @Test
  void get_entry_isItsValueInEachProcess() {
    books.get(1L, loading(OLD));

    assertThat(others.get(1L)).extracting(ValueWrapper::get).isEqualTo(OLD);
    assertThat(others.get(1L, Book.class)).isEqualTo(OLD);
    assertThat(others.<Object>get(1L, (Class<Object>) null)).isEqualTo(OLD);
  }

  @Test
  void get_cachedNull_isAWrapperOfNull() {
    books.get(1L, nothing());

    assertThat(others.get(1L)).isNotNull().extracting(ValueWrapper::get).isNull();
    assertThat(others.get(1L, Book.class)).isNull();
  }

  @Test
  void get_entryOfAnotherType_throws() {
    books.get(1L, loading(OLD));

    assertThatIllegalStateException().isThrownBy(() -> books.get(1L, String.class));
  }

  @Test
  void getWithLoader_noEntry_loadsOnceAndStores() {
    assertThat(books.get(1L, loading(OLD))).isEqualTo(OLD);
    assertThat(books.get(1L, loading(NEW))).isEqualTo(OLD);
    assertThat(others.get(1L, loading(NEW))).isEqualTo(OLD);
    assertThat(loads).hasValue(1);
  }

  @Test
  void getWithLoader_valuesWithoutVersion_loadsOnceAndStores() {
    assertThat(notes.get("n", loading(new Note("a")))).isEqualTo(new Note("a"));
    assertThat(notes.get("n", loading(new Note("b")))).isEqualTo(new Note("a"));
    assertThat(loads).hasValue(1);
  }

  @Test
  void getWithLoader_returnsNull_storesNull() {
    assertThat(books.get(1L, nothing())).isNull();
    assertThat(others.get(1L, loading(OLD))).isNull();
    assertThat(loads).hasValue(0);
  }

  @Test
  void getWithLoader_throws_isWrappedAndNothingIsStored() {
    Callable<Book> failing =
        () -> {
          throw new IOException("no such shelf");
        };
    assertThatExceptionOfType(ValueRetrievalException.class)
        .isThrownBy(() -> books.get(1L, failing))
        .satisfies(e -> assertThat(e.getKey()).isEqualTo(1L))
        .havingCause()
        .isInstanceOf(IOException.class)
        .withMessage("no such shelf");
    assertThat(books.get(1L, loading(OLD))).isEqualTo(OLD);
  }

  @Test
  void getWithLoader_valueOfAnotherType_isRefused() {
    assertThatExceptionOfType(ValueRetrievalException.class)
        .isThrownBy(() -> books.get(1L, loading("Tides")))
        .havingCause()
        .isInstanceOf(IllegalArgumentException.class)
        .withMessage(
            "books: the value is a java.lang.String; the cache holds"
                + " io.tidemark.spring.cache.Book");
    assertThat(books.get(1L)).isNull();
  }

  @Test
  void getWithLoader_negativeVersion_isRefused() {
    assertThatExceptionOfType(InvalidVersionException.class)
        .isThrownBy(() -> books.get(1L, loading(new Book("Tides", -1))));
  }

  @Test
  void getWithLoader_closed_throwsWhatTheCacheThrows() {
    here.close();

    assertThatExceptionOfType(CacheClosedException.class)
        .isThrownBy(() -> books.get(1L, loading(OLD)));
  }

  /** What no other cache of Spring's does. */
  @Test
  void getWithLoader_manyCallersInTwoProcesses_loadOnce() throws Exception {
    int callers = 16;
    CyclicBarrier together = new CyclicBarrier(callers);
    List<Future<Book>> answers = new ArrayList<>();
    for (int i = 0; i < callers; i++) {
      Cache cache = i % 2 == 0 ? books : others;
      answers.add(
          threads.submit(
              () -> {
                together.await();
                return cache.get(1L, loading(OLD));
              }));
    }
    for (Future<Book> answer : answers) {
      assertThat(answer.get()).isEqualTo(OLD);
    }
    assertThat(loads).hasValue(1);
  }

  /** The method runs once for its caller: the interceptors between cannot be run again. */
  @Test
  void getWithLoader_evictedMeanwhile_servesTheCallerAndStoresNothing() {
    assertThat(
            books.get(
                1L,
                () -> {
                  others.evict(1L);
                  return loading(OLD).call();
                }))
        .isEqualTo(OLD);
    assertThat(loads).hasValue(1);
    assertThat(others.get(1L)).isNull();
  }

  /** A caller that came after the eviction must not be served what was read before it. */
  @Test
  void getWithLoader_evictedWhileAnotherWaits_callsTheMethodOfTheOther() throws Exception {
    CountDownLatch reading = new CountDownLatch(1);
    CountDownLatch evicted = new CountDownLatch(1);
    Future<Book> first =
        threads.submit(
            () ->
                books.get(
                    1L,
                    () -> {
                      reading.countDown();
                      evicted.await();
                      return OLD;
                    }));
    reading.await();
    others.evict(1L);
    CountDownLatch entered = new CountDownLatch(1);
    Future<Book> second =
        threads.submit(
            () -> {
              entered.countDown();
              return books.get(1L, loading(NEW));
            });
    entered.await();
    evicted.countDown();

    assertThat(second.get()).isEqualTo(NEW);
    assertThat(first.get()).isIn(OLD, NEW);
    assertThat(loads).hasValue(1);
    assertThat(books.get(1L, Book.class)).isIn(NEW, null);
  }

  /** A read without a method takes one that waits. */
  @Test
  void getWithLoader_joinsALoadWithoutAMethod_isTheMethodOfThatLoad() throws Exception {
    CountDownLatch reading = new CountDownLatch(1);
    CountDownLatch mayFail = new CountDownLatch(1);
    Future<Book> holder =
        threads.submit(
            () ->
                others.get(
                    1L,
                    () -> {
                      reading.countDown();
                      mayFail.await();
                      throw new IOException("no such shelf");
                    }));
    reading.await();
    CompletableFuture<?> look = books.retrieve(1L);
    Future<Book> joined = threads.submit(() -> books.get(1L, loading(NEW)));
    while (books.getNativeCache().stats().misses() < 2) {
      Thread.onSpinWait();
    }
    mayFail.countDown();

    assertThat(joined.get()).isEqualTo(NEW);
    assertThat(look.get())
        .isInstanceOfSatisfying(
            ValueWrapper.class, wrapper -> assertThat(wrapper.get()).isEqualTo(NEW));
    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(holder::get)
        .withCauseInstanceOf(ValueRetrievalException.class);
  }

  /**
   * A look without a method, and the memory of its failure, must not keep a method from running.
   */
  @Test
  void getWithLoader_failureOfALookIsRemembered_callsTheMethod() throws Exception {
    Tidemark remembering =
        fleet.start(Map.of("tidemark.defaults.failure-ttl", "1h")).getBean(Tidemark.class);
    TidemarkCache cache = TidemarkCache.builder(remembering, "books", Book.class).build();
    assertThat(cache.retrieve(1L).get()).isNull();

    assertThat(cache.get(1L, loading(OLD))).isEqualTo(OLD);
    assertThat(cache.retrieve(1L, () -> CompletableFuture.completedFuture(NEW)).get())
        .isEqualTo(NEW);
    assertThatExceptionOfType(ValueRetrievalException.class)
        .isThrownBy(
            () ->
                cache.get(
                    1L,
                    () -> {
                      throw new IOException("no such shelf");
                    }))
        .havingCause()
        .withMessage("no such shelf");
    assertThat(others.get(1L)).isNull();
  }

  /** In the background, when its caller has its answer. */
  @Test
  void getWithLoader_entryIsDueForRefresh_callsTheMethodOfAHit() {
    Tidemark refreshing =
        fleet
            .start(Map.of("tidemark.defaults.refresh-ahead", "0.5", "tidemark.defaults.ttl", "10m"))
            .getBean(Tidemark.class);
    TidemarkCache refreshed = TidemarkCache.builder(refreshing, "books", Book.class).build();
    refreshed.get(1L, loading(OLD));
    fleet.pass(Duration.ofMinutes(6));

    assertThat(refreshed.get(1L, loading(NEW))).isEqualTo(OLD);
    while (!NEW.equals(refreshed.get(1L, Book.class))) {
      Thread.onSpinWait();
    }
  }

  @Test
  void put_newerVersion_replacesTheEntry() {
    books.get(1L, loading(OLD));

    others.put(1L, NEW);

    assertThat(books.get(1L, TidemarkCacheTest.<Book>never())).isEqualTo(NEW);
    assertThat(books.getNativeCache().read(new NativeKey("Long:1")).origin())
        .isEqualTo(Origin.CACHE);
  }

  @Test
  void put_olderVersion_leavesTheEntry() {
    books.get(1L, loading(NEW));

    others.put(1L, OLD);

    assertThat(books.get(1L, Book.class)).isEqualTo(NEW);
  }

  @Test
  void put_noEntry_storesNothing() {
    books.put(1L, OLD);

    assertThat(books.get(1L)).isNull();
    assertThat(log.list).hasSize(1);
    assertThat(log.list.get(0).getFormattedMessage())
        .isEqualTo(
            "books: there was no entry, and none will come of a value that is put now: only"
                + " @Cacheable(sync = true), or get with a loader, stores values. This is logged"
                + " once");
    books.get(2L);
    assertThat(log.list).hasSize(1);
  }

  @Test
  void put_valuesWithoutVersion_dropsTheEntryAndSaysSoOnce() {
    notes.get("n", loading(new Note("a")));

    notes.put("n", new Note("b"));
    notes.put("n", new Note("c"));

    assertThat(log.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly(
            "notes: a value that is put drops the entry, because values of this cache have no"
                + " version; the next @Cacheable(sync = true) loads. To publish it, let its class"
                + " implement Versioned, or set version. This is logged once");
    assertThat(notes.get("n", loading(new Note("d")))).isEqualTo(new Note("d"));
  }

  @Test
  void put_null_dropsTheEntry() {
    books.get(1L, loading(OLD));

    others.put(1L, null);

    assertThat(books.get(1L)).isNull();
  }

  @Test
  void put_valueOfAnotherType_isRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> books.put(1L, new Note("a")));
  }

  @Test
  void put_negativeVersion_throwsAndDropsTheEntry() {
    books.get(1L, loading(OLD));

    assertThatExceptionOfType(InvalidVersionException.class)
        .isThrownBy(() -> books.put(1L, new Book("Tides", -1)));

    assertThat(books.get(1L)).isNull();
  }

  @Test
  void putIfAbsent_entry_returnsItAndLeavesIt() {
    books.get(1L, loading(OLD));

    assertThat(others.putIfAbsent(1L, NEW)).extracting(ValueWrapper::get).isEqualTo(OLD);
    assertThat(books.get(1L, Book.class)).isEqualTo(OLD);
  }

  /** As put does: the value may be older than an entry that was evicted. */
  @Test
  void putIfAbsent_noEntry_returnsNullAndStoresNothing() {
    assertThat(books.putIfAbsent(1L, OLD)).isNull();
    assertThat(books.get(1L)).isNull();
  }

  @Test
  void evict_entry_isGoneInEachProcess() {
    books.get(1L, loading(OLD));

    books.evict(1L);

    assertThat(others.get(1L, loading(NEW))).isEqualTo(NEW);
  }

  @Test
  void evictIfPresent_entryOrNone_saysWhich() {
    books.get(1L, loading(OLD));

    assertThat(others.evictIfPresent(1L)).isTrue();
    assertThat(books.get(1L)).isNull();
    assertThat(others.evictIfPresent(1L)).isFalse();
  }

  @Test
  void clear_entries_areGone() {
    books.get(1L, loading(OLD));
    books.get(2L, loading(OLD));
    notes.get("n", loading(new Note("a")));

    others.clear();

    assertThat(books.get(1L)).isNull();
    assertThat(books.get(2L)).isNull();
    assertThat(notes.get("n")).isNotNull();
  }

  @Test
  void invalidate_entriesOrNone_saysWhich() {
    books.get(1L, loading(OLD));

    assertThat(others.invalidate()).isTrue();
    assertThat(books.get(1L)).isNull();
    assertThat(others.invalidate()).isFalse();
  }

  @Test
  void retrieve_noEntry_isAFutureOfNull() throws Exception {
    assertThat(books.retrieve(1L).get()).isNull();
  }

  @Test
  void retrieve_entry_isAFutureOfItsWrapper() throws Exception {
    books.get(1L, loading(OLD));
    books.get(2L, nothing());

    assertThat(others.retrieve(1L).get())
        .isInstanceOfSatisfying(
            ValueWrapper.class, wrapper -> assertThat(wrapper.get()).isEqualTo(OLD));
    assertThat(others.retrieve(2L).get())
        .isInstanceOfSatisfying(ValueWrapper.class, wrapper -> assertThat(wrapper.get()).isNull());
  }

  /** The caller goes on while the method's future is under way. */
  @Test
  void retrieveWithLoader_futureUnderWay_doesNotBlock() throws Exception {
    CompletableFuture<Book> late = new CompletableFuture<>();
    CompletableFuture<Book> answer = books.retrieve(1L, () -> late);
    assertThat(answer).isNotDone();

    late.complete(OLD);

    assertThat(answer.get()).isEqualTo(OLD);
    assertThat(others.retrieve(1L, () -> CompletableFuture.completedFuture(NEW)).get())
        .isEqualTo(OLD);
  }

  @Test
  void retrieveWithLoader_twoProcesses_loadOnce() throws Exception {
    CompletableFuture<Book> late = new CompletableFuture<>();
    List<CompletableFuture<Book>> answers = new ArrayList<>();
    for (TidemarkCache cache : List.of(books, others, books, others)) {
      answers.add(
          cache.retrieve(
              1L,
              () -> {
                loads.incrementAndGet();
                return late;
              }));
    }
    late.complete(OLD);

    for (CompletableFuture<Book> answer : answers) {
      assertThat(answer.get()).isEqualTo(OLD);
    }
    assertThat(loads).hasValue(1);
  }

  @Test
  void retrieveWithLoader_null_isANullThatIsCached() throws Exception {
    assertThat(books.retrieve(1L, () -> CompletableFuture.<Book>completedFuture(null)).get())
        .isNull();
    assertThat(others.get(1L)).isNotNull();
  }

  /** Not wrapped: Spring hands it to the method's caller as it is. */
  @Test
  void retrieveWithLoader_fails_failsWithTheSame() {
    IOException failure = new IOException("no such shelf");
    CompletableFuture<Book> answer =
        books.retrieve(1L, () -> CompletableFuture.<Book>failedFuture(failure));

    assertThatExceptionOfType(ExecutionException.class).isThrownBy(answer::get).withCause(failure);
  }

  @Test
  void retrieveWithLoader_throws_failsWithTheSame() {
    CompletableFuture<Book> answer =
        books.retrieve(
            1L,
            () -> {
              throw new IllegalStateException("closed for lunch");
            });

    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(answer::get)
        .withCauseInstanceOf(IllegalStateException.class);
  }

  @Test
  void retrieveWithLoader_evictedMeanwhile_servesTheCaller() throws Exception {
    CompletableFuture<Book> answer =
        books.retrieve(
            1L,
            () -> {
              others.evict(1L);
              return CompletableFuture.completedFuture(OLD);
            });

    assertThat(answer.get()).isEqualTo(OLD);
    assertThat(others.get(1L)).isNull();
  }

  @Test
  void retrieveWithLoader_closed_failsAndDoesNotThrow() {
    here.close();

    CompletableFuture<Book> answer =
        books.retrieve(1L, () -> CompletableFuture.completedFuture(OLD));

    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(answer::get)
        .withCauseInstanceOf(CacheClosedException.class);
  }

  @Test
  void refuseNulls_null_isRefusedByLoadsAndPuts() {
    TidemarkCache strict = TidemarkCache.builder(here, "strict", Book.class).refuseNulls().build();

    assertThat(strict.isAllowNullValues()).isFalse();
    assertThatExceptionOfType(ValueRetrievalException.class)
        .isThrownBy(() -> strict.get(1L, nothing()))
        .havingCause()
        .isInstanceOf(IllegalArgumentException.class)
        .withMessage("strict: the value is null; the cache was built with refuseNulls()");
    assertThatIllegalArgumentException().isThrownBy(() -> strict.put(1L, null));
    assertThat(strict.get(1L)).isNull();
  }

  @Test
  void refuseNulls_nullOfAnotherProcess_isNoEntry() throws Exception {
    books.get(1L, nothing());
    TidemarkCache strict = TidemarkCache.builder(there, "books", Book.class).refuseNulls().build();

    assertThat(strict.get(1L)).isNull();
    assertThat(strict.retrieve(1L).get()).isNull();
  }

  @Test
  void version_ofAFunction_decides() {
    TidemarkCache titles =
        TidemarkCache.builder(here, "titles", new TypeReference<List<String>>() {})
            .version(List::size)
            .build();
    titles.get("t", loading(List.of("a")));

    titles.put("t", List.of("b", "c"));
    titles.put("t", List.of("d"));

    assertThat(titles.get("t")).extracting(ValueWrapper::get).isEqualTo(List.of("b", "c"));
    assertThat(log.list).isEmpty();
  }

  @Test
  void codec_ofTheApplication_isUsed() {
    TidemarkCache coded =
        TidemarkCache.builder(here, "coded", JsonCodec.of(Book.class))
            .version(Book::version)
            .build();

    assertThat(coded.get(1L, loading(OLD))).isEqualTo(OLD);
    coded.put(1L, NEW);
    assertThat(coded.get(1L, Book.class)).isEqualTo(NEW);
  }

  @Test
  void option_setTwice_isRefused() {
    var builder =
        TidemarkCache.builder(here, "twice", Book.class).version(Book::version).refuseNulls();

    assertThatIllegalStateException()
        .isThrownBy(() -> builder.version(Book::version))
        .withMessage("version is set already; an option may be set once");
    assertThatIllegalStateException().isThrownBy(builder::refuseNulls);
  }

  @Test
  void keyEncoder_ofTheApplication_givesTheText() {
    TidemarkCache own =
        TidemarkCache.builder(here, "own", Book.class).keyEncoder(key -> "book-" + key).build();
    own.get(1L, loading(OLD));

    assertThat(fleet.store.read(new SlotKey("own", "book-1")).isHit()).isTrue();
  }

  @Test
  void keys_ofSeveralClasses_areDifferent() {
    books.get(1L, loading(OLD));

    assertThat(books.get(1)).isNull();
    assertThat(books.get("1")).isNull();
    assertThat(fleet.store.read(new SlotKey("books", "Long:1")).isHit()).isTrue();
  }

  @Test
  @SuppressWarnings("NullAway") // What the test is about.
  void keys_null_areRefused() {
    assertThatNullPointerException().isThrownBy(() -> books.get(null)).withMessage("key");
    assertThatNullPointerException().isThrownBy(() -> books.evict(null)).withMessage("key");
  }

  @Test
  void keys_withoutText_areRefusedWithTheReason() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> books.get(Map.of(), loading(OLD)))
        .withMessageStartingWith("key of cache 'books' has no text: ")
        .withMessageContaining("neither a simple type nor a record of simple types");
  }
}
