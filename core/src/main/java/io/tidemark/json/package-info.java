/** Values as JSON: {@link io.tidemark.json.JsonCodec}. */
@NullMarked
package io.tidemark.json;

import org.jspecify.annotations.NullMarked;
