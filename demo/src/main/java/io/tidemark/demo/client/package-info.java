/**
 * Nodes, as their callers in other processes see them: {@code NodeClient} speaks their HTTP, {@code
 * NodeAnswers} is what they answer, {@code NodeCache} is one of the caches that they serve, {@code
 * ZooKeeperSessions} ends their sessions.
 */
@NullMarked
package io.tidemark.demo.client;

import org.jspecify.annotations.NullMarked;
