package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.bench.ColdKeyMeter.ColdKey;
import io.tidemark.bench.Sample.Quantity;
import io.tidemark.bench.ServerCounts.Counts;
import java.time.Duration;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class ColdKeyMeterTest {
  @Test
  void sample_severalKeys_hasMedianOfTheLastAndOfAll() {
    Sample sample =
        ColdKeyMeter.sample(
            List.of(key(1, 110, 120, 130), key(1, 110, 120, 150), key(4, 110, 120, 900)),
            Duration.ofNanos(100_000));

    assertThat(sample.value(Quantity.LAST_MICROS)).isEqualTo(50);
    assertThat(sample.value(Quantity.MEDIAN_MICROS)).isEqualTo(20);
    assertThat(sample.value(Quantity.LOADS)).isEqualTo(2);
    assertThat(sample.value(Quantity.ZOOKEEPER_REQUESTS)).isEqualTo(80);
    assertThat(sample.value(Quantity.ZOOKEEPER_WRITES)).isEqualTo(6);
    assertThat(sample.value(Quantity.REDIS_COMMANDS)).isEqualTo(25);
  }

  @Test
  void histogram_sentAsALine_arrivesAsItWas() {
    Histogram sent = key(1, 5, 70_000, 100_000_000).times();

    assertThat(Histograms.of(Histograms.text(sent))).isEqualTo(sent);
  }

  private static ColdKey key(int loads, long... micros) {
    Histogram times = Histograms.empty();
    for (long each : micros) {
      times.recordValue(each);
    }
    return new ColdKey(loads, new Counts(40L * loads, 6, 25), times);
  }
}
