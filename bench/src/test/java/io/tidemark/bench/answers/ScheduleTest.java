package io.tidemark.bench.answers;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.bench.answers.Schedule.Course;
import io.tidemark.bench.answers.Schedule.HeldItem;
import io.tidemark.bench.answers.Schedule.Load;
import io.tidemark.bench.answers.Schedule.Scene;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScheduleTest {
  private static final Load LOAD = new Load(1, 1, 1, 1, 1);

  @Test
  void of_theSameSeed_isTheSameForEveryone() {
    assertThat(Schedule.of(7, 20, LOAD, 1))
        .isEqualTo(Schedule.of(7, 20, LOAD, 1))
        .isNotEqualTo(Schedule.of(8, 20, LOAD, 1));
  }

  @Test
  void of_severalScenes_haveItemsOfTheirOwnThatTheLoadDoesNotChange() {
    Schedule schedule = Schedule.of(1, 4, LOAD, 1);

    List<Integer> held = schedule.scenes().stream().flatMap(scene -> scene.ids().stream()).toList();
    assertThat(held).doesNotHaveDuplicates().allMatch(item -> item < schedule.firstOfLoad());
    assertThat(schedule.items()).isGreaterThan(schedule.firstOfLoad());
  }

  @Test
  void of_anyScene_hasThreeProcessesAndEachCourse() {
    for (Scene scene : Schedule.of(1, 10, LOAD, 1).scenes()) {
      assertThat(List.of(scene.loader(), scene.writer(), scene.reader()))
          .containsExactlyInAnyOrder(0, 1, 2);
      assertThat(scene.items())
          .extracting(HeldItem::course)
          .containsAll(EnumSet.allOf(Course.class));
    }
  }
}
