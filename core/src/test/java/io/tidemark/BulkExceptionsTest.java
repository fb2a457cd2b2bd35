package io.tidemark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.tidemark.spi.SlotKey;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the exceptions of calls for many keys hold, also after they were serialized. */
class BulkExceptionsTest {
  private final LoadFailedException failure =
      new LoadFailedException(new SlotKey("test", "a"), "the source failed", null);

  /** A key that cannot be written. */
  private record Unwritable(String name) {}

  @Test
  void failures_afterSerialization_areThoseOfTheKeys() throws Exception {
    Map<Object, RuntimeException> failures = new LinkedHashMap<>();
    failures.put(2L, failure);
    failures.put(1L, failure);

    BulkReadException read = copyOf(new BulkReadException("test", 3, failures));

    assertThat(read.failures().keySet()).containsExactly(2L, 1L);
    assertThat(read.failures().get(1L))
        .isInstanceOf(LoadFailedException.class)
        .hasMessage("test:a: the source failed");
    assertThat(read).hasMessageStartingWith("test: 2 of 3 keys could not be read");
    assertThatThrownBy(() -> read.failures().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void failures_keyCannotBeWritten_isMissingAfterSerialization() throws Exception {
    Map<Object, RuntimeException> failures = new LinkedHashMap<>();
    failures.put(new Unwritable("a"), failure);
    failures.put("b", failure);

    assertThat(copyOf(new BulkReadException("test", 3, failures)).failures()).containsOnlyKeys("b");
  }

  @Test
  void outcomes_afterSerialization_areThoseOfTheKeys() throws Exception {
    BulkWriteException written =
        copyOf(
            new BulkWriteException(
                "test",
                Map.of("b", WriteOutcome.STORED, new Unwritable("c"), WriteOutcome.STORED),
                Map.of("a", failure)));

    assertThat(written.outcomes()).containsExactly(entry("b", WriteOutcome.STORED));
    assertThat(written.failures()).containsOnlyKeys("a");
    assertThatThrownBy(() -> written.outcomes().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @SuppressWarnings("unchecked") // A copy is of the same class.
  private static <T> T copyOf(T original) throws IOException, ClassNotFoundException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(original);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return (T) in.readObject();
    }
  }
}
