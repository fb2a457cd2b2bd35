/**
 * Backends in the memory of one process: the reference models of the SPI, also meant for unit
 * tests. They coordinate the threads of that process and nothing else.
 *
 * <ul>
 *   <li>{@link io.tidemark.memory.InMemoryStore}: a map of slots. Begin with its verbs: each
 *       follows its table in {@link io.tidemark.spi.SlotStore}.
 *   <li>{@code Moment}: a slot at the time of a verb, and the ways to leave it. A verb chooses one,
 *       which makes a {@code Change}: the answer, and the new content of the map.
 *   <li>{@code Cell}: the content of the map, a slot with its two ends; {@code Floor}: a floor with
 *       its end.
 *   <li>{@link io.tidemark.memory.LocalLocks}: a map of the locks that are held.
 * </ul>
 */
@NullMarked
package io.tidemark.memory;

import org.jspecify.annotations.NullMarked;
