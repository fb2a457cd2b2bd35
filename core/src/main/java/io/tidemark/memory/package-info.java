/**
 * Backends that need no server: the reference models of the SPI, and what a program's own unit
 * tests use.
 *
 * <ul>
 *   <li>{@code InMemoryStore}: every slot in this process, each verb as its table says.
 *   <li>{@code LocalLocks}: one holder per key in this process.
 * </ul>
 *
 * <p>They coordinate the threads of one process and nothing else.
 */
@NullMarked
package io.tidemark.memory;

import org.jspecify.annotations.NullMarked;
