/**
 * What the tests of a backend are made of.
 *
 * <ul>
 *   <li>{@link io.tidemark.testkit.SlotStoreContract}: what every {@link io.tidemark.spi.SlotStore}
 *       must do, one test per row of the tables in its javadoc.
 *   <li>{@link io.tidemark.testkit.LockProviderContract}: what every {@link
 *       io.tidemark.spi.LockProvider} must do, one behaviour per test.
 *   <li>{@link io.tidemark.testkit.TcpProxy}: stands in front of a server and breaks the network.
 *   <li>{@link io.tidemark.testkit.RoundTrips}: counts those of a client.
 *   <li>{@link io.tidemark.testkit.FreePort}: a port for a server that a test starts.
 *   <li>{@link io.tidemark.testkit.Certificate}: what such a server needs to speak TLS.
 * </ul>
 *
 * <p>A contract is an abstract JUnit class: extend it and write its few hooks. The in-memory
 * backends of {@code tidemark-core} pass the same contracts; see their tests for the shortest
 * examples.
 */
@NullMarked
package io.tidemark.testkit;

import org.jspecify.annotations.NullMarked;
