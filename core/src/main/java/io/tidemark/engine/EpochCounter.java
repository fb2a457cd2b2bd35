package io.tidemark.engine;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What orders the calls of a cache in this process and the requests that flights make for them: a
 * number that grows with each request. Thread-safe.
 *
 * <p>It is advanced before a request is sent and read when a call begins, with the order of
 * volatiles: who reads the lower number began its call before the request was sent.
 */
final class EpochCounter {
  private final AtomicLong epoch = new AtomicLong();

  /** The epoch that a call begins in. */
  long current() {
    return epoch.get();
  }

  /** Begins an epoch, just before a request is made, and returns it. */
  long advance() {
    return epoch.incrementAndGet();
  }
}
