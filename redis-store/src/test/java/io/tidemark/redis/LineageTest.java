package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.exceptions.JedisDataException;

class LineageTest {
  private static final String ID = "master_replid:38688f2fe5bfc55e3846522156f2ec7b75fce74c\r\n";
  private static final String OTHER_IDS =
      "master_replid2:0000000000000000000000000000000000000000\r\nsecond_repl_offset:-1\r\n";

  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "# Replication\r\nrole:master\r\nconnected_slaves:0\r\n",
        "role:master\r\nmin_slaves_good_slaves:1\r\n",
        "txt:# Replication\r\nrole:master\r\nmin_slaves_good_slaves:10\r\n"
      })
  void parsed_master_itsIdBegins(String before) {
    assertThat(parsed(before + ID + OTHER_IDS)).hasToString("38688f2f");
    assertThat(parsed(before + OTHER_IDS + ID)).isEqualTo(parsed(ID));
  }

  @Test
  void parsed_replica_readOnly() {
    String replica = "# Replication\r\nrole:slave\r\nmaster_host:127.0.0.1\r\n" + ID;
    assertThatExceptionOfType(JedisDataException.class)
        .isThrownBy(() -> parsed(replica))
        .withMessageStartingWith("READONLY ");
  }

  @Test
  void parsed_masterWithoutTheReplicasItNeeds_refused() {
    String alone = "role:master\r\nmin_slaves_good_slaves:0\r\n" + ID;
    assertThatExceptionOfType(JedisDataException.class)
        .isThrownBy(() -> parsed(alone))
        .withMessageStartingWith("NOREPLICAS ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "role:master\r\n", "master_replid:38688f2", "x_master_replid:38688f2f"})
  void parsed_noId_refusedWithAdvice(String text) {
    assertThatExceptionOfType(JedisDataException.class)
        .isThrownBy(() -> parsed(text))
        .withMessageContaining("master_replid")
        .withMessageContaining("failover(KEEP)");
  }

  @Test
  void hasMetWithin_lineagesMet_countsFromTheLastNewOne() {
    Lineages lineages = new Lineages(nanos::get);
    lineages.meet(parsed(ID));
    nanos.addAndGet(10);
    assertThat(lineages.hasMetWithin(Duration.ofNanos(11))).isTrue();
    assertThat(lineages.hasMetWithin(Duration.ofNanos(10))).isFalse();
    lineages.meet(parsed(ID));
    assertThat(lineages.hasMetWithin(Duration.ofNanos(10))).isFalse();
    lineages.meet(parsed(ID.replace('3', '4')));
    assertThat(lineages.hasMetWithin(Duration.ofNanos(1))).isTrue();
    assertThat(lineages.hasMetWithin(Duration.ZERO)).isFalse();
    assertThat(lineages.hasMetWithin(Duration.ofSeconds(Long.MAX_VALUE))).isTrue();
  }

  private static Lineage parsed(String replication) {
    return Lineage.parsed(replication.getBytes(US_ASCII));
  }
}
