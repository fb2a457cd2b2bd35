package io.tidemark.proof.published;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is tested is what users get. A program that names one of the modules and nothing else does
 * not inherit this project's {@code dependencyManagement}; Maven itself resolves such a program for
 * each module here, and every library that it gets must be the one that the module's tests ran on.
 */
class PublishedTreesIT {
  private static final List<String> MODULES = PublishedModules.jars();

  /** Its programs take the versions of Spring Boot, as its tests do. */
  private static final String STARTER = "spring-boot-starter";

  /** {@code group:artifact:type:version}, at the head of a tree. */
  private static final Pattern PROJECT = Pattern.compile("[\\w.]+:([\\w.-]+):(?:jar|pom):[\\w.-]+");

  /** {@code group:artifact:type[:classifier]:version:scope}, behind what draws the tree. */
  private static final Pattern LIBRARY =
      Pattern.compile("^[-+|\\\\ ]*([^: ]+:[^: ]+:[^: ]+(?::[^: ]+)?):([^: ]+):(\\w+)$");

  private static Map<String, Map<String, String>> trees;

  static List<String> modules() {
    return MODULES;
  }

  @ParameterizedTest
  @MethodSource("modules")
  void libraries_ofABareProgram_areThoseOfTheModulesTests(String module) throws Exception {
    Map<String, String> tested = trees().get("tidemark-" + module);
    Map<String, String> published = new TreeMap<>(trees().get("consumer-of-tidemark-" + module));
    published.keySet().removeIf(library -> library.startsWith("io.tidemark:"));

    assertThat(published).isNotEmpty();
    assertThat(tested).containsAllEntriesOf(published);
  }

  @Test
  void libraries_ofALocksClient_areNoServersAndNoCopies() throws Exception {
    Set<String> groups =
        trees().get("consumer-of-tidemark-zk-lock").keySet().stream()
            .map(library -> library.substring(0, library.lastIndexOf(':')))
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(groups)
        .contains("org.apache.zookeeper:zookeeper")
        .doesNotContain(
            "com.google.guava:guava",
            "commons-io:commons-io",
            "io.netty:netty-tcnative-boringssl-static");
  }

  /** Each project's libraries and their versions. */
  private static synchronized Map<String, Map<String, String>> trees() throws Exception {
    if (trees == null) {
      trees = parse(resolve(writePrograms()));
    }
    return trees;
  }

  private static Path writePrograms() throws Exception {
    Path folder = Files.createDirectories(Path.of("target", "programs").toAbsolutePath());
    Path root = Path.of("..").toAbsolutePath().normalize();
    String version = System.getProperty("tidemark.version");
    List<String> all = new ArrayList<>(List.of(folder.relativize(root).toString()));
    for (String module : MODULES) {
      String artifact = "tidemark-" + module;
      String text =
          project(
              "consumer-of-" + artifact,
              "jar",
              (module.equals(STARTER) ? versionsOfSpringBoot() : "")
                  + """
                  <dependencies>
                    <dependency>
                      <groupId>io.tidemark</groupId>
                      <artifactId>%s</artifactId>
                      <version>%s</version>
                    </dependency>
                  </dependencies>
                  """
                      .formatted(artifact, version));
      Path program = Files.createDirectories(folder.resolve(module));
      Files.writeString(program.resolve("pom.xml"), text, UTF_8);
      all.add(module);
    }
    String modules =
        all.stream()
            .map(module -> "<module>" + module + "</module>\n")
            .collect(Collectors.joining("", "<modules>\n", "</modules>\n"));
    Files.writeString(folder.resolve("pom.xml"), project("programs", "pom", modules), UTF_8);
    return folder;
  }

  private static String versionsOfSpringBoot() {
    return """
        <dependencyManagement>
          <dependencies>
            <dependency>
              <groupId>org.springframework.boot</groupId>
              <artifactId>spring-boot-dependencies</artifactId>
              <version>%s</version>
              <type>pom</type>
              <scope>import</scope>
            </dependency>
          </dependencies>
        </dependencyManagement>
        """
        .formatted(System.getProperty("spring-boot.version"));
  }

  private static String project(String artifact, String packaging, String content) {
    return """
        <project xmlns="http://maven.apache.org/POM/4.0.0">
          <modelVersion>4.0.0</modelVersion>
          <groupId>program</groupId>
          <artifactId>%s</artifactId>
          <version>1</version>
          <packaging>%s</packaging>
        %s</project>
        """
        .formatted(artifact, packaging, content);
  }

  /** Runs the Maven that runs this test, as it was told to run. */
  private static Path resolve(Path folder) throws Exception {
    Path answer = folder.resolve("trees.txt");
    Files.deleteIfExists(answer);
    String projects =
        MODULES.stream()
            .map(
                module ->
                    "io.tidemark:tidemark-" + module + ",program:consumer-of-tidemark-" + module)
            .collect(Collectors.joining(","));
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("maven.home"), "bin", "mvn").toString(),
                "-B",
                "-T1",
                "-f",
                folder.resolve("pom.xml").toString(),
                "-pl",
                projects,
                "-Dmaven.repo.local=" + System.getProperty("maven.repository"),
                "-DappendOutput=true",
                "-DoutputFile=" + answer,
                "org.apache.maven.plugins:maven-dependency-plugin:"
                    + System.getProperty("maven.dependency-plugin")
                    + ":tree"));
    // A value that is nothing but true is no text to Failsafe.
    if (System.getProperty("maven.offline").endsWith("true")) {
      command.add("-o");
    }
    Path log = folder.resolve("maven.log");
    Process maven =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertThat(maven.waitFor()).as("%s", log).isZero();
    return answer;
  }

  private static Map<String, Map<String, String>> parse(Path answer) throws Exception {
    Map<String, Map<String, String>> trees = new TreeMap<>();
    Map<String, String> tree = new TreeMap<>();
    for (String line : Files.readAllLines(answer, UTF_8)) {
      Matcher library = LIBRARY.matcher(line);
      Matcher project = PROJECT.matcher(line);
      if (project.matches()) {
        tree = new TreeMap<>();
        trees.put(project.group(1), tree);
      } else if (library.matches()) {
        tree.put(library.group(1), library.group(2));
      }
    }
    return trees;
  }
}
