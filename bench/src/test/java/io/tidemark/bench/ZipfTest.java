package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tidemark.bench.Sample.Quantity;
import io.tidemark.bench.ZipfMeter.Paced;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class ZipfTest {
  private final Zipf zipf = new Zipf(500);
  private final SplittableRandom random = new SplittableRandom(1);

  @Test
  void next_manyTimes_wantsTheFirstAsOftenAsAllOfTenTimesItsRankTogether() {
    Map<Integer, Integer> wanted = new HashMap<>();
    for (int i = 0; i < 1_000_000; i++) {
      wanted.merge(zipf.next(random), 1, Integer::sum);
    }

    assertThat(wanted.keySet()).allMatch(item -> item >= 0 && item < 500).hasSize(500);
    assertThat((double) wanted.getOrDefault(0, 0) / wanted.getOrDefault(9, 1))
        .isCloseTo(10, within(0.5));
  }

  @Test
  void readsInLife_ofAWantedPartOfHits_givesSoManyInACacheWhoseEntriesExpire() {
    long life = Math.round(zipf.readsInLife(0.95));
    Map<Integer, Long> expiry = new HashMap<>();
    int hits = 0;
    int reads = 200_000;
    for (long now = -2 * life; now < reads; now++) {
      int item = zipf.next(random);
      if (expiry.getOrDefault(item, Long.MIN_VALUE) > now) {
        hits += now >= 0 ? 1 : 0;
      } else {
        expiry.put(item, now + life);
      }
    }

    assertThat((double) hits / reads).isCloseTo(0.95, within(0.002));
  }

  @Test
  void sample_anyHistogram_hasItsPercentilesAndTheHits() {
    Histogram times = Histograms.empty();
    for (int micros = 1; micros <= 1_000; micros++) {
      times.recordValue(micros);
    }

    Sample sample = ZipfMeter.sample(2_000, new Paced(50, times));

    assertThat(sample.value(Quantity.MICROS)).isEqualTo(500);
    assertThat(sample.value(Quantity.P50_MICROS)).isEqualTo(500);
    assertThat(sample.value(Quantity.P99_MICROS)).isEqualTo(990);
    assertThat(sample.value(Quantity.P999_MICROS)).isEqualTo(999);
    assertThat(sample.value(Quantity.HITS)).isEqualTo(95);
  }
}
