/**
 * Says of what a cache answered whether it was wrong, for the bench and for the demo: {@link
 * io.tidemark.judge.Judge}.
 */
@NullMarked
package io.tidemark.judge;

import org.jspecify.annotations.NullMarked;
