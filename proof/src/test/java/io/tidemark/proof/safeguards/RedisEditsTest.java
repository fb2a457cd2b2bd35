package io.tidemark.proof.safeguards;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RedisEditsTest {
  static Stream<List<Edit>> edits() {
    return Stream.concat(
            Arrays.stream(Safeguard.values()).map(RedisEdits::without),
            Arrays.stream(Design.values()).map(RedisEdits::of))
        .filter(edits -> !edits.isEmpty());
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
