package io.tidemark.memory;

import io.tidemark.spi.Slot;

/**
 * The mark of a load on an expired entry. Immutable.
 *
 * @param claim what others are told that lose to it
 * @param endNanos its end, by the store's ticker
 */
record Reservation(Slot.Pending claim, long endNanos) {}
