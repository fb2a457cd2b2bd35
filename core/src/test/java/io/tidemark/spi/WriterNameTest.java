package io.tidemark.spi;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What names are refused is in the contract of stores. */
class WriterNameTest {
  @ParameterizedTest
  @CsvSource({
    "1, n-1.example.com, 1@n-1",
    "4711, node-1.example.com, 4711@e-1",
    "1, orders-7d9f8b6c5-x2x7q, 1@-x2x7q",
    "12, bücher, 12@-cher",
    "7, .example.com, 7@",
    "4194304, node-1, 4194304@",
    "123456789, node-1, 12345678"
  })
  void of_anyHost_aName(long pid, String host, String name) {
    assertThat(WriterName.of(pid, host)).isEqualTo(name);
    assertThat(WriterName.check(name)).isEqualTo(name);
  }

  @Test
  void ofThisProcess_always_aNameWithItsId() {
    assertThat(WriterName.check(WriterName.ofThisProcess()))
        .startsWith(String.valueOf(ProcessHandle.current().pid()));
  }
}
