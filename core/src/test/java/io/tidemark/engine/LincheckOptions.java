package io.tidemark.engine;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt.forClasses;

import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jetbrains.kotlinx.lincheck.Actor;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;

/** How the tests with Lincheck run it. */
public final class LincheckOptions {
  private static final int THREADS = 2;

  private static final int SCENARIOS = 3;

  /** Of each scenario, where nothing is to be found. */
  private static final int SCHEDULES = Integer.getInteger("tidemark.schedules", 25);

  /** Of each scenario, where something is to be found, which ends the search. */
  private static final int MOST_SCHEDULES = 3_000;

  /** How many percent of the scenarios that are made by chance are searched. */
  private static final int SCENARIOS_PERCENT = Integer.getInteger("tidemark.scenarios-percent", 20);

  /** A class's name up to what is nested in it, or to the end of a copy's. */
  private static final Pattern OUTER = Pattern.compile("^([^A-Z]*+\\w+?)[_$.].*");

  private LincheckOptions() {}

  /**
   * Searches the schedules of small scenarios, which are the same in every run.
   *
   * @param specification what the operations do one after the other
   * @param atomic classes whose methods are trusted to be atomic: one step of a schedule each
   * @param trusted which names are of classes that have no say in the outcome, as logging has none:
   *     no step
   */
  public static ModelCheckingOptions model(
      Class<?> specification, Set<Class<?>> atomic, Predicate<String> trusted) {
    return new ModelCheckingOptions()
        .iterations(scenarios(SCENARIOS))
        .invocationsPerIteration(SCHEDULES)
        .threads(THREADS)
        .actorsBefore(0)
        .actorsPerThread(2)
        .actorsAfter(0)
        .minimizeFailedScenario(false)
        // A schedule that took five seconds was a deadlock to it: a machine may stand still as
        // long.
        .invocationTimeout$lincheck(Patience.PATIENCE.toMillis())
        .sequentialSpecification(specification)
        .addGuarantee(
            forClasses(atomic.stream().map(Class::getName).toArray(String[]::new))
                .allMethods()
                .treatAsAtomic())
        .addGuarantee(
            forClasses(name -> trusted.or(LincheckOptions::isOfLogging).test(name))
                .allMethods()
                .ignore());
  }

  /** Which names are of these classes, of what is nested in them, or of an {@link EditedCopy}. */
  public static Predicate<String> namesOf(Class<?>... classes) {
    Set<String> names = Arrays.stream(classes).map(Class::getName).collect(Collectors.toSet());
    // The virtual machine's names have a dollar there, canonical ones a dot.
    return name -> names.contains(OUTER.matcher(name).replaceFirst("$1"));
  }

  private static boolean isOfLogging(String name) {
    return name.startsWith("org.slf4j.") || name.startsWith("ch.qos.logback.");
  }

  /** The part of the scenarios that is searched now. */
  public static int scenarios(int all) {
    return all * SCENARIOS_PERCENT / 100;
  }

  /** A call of an operation. */
  public static Actor call(Class<?> operations, String name, Object... arguments) {
    Method method =
        Arrays.stream(operations.getMethods())
            .filter(each -> each.getName().equals(name))
            .findAny()
            .orElseThrow();
    return new Actor(method, List.of(arguments));
  }

  /** What two threads do at the same time. */
  public static ExecutionScenario scenario(List<Actor> one, List<Actor> other) {
    return new ExecutionScenario(List.of(), List.of(one, other), List.of(), null);
  }

  /** Runs a test that must find results that no order of the operations explains. */
  public static void assertFinds(ModelCheckingOptions options, Class<?> broken) throws Exception {
    // Not in the middle of a schedule: an edited copy is compiled here.
    MethodHandles.lookup().ensureInitialized(broken);
    options.invocationsPerIteration(MOST_SCHEDULES);
    assertThatThrownBy(() -> options.check(broken))
        .isInstanceOf(LincheckAssertionError.class)
        .hasMessageContaining("Invalid execution results")
        .hasMessageNotContaining("ClassCastException");
  }
}
