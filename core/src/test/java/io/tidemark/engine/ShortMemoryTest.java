package io.tidemark.engine;

import static io.tidemark.engine.Fleet.slotKey;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ShortMemoryTest {
  private final ManualTicker ticker = new ManualTicker();
  private final ShortMemory<String> memory = new ShortMemory<>(Duration.ofSeconds(1), ticker);

  @Test
  void get_withinItsLife_isRemembered() {
    memory.put(slotKey("a"), "apple");
    ticker.pass(Duration.ofSeconds(1).minusNanos(1));

    assertThat(memory.get(slotKey("a"))).isEqualTo("apple");
    assertThat(memory.get(slotKey("b"))).isNull();
  }

  @Test
  void get_afterItsLife_isForgotten() {
    memory.put(slotKey("a"), "apple");
    ticker.pass(Duration.ofSeconds(1));

    assertThat(memory.get(slotKey("a"))).isNull();
  }

  @Test
  void forget_remembered_isForgotten() {
    memory.put(slotKey("a"), "apple");
    memory.forget(slotKey("a"));

    assertThat(memory.get(slotKey("a"))).isNull();
  }

  @Test
  void put_noLife_remembersNothing() {
    ShortMemory<String> none = new ShortMemory<>(Duration.ZERO, ticker);
    none.put(slotKey("a"), "apple");

    assertThat(none.get(slotKey("a"))).isNull();
  }

  @Test
  void put_veryManyKeys_remembersOnlySoMany() {
    for (int i = 0; i <= 10_000; i++) {
      memory.put(slotKey("key" + i), "apple");
    }

    assertThat(memory.get(slotKey("key9999"))).isEqualTo("apple");
    assertThat(memory.get(slotKey("key10000"))).isNull();
    ticker.pass(Duration.ofSeconds(1));
    memory.put(slotKey("key10000"), "pear");
    assertThat(memory.get(slotKey("key10000"))).as("what is over makes room").isEqualTo("pear");
  }
}
