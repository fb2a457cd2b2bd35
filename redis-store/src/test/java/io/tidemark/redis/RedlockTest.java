package io.tidemark.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;

class RedlockTest {

  @Test
  void builder_noClient_refused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Redlock.builder(List.of()))
        .withMessage("clients has 0; it must have 1 to 31");
  }

  @Test
  void builder_clientsThatDoNotFitIntoAFence_refused() {
    List<RedisClient> clients = Stream.generate(RedisClient::create).limit(32).toList();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Redlock.builder(clients))
        .withMessage("clients has 32; it must have 1 to 31");
    clients.forEach(RedisClient::close);
  }

  @Test
  void isAnythingLeft_ofTheLifeAfterTheTimeAndTheDriftOfClocks_isMoreThanZero() {
    Duration life = Duration.ofSeconds(10);
    assertThat(QuorumLease.isAnythingLeft(life, Duration.ofMillis(9_897))).isTrue();
    assertThat(QuorumLease.isAnythingLeft(life, Duration.ofMillis(9_898))).isFalse();
  }

  @Test
  void builder_sameClientTwice_refused() {
    try (RedisClient client = RedisClient.create()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Redlock.builder(List.of(client, client)))
          .withMessage("clients has the same client twice; each must be for a different server");
    }
  }
}
