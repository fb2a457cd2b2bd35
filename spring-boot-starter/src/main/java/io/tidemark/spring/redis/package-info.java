/**
 * Connects an application to Redis: a Jedis client, the store, and the locks in Redis.
 *
 * <ul>
 *   <li>{@code RedisAddress} says where Redis is, and {@code OwnAddress} reads it from the
 *       properties {@code tidemark.redis}, {@code BootAddress} from Spring Boot's own.
 *   <li>{@code JedisClients} makes the client for an address.
 * </ul>
 */
@NullMarked
package io.tidemark.spring.redis;

import org.jspecify.annotations.NullMarked;
