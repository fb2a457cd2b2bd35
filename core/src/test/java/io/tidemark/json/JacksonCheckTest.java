package io.tidemark.json;

import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.fasterxml.jackson.core.Version;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JacksonCheckTest {

  @ParameterizedTest
  @ValueSource(ints = {17, 21, 22})
  void check_versionRecentEnough_accepted(int minor) {
    JacksonCheck.check("jackson-core", new Version(2, minor, 0, null, "group", "artifact"));
  }

  @Test
  void check_versionUnknown_accepted() {
    JacksonCheck.check("jackson-core", Version.unknownVersion());
  }

  @Test
  void check_versionTooOld_refusedWithWhatIsNeeded() {
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                JacksonCheck.check(
                    "jackson-core", new Version(2, 16, 2, null, "group", "artifact")))
        .withMessage(
            "jackson-core on the class path is 2.16.2, which is too old; use 2.17 or later");
  }
}
