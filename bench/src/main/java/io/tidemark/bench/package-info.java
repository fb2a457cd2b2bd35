/** Measures the cache beside what users would pick instead. */
@NullMarked
package io.tidemark.bench;

import org.jspecify.annotations.NullMarked;
