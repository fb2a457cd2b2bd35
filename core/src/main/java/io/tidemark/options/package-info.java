/** Rules that options of the cache share; hidden from users. */
@NullMarked
package io.tidemark.options;

import org.jspecify.annotations.NullMarked;
