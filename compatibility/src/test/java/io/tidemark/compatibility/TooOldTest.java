package io.tidemark.compatibility;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.json.JsonCodec;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is too old is refused when something is created with it, before any other call fails. */
class TooOldTest {
  /** Nobody connects to it. */
  private static final String ADDRESS = "redis://127.0.0.1:1";

  @ParameterizedTest
  @CsvSource({
    "jedis-too-old,7.3.0,RedisStore,create",
    "jedis-too-old,7.3.0,RedisLocks,builder",
    "jedis-too-old,7.3.0,OptimisticRedisLocks,builder",
    "jedis-too-old,7.3.0,Redlock,builder",
    "jedis-much-too-old,6.0.0,RedisStore,create",
    "jedis-much-too-old,6.0.0,RedisLocks,builder",
    "jedis-much-too-old,6.0.0,Redlock,builder"
  })
  void create_jedisTooOld_refused(String jar, String version, String type, String method)
      throws Exception {
    try (OtherVersion jedis = OtherVersion.ofJedis(jar);
        AutoCloseable client = client(jedis)) {
      Method create = methodOfAClient(jedis.loadClass("io.tidemark.redis." + type), method);
      Object argument = create.getParameterTypes()[0] == List.class ? List.of(client) : client;

      assertThatThrownBy(() -> create.invoke(null, argument))
          .cause()
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "Jedis on the class path is "
                  + version
                  + ", which is too old; use redis.clients:jedis 7.4 or later, up to 8.x");
    }
  }

  @Test
  void of_jacksonTooOld_refused() throws Exception {
    try (OtherVersion jackson = OtherVersion.ofJackson()) {
      Method of = jackson.loadClass(JsonCodec.class.getName()).getMethod("of", Class.class);

      assertThatThrownBy(() -> of.invoke(null, String.class))
          .cause()
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "jackson-core on the class path is 2.16.2, which is too old; use 2.17 or later");
    }
  }

  private static Method methodOfAClient(Class<?> type, String name) {
    return Arrays.stream(type.getMethods())
        .filter(method -> method.getName().equals(name) && method.getParameterCount() == 1)
        .findFirst()
        .orElseThrow();
  }

  private static AutoCloseable client(OtherVersion jedis) throws Exception {
    try {
      Class<?> type = jedis.loadClass("redis.clients.jedis.RedisClient");
      return (AutoCloseable) type.getMethod("create", String.class).invoke(null, ADDRESS);
    } catch (ClassNotFoundException e) {
      Class<?> type = jedis.loadClass("redis.clients.jedis.JedisPooled");
      return (AutoCloseable) type.getConstructor(String.class).newInstance(ADDRESS);
    }
  }
}
