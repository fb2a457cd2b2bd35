package io.tidemark;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Which package of the core may know which. */
class ArchitectureTest {
  private static final Path MAIN_CLASSES = Path.of("target", "classes");

  private static final JavaClasses CLASSES = new ClassFileImporter().importPath(MAIN_CLASSES);

  private static final DescribedPredicate<JavaClass> THE_BUILDER = equivalentTo(CacheBuilder.class);

  private static final DescribedPredicate<JavaClass> HIDDEN =
      resideInAnyPackage("io.tidemark.engine", "io.tidemark.options");

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
            DescribedPredicate.not(resideInAPackage("io.tidemark.engine"))
                .and(DescribedPredicate.not(THE_BUILDER)))
        .should()
        .dependOnClassesThat(resideInAPackage("io.tidemark.engine"))
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
