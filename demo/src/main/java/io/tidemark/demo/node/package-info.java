/**
 * One process of the fleet: a cache of products, behind HTTP.
 *
 * <ul>
 *   <li>{@link io.tidemark.demo.node.NodeCommand}: the command line; everything else is hidden.
 *   <li>{@code NodeOptions}: the options, checked. {@code Notation}: how durations, words and
 *       addresses are written, there and in HTTP.
 *   <li>{@code HttpNode}: what runs, put together; {@code NodeBackends}: the clients of the three
 *       servers.
 *   <li>{@code NodeMetrics}: what {@code /metrics} tells Prometheus.
 *   <li>{@code NodeApi}: the HTTP table; {@code NodeFailures}: what it answers to a failure.
 *   <li>{@code Products}: the rows; {@code SlowSource}: reads them as a slow query would.
 *   <li>{@code NodeStage}: what is played on the node, if anything. {@code Rehearsal} lets a stage
 *       hold its loads, {@code WorkLog} tells what its cache did, and {@code Rivals} are caches of
 *       the usual kinds, to compare with.
 *   <li>{@code Stampede}: many callers of one key at once, with the cache and without.
 * </ul>
 */
@NullMarked
package io.tidemark.demo.node;

import org.jspecify.annotations.NullMarked;
