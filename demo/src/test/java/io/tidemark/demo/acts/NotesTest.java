package io.tidemark.demo.acts;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NotesTest {
  private final Notes notes = new Notes();

  @Test
  void result_everyExpectationHolds_passesWithThePromise() {
    notes.did("Something.");
    notes.figure("count", 1L);
    notes.expect(true, "not this");

    ActResult result = notes.result(1, new StampedeAct());

    assertThat(result.passed()).isTrue();
    assertThat(result.verdict()).isEqualTo(new StampedeAct().promise());
    assertThat(result.done()).containsExactly("Something.");
    assertThat(result.figures()).containsExactly(new Figure("count", 1L, ""));
  }

  @Test
  void result_expectationsBroken_failsWithEach() {
    notes.expect(false, "first");
    notes.expect(true, "second");
    notes.expect(false, "third");

    ActResult result = notes.result(1, new StampedeAct());

    assertThat(result.passed()).isFalse();
    assertThat(result.verdict()).isEqualTo("first; third");
  }
}
