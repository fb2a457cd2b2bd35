package io.tidemark.demo.live;

import static io.tidemark.testkit.Awaiting.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;

/**
 * Debian's Chromium without a screen. Tests are skipped where it is not installed, but for CI,
 * which installs it.
 */
final class Browser implements AutoCloseable {
  private static final File CHROMIUM = new File("/usr/bin/chromium");
  private static final File DRIVER = new File("/usr/bin/chromedriver");

  /** It runs as root in CI, and reaches no network but this machine's. */
  private static final List<String> ARGUMENTS =
      List.of(
          "--headless",
          "--no-sandbox",
          "--disable-gpu",
          "--disable-quic",
          "--no-first-run",
          "--disable-background-networking",
          "--disable-component-update",
          "--disable-sync",
          "--disable-dev-shm-usage");

  private final ChromeDriver driver;

  private Browser(ChromeDriver driver) {
    this.driver = driver;
  }

  static Browser start(Path profile) {
    boolean isHere = CHROMIUM.exists() && DRIVER.exists();
    if (System.getenv("CI") != null) {
      assertThat(isHere).as("Chromium and its driver are installed").isTrue();
    }
    assumeTrue(isHere, "Chromium is not installed");
    ChromeOptions options = new ChromeOptions();
    options.setBinary(CHROMIUM);
    options.addArguments(ARGUMENTS);
    options.addArguments("--user-data-dir=" + profile);
    ChromeDriverService service =
        new ChromeDriverService.Builder().usingDriverExecutable(DRIVER).usingAnyFreePort().build();
    return new Browser(new ChromeDriver(service, options));
  }

  /** Opens a page in a window of that width, and waits until it shows what it was told. */
  void open(String url, int width, String theme) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", 900, "deviceScaleFactor", 1, "mobile", width < 600));
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", theme))));
    driver.get(url);
    await().until(() -> text("tidemark-reads").matches("[0-9,]+"));
  }

  /** What an element of the page says. */
  String text(String id) {
    return driver.findElement(By.id(id)).getText();
  }

  /** A number that the page shows. */
  long number(String id) {
    return Long.parseLong(text(id).replace(",", ""));
  }

  /** A button by what a screen reader calls it. */
  WebElement button(String name) {
    return driver.findElement(
        By.xpath(
            "//button[@aria-label='%1$s' or (not(@aria-label) and normalize-space()='%1$s')]"
                .formatted(name)));
  }

  /** Clicks a button, once it can be. */
  void click(String name) {
    await()
        .ignoreExceptions()
        .until(
            () -> {
              WebElement button = button(name);
              if (!button.isEnabled() || "true".equals(button.getDomAttribute("aria-disabled"))) {
                return false;
              }
              button.click();
              return true;
            });
  }

  /** Whether there is such a button to be seen. */
  boolean shows(String name) {
    return driver
        .findElements(
            By.xpath("//button[@aria-label='%1$s' or normalize-space()='%1$s']".formatted(name)))
        .stream()
        .anyMatch(WebElement::isDisplayed);
  }

  /** Chooses what a list offers. */
  void choose(String listId, String option) {
    driver
        .findElement(By.id(listId))
        .findElement(By.xpath("option[normalize-space()='%s']".formatted(option)))
        .click();
  }

  /** Presses keys on whatever has the focus. */
  void press(CharSequence... keys) {
    new Actions(driver).sendKeys(keys).perform();
  }

  /** What has the focus, as a screen reader calls it. */
  String focused() {
    return String.valueOf(driver.switchTo().activeElement().getAccessibleName());
  }

  /** Runs a script of the test in the page. */
  @Nullable Object run(String script) {
    return driver.executeScript(script);
  }

  /** Runs a script that calls its last argument when it has a result. */
  @Nullable Object runToItsCallback(String script) {
    driver.manage().timeouts().scriptTimeout(Duration.ofMinutes(2));
    return driver.executeAsyncScript(script);
  }

  @Override
  public void close() {
    driver.quit();
  }
}
