/**
 * The safeguards of the protocol, and how to take each of them out.
 *
 * <p>A proof that cannot fail proves nothing. So every layer of the proof is also run without each
 * safeguard that it can tell of, and must find a violation. {@link
 * io.tidemark.proof.safeguards.Safeguard} names them once for all layers; {@link
 * io.tidemark.proof.safeguards.Edit} takes one out of a copy of the real sources, whose lines are
 * marked with the names.
 */
@NullMarked
package io.tidemark.proof.safeguards;

import org.jspecify.annotations.NullMarked;
