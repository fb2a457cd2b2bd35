package io.tidemark.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;

class ThrottledLogTest {
  private final ManualTicker ticker = new ManualTicker();
  private final ThrottledLog log = new ThrottledLog(ThrottledLogTest.class, ticker);

  @Test
  void warn_manyTimesInASecond_writesOneLine() {
    try (LogCapture capture = new LogCapture()) {
      for (int i = 0; i < 1_000; i++) {
        log.warn("{}: broken", i);
      }

      assertThat(capture.lines()).containsExactly("WARN 0: broken");
    }
  }

  @Test
  void warn_aSecondLater_saysHowManyItKeptToItself() {
    try (LogCapture capture = new LogCapture()) {
      log.warn("{}: broken", 1);
      log.warn("{}: broken", 2);
      log.warn("{}: broken", 3);
      ticker.pass(Duration.ofSeconds(1));
      log.warn("{}: broken", 4);
      ticker.pass(Duration.ofSeconds(1));
      log.warn("{}: broken", 5);

      assertThat(capture.lines())
          .containsExactly(
              "WARN 1: broken", "WARN 4: broken (and 2 more like it)", "WARN 5: broken");
    }
  }

  /** As one may whose disk is full. What goes on must not depend on what is told of it. */
  @Test
  void warn_loggerThrows_isNotThrown() {
    TurboFilter broken =
        new TurboFilter() {
          @Override
          public FilterReply decide(
              Marker marker,
              Logger logger,
              Level level,
              String format,
              Object[] arguments,
              Throwable failure) {
            if ("no space left for {}".equals(format)) {
              throw new IllegalStateException("no space left on the device");
            }
            return FilterReply.NEUTRAL;
          }
        };
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.addTurboFilter(broken);

    assertThatCode(() -> log.warn("no space left for {}", "this")).doesNotThrowAnyException();
    context.getTurboFilterList().remove(broken);
  }

  @Test
  void warn_lastArgumentIsAnException_isWrittenWithIt() {
    try (LogCapture capture = new LogCapture()) {
      log.warn("{}: broken", 1, new IllegalStateException("by this"));

      assertThat(capture.linesWithExceptions())
          .containsExactly("1: broken | java.lang.IllegalStateExceptionby this");
    }
  }

  @Test
  void warn_clockFails_writesAllTheSame() {
    ThrottledLog clockless =
        new ThrottledLog(
            ThrottledLogTest.class,
            () -> {
              throw new InternalError("no clock");
            });
    try (LogCapture capture = new LogCapture()) {
      clockless.warn("{}: broken", 1);

      assertThat(capture.lines()).containsExactly("WARN 1: broken");
    }
  }
}
