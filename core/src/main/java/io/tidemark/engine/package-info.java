/** What runs a cache; hidden from users. */
@NullMarked
package io.tidemark.engine;

import org.jspecify.annotations.NullMarked;
