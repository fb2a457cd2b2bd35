package io.tidemark.proof.simulation;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What came of one run.
 *
 * @param violation null if every rule was kept
 * @param fingerprint equal for runs in which the same happened
 * @param trace a line for each step, if it was asked for
 */
record SimulationReport(
    long seed,
    @Nullable SimulationViolation violation,
    long steps,
    long virtualNanos,
    long fingerprint,
    Map<Happening, Long> counts,
    List<String> trace) {}
