package io.tidemark.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JdbcSourceBuilderTest {
  /** Fails on any use. */
  private static final DataSource UNUSED =
      (DataSource)
          Proxy.newProxyInstance(
              JdbcSourceBuilderTest.class.getClassLoader(),
              new Class<?>[] {DataSource.class},
              (proxy, method, arguments) -> {
                throw new AssertionError(method);
              });

  @Test
  void build_everythingRequiredSet_givesASourceWithoutConnecting() {
    assertThat(complete().build()).isNotNull();
  }

  @Test
  void build_noQuery_isRefused() {
    assertThatIllegalStateException()
        .isThrownBy(() -> builder().rowMapper(row -> "").versionNumber("version").build())
        .withMessage("query is not set; it is required");
  }

  @Test
  void build_noRowMapper_isRefused() {
    assertThatIllegalStateException()
        .isThrownBy(() -> builder().query("select 1").versionNumber("version").build())
        .withMessage("rowMapper is not set; it is required");
  }

  @Test
  void build_noVersion_isRefused() {
    assertThatIllegalStateException()
        .isThrownBy(() -> builder().query("select 1").rowMapper(row -> "").build())
        .withMessage("versionTimestamp or versionNumber is not set; it is required");
  }

  @Test
  void build_twoVersions_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> complete().versionTimestamp("updated_at").build())
        .withMessage(
            "versionTimestamp is updated_at and versionNumber is version; only one of them may be set");
  }

  @Test
  void options_setTwice_areRefused() {
    assertOnce("query", builder -> builder.query("select 1"));
    assertOnce("tombstoneQuery", builder -> builder.tombstoneQuery("select 1"));
    assertOnce("parameters", builder -> builder.parameters((statement, key) -> {}));
    assertOnce("rowMapper", builder -> builder.rowMapper(row -> ""));
    assertOnce("ttl", builder -> builder.ttl(row -> null));
    assertOnce("versionTimestamp", builder -> builder.versionTimestamp("a"));
    assertOnce("versionNumber", builder -> builder.versionNumber("a"));
    assertOnce("queryTimeout", builder -> builder.queryTimeout(Duration.ofSeconds(1)));
  }

  @Test
  void names_blank_areRefusedWhereSet() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().query(" "))
        .withMessage("query is ' '; it must not be blank");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().tombstoneQuery(" "))
        .withMessage("tombstoneQuery is ' '; it must not be blank");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().versionTimestamp(""))
        .withMessage("versionTimestamp is ''; it must not be blank");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().versionNumber(""))
        .withMessage("versionNumber is ''; it must not be blank");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT0S", "PT-1S", "PT0.5S", "PT1.001S", "P1DT1S"})
  void queryTimeout_notWholeSecondsInRange_isRefused(Duration timeout) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().queryTimeout(timeout))
        .withMessage(
            "queryTimeout is " + timeout + "; it must be whole seconds, 1 second to 1 day");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT1S", "P1D"})
  void queryTimeout_atABound_isTaken(Duration timeout) {
    assertThatCode(() -> complete().queryTimeout(timeout).build()).doesNotThrowAnyException();
  }

  private static JdbcSourceBuilder<Long, String> builder() {
    return JdbcSource.builder(UNUSED);
  }

  private static JdbcSourceBuilder<Long, String> complete() {
    return builder().query("select 1").rowMapper(row -> "").versionNumber("version");
  }

  private static void assertOnce(String option, Consumer<JdbcSourceBuilder<Long, String>> set) {
    JdbcSourceBuilder<Long, String> builder = builder();
    set.accept(builder);
    assertThatIllegalStateException()
        .isThrownBy(() -> set.accept(builder))
        .withMessage(option + " is set already; an option may be set once");
  }
}
