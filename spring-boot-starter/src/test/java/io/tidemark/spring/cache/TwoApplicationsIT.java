package io.tidemark.spring.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.spring.SharedServers;
import io.tidemark.spring.Tidemark;
import io.tidemark.spring.TidemarkAutoConfiguration;
import io.tidemark.spring.redis.TidemarkRedisAutoConfiguration;
import io.tidemark.spring.zookeeper.TidemarkZooKeeperAutoConfiguration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.CachePut;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Spring's annotations in two applications, on a Redis and a ZooKeeper that run. */
class TwoApplicationsIT {
  private static final int CALLERS = 8;
  private static final Book OLD = new Book("Tides", 1);
  private static final Book NEW = new Book("Tides, second edition", 2);

  private static final ExecutorService THREADS = Executors.newCachedThreadPool();
  private static final List<AnnotationConfigApplicationContext> APPLICATIONS = new ArrayList<>();
  private static final Shelf HERE = start();
  private static final Shelf THERE = start();

  private static Shelf start() {
    AnnotationConfigApplicationContext application = new AnnotationConfigApplicationContext();
    TestPropertyValues.of(
            "tidemark.redis.url=redis://127.0.0.1:" + SharedServers.redisPort(),
            "tidemark.zookeeper.connect-string=127.0.0.1:" + SharedServers.zookeeperPort(),
            "tidemark.check-on-start=fail")
        .and(SharedServers.PATIENCE.toArray(String[]::new))
        .applyTo(application);
    application.register(
        Application.class,
        TidemarkRedisAutoConfiguration.class,
        TidemarkZooKeeperAutoConfiguration.class,
        TidemarkAutoConfiguration.class,
        TidemarkCachingAutoConfiguration.class);
    application.refresh();
    APPLICATIONS.add(application);
    return application.getBean(Shelf.class);
  }

  @AfterAll
  static void close() {
    THREADS.shutdownNow();
    APPLICATIONS.forEach(AnnotationConfigApplicationContext::close);
  }

  @BeforeEach
  void fill() {
    HERE.clear();
    Shelf.ROWS.clear();
    Shelf.ROWS.put(1L, OLD);
    Shelf.READS.set(0);
  }

  @Test
  void cacheable_manyCallersInBoth_callTheMethodOnce() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    List<Future<@Nullable Book>> answers = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      Shelf shelf = i % 2 == 0 ? HERE : THERE;
      answers.add(
          THREADS.submit(
              () -> {
                go.await();
                return shelf.book(1);
              }));
    }
    go.countDown();

    for (Future<@Nullable Book> answer : answers) {
      assertThat(answer.get()).isEqualTo(OLD);
    }
    assertThat(Shelf.READS).hasValue(1);
  }

  @Test
  void cacheable_null_isCachedForBoth() {
    assertThat(HERE.book(2)).isNull();
    assertThat(THERE.book(2)).isNull();
    assertThat(Shelf.READS).hasValue(1);
  }

  @Test
  void cachePut_withAVersion_isPublishedUnlessItIsOlder() {
    THERE.book(1);

    HERE.put(1, NEW);
    assertThat(THERE.book(1)).isEqualTo(NEW);
    HERE.put(1, OLD);

    assertThat(THERE.book(1)).isEqualTo(NEW);
    assertThat(Shelf.READS).hasValue(1);
  }

  @Test
  void cachePut_withoutAVersion_dropsTheEntry() {
    assertThat(THERE.note("tide")).isEqualTo(new Note("tide 1"));
    assertThat(HERE.note("tide")).isEqualTo(new Note("tide 1"));

    HERE.putNote("tide", new Note("put"));

    assertThat(THERE.note("tide")).isEqualTo(new Note("tide 2"));
  }

  @Test
  void cacheEvict_entry_isReadAgainAndOthersAreNot() {
    THERE.book(1);
    THERE.book(2);
    Shelf.ROWS.put(1L, NEW);
    Shelf.ROWS.put(2L, NEW);

    HERE.evict(1);

    assertThat(THERE.book(1)).isEqualTo(NEW);
    assertThat(THERE.book(2)).isNull();
  }

  @Test
  void clear_oneCache_dropsItsEntriesAndNoOthers() {
    THERE.book(1);
    THERE.book(2);
    THERE.note("tide");
    Shelf.ROWS.put(1L, NEW);
    Shelf.ROWS.put(2L, NEW);

    HERE.clear();

    assertThat(THERE.book(1)).isEqualTo(NEW);
    assertThat(THERE.book(2)).isEqualTo(NEW);
    int reads = Shelf.READS.get();
    THERE.note("tide");
    assertThat(Shelf.READS).hasValue(reads);
  }

  /** Books, which have versions, and notes, which have none. */
  static class Shelf {
    static final Map<Long, Book> ROWS = new ConcurrentHashMap<>();
    static final AtomicInteger READS = new AtomicInteger();

    @Cacheable(cacheNames = "books", sync = true)
    public @Nullable Book book(long id) {
      READS.incrementAndGet();
      return ROWS.get(id);
    }

    @CachePut(cacheNames = "books", key = "#id")
    public Book put(long id, Book book) {
      return book;
    }

    @CacheEvict(cacheNames = "books")
    public void evict(long id) {}

    @CacheEvict(cacheNames = "books", allEntries = true)
    public void clear() {}

    @Cacheable(cacheNames = "notes", sync = true)
    public Note note(String title) {
      return new Note(title + " " + READS.incrementAndGet());
    }

    @CachePut(cacheNames = "notes", key = "#title")
    public Note putNote(String title, Note note) {
      return note;
    }
  }

  @Configuration
  @EnableCaching(proxyTargetClass = true)
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
    Shelf shelf() {
      return new Shelf();
    }
  }
}
