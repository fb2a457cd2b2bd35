package io.tidemark.demo.live;

import static io.tidemark.testkit.Awaiting.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.Keys;
import redis.clients.jedis.RedisClient;

/** The live page in a browser: what it says is what the servers and the judge say. */
@Timeout(1200)
final class PageIT {
  private static final int NODES = 3;
  private static final int CALLERS = NODES * Stampedes.CALLERS;
  private static final int DESKTOP = 1280;

  /** More than the page has elements that take the focus. */
  private static final int MOST_TABS = 200;

  private static final Path AXE = Path.of("target/page/node_modules/axe-core/axe.min.js");

  /** The list of steps scrolls within itself. */
  private static final String IS_LAST_STEP_IN_VIEW =
      """
      const list = document.querySelector('.act-steps');
      const step = list.querySelector('li:last-child');
      return step.matches('.is-now')
          && step.getBoundingClientRect().bottom <= list.getBoundingClientRect().bottom + 1;
      """;

  private static LivePage page;
  private static Browser browser;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    browser = Browser.start(folder.resolve("profile"));
    page = LivePage.start(Files.createDirectory(folder.resolve("serve")), NODES);
  }

  @AfterAll
  static void stop() throws Exception {
    if (browser != null) {
      browser.close();
    }
    if (page != null) {
      page.stop();
    }
  }

  @BeforeEach
  void open() throws Exception {
    page.calm();
    page.post("/live/acts/end");
    page.post("/live/rival?name=lock-and-set");
    browser.open(page.url(), DESKTOP, "light");
  }

  @Test
  void stampede_sideBySide_saysWhatTheDatabaseCounts() throws Exception {
    long before = page.reads("product_reads");
    long withoutBefore = page.reads("unprotected_reads");

    browser.click("Stampede, side by side");

    await()
        .untilAsserted(
            () ->
                assertThat(browser.text("stampede-result"))
                    .contains(CALLERS + " database reads")
                    .contains("1 database read"));
    assertThat(page.reads("unprotected_reads") - withoutBefore).isEqualTo(CALLERS);
    assertThat(page.reads("product_reads") - before).isEqualTo(1);
  }

  @Test
  void eviction_byButtons_showsTheLostWriteOfTheRivalAndNoneOfTidemark() throws Exception {
    browser.choose("rival", "Compare newer");
    await().until(() -> page.state().get("rival").textValue().equals("compare-newer"));

    browser.click("Begin eviction");
    playOn();
    assertThat(browser.run(IS_LAST_STEP_IN_VIEW)).isEqualTo(true);

    await().until(() -> browser.number("rival-wrong") == NODES);
    assertThat(browser.number("tidemark-wrong")).isZero();
    assertThat(page.wrong("rival")).isEqualTo(NODES);
    assertThat(page.wrong("tidemark")).isZero();
    long product = productOf(page.state().get("act"));
    assertThat(page.price("rival_product", product)).isEqualByComparingTo("200.00");
    try (RedisClient redis = page.redis()) {
      assertThat(redis.hget("rival:compare-newer:" + product, "payload")).contains("100.00");
    }
    assertThat(page.price("product", product)).isEqualByComparingTo("200.00");
    JsonNode slot = page.http().get("/products/%d/slot".formatted(product)).body();
    assertThat(slot.get("payload").get("price").decimalValue()).isEqualByComparingTo("200.00");
  }

  @Test
  void act_anotherVisitorBeginsOneWithTheSeedOfOneThatWasClosed_isShown() throws Exception {
    page.play("late-write", 17);
    browser.click("Close the act");

    page.post("/live/acts/eviction/next?seed=17");

    browser.click("End the act");
    await().until(() -> page.state().get("act").isNull());
  }

  /** Takes the steps of an act that are left. */
  private static void playOn() throws Exception {
    int steps = steps();
    for (int step = 2; step <= steps; step++) {
      browser.click("Next: step %d of %d".formatted(step, steps));
    }
    await().until(() -> !page.state().get("act").get("outcome").isNull());
  }

  /** How many steps the act has that was begun. */
  private static int steps() {
    await().until(() -> page.state().get("act").hasNonNull("steps"));
    try {
      return page.state().get("act").get("steps").size();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static long productOf(JsonNode act) {
    String last = act.get("steps").get(act.get("steps").size() - 1).get("text").textValue();
    return Long.parseLong(last.replaceFirst(".* product (\\d+)\\..*", "$1"));
  }

  @Test
  void redis_isStoppedAndStarted_isShownSoAndCostsNoWrongAnswer() throws Exception {
    page.load(50, 5);
    await().until(() -> browser.number("tidemark-reads") > 0);

    browser.click("Stop Redis");
    await().until(() -> browser.shows("Start Redis"));
    assertThat(page.serverState("redis")).isEqualTo("stopped");
    long failed = browser.number("tidemark-failed");
    await().until(() -> browser.number("tidemark-failed") > failed);

    browser.click("Start Redis");
    await().until(() -> browser.shows("Stop Redis"));
    assertThat(page.serverState("redis")).isEqualTo("running");
    long reads = browser.number("tidemark-reads");
    await().until(() -> browser.number("tidemark-reads") > reads);
    assertThat(browser.number("tidemark-wrong")).isZero();
    assertThat(page.wrong("tidemark")).isZero();
  }

  @Test
  void everything_byKeyboardAlone_canBeDone() throws Exception {
    tabTo("Stampede, side by side");
    browser.press(Keys.ENTER);
    await().until(() -> browser.text("stampede-result").contains("1 database read"));

    tabTo("Begin late write");
    browser.press(Keys.ENTER);
    int steps = steps();
    for (int step = 2; step <= steps; step++) {
      String next = "Next: step %d of %d".formatted(step, steps);
      await().until(() -> browser.shows(next));
      tabTo(next);
      browser.press(Keys.SPACE);
    }
    await().until(() -> !page.state().get("act").get("outcome").isNull());

    tabTo("Stop ZooKeeper");
    browser.press(Keys.ENTER);
    await().until(() -> page.serverState("zookeeper").equals("stopped"));
    await().until(() -> browser.shows("Start ZooKeeper"));
    tabTo("Start ZooKeeper");
    browser.press(Keys.ENTER);
    await().until(() -> page.serverState("zookeeper").equals("running"));

    tabTo("Pause node 2");
    browser.press(Keys.SPACE);
    await().until(() -> page.nodeStates().get(1).equals("paused"));
    await().until(() -> browser.shows("Resume node 2"));
    tabTo("Resume node 2");
    browser.press(Keys.SPACE);
    await().until(() -> page.nodeStates().get(1).equals("running"));

    tabTo("Rival");
    browser.press(Keys.ARROW_DOWN);
    await().until(() -> !page.state().get("rival").textValue().equals("lock-and-set"));

    tabTo("Explain product 21");
    browser.press(Keys.ENTER);
    await().until(() -> browser.text("explain-text").contains("products:21"));
    browser.press(Keys.ESCAPE);
    await().until(() -> browser.focused().equals("Explain product 21"));
  }

  private static void tabTo(String name) {
    for (int i = 0; i < MOST_TABS; i++) {
      if (browser.focused().equals(name)) {
        return;
      }
      browser.press(Keys.TAB);
    }
    throw new AssertionError("no element takes the focus that is called " + name);
  }

  @ParameterizedTest
  @CsvSource({"360, light", "360, dark", "1280, light", "1280, dark"})
  void accessibility_isWithoutSeriousFaults(int width, String theme) throws Exception {
    page.load(50, 5);
    browser.open(page.url(), width, theme);
    browser.run(Files.readString(AXE));

    Object faults =
        browser.runToItsCallback(
            """
            const done = arguments[arguments.length - 1];
            axe.run().then(({ violations }) =>
              done(violations
                .filter(({ impact }) => impact === 'serious' || impact === 'critical')
                .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)));
            """);

    assertThat(faults).isEqualTo(List.of());
  }

  @ParameterizedTest
  @CsvSource({"360", "1280", "1920"})
  void page_fitsItsWindow(int width) {
    browser.open(page.url(), width, "light");

    assertThat(
            browser.run(
                "const page = document.documentElement; return page.scrollWidth - page.clientWidth"))
        .isEqualTo(0L);
  }
}
