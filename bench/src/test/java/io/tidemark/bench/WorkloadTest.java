package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.bench.contestants.Contestants;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WorkloadTest {
  @ParameterizedTest
  @EnumSource
  void works_oneContestant_measuresTheBasesToo(Workload workload) {
    for (Contestants contestant : Contestants.values()) {
      for (Work work : workload.works(Set.of(contestant), Effort.FULL)) {
        List<Run> runs = work.entries().stream().map(Work.Entry::run).toList();
        assertThat(work.entries())
            .allSatisfy(entry -> assertThat(runs).contains(entry.base()))
            .anyMatch(Work.Entry::isBase);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void works_allContestants_haveTitlesOfTheirOwn(Workload workload) {
    List<Work> works = workload.works(EnumSet.allOf(Contestants.class), Effort.FULL);

    assertThat(works).extracting(Work::fileName).doesNotHaveDuplicates();
    for (Work work : works) {
      assertThat(work.entries())
          .extracting(entry -> Work.slug(entry.run().title()))
          .doesNotHaveDuplicates();
    }
  }

  @Test
  void works_missUnderALock_isComparedWithALockOfTheSameKind() {
    Work work = Workload.MISSES.works(EnumSet.allOf(Contestants.class), Effort.FULL).get(0);

    assertThat(baseOf(Contestants.TIDEMARK_ZOOKEEPER, work))
        .isEqualTo(Contestants.PLAIN_MUTEX.title());
    assertThat(baseOf(Contestants.TIDEMARK_REDIS, work))
        .isEqualTo(Contestants.REDISSON_LOCK.title());
  }

  private static String baseOf(Contestants contestant, Work work) {
    return work.entries().stream()
        .filter(entry -> entry.run().title().equals(contestant.title()))
        .map(entry -> entry.base().title())
        .findFirst()
        .orElseThrow();
  }
}
