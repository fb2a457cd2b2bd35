package io.tidemark.demo.acts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private final StringWriter text = new StringWriter();
  private Progress progress = new Progress(new PrintWriter(text), true);

  @AfterEach
  void close() {
    progress.close();
  }

  @Test
  void say_onATerminal_writesOverTheSameLineAndClearsItInTheEnd() {
    progress.begin("act 1 of 2");
    progress.waitsUntil("node 1 can load");
    progress.say(Duration.ofSeconds(3));
    progress.waitsUntil("it");
    progress.say(Duration.ofSeconds(4));
    progress.end();

    String first = "  ... act 1 of 2, 3 s: waits until node 1 can load";
    String second = "  ... act 1 of 2, 4 s: waits until it";
    assertThat(text.toString())
        .isEqualTo(
            "\r"
                + first
                + "\r"
                + second
                + " ".repeat(first.length() - second.length())
                + "\r"
                + " ".repeat(first.length())
                + "\r");
  }

  @Test
  void say_elsewhere_writesALineNowAndThen() {
    progress.close();
    progress = new Progress(new PrintWriter(text), false);
    progress.begin("starting");
    for (int second = 0; second < 50; second++) {
      progress.say(Duration.ofSeconds(second));
    }
    progress.end();

    assertThat(text.toString().lines())
        .containsExactly("  ... starting, 20 s", "  ... starting, 40 s");
  }

  @Test
  void say_whatIsLong_isCut() {
    progress.begin("act 1 of 2");
    progress.waitsUntil("something ".repeat(20));
    progress.say(Duration.ofSeconds(3));

    assertThat(text.toString()).hasSize(Screen.WIDTH).endsWith("~");
  }
}
