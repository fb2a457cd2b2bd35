package io.tidemark.spi;

/**
 * One fill of many: the arguments of {@link SlotStore#fill}. Immutable.
 *
 * @param key the slot
 * @param fence the fence of the claim
 * @param row what was read after the claim
 * @param rule which rows the floor lets in
 * @param lifetime how long the entry is kept
 */
public record Fill(SlotKey key, long fence, EncodedRow row, FloorRule rule, Lifetime lifetime) {}
