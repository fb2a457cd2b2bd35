package io.tidemark.spring;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.tidemark.memory.LocalLocks;
import io.tidemark.spi.Deadline;
import io.tidemark.spi.Finding;
import io.tidemark.spi.LockAttempt;
import io.tidemark.spi.LockProvider;
import io.tidemark.spi.SlotKey;
import io.tidemark.spring.Contexts.Products;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class TidemarkStartupTest {
  private final ApplicationContextRunner unsafe =
      Contexts.local()
          .withUserConfiguration(Products.class)
          .withBean(LockProvider.class, () -> new UnsafeLocks(Finding.Severity.ERROR));

  private final ApplicationContextRunner away =
      Contexts.bare()
          .withUserConfiguration(Products.class)
          .withPropertyValues(
              "tidemark.redis.url=redis://127.0.0.1:1",
              "tidemark.zookeeper.connect-string=127.0.0.1:1");

  @Test
  void check_fail_refusesAnUnsafeSetUp() {
    unsafe
        .withPropertyValues("tidemark.check-on-start=fail")
        .run(
            context -> {
              FailureAnalysis analysis = Contexts.analysis(context.getStartupFailure());
              assertThat(analysis.getDescription())
                  .contains("products")
                  .contains("the fences go back");
              assertThat(analysis.getAction()).contains("tidemark.check-on-start");
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"warn", "off"})
  void check_warnOrOff_startsAllTheSame(String value) {
    unsafe
        .withPropertyValues("tidemark.check-on-start=" + value)
        .run(context -> assertThat(context).hasNotFailed());
    away.withPropertyValues("tidemark.check-on-start=" + value)
        .run(context -> assertThat(context).hasNotFailed());
  }

  @Test
  void check_failWithServersThatAreAway_namesBoth() {
    away.withPropertyValues("tidemark.check-on-start=fail")
        .run(
            context ->
                assertThat(Contexts.analysis(context.getStartupFailure()).getDescription())
                    .contains("the store RedisStore")
                    .contains("the locks ZooKeeperLocks")
                    .contains("does not answer"));
  }

  @Test
  void check_failWithAllWell_starts() {
    Contexts.local()
        .withUserConfiguration(Products.class)
        .withPropertyValues("tidemark.check-on-start=fail")
        .run(context -> assertThat(context).hasNotFailed());
  }

  @Test
  void check_withAllWell_logsOnceWhatWasChecked() {
    assertThat(linesOfAWarnedStart(Contexts.local()))
        .filteredOn(line -> line.contains("nothing found"))
        .singleElement()
        .asString()
        .contains("the caches [products] were checked");
  }

  @ParameterizedTest
  @EnumSource
  void check_withFindings_doesNotSayThatNothingWasFound(Finding.Severity severity) {
    assertThat(
            linesOfAWarnedStart(
                Contexts.local().withBean(LockProvider.class, () -> new UnsafeLocks(severity))))
        .anyMatch(line -> line.contains("the fences go back"))
        .noneMatch(line -> line.contains("nothing found"));
  }

  private static List<String> linesOfAWarnedStart(ApplicationContextRunner context) {
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    Logger logger = (Logger) LoggerFactory.getLogger("io.tidemark");
    logger.setLevel(Level.INFO);
    logger.addAppender(log);
    log.start();
    try {
      context
          .withUserConfiguration(Products.class)
          .withPropertyValues("tidemark.check-on-start=warn")
          .run(started -> assertThat(started).hasNotFailed());
    } finally {
      logger.detachAppender(log);
      logger.setLevel(null);
    }
    return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  private static final class UnsafeLocks implements LockProvider {
    private final LocalLocks locks = LocalLocks.create();
    private final Finding.Severity severity;

    UnsafeLocks(Finding.Severity severity) {
      this.severity = severity;
    }

    @Override
    public LockAttempt tryAcquire(SlotKey key, Deadline deadline) throws InterruptedException {
      return locks.tryAcquire(key, deadline);
    }

    @Override
    public List<Finding> check(String cache) {
      return List.of(new Finding(severity, "clock", "the fences go back", "repair it"));
    }
  }
}
