package io.tidemark.demo.live;

import static io.tidemark.testkit.Awaiting.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.demo.http.RefusedRequestException;
import io.tidemark.demo.http.Response;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class EventHubTest {
  private static final long PRODUCT = 7;
  private static final String STATE = "event: state\ndata: {\"now\":1}\n\n";

  private final EventHub hub = new EventHub(() -> Map.of("now", 1));
  private final List<Thread> threads = new ArrayList<>();

  /** A page whose connection takes pieces as fast as it is let. */
  private final class Page {
    final List<String> read = new CopyOnWriteArrayList<>();
    volatile CountDownLatch mayRead = new CountDownLatch(0);

    void open(long product) {
      Response.Stream stream = (Response.Stream) hub.open(product).body().orElseThrow();
      Thread thread =
          new Thread(
              () -> {
                try {
                  stream.source().writeTo(this::read);
                } catch (IOException | InterruptedException e) {
                  read.add("ended");
                }
              });
      thread.start();
      threads.add(thread);
      await().until(() -> read.contains(STATE));
    }

    private void read(byte[] piece) {
      try {
        mayRead.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      read.add(new String(piece, UTF_8));
    }
  }

  @AfterEach
  void end() throws InterruptedException {
    hub.close();
    for (Thread thread : threads) {
      thread.join(Duration.ofMinutes(1).toMillis());
      assertThat(thread.isAlive()).as("a stream goes on").isFalse();
    }
    assertThat(hub.products()).isEmpty();
  }

  @Test
  void page_isTold_inOrder() {
    Page page = new Page();
    page.open(PRODUCT);

    hub.tell("a", Map.of("x", 1));
    hub.tellAll("b", List.of(1, 2));
    hub.tellAll("c", List.of());
    hub.tell(PRODUCT, "d", "text");
    hub.tell(PRODUCT + 1, "d", "of another product");

    await()
        .untilAsserted(
            () ->
                assertThat(page.read)
                    .containsExactly(
                        STATE,
                        "event: a\ndata: {\"x\":1}\n\n",
                        "event: b\ndata: [1,2]\n\n",
                        "event: d\ndata: \"text\"\n\n"));
    assertThat(hub.products()).containsExactly(PRODUCT);
  }

  @Test
  void page_readsTooSlowly_losesWhatItHasNotReadAndIsTold() {
    Page slow = new Page();
    slow.open(PRODUCT);
    slow.mayRead = new CountDownLatch(1);
    String text = "x".repeat(10_000);
    int told = 3 * EventHub.MOST_UNREAD_CHARS / text.length();

    for (int i = 0; i < told; i++) {
      hub.tellAll("calls", List.of(text));
    }
    hub.tell("last", 1);
    slow.mayRead.countDown();

    await().until(() -> slow.read.contains("event: last\ndata: 1\n\n"));
    List<String> lost = slow.read.stream().filter(each -> each.startsWith("event: lost")).toList();
    long read = slow.read.stream().filter(each -> each.startsWith("event: calls")).count();
    assertThat(lost).isNotEmpty();
    assertThat(lost.stream().mapToLong(EventHubTest::number).sum())
        .isGreaterThanOrEqualTo(told - read);
    assertThat(slow.read.get(slow.read.indexOf(lost.get(0)) + 1)).isEqualTo(STATE);
    assertThat(read * text.length()).isLessThan(2L * EventHub.MOST_UNREAD_CHARS);
  }

  private static long number(String event) {
    return Long.parseLong(event.replaceAll("[^0-9]", ""));
  }

  @Test
  void open_tooManyPages_isRefused() {
    for (int i = 0; i < EventHub.MOST_PAGES; i++) {
      new Page().open(PRODUCT);
    }

    assertThatThrownBy(() -> hub.open(PRODUCT))
        .isInstanceOf(RefusedRequestException.class)
        .hasMessage("there are 32 pages open, which is the most");
  }
}
