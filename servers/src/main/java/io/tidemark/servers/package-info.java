/**
 * ZooKeeper, Redis and PostgreSQL for a machine that has none of them: each a process of its own of
 * a {@link io.tidemark.processes.ProcessGroup}, on 127.0.0.1.
 *
 * <ul>
 *   <li>{@link io.tidemark.servers.ZooKeeperProgram}: a ZooKeeper of one server; {@link
 *       io.tidemark.servers.ZooKeeperServer}: one of an ensemble, to be killed and started again.
 *   <li>{@link io.tidemark.servers.RedisProgram}: a Redis that can be started again; {@link
 *       io.tidemark.servers.RedisBinary}: its program, unpacked; {@link
 *       io.tidemark.servers.RedisCluster}: a cluster whose masters can fail over; {@link
 *       io.tidemark.servers.RedisSentinel}: a master with a replica and a Sentinel.
 *   <li>{@link io.tidemark.servers.PostgresProgram}: the process that starts PostgreSQL; {@link
 *       io.tidemark.servers.PostgresBinary}: its program, unpacked.
 *   <li>{@link io.tidemark.servers.RestartableServer}: any of the three for a test, in no group.
 *   <li>{@link io.tidemark.servers.Loopback}: the ports of 127.0.0.1.
 *   <li>{@link io.tidemark.servers.BuildFolder}: what was unpacked once for each checkout is there.
 * </ul>
 */
@NullMarked
package io.tidemark.servers;

import org.jspecify.annotations.NullMarked;
