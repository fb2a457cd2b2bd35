/** Checks the specification in {@code docs/spec} with TLC. */
@NullMarked
package io.tidemark.proof.model;

import org.jspecify.annotations.NullMarked;
