package io.tidemark.proof.safeguards;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RedisEditsTest {
  static Stream<List<Edit>> edits() {
    return Stream.concat(
        RedisEdits.all().values().stream(),
        Stream.of(
            RedisEdits.lockWithoutVersions(),
            RedisEdits.versionsWithoutClaims(),
            RedisEdits.claimsWithoutVersions()));
  }

  @ParameterizedTest
  @MethodSource("edits")
  void edits_ofTheScriptsAsTheyAre_changeEachFile(List<Edit> edits) throws IOException {
    Map<String, String> texts = new HashMap<>();
    for (Edit edit : edits) {
      String before =
          texts.containsKey(edit.file()) ? texts.get(edit.file()) : Edit.read(edit.file());
      String after = edit.applyTo(before);
      assertThat(after).isNotEqualTo(before);
      texts.put(edit.file(), after);
    }
  }
}
