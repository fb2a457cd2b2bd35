package com.example.catalogue;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.tidemark.jdbc.PostgresVersions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The example is what an application may be. */
class ExampleArchitectureTest {
  @Test
  void anyClass_knowsNothingThatIsHiddenFromUsers() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.tidemark.engine", "io.tidemark.options")
        .check(new ClassFileImporter().importPath(Path.of("target", "classes")));
  }

  @Test
  void schema_endsWithTheSqlForVersions() throws IOException {
    assertThat(Files.readString(Path.of("src", "main", "resources", "schema.sql"), UTF_8))
        .endsWith(PostgresVersions.triggerSql("product", "updated_at"));
  }
}
