package io.tidemark.engine;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees transactions that a cache was not told of, where a program has Spring's. They are asked for
 * by reflection, since the core knows no Spring. Thread-safe.
 */
final class UntoldTransactions {
  private static final Logger LOG = LoggerFactory.getLogger(UntoldTransactions.class);
  private static final String MANAGER =
      "org.springframework.transaction.support.TransactionSynchronizationManager";

  private final @Nullable MethodHandle isOpen;
  private final @Nullable MethodHandle isLive;

  private UntoldTransactions(@Nullable MethodHandle isOpen, @Nullable MethodHandle isLive) {
    this.isOpen = isOpen;
    this.isLive = isLive;
  }

  /** Looks for Spring where this class comes from. */
  static UntoldTransactions find() {
    try {
      Class<?> manager = Class.forName(MANAGER, false, UntoldTransactions.class.getClassLoader());
      return new UntoldTransactions(
          question(manager, "isActualTransactionActive"),
          question(manager, "isSynchronizationActive"));
    } catch (ReflectiveOperationException | LinkageError e) {
      return new UntoldTransactions(null, null);
    }
  }

  private static MethodHandle question(Class<?> manager, String name)
      throws ReflectiveOperationException {
    return MethodHandles.publicLookup()
        .findStatic(manager, name, MethodType.methodType(boolean.class));
  }

  /** Whether the calling thread is in a transaction that has not ended. */
  @SuppressWarnings("CatchingUnchecked") // What cannot be asked must not fail a write.
  boolean isOneOpen() {
    if (isOpen == null || isLive == null) {
      return false;
    }
    try {
      return (boolean) isOpen.invokeExact() && (boolean) isLive.invokeExact();
    } catch (Throwable t) {
      LOG.debug("Spring does not say whether a transaction is open", t);
      return false;
    }
  }
}
