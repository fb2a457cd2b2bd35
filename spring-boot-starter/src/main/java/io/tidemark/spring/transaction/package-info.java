/**
 * Caches in Spring's transactions. {@link io.tidemark.spring.transaction.SpringTransactions} tells
 * a cache which one its caller is in, and the auto-configuration makes it a bean.
 */
@NullMarked
package io.tidemark.spring.transaction;

import org.jspecify.annotations.NullMarked;
