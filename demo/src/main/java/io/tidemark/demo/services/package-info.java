/**
 * ZooKeeper, Redis and PostgreSQL for a machine that has none of them.
 *
 * <ul>
 *   <li>{@link io.tidemark.demo.services.ServicesCommand}: starts the three, here or in the
 *       background, until it is told to stop.
 *   <li>{@link io.tidemark.demo.services.ServerGroup}: the three, each of which can be stopped and
 *       started again.
 *   <li>{@link io.tidemark.demo.services.ControlServer}, {@link
 *       io.tidemark.demo.services.RunningServices}: how {@code services stop redis} and the like
 *       reach the process that runs them; {@link io.tidemark.demo.services.ControlFile} is where
 *       they meet.
 *   <li>{@link io.tidemark.demo.services.Servers}: the three, each a process of its own on
 *       127.0.0.1.
 *   <li>{@link io.tidemark.demo.services.ServerPorts}: where they listen; checked before anything
 *       starts.
 * </ul>
 */
@NullMarked
package io.tidemark.demo.services;

import org.jspecify.annotations.NullMarked;
