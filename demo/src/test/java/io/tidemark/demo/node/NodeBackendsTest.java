package io.tidemark.demo.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.tidemark.FallbackPolicy;
import io.tidemark.LoadFailurePolicy;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.HostAndPort;

/** How a node's clients are set up, without servers. */
class NodeBackendsTest {
  private final AtomicInteger connections = new AtomicInteger();

  @Test
  void database_firstConnectionBreaksInItsSetup_nextOnesWork() {
    HikariConfig config = NodeBackends.databaseConfig(options());
    config.setDataSource(
        proxy(
            DataSource.class,
            (method, arguments) ->
                method.getName().equals("getConnection") ? connect() : answer(method)));
    try (HikariDataSource pool = new HikariDataSource(config)) {
      await()
          .atMost(Duration.ofMinutes(2))
          .ignoreExceptionsInstanceOf(SQLException.class)
          .untilAsserted(
              () -> {
                try (Connection connection = pool.getConnection()) {
                  assertThat(connection.isValid(1)).isTrue();
                }
              });
    }
  }

  /** The first one breaks when the pool asks for its isolation; all refuse one that is none. */
  private Connection connect() {
    int number = connections.incrementAndGet();
    return proxy(
        Connection.class,
        (method, arguments) -> {
          if (number == 1 && method.getName().equals("getTransactionIsolation")) {
            throw new SQLNonTransientConnectionException("reset by peer", "08006");
          }
          if (method.getName().equals("setTransactionIsolation")
              && arguments != null
              && (int) arguments[0] < 1) {
            throw new SQLException("isolation level " + arguments[0] + " is not supported");
          }
          return answer(method);
        });
  }

  private static @Nullable Object answer(Method method) {
    if (method.getReturnType() == boolean.class) {
      return method.getName().equals("isValid");
    }
    return method.getReturnType() == int.class ? Connection.TRANSACTION_READ_COMMITTED : null;
  }

  private interface Answers {
    @Nullable Object to(Method method, Object @Nullable [] arguments) throws SQLException;
  }

  private static <T> T proxy(Class<T> type, Answers answers) {
    Object proxy =
        Proxy.newProxyInstance(
            NodeBackendsTest.class.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> answers.to(method, arguments));
    return type.cast(proxy);
  }

  private static NodeOptions options() {
    return new NodeOptions(
        0,
        "127.0.0.1:1",
        RedisAddress.of(new HostAndPort("127.0.0.1", 1)),
        List.of(),
        "jdbc:postgresql://127.0.0.1:1/postgres",
        LockChoice.NONE,
        Duration.ofMinutes(1),
        Duration.ofSeconds(1),
        Duration.ZERO,
        Duration.ZERO,
        LoadFailurePolicy.FAIL,
        FallbackPolicy.FAIL,
        Duration.ofSeconds(6),
        NodeStage.NONE);
  }
}
