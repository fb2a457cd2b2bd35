package io.tidemark.spi;

import java.time.Duration;

/**
 * One drop of many: the arguments of {@link SlotStore#drop}. Immutable.
 *
 * @param key the slot
 * @param version the row's version, or {@link Version#NONE}
 * @param floorLife for the floor that is left, zero or more
 */
public record Drop(SlotKey key, long version, Duration floorLife) {}
