package io.tidemark.demo.acts;

/**
 * One call that ended.
 *
 * @param series what was called, in the words of a legend
 * @param endedAtMicros when, in microseconds since 1970
 * @param millis how long it took
 * @param failed whether it ended with an error
 */
record TimedCall(String series, long endedAtMicros, double millis, boolean failed) {}
