package io.tidemark.spring.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.UnsafeInTransactionException;
import io.tidemark.spring.Tidemark;
import java.io.FileNotFoundException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.h2.jdbcx.JdbcDataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.cache.annotation.CacheConfig;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.CachePut;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Spring's annotations, in two applications that share a store. */
class CachingAnnotationsTest {
  private static final Book OLD = new Book("Tides", 1);
  private static final Book NEW = new Book("Tides, second edition", 2);

  private final Fleet fleet = new Fleet();
  private final ApplicationContext first = fleet.start(Map.of(), Application.class);
  private final Shelf here = first.getBean(Shelf.class);
  private final Shelf there = fleet.start(Map.of(), Application.class).getBean(Shelf.class);
  private final TransactionTemplate transaction =
      new TransactionTemplate(first.getBean(PlatformTransactionManager.class));
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @BeforeEach
  void fill() {
    Shelf.ROWS.clear();
    Shelf.READS.set(0);
    Shelf.ROWS.put(1L, OLD);
  }

  @AfterEach
  void close() {
    threads.shutdownNow();
    fleet.close();
  }

  @Test
  void cacheable_twoApplications_callTheMethodOnce() {
    assertThat(here.book(1)).isEqualTo(OLD);
    assertThat(there.book(1)).isEqualTo(OLD);
    assertThat(Shelf.READS).hasValue(1);
  }

  @Test
  void cacheable_manyCallersInTwoApplications_callTheMethodOnce() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    List<Future<@Nullable Book>> answers =
        List.of(here, there, here, there, here, there).stream()
            .map(
                shelf ->
                    threads.<@Nullable Book>submit(
                        () -> {
                          go.await();
                          return shelf.book(1);
                        }))
            .toList();
    go.countDown();
    for (Future<@Nullable Book> answer : answers) {
      assertThat(answer.get()).isEqualTo(OLD);
    }
    assertThat(Shelf.READS).hasValue(1);
  }

  @Test
  void cacheable_null_isCached() {
    assertThat(here.book(2)).isNull();
    assertThat(there.book(2)).isNull();
    assertThat(Shelf.READS).hasValue(1);
  }

  @Test
  void cacheable_optional_isUnwrapped() {
    assertThat(here.maybe(1)).contains(OLD);
    assertThat(there.maybe(1)).contains(OLD);
    assertThat(there.maybe(2)).isEmpty();
    assertThat(Shelf.READS).hasValue(2);
  }

  @Test
  void cacheable_future_isLoadedOnceWithoutBlocking() throws Exception {
    assertThat(here.later(1).get()).isEqualTo(OLD);
    assertThat(there.later(1).get()).isEqualTo(OLD);
    assertThat(Shelf.READS).hasValue(1);
  }

  @Test
  void cacheable_severalParametersOrNone_haveKeysOfTheirOwn() {
    assertThat(here.titled("a", 1)).isEqualTo(new Note("a1"));
    assertThat(here.titled("a", 11)).isEqualTo(new Note("a11"));
    assertThat(here.titled("a1", 1)).isEqualTo(new Note("a11"));
    assertThat(there.titled("a", 1)).isEqualTo(new Note("a1"));
    assertThat(here.newest()).isEqualTo(new Note("newest"));
    assertThat(Shelf.READS).hasValue(4);
  }

  /** The method's own exception, checked or not. */
  @Test
  void cacheable_methodThrows_callerGetsItsException() {
    assertThatExceptionOfType(FileNotFoundException.class)
        .isThrownBy(here::burnt)
        .withMessage("burnt");
  }

  @Test
  void cachePut_versions_publishesToEachApplication() {
    there.book(1);

    here.rename(1, NEW);

    assertThat(there.book(1)).isEqualTo(NEW);
    assertThat(Shelf.READS).hasValue(1);
  }

  @Test
  void cacheEvict_entry_isLoadedAgain() {
    there.book(1);
    Shelf.ROWS.put(1L, NEW);

    here.evict(1);

    assertThat(there.book(1)).isEqualTo(NEW);
  }

  @Test
  void cacheEvict_allEntries_clears() {
    there.book(1);
    Shelf.ROWS.put(1L, NEW);

    here.evictAll();

    assertThat(there.book(1)).isEqualTo(NEW);
  }

  @Test
  void cacheEvict_beforeInvocation_isEvictedAlthoughTheMethodThrows() {
    there.book(1);
    Shelf.ROWS.put(1L, NEW);

    assertThatThrownBy(() -> here.evictAndFail(1)).hasMessage("failed");

    assertThat(there.book(1)).isEqualTo(NEW);
  }

  /** It would put what it has read, and that may be old by then. */
  @Test
  void cacheable_notSync_callsTheMethodEachTimeAndIsRight() {
    assertThat(here.unsynchronised(1)).isEqualTo(OLD);
    Shelf.ROWS.put(1L, NEW);

    assertThat(here.unsynchronised(1)).isEqualTo(NEW);
    assertThat(Shelf.READS).hasValue(2);
  }

  @Test
  void cacheable_notSyncAndCached_isServedTheEntry() {
    here.book(1);

    assertThat(there.unsynchronised(1)).isEqualTo(OLD);
    assertThat(Shelf.READS).hasValue(1);
  }

  /** A load must not see what its caller's transaction has not committed. */
  @Test
  void cacheable_inATransaction_callsTheMethodOutsideOfIt() {
    transaction.executeWithoutResult(
        status -> {
          here.book(1);
          assertThat(here.wasInATransaction()).isFalse();
          assertThat(TransactionSynchronizationManager.isActualTransactionActive()).isTrue();
        });
  }

  @Test
  void cachePut_inATransaction_isPublishedAfterItsCommit() {
    there.book(1);
    transaction.executeWithoutResult(
        status -> {
          here.rename(1, NEW);
          assertThat(there.cached(1)).isEqualTo(OLD);
        });
    assertThat(there.cached(1)).isEqualTo(NEW);
  }

  @Test
  void cachePut_inATransactionThatIsRolledBack_dropsTheEntry() {
    there.book(1);
    transaction.executeWithoutResult(
        status -> {
          here.rename(1, NEW);
          Shelf.ROWS.put(1L, OLD);
          status.setRollbackOnly();
        });
    assertThat(there.cached(1)).isNull();
    assertThat(there.book(1)).isEqualTo(OLD);
  }

  @Test
  void cacheEvict_ofATransactionalMethod_readsTheNewRowAfterIt() {
    there.book(1);

    here.replace(1, NEW, there);

    assertThat(there.book(1)).isEqualTo(NEW);
  }

  @Test
  void cacheable_keyThatTheTransactionHasEvicted_isRefused() {
    here.book(1);
    transaction.executeWithoutResult(
        status -> {
          here.evict(1);
          assertThatExceptionOfType(UnsafeInTransactionException.class)
              .isThrownBy(() -> here.book(1));
          assertThatExceptionOfType(UnsafeInTransactionException.class)
              .isThrownBy(() -> here.unsynchronised(1));
        });
  }

  @Test
  void clear_inATransaction_isDoneAfterItsCommit() {
    here.book(1);
    transaction.executeWithoutResult(
        status -> {
          here.evictAll();
          assertThat(there.cached(1)).isEqualTo(OLD);
        });
    assertThat(there.cached(1)).isNull();
  }

  /** Books as an application would cache them. */
  @CacheConfig(cacheNames = "books")
  static class Shelf {
    static final Map<Long, Book> ROWS = new ConcurrentHashMap<>();
    static final AtomicInteger READS = new AtomicInteger();

    private final TidemarkCache books;
    private volatile boolean inATransaction;

    Shelf(TidemarkCache books) {
      this.books = books;
    }

    private @Nullable Book read(long id) {
      READS.incrementAndGet();
      inATransaction = TransactionSynchronizationManager.isActualTransactionActive();
      return ROWS.get(id);
    }

    boolean wasInATransaction() {
      return inATransaction;
    }

    @Nullable Book cached(long id) {
      return books.get(id, Book.class);
    }

    @Cacheable(sync = true)
    public @Nullable Book book(long id) {
      return read(id);
    }

    @Cacheable(sync = true)
    public Optional<Book> maybe(long id) {
      return Optional.ofNullable(read(id));
    }

    @Cacheable(sync = true)
    public CompletableFuture<@Nullable Book> later(long id) {
      return CompletableFuture.supplyAsync(() -> read(id));
    }

    @Cacheable
    public @Nullable Book unsynchronised(long id) {
      return read(id);
    }

    @Cacheable(cacheNames = "notes", sync = true)
    public Note titled(String title, int edition) {
      READS.incrementAndGet();
      return new Note(title + edition);
    }

    @Cacheable(cacheNames = "notes", sync = true)
    public Note newest() {
      READS.incrementAndGet();
      return new Note("newest");
    }

    @Cacheable(sync = true)
    public Book burnt() throws FileNotFoundException {
      throw new FileNotFoundException("burnt");
    }

    @CachePut(key = "#id")
    public Book rename(long id, Book book) {
      ROWS.put(id, book);
      return book;
    }

    @CacheEvict
    public void evict(long id) {}

    @CacheEvict(allEntries = true)
    public void evictAll() {}

    @CacheEvict(beforeInvocation = true)
    public void evictAndFail(long id) {
      throw new IllegalStateException("failed");
    }

    @Transactional
    @CacheEvict(key = "#id")
    public void replace(long id, Book book, Shelf other) {
      assertThat(other.book(id)).isEqualTo(OLD);
      ROWS.put(id, book);
    }
  }

  @Configuration
  @EnableCaching(proxyTargetClass = true)
  @EnableTransactionManagement(proxyTargetClass = true)
  static class Application {
    @Bean
    TidemarkCache books(Tidemark tidemark) {
      return TidemarkCache.builder(tidemark, "books", Book.class).build();
    }

    @Bean
    TidemarkCache notes(Tidemark tidemark) {
      return TidemarkCache.builder(tidemark, "notes", Note.class).build();
    }

    @Bean
    Shelf shelf(TidemarkCache books) {
      return new Shelf(books);
    }

    @Bean
    PlatformTransactionManager transactionManager() {
      JdbcDataSource dataSource = new JdbcDataSource();
      dataSource.setUrl("jdbc:h2:mem:annotations");
      return new JdbcTransactionManager(dataSource);
    }
  }
}
