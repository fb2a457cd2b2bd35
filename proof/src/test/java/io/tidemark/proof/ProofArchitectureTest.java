package io.tidemark.proof;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Which package of the proof may know which. */
class ProofArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter().importPath(Path.of("target", "classes"));

  @Test
  void packages_haveNoCycle() {
    slices().matching("(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void anyClass_knowsNothingThatIsHiddenFromUsers() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.tidemark.engine", "io.tidemark.options")
        .check(CLASSES);
  }
}
