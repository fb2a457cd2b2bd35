package io.tidemark.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.tidemark.spi.Finding;
import java.lang.module.ModuleDescriptor.Version;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JedisCheckTest {

  @ParameterizedTest
  @ValueSource(strings = {"3.10.0", "6.0.0", "7.3.0", "7.4.0-beta1"})
  void check_versionTooOld_refusedWithWhatIsNeeded(String version) {
    assertThatIllegalStateException()
        .isThrownBy(() -> JedisCheck.check(Version.parse(version)))
        .withMessage(
            "Jedis on the class path is "
                + version
                + ", which is too old; use redis.clients:jedis 7.4 or later, up to 8.x");
  }

  @ParameterizedTest
  @ValueSource(strings = {"7.4.0", "7.4.1", "7.10.0", "8.0.2", "8.1.0-SNAPSHOT"})
  void check_versionInBetween_acceptedAndNotReported(String version) {
    JedisCheck.check(Version.parse(version));

    assertThat(JedisCheck.findings(Version.parse(version))).isEmpty();
  }

  @Test
  void findings_versionNotTested_warning() {
    assertThat(JedisCheck.findings(Version.parse("9.0.0")))
        .containsExactly(
            Finding.warning(
                "Jedis version",
                "it is '9.0.0', which is not tested",
                "use redis.clients:jedis 7.4 or later, up to 8.x"));
  }
}
