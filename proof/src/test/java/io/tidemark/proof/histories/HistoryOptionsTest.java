package io.tidemark.proof.histories;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HistoryOptionsTest {
  @Test
  void parse_secondsMinutesHours_areDurations() {
    assertThat(HistoryOptions.parse("90s")).isEqualTo(Duration.ofSeconds(90));
    assertThat(HistoryOptions.parse("5m")).isEqualTo(Duration.ofMinutes(5));
    assertThat(HistoryOptions.parse("1h")).isEqualTo(Duration.ofHours(1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1", "h", "-1h", "1 h", "0s", "19s", "1d"})
  void parse_anythingElse_isRefusedWithOptionValueAndRule(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HistoryOptions.parse(text))
        .withMessage(
            "tidemark.history.duration is '%s'; it must be a number and s, m or h, at least 20 s, such as 90s or 1h",
            text);
  }

  @Test
  void parseLock_nameInLowerCase_isTheKind() {
    assertThat(HistoryOptions.parseLock("redlock")).isEqualTo(LockKind.REDLOCK);
    assertThat(HistoryOptions.parseLock("by_key")).isEqualTo(LockKind.BY_KEY);
  }

  @Test
  void parseLock_anythingElse_isRefusedWithOptionValueAndRule() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HistoryOptions.parseLock("etcd"))
        .withMessage(
            "tidemark.history.lock is 'etcd'; it must be one of"
                + " zookeeper, redis, redlock, optimistic, local, by_key");
  }

  @Test
  void parseRedis_nameInLowerCase_isTheKind() {
    assertThat(HistoryOptions.parseRedis("sentinel")).isEqualTo(RedisKind.SENTINEL);
    assertThat(HistoryOptions.parseRedis("cluster")).isEqualTo(RedisKind.CLUSTER);
  }

  @Test
  void parseRedis_anythingElse_isRefusedWithOptionValueAndRule() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HistoryOptions.parseRedis("valkey"))
        .withMessage(
            "tidemark.history.redis is 'valkey'; it must be one of single, sentinel, cluster");
  }
}
