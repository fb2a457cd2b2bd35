package io.tidemark.demo.node;

import java.math.BigDecimal;
import java.time.Instant;

/**
 * A row of the table. Immutable.
 *
 * @param id its key
 * @param name what it is called
 * @param price with two decimals
 * @param stock how many there are
 * @param updatedAt when the row was last changed, to the microsecond; its version
 */
record Product(long id, String name, BigDecimal price, int stock, Instant updatedAt) {}
