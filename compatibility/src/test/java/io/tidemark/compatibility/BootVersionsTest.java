package io.tidemark.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The tests run on the versions that the POMs of Spring Boot and of Curator name. */
class BootVersionsTest {

  @ParameterizedTest
  @CsvSource({
    "spring-boot,jedis.version,redis.clients.jedis.UnifiedJedis",
    "spring-boot,jackson-2-bom.version,com.fasterxml.jackson.databind.ObjectMapper",
    "spring-boot,micrometer.version,io.micrometer.core.instrument.MeterRegistry",
    "spring-boot,slf4j.version,org.slf4j.Logger",
    "spring-boot,logback.version,ch.qos.logback.classic.Logger",
    "curator,zookeeper-version,org.apache.zookeeper.ZooKeeper"
  })
  void versions_ofTheClassPath_areThoseOfThePom(String pom, String property, String type)
      throws Exception {
    assertThat(jar(Class.forName(type))).endsWith("-" + value(pom, property) + ".jar");
  }

  private static String jar(Class<?> type) throws URISyntaxException {
    return type.getProtectionDomain().getCodeSource().getLocation().toURI().getPath();
  }

  private static String value(String pom, String property) throws IOException {
    String text = Files.readString(Path.of("target", "compared", pom + ".pom"));
    Matcher element = Pattern.compile("<" + Pattern.quote(property) + ">(.*?)</").matcher(text);
    assertThat(element.find()).as(property).isTrue();
    return element.group(1);
  }
}
