package io.tidemark.spring.cache;

import io.tidemark.memory.InMemoryStore;
import io.tidemark.memory.LocalLocks;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotStore;
import io.tidemark.spring.Tidemark;
import io.tidemark.spring.TidemarkAutoConfiguration;
import io.tidemark.spring.transaction.TidemarkTransactionAutoConfiguration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/** Applications that share a store and locks, as processes do. */
final class Fleet implements AutoCloseable {
  private final AtomicLong ahead = new AtomicLong();
  final InMemoryStore store = InMemoryStore.create(() -> System.nanoTime() + ahead.get());
  private final LocalLocks locks = LocalLocks.create();
  private final List<AnnotationConfigApplicationContext> applications = new ArrayList<>();

  /** Starts one more. */
  AnnotationConfigApplicationContext start(Map<String, String> properties, Class<?>... beans) {
    AnnotationConfigApplicationContext application = new AnnotationConfigApplicationContext();
    TestPropertyValues.of(properties).applyTo(application);
    application.registerBean(SlotStore.class, () -> store);
    application.registerBean(LockProvider.class, () -> locks);
    for (Class<?> each : beans) {
      application.register(each);
    }
    application.register(
        TidemarkTransactionAutoConfiguration.class,
        TidemarkAutoConfiguration.class,
        TidemarkCachingAutoConfiguration.class);
    application.refresh();
    applications.add(application);
    return application;
  }

  /** Lets time pass for the entries. */
  void pass(Duration time) {
    ahead.addAndGet(time.toNanos());
  }

  /** What hands out the builders of one more application. */
  Tidemark tidemark() {
    return start(Map.of()).getBean(Tidemark.class);
  }

  @Override
  public void close() {
    applications.forEach(AnnotationConfigApplicationContext::close);
  }
}
