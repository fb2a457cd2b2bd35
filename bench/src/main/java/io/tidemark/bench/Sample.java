package io.tidemark.bench;

/**
 * What one run came to.
 *
 * @param micros how long an operation took on average, in microseconds; only ratios of it are told
 * @param bytes how much memory of the heap an operation took on average, in all threads
 */
record Sample(double micros, double bytes) {}
