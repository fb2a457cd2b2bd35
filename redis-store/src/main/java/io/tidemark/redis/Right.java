package io.tidemark.redis;

import java.util.function.Function;
import redis.clients.jedis.CommandArguments;

/**
 * A command that a user of Redis must be allowed to send. Immutable.
 *
 * @param name as {@code ACL SETUSER} takes it, such as {@code +get}
 * @param trial makes a request that needs this right and changes nothing, for a key that is missing
 */
record Right(String name, Function<byte[], CommandArguments> trial) {}
