package io.tidemark.spring;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class TidemarkStartupTest {
  private final ApplicationContextRunner unsafe =
      Contexts.local()
          .withUserConfiguration(Products.class)
          .withBean(LockProvider.class, UnsafeLocks::new);

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

  private static final class UnsafeLocks implements LockProvider {
    private final LocalLocks locks = LocalLocks.create();

    @Override
    public LockAttempt tryAcquire(SlotKey key, Deadline deadline) throws InterruptedException {
      return locks.tryAcquire(key, deadline);
    }

    @Override
    public List<Finding> check(String cache) {
      return List.of(Finding.error("clock", "the fences go back", "repair it"));
    }
  }
}
