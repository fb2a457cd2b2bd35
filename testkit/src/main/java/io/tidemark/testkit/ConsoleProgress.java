package io.tidemark.testkit;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Says on the console how many tests have ended and which are under way, whenever no class has
 * begun or ended for some seconds. Surefire says nothing while a class runs.
 *
 * <p>It works where a module names it in {@code
 * META-INF/services/org.junit.platform.launcher.TestExecutionListener} and its tests run with
 * Surefire's {@code SurefireForkNodeFactory}, which leaves standard output to the tests' process.
 * Thread-safe.
 */
public final class ConsoleProgress implements TestExecutionListener {
  private static final long QUIET_SECONDS = 5;
  private static final int MOST_NAMES = 4;

  private final PrintStream console =
      new PrintStream(new FileOutputStream(FileDescriptor.out), true, Charset.defaultCharset());
  private final Set<TestIdentifier> underWay = ConcurrentHashMap.newKeySet();
  private final CountDownLatch over = new CountDownLatch(1);

  private long ended;
  private long lastNewsNanos = System.nanoTime();

  @Override
  public void testPlanExecutionStarted(TestPlan plan) {
    Thread teller = new Thread(this::tell, "console-progress");
    teller.setDaemon(true);
    teller.start();
  }

  @Override
  public void testPlanExecutionFinished(TestPlan plan) {
    over.countDown();
  }

  @Override
  public void executionStarted(TestIdentifier test) {
    if (test.isTest()) {
      underWay.add(test);
    } else {
      noteNewsOf(test);
    }
  }

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    if (underWay.remove(test)) {
      count();
    } else {
      noteNewsOf(test);
    }
  }

  private synchronized void count() {
    ended++;
  }

  private synchronized void noteNewsOf(TestIdentifier container) {
    if (container.getSource().filter(ClassSource.class::isInstance).isPresent()) {
      lastNewsNanos = System.nanoTime();
    }
  }

  private void tell() {
    try {
      while (!over.await(1, TimeUnit.SECONDS)) {
        tellIfQuiet();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void tellIfQuiet() {
    long quietSeconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - lastNewsNanos);
    if (quietSeconds >= QUIET_SECONDS) {
      console.printf("[INFO]   %d tests ended; under way: %s%n", ended, names());
      lastNewsNanos = System.nanoTime();
    }
  }

  private String names() {
    String names =
        underWay.stream()
            .map(ConsoleProgress::name)
            .sorted()
            .limit(MOST_NAMES)
            .collect(Collectors.joining(", "));
    return names.isEmpty() ? "preparations" : names;
  }

  /** {@code ModelIT.check_everySafeguardInPlace_noPromiseBroken [2] small-replica}. */
  private static String name(TestIdentifier test) {
    return test.getSource()
        .filter(MethodSource.class::isInstance)
        .map(MethodSource.class::cast)
        .map(
            method -> {
              String className = method.getClassName();
              String name =
                  className.substring(className.lastIndexOf('.') + 1)
                      + "."
                      + method.getMethodName();
              String displayName = test.getDisplayName();
              return displayName.startsWith(method.getMethodName())
                  ? name
                  : name + " " + displayName;
            })
        .orElseGet(test::getDisplayName);
  }
}
