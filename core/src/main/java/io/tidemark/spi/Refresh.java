package io.tidemark.spi;

import java.time.Duration;

/**
 * One refresh of many: the arguments of {@link SlotStore#refresh}. Immutable.
 *
 * @param key the slot
 * @param row what was loaded
 * @param lifetime for the entry
 * @param floorLife for the floor that is left by dropping, zero or more
 */
public record Refresh(SlotKey key, EncodedRow row, Lifetime lifetime, Duration floorLife) {}
