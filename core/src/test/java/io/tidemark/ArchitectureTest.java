package io.tidemark;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Which package of the core may know which, and which type of the engine. */
class ArchitectureTest {
  private static final Path MAIN_CLASSES = Path.of("target", "classes");

  private static final JavaClasses CLASSES = new ClassFileImporter().importPath(MAIN_CLASSES);

  private static final String ENGINE = "io.tidemark.engine";

  /** The number of a floor, or the name of a type. */
  private static final Pattern WORD = Pattern.compile("\\b(?:\\d|[A-Z]\\w*)\\b");

  /** A nested type is a part of its outermost one. */
  private static final SliceAssignment TYPES_OF_THE_ENGINE =
      new SliceAssignment() {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
          return ENGINE.equals(type.getPackageName())
              ? SliceIdentifier.of(outermost(type))
              : SliceIdentifier.ignore();
        }

        @Override
        public String getDescription() {
          return "types of the engine";
        }
      };

  private static final DescribedPredicate<JavaClass> THE_BUILDER = equivalentTo(CacheBuilder.class);

  private static final DescribedPredicate<JavaClass> HIDDEN =
      resideInAnyPackage(ENGINE, "io.tidemark.options");

  @Test
  void spi_anyClass_knowsNoOtherPackage() {
    noClasses()
        .that(resideInAPackage("io.tidemark.spi"))
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.tidemark..")
                .and(DescribedPredicate.not(resideInAPackage("io.tidemark.spi"))))
        .check(CLASSES);
  }

  @Test
  void engine_isKnown_toTheBuilderAlone() {
    noClasses()
        .that(
            DescribedPredicate.not(resideInAPackage(ENGINE))
                .and(DescribedPredicate.not(THE_BUILDER)))
        .should()
        .dependOnClassesThat(resideInAPackage(ENGINE))
        .check(CLASSES);
  }

  /** That a builder makes what it builds is the one arrow that runs back. */
  @Test
  void packages_withoutTheBuilder_haveNoCycle() {
    slices()
        .matching("(**)")
        .should()
        .beFreeOfCycles()
        .ignoreDependency(THE_BUILDER, alwaysTrue())
        .check(CLASSES);
  }

  @Test
  void engine_anyType_standsOnAFloor() throws IOException {
    assertThat(floors().keySet()).isEqualTo(engineTypes());
  }

  @Test
  void engine_anyType_usesNoneOfAHigherFloor() throws IOException {
    Map<String, Integer> floors = floors();

    assertThat(new TreeSet<>(floors.values())).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(CLASSES.that(resideInAPackage(ENGINE)))
        .flatExtracting(JavaClass::getDirectDependenciesFromSelf)
        .filteredOn(arrow -> ENGINE.equals(arrow.getTargetClass().getPackageName()))
        .isNotEmpty()
        .filteredOn(
            arrow -> floor(floors, arrow.getOriginClass()) < floor(floors, arrow.getTargetClass()))
        .extracting(Dependency::getDescription)
        .isEmpty();
  }

  @Test
  void engine_types_formNoCircle() {
    slices().assignedFrom(TYPES_OF_THE_ENGINE).should().beFreeOfCycles().check(CLASSES);
  }

  /** The picture in the engine's package-info: the number of a floor, its name, and its types. */
  private static Map<String, Integer> floors() throws IOException {
    String picture =
        Files.readString(Path.of("src/main/java/io/tidemark/engine/package-info.java"))
            .replaceAll("(?s).*<pre>(.*)</pre>.*", "$1");
    Map<String, Integer> floors = new TreeMap<>();
    int floor = 0;
    Matcher words = WORD.matcher(picture);
    while (words.find()) {
      String word = words.group();
      if (Character.isDigit(word.charAt(0))) {
        floor = Integer.parseInt(word);
      } else {
        assertThat(floors.put(word, floor)).as(word).isNull();
      }
    }
    return floors;
  }

  private static int floor(Map<String, Integer> floors, JavaClass type) {
    return Objects.requireNonNull(floors.get(outermost(type)), type::getName);
  }

  private static Set<String> engineTypes() {
    return CLASSES.that(resideInAPackage(ENGINE)).stream()
        .map(ArchitectureTest::outermost)
        .filter(name -> !name.equals("package-info"))
        .collect(toCollection(TreeSet::new));
  }

  private static String outermost(JavaClass type) {
    String name = type.getBaseComponentType().getName().substring(ENGINE.length() + 1);
    int nested = name.indexOf('$');
    return nested < 0 ? name : name.substring(0, nested);
  }

  @Test
  void hiddenPackages_areNotExported() throws IOException {
    try (InputStream in = Files.newInputStream(MAIN_CLASSES.resolve("module-info.class"))) {
      ModuleDescriptor module = ModuleDescriptor.read(in);

      assertThat(module.exports())
          .extracting(ModuleDescriptor.Exports::source)
          .containsExactlyInAnyOrder(
              "io.tidemark",
              "io.tidemark.jdbc",
              "io.tidemark.json",
              "io.tidemark.key",
              "io.tidemark.memory",
              "io.tidemark.spi");
    }
    assertThat(CLASSES.that(HIDDEN)).isNotEmpty();
  }
}
