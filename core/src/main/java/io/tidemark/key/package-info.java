/** The texts of keys: {@link io.tidemark.key.KeyEncoder}. */
@NullMarked
package io.tidemark.key;

import org.jspecify.annotations.NullMarked;
