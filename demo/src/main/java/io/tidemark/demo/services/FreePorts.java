package io.tidemark.demo.services;

import io.tidemark.servers.Loopback;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntPredicate;

/** Free ports of 127.0.0.1, each given once. Not thread-safe. */
final class FreePorts {
  // Below the range from which Linux and macOS take the ports of outgoing connections: a port that
  // is free now can then only be lost to another server.
  private static final int LOWEST = 10_000;
  private static final int COUNT = 20_000;
  private static final int ATTEMPTS = 1_000;

  private final Set<Integer> taken = new HashSet<>();

  /** Says that a port is not to be given. */
  void take(int port) {
    taken.add(port);
  }

  /** Any free one. */
  int next() throws IOException {
    return next(COUNT, this::isFree);
  }

  /** A free one, with one that is free at a distance above it. */
  int nextOfTwo(int distance) throws IOException {
    int port = next(COUNT - distance, low -> isFree(low) && isFree(low + distance));
    take(port + distance);
    return port;
  }

  private int next(int count, IntPredicate isGood) throws IOException {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      int candidate = LOWEST + ThreadLocalRandom.current().nextInt(count);
      if (isGood.test(candidate)) {
        take(candidate);
        return candidate;
      }
    }
    throw new IOException("no free port between %d and %d".formatted(LOWEST, LOWEST + COUNT));
  }

  private boolean isFree(int port) {
    return !taken.contains(port) && Loopback.isFree(port);
  }
}
