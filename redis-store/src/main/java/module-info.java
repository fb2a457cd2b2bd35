/** Slots and locks on Redis, by Jedis. */
// An automatic module, by a name of its manifest, which is there to stay.
@SuppressWarnings("requires-transitive-automatic")
module io.tidemark.redis {
  requires transitive io.tidemark.core;
  requires transitive redis.clients.jedis;
  requires org.apache.commons.pool2;
  requires static org.jspecify;
  requires org.slf4j;

  exports io.tidemark.redis;
}
