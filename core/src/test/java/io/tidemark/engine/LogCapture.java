package io.tidemark.engine;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** What the caches of this JVM log from a level on, until it is closed. Thread-safe. */
final class LogCapture implements AutoCloseable {
  private final Logger logger = (Logger) LoggerFactory.getLogger("io.tidemark");
  private final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          if (event.getLevel().isGreaterOrEqual(least)) {
            events.add(event);
          }
        }
      };

  private final Level least;

  /** What they log at WARN and above. */
  LogCapture() {
    this(Level.WARN);
  }

  LogCapture(Level least) {
    this.least = least;
    logger.setLevel(least);
    appender.start();
    logger.addAppender(appender);
  }

  /** Level and message of each line. */
  List<String> lines() {
    return events.stream()
        .map(event -> event.getLevel() + " " + event.getFormattedMessage())
        .toList();
  }

  /** The same with the messages of the exceptions below. */
  List<String> linesWithExceptions() {
    return events.stream()
        .map(
            event -> {
              StringBuilder text = new StringBuilder(event.getFormattedMessage());
              for (var cause = event.getThrowableProxy(); cause != null; cause = cause.getCause()) {
                text.append(" | ").append(cause.getClassName()).append(cause.getMessage());
              }
              return text.toString();
            })
        .toList();
  }

  @Override
  public void close() {
    logger.detachAppender(appender);
    logger.setLevel(null);
  }
}
