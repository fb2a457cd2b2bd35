package io.tidemark.demo.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page's judge finds a Tidemark wrong that lacks a safeguard. */
@Tag("thorough")
@Timeout(600)
final class JudgeIT {
  private static final int NODES = 3;
  private static final String SCRIPT = "io/tidemark/redis/fill.lua";

  /** What stands under "Safeguard CLAIM_ON_EMPTY". */
  private static final String CLAIM_IS_NEEDED = "if not is_claim_of(fence, slot) then";

  private static final String NOT_ON_EMPTY =
      "if slot.state ~= 'EMPTY' and not is_claim_of(fence, slot) then";

  @Test
  void eviction_fillsNeedNoClaimOnAnEmptySlot_isCountedAsWrong(@TempDir Path folder)
      throws Exception {
    Path unsafe = folder.resolve("unsafe");
    Path script = unsafe.resolve(SCRIPT);
    Files.createDirectories(Objects.requireNonNull(script.getParent()));
    Files.writeString(script, edited());

    LivePage page =
        LivePage.startWith(unsafe, Files.createDirectory(folder.resolve("serve")), NODES);
    try {
      page.load(0, 0);
      page.play("eviction", 17);

      assertThat(page.wrong("tidemark")).isEqualTo(NODES);
    } finally {
      page.stop();
    }
  }

  private static String edited() throws Exception {
    try (InputStream in = JudgeIT.class.getResourceAsStream("/" + SCRIPT)) {
      String original =
          new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      assertThat(original).containsOnlyOnce(CLAIM_IS_NEEDED);
      return original.replace(CLAIM_IS_NEEDED, NOT_ON_EMPTY);
    }
  }
}
