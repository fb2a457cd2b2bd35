package io.tidemark;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonAlias;
import io.tidemark.json.JsonCodec;
import io.tidemark.memory.InMemoryStore;
import io.tidemark.memory.LocalLocks;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.spi.ToolProvider;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What docs/deploying.md says of two releases. The classes that it shows are compiled from the
 * page, each for a release of its own, and the releases share a store, as they do in a fleet.
 */
class DeployingPageTest {
  private static final String PAGE = "deploying.md";

  private static final String RUNNING = "record Product(long id, String name) {}";
  private static final String RENAMED = "record Product(long id, String title) {}";
  private static final int TURNS = 5;
  private static final int MANY = 200;

  @TempDir private static Path folder;
  private static final Map<String, Class<?>> COMPILED = new HashMap<>();

  private final InMemoryStore store = InMemoryStore.create();
  private final LocalLocks locks = LocalLocks.create();
  private String name = "Laptop";
  private long version = 1;

  /** A change of the table, as a test's parameters. */
  record Change(String nextClass, boolean nextReads, boolean runningReads, String costs) {}

  record Product(long id, String name) {}

  @Test
  void code_ofThePage_isTheCodeBelow() throws Exception {
    String test = DocPage.source(DeployingPageTest.class);

    assertThat(DocPage.named(PAGE).code())
        .filteredOn(code -> !code.startsWith("record"))
        .hasSizeGreaterThan(3)
        .allSatisfy(code -> assertThat(test).contains(code));
  }

  static Stream<Change> changes() throws IOException {
    List<String> lines = DocPage.named(PAGE).section("Rolling deployments");
    assertThat(lines).contains("If the running release has `" + RUNNING + "`:");
    return lines.stream()
        .filter(line -> line.contains("| `record Product"))
        .map(line -> line.split("\\s*\\|\\s*"))
        .map(
            cells ->
                new Change(cells[2].replace("`", ""), isHit(cells[3]), isHit(cells[4]), cells[5]));
  }

  private static boolean isHit(String cell) {
    assertThat(cell).isIn("a hit", "a miss");
    return cell.equals("a hit");
  }

  @ParameterizedTest
  @MethodSource("changes")
  void class_changed_isReadAsTheTableSays(Change change) throws Exception {
    assertReads(change.nextReads(), RUNNING, change.nextClass());
    assertReads(change.runningReads(), change.nextClass(), RUNNING);
    assertThat(change.costs())
        .isEqualTo(
            change.nextReads() || change.runningReads() ? "a load per key" : "a load per read");
    assertCosts(change.costs(), RUNNING, change.nextClass());
  }

  private void assertReads(boolean hit, String writersClass, String readersClass) throws Exception {
    try (Release writer = release("products", writersClass);
        Release reader = release("products", readersClass)) {
      writer.cache.clear();
      writer.read();

      reader.assertReadsTheRow();

      assertThat(reader.loads).isEqualTo(hit ? 0 : 1);
      assertThat(reader.cache.stats().damaged() > 0).isEqualTo(!hit);
      for (Release next : List.of(writer, reader)) {
        change();
        next.cache.update(1L, next::row);
        writer.assertReadsTheRow();
        reader.assertReadsTheRow();
      }
    }
  }

  private void assertCosts(String costs, String oneClass, String otherClass) throws Exception {
    try (Release one = release("products", oneClass);
        Release other = release("products", otherClass)) {
      one.cache.clear();
      for (int i = 0; i < TURNS; i++) {
        one.assertReadsTheRow();
        other.assertReadsTheRow();
      }
      if (costs.equals("a load per read")) {
        assertThat(one.loads + other.loads).isEqualTo(2 * TURNS);
      } else {
        assertThat(one.loads + other.loads).isBetween(1, 2);
      }
    }
  }

  @Test
  void rename_inTwoDeployments_costsALoadPerKeyEach() throws Exception {
    String steps =
        DocPage.named(PAGE).code().stream()
            .filter(code -> code.startsWith("record"))
            .findFirst()
            .get();
    List<String> classes = steps.lines().map(line -> line.replaceAll(" //.*", "")).toList();
    assertThat(classes).hasSize(3).startsWith(RUNNING).endsWith(RENAMED);

    assertCosts("a load per key", classes.get(0), classes.get(1));
    assertCosts("a load per key", classes.get(1), classes.get(2));
    assertCosts("a load per read", classes.get(0), classes.get(2));
  }

  @Test
  void alias_removedLater_readsTheEntriesOfTheReleaseThatHadIt() throws Exception {
    String withAlias = "record Product(long id, @JsonAlias(\"name\") String title) {}";

    assertReads(true, withAlias, RENAMED);
    assertReads(true, RENAMED, withAlias);
  }

  @Test
  void publish_sameRowByBothReleases_dropsTheEntryAsATie() throws Exception {
    try (Release running = release("products", RUNNING);
        Release next = release("products", RENAMED)) {
      running.read();

      assertThat(running.cache.publish(1L, running.row())).isEqualTo(WriteOutcome.STORED);
      assertThat(next.cache.publish(1L, next.row())).isEqualTo(WriteOutcome.DROPPED);
    }
  }

  @Test
  void names_ofTwoFormats_haveTheirOwnEntries() throws Exception {
    try (Release running = release("products", RUNNING);
        Release next = release("products2", RENAMED)) {
      for (int i = 0; i < TURNS; i++) {
        running.assertReadsTheRow();
        next.assertReadsTheRow();
      }
      assertThat(running.loads + next.loads).isEqualTo(2);

      Object before = running.read();
      change();
      next.cache.update(1L, next::row);

      next.assertReadsTheRow();
      assertThat(running.read()).as("not seen before it expires").isEqualTo(before);
      running.cache.invalidate(1L);
      running.assertReadsTheRow();
    }
  }

  @Test
  void version_ofAnotherColumnUnderOneName_losesAndLeavesTheOtherRow() throws Exception {
    try (Release next = release("products", RUNNING);
        Release running = release("products", RUNNING)) {
      version = 1_700_000_000_000_000L;
      Object before = next.read();
      change();
      version = 8;

      assertThat(running.cache.publish(1L, running.row())).isEqualTo(WriteOutcome.SUPERSEDED);
      running.cache.refresh(1L);
      assertThat(running.read()).isEqualTo(before);
    }
  }

  @Test
  void rename_thatDropsTheOtherName_isSeenByBothReleases() {
    try (VersionedCache<Long, Product> blue = cache("products");
        VersionedCache<Long, Product> green = cache("products2")) {
      for (Catalogue each : List.of(new Catalogue(blue, green), new Catalogue(green, blue))) {
        blue.get(1L);
        green.get(1L);

        each.rename(1, "by " + each.products);

        assertThat(blue.get(1L)).hasValue(new Product(1, name));
        assertThat(green.get(1L)).hasValue(new Product(1, name));
      }
    }
  }

  /** A service of the page. */
  private final class Catalogue {
    private final VersionedCache<Long, Product> products;
    private final VersionedCache<Long, Product> other;

    Catalogue(VersionedCache<Long, Product> products, VersionedCache<Long, Product> other) {
      this.products = products;
      this.other = other;
    }

    WriteResult<Product> rename(long id, String name) {
      WriteResult<Product> result = products.update(id, () -> renamed(id, name));
      other.invalidate(id);
      return result;
    }
  }

  @Test
  void green_warmedBeforeTheSwitch_loadsNothingAfterIt() {
    List<Long> hotKeys = List.of(1L, 2L, 3L);
    double loadsPerSecond = 1_000;
    try (VersionedCache<Long, Product> green = cache("products2")) {
      WarmReport report =
          green.warm(hotKeys, WarmOptions.defaults().loadsPerSecond(loadsPerSecond));

      assertThat(report.loaded()).isEqualTo(hotKeys.size());
      green.getAll(hotKeys);
      assertThat(green.stats().loads()).isEqualTo(hotKeys.size());
    }
  }

  @Test
  void back_toTheOldName_servesTheOldRowUnlessItIsCleared() {
    try (VersionedCache<Long, Product> blue = cache("products");
        VersionedCache<Long, Product> green = cache("products2")) {
      blue.get(1L);
      green.get(1L);
      green.update(1L, () -> renamed(1, "written by green"));
      assertThat(blue.get(1L)).hasValue(new Product(1, "Laptop"));

      blue.clear();

      assertThat(blue.get(1L)).hasValue(new Product(1, "written by green"));
      assertThat(green.stats().loads()).as("clear leaves the other name alone").isEqualTo(1);
      green.get(1L);
      assertThat(green.stats().loads()).isEqualTo(1);
    }
  }

  @Test
  void switch_offAndOn_servesWhatWasWrittenMeanwhileWithoutAClear() {
    try (VersionedCache<Long, Product> products = cache("products");
        VersionedCache<Long, Product> ofAnotherProcess = cache("products")) {
      products.get(1L);

      products.switchTo(Rollout.bypass());
      assertThat(products.read(1L).origin()).isEqualTo(Origin.SOURCE_BYPASS);
      assertThat(ofAnotherProcess.read(1L).origin()).isEqualTo(Origin.CACHE);
      products.update(1L, () -> renamed(1, "written while off"));
      assertThat(ofAnotherProcess.get(1L)).hasValue(new Product(1, "written while off"));

      products.switchTo(Rollout.on());
      assertThat(products.read(1L).origin()).isEqualTo(Origin.CACHE);
      assertThat(products.get(1L)).hasValue(new Product(1, "written while off"));
    }
  }

  @Test
  void switch_byPercentage_isOnForTheSameKeysInEachProcessAndForMoreAtMore() {
    try (VersionedCache<Long, Product> products = cache("products");
        VersionedCache<Long, Product> ofAnotherProcess = cache("products")) {
      products.switchTo(Rollout.bypass());
      assertThat(keysOn(products)).isEmpty();
      products.switchTo(Rollout.ofKeys(25));
      List<Long> atQuarter = keysOn(products);
      ofAnotherProcess.switchTo(Rollout.ofKeys(25));
      assertThat(keysOn(ofAnotherProcess)).isEqualTo(atQuarter);

      products.switchTo(Rollout.ofKeys(50));
      assertThat(keysOn(products))
          .hasSizeGreaterThan(atQuarter.size())
          .hasSizeLessThan(MANY)
          .containsAll(atQuarter);
      products.switchTo(Rollout.on());
      assertThat(keysOn(products)).hasSize(MANY);
    }
  }

  private static List<Long> keysOn(VersionedCache<Long, Product> cache) {
    return LongStream.range(0, MANY)
        .boxed()
        .filter(key -> cache.read(key).origin() != Origin.SOURCE_BYPASS)
        .toList();
  }

  @Test
  void switch_onAfterWritesPastTheCache_needsAClear() {
    try (VersionedCache<Long, Product> products = cache("products")) {
      products.switchTo(Rollout.bypass());
      products.update(1L, () -> renamed(1, "by a release with the cache"));
      renamed(1, "by a release without it");
      assertThat(products.get(1L)).hasValue(new Product(1, "by a release without it"));

      products.switchTo(Rollout.on());
      assertThat(products.get(1L)).hasValue(new Product(1, "by a release with the cache"));
      products.clear();
      assertThat(products.get(1L)).hasValue(new Product(1, "by a release without it"));
    }
  }

  @Test
  void switch_ofThePage_endsWithAllKeysOn() {
    try (VersionedCache<Long, Product> products = cache("products")) {
      products.switchTo(Rollout.bypass());
      products.switchTo(Rollout.ofKeys(25));
      products.switchTo(Rollout.on());

      assertThat(products.rollout()).isEqualTo(Rollout.on());
    }
  }

  @Test
  void warm_ofBypassedKeys_loadsThem() {
    try (VersionedCache<Long, Product> products = cache("products")) {
      products.switchTo(Rollout.bypass());
      products.warm(List.of(1L), WarmOptions.defaults());

      products.switchTo(Rollout.on());
      assertThat(products.read(1L).origin()).isEqualTo(Origin.CACHE);
    }
  }

  private VersionedCache<Long, Product> cache(String cacheName) {
    CacheBuilder<Long, Product> builder = VersionedCache.builder(cacheName);
    if (cacheName.equals("products2")) {
      builder = withTheNameOfThePage();
    }
    return builder
        .source(id -> Row.present(new Product(id, name), version))
        .store(store)
        .locks(locks)
        .codec(JsonCodec.of(Product.class))
        .build();
  }

  private static CacheBuilder<Long, Product> withTheNameOfThePage() {
    CacheBuilder<Long, Product> builder = VersionedCache.builder("products2");
    return builder;
  }

  private void change() {
    version++;
    name = "Laptop " + version;
  }

  private Row<Product> renamed(long id, String newName) {
    version++;
    name = newName;
    return Row.present(new Product(id, newName), version);
  }

  private Release release(String cacheName, String declaration) {
    return new Release(cacheName, COMPILED.computeIfAbsent(declaration, key -> compiled(key)));
  }

  /** A release of the program: its version of the class, and its cache. */
  private final class Release implements AutoCloseable {
    final VersionedCache<Long, Object> cache;
    private final Class<?> type;
    int loads;

    @SuppressWarnings("unchecked") // Whatever class it is, the values are of it.
    Release(String cacheName, Class<?> type) {
      this.type = type;
      this.cache =
          VersionedCache.<Long, Object>builder(cacheName)
              .source(
                  id -> {
                    loads++;
                    return row();
                  })
              .store(store)
              .locks(locks)
              .codec((JsonCodec<Object>) JsonCodec.of(type))
              .build();
    }

    /** The row of the database, as this release sees it. */
    Row<Object> row() throws ReflectiveOperationException {
      return Row.present(value(), version);
    }

    Object read() {
      return cache.get(1L).orElseThrow();
    }

    void assertReadsTheRow() throws ReflectiveOperationException {
      assertThat(read()).isEqualTo(value());
    }

    private Object value() throws ReflectiveOperationException {
      Object[] properties =
          Arrays.stream(type.getRecordComponents()).map(component -> property(component)).toArray();
      return type.getDeclaredConstructors()[0].newInstance(properties);
    }

    private Object property(RecordComponent component) {
      return switch (component.getName()) {
        case "id" -> component.getType() == long.class ? (Object) 1L : "1";
        case "currency" -> "EUR";
        default -> name;
      };
    }

    @Override
    public void close() {
      cache.close();
    }
  }

  private static Class<?> compiled(String declaration) {
    try {
      Path release = Files.createDirectory(folder.resolve("release" + COMPILED.size()));
      Path source = release.resolve("Product.java");
      Files.writeString(source, "import " + JsonAlias.class.getName() + ";\npublic " + declaration);
      // Maven runs the tests of this module in modules.
      String classPath =
          System.getProperty("java.class.path")
              + File.pathSeparator
              + System.getProperty("jdk.module.path", "");
      int failed =
          ToolProvider.findFirst("javac")
              .orElseThrow()
              .run(
                  System.out,
                  System.err,
                  "-cp",
                  classPath,
                  "-d",
                  release.toString(),
                  source.toString());
      assertThat(failed).isZero();
      return new URLClassLoader(
              new URL[] {release.toUri().toURL()}, DeployingPageTest.class.getClassLoader())
          .loadClass("Product");
    } catch (IOException | ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }
}
