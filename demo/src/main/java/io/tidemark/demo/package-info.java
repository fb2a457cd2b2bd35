/**
 * The demo's command line: a fleet on one machine, over real servers.
 *
 * <ul>
 *   <li>{@link io.tidemark.demo.Tidemark}: the only main class of the product.
 *   <li>{@code SqlCommand}: prints the SQL of version columns.
 *   <li>{@code services}: ZooKeeper, Redis and PostgreSQL for a machine that has none of them.
 *   <li>{@code node}: one process of the fleet, with its HTTP interface.
 *   <li>{@code http}: JSON over HTTP, for nodes, for the live page and for the services' control.
 *   <li>{@code client}: nodes, as the acts and the page see them.
 *   <li>{@code acts}: the demo itself, scenes with a verdict each.
 *   <li>{@code live}: the same to be played with, on a page.
 * </ul>
 */
@NullMarked
package io.tidemark.demo;

import org.jspecify.annotations.NullMarked;
