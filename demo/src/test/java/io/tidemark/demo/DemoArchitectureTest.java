package io.tidemark.demo;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Path;
import java.util.Date;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Which package of the demo may know which. */
class DemoArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter().importPath(Path.of("target", "classes"));

  /** What keeps the promises, in the build of this checkout. */
  private static final Pattern LIBRARY = Pattern.compile(".*/(core|zk-lock|redis-store)/target/.*");

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

  /**
   * Why the promises hold with wrong clocks of clients. In-memory stores and locks are servers in
   * the process, and no other process sees the times that they give out.
   */
  @Test
  void library_withoutItsInMemoryServers_readsNoClockOfTheMachine() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.tidemark.memory")
        .should()
        .accessTargetWhere(
            target(owner(resideInAPackage("java.time..")))
                .and(target(nameMatching("now|system.*|tick.*")))
                .or(
                    target(owner(equivalentTo(System.class)))
                        .and(target(name("currentTimeMillis"))))
                .or(target(owner(equivalentTo(Date.class))).and(target(name("<init>")))))
        .check(
            new ClassFileImporter()
                .withImportOption(location -> location.matches(LIBRARY))
                .importPackages("io.tidemark"));
  }
}
