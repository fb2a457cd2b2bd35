package io.tidemark.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URL;
import java.net.URLClassLoader;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class DaemonThreadsTest {
  private static final InheritableThreadLocal<String> USER = new InheritableThreadLocal<>();

  @Test
  @SuppressWarnings("ThreadPriorityCheck") // So that there is one to take over.
  void newThread_makerHasAContext_takesNothingOver() throws Exception {
    ThreadGroup group = new ThreadGroup("requests");
    CompletableFuture<Thread> made = new CompletableFuture<>();
    CompletableFuture<String> user = new CompletableFuture<>();
    Thread maker =
        new Thread(
            group,
            () -> {
              USER.set("alice");
              Thread thread =
                  DaemonThreads.named("t").newThread(() -> user.complete("" + USER.get()));
              made.complete(thread);
              thread.start();
            });
    maker.setPriority(Thread.MIN_PRIORITY);
    maker.setContextClassLoader(new URLClassLoader(new URL[0]));
    maker.start();
    Thread thread = made.get();

    assertThat(user.get()).isEqualTo("null");
    assertThat(thread.getContextClassLoader()).isSameAs(DaemonThreads.class.getClassLoader());
    assertThat(thread.getPriority()).isEqualTo(Thread.NORM_PRIORITY);
    assertThat(thread.isDaemon()).isTrue();
    assertThat(group.activeCount()).as("the maker at most").isLessThan(2);
    thread.join();
    maker.join();
  }

  @Test
  void newThread_namedOrNumbered_isCalledSo() {
    assertThat(namesOf(DaemonThreads.named("lock"))).isEqualTo("lock lock");
    assertThat(namesOf(DaemonThreads.numbered("load-"))).isEqualTo("load-1 load-2");
  }

  private static String namesOf(DaemonThreads threads) {
    Function<Integer, String> name = number -> threads.newThread(() -> {}).getName();
    return name.apply(1) + ' ' + name.apply(2);
  }
}
