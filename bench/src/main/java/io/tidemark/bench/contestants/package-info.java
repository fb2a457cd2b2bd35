/** Caches that are measured side by side, each as its own documentation shows it. */
@NullMarked
package io.tidemark.bench.contestants;

import org.jspecify.annotations.NullMarked;
