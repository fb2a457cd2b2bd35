package io.tidemark.spi;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What names are refused is in the contract of stores. */
class WriterNameTest {
  @ParameterizedTest
  @CsvSource({
    "node-1.example.com, 4711@node-1.example.com",
    "bücher server, 4711@b-cher-server",
    "a-host-whose-name-is-longer-than-it-may-be, 4711@a-host-whose-name-is-longer"
  })
  void of_anyHost_aName(String host, String name) {
    assertThat(WriterName.of(4711, host)).isEqualTo(name);
    assertThat(WriterName.check(name)).isEqualTo(name);
  }

  @Test
  void ofThisProcess_always_aNameWithItsId() {
    assertThat(WriterName.check(WriterName.ofThisProcess()))
        .startsWith(ProcessHandle.current().pid() + "@");
  }
}
