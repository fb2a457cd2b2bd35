package io.tidemark.spi;

import java.time.Duration;

/**
 * One publish of many: the arguments of {@link SlotStore#publish}. Immutable.
 *
 * @param key the slot
 * @param fence the fence of the writer's own claim, or {@link LockHandle#NO_FENCE}
 * @param row what was committed
 * @param lifetime how long the entry is kept
 * @param floorLife for the floor that is left, zero or more
 */
public record Publish(
    SlotKey key, long fence, EncodedRow row, Lifetime lifetime, Duration floorLife) {}
