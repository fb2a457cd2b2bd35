/**
 * What reads of many keys may cost, on real servers: the bars that {@code docs/testing.md} lists.
 *
 * <ul>
 *   <li>{@code CountedBarsIT}: those that are counted, by Redis' client and by PostgreSQL.
 *   <li>{@code TimedBars}: those that are times, as ratios of two that alternate. No build runs it.
 *   <li>{@code PageTable}: the rows, and how PostgreSQL counts what reads them. {@code Pages}: the
 *       cache of one process. {@code PageReader}: a process that reads when it is told to.
 * </ul>
 */
@NullMarked
package io.tidemark.proof.bars;

import org.jspecify.annotations.NullMarked;
