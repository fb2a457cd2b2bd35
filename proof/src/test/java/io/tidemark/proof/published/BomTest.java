package io.tidemark.proof.published;

import static io.tidemark.proof.published.PublishedModules.child;
import static io.tidemark.proof.published.PublishedModules.children;
import static io.tidemark.proof.published.PublishedModules.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

/** No module is published without being in the BOM, and none is forgotten. */
class BomTest {
  @Test
  void modules_each_sayWhetherTheyArePublished() {
    assertThat(PublishedModules.all())
        .allSatisfy(
            module ->
                assertThat(PublishedModules.property(module, "maven.deploy.skip"))
                    .as("maven.deploy.skip of %s", module)
                    .isIn("true", "false"));
    assertThat(PublishedModules.property(PublishedModules.BOM, "maven.deploy.skip"))
        .isEqualTo("false");
  }

  @Test
  void bom_manages_thePublishedJarsInOneVersion() {
    Element managed =
        child(
            child(PublishedModules.pom(PublishedModules.BOM), "dependencyManagement"),
            "dependencies");
    List<Element> dependencies = children(managed, "dependency");

    assertThat(dependencies)
        .extracting(dependency -> text(dependency, "artifactId"))
        .containsExactlyInAnyOrderElementsOf(
            PublishedModules.jars().stream().map(PublishedModules::artifact).toList());
    assertThat(dependencies)
        .allSatisfy(
            dependency -> {
              assertThat(text(dependency, "groupId")).isEqualTo("io.tidemark");
              assertThat(text(dependency, "version")).isEqualTo("${project.version}");
              assertThat(text(dependency, "scope")).isNull();
            });
  }

  @Test
  void siteOfTheApi_skips_whatIsNotPublished() throws Exception {
    String pom = Files.readString(PublishedModules.ROOT.resolve("pom.xml"), UTF_8);
    List<String> published = PublishedModules.jars();

    assertThat(pom)
        .contains(
            PublishedModules.all().stream()
                .filter(module -> !published.contains(module))
                .filter(module -> !module.equals(PublishedModules.BOM))
                .map(PublishedModules::artifact)
                .collect(Collectors.joining(",", "<skippedModules>", "</skippedModules>")));
  }

  @Test
  void poms_ofPublishedModules_haveANameAndADescription() {
    assertThat(PublishedModules.jars())
        .allSatisfy(
            module -> {
              assertThat(text(PublishedModules.pom(module), "name")).as(module).isNotBlank();
              assertThat(text(PublishedModules.pom(module), "description")).as(module).isNotBlank();
            });
  }

  @Test
  void modules_thatArePublished_areOnThePage() throws Exception {
    String page = Files.readString(PublishedModules.ROOT.resolve("docs/supported.md"), UTF_8);

    assertThat(PublishedModules.jars())
        .isNotEmpty()
        .allSatisfy(
            module -> assertThat(page).contains("| `" + PublishedModules.artifact(module) + "`"));
    assertThat(page).contains("| `" + PublishedModules.artifact(PublishedModules.BOM) + "`");
  }
}
