package io.tidemark.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;

class RedisStoreBuilderTest {
  /** Never connects. */
  private final RedisClient client = RedisClient.create("127.0.0.1", 1);

  private final RedisStoreBuilder builder = RedisStore.builder(client);

  @AfterEach
  void close() {
    client.close();
  }

  @Test
  void options_setTwice_areRefused() {
    builder.writer("node-7").failover(Failover.KEEP);
    assertThatIllegalStateException()
        .isThrownBy(() -> builder.writer("node-8"))
        .withMessageContaining("writer is set already");
    assertThatIllegalStateException()
        .isThrownBy(() -> builder.failover(Failover.FORWARD_ONLY))
        .withMessageContaining("failover is set already");
    assertThat(builder.build()).hasToString("RedisStore (writer node-7)");
  }

  @Test
  void writer_withASpace_isRefusedWithTheName() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.writer("node 7"))
        .withMessageContaining("node 7");
  }
}
