/**
 * Says of what a cache answered whether it was wrong, for the acts and for the live page: {@link
 * io.tidemark.demo.judge.Judge}.
 */
@NullMarked
package io.tidemark.demo.judge;

import org.jspecify.annotations.NullMarked;
