package io.tidemark.demo.node;

import java.sql.Connection;
import java.sql.SQLException;
import org.apache.curator.framework.CuratorFramework;
import redis.clients.jedis.exceptions.JedisException;

/**
 * How the servers looked from this node at one moment: {@code up}, {@code down}, or {@code unused}.
 * Immutable.
 *
 * @param status {@code up} if all that are used are
 * @param zookeeper ZooKeeper's state
 * @param redis Redis' state
 * @param postgres PostgreSQL's state
 */
record Health(String status, String zookeeper, String redis, String postgres) {
  private static final String UP = "up";
  private static final String DOWN = "down";
  private static final String UNUSED = "unused";
  private static final int DATABASE_SECONDS = 1;

  /** Asks each server; blocks as long as the clients' limits allow. */
  static Health check(NodeBackends backends) {
    String zookeeper = backends.zookeeper().map(Health::zookeeper).orElse(UNUSED);
    String redis = redis(backends);
    String postgres = postgres(backends);
    boolean up = !zookeeper.equals(DOWN) && redis.equals(UP) && postgres.equals(UP);
    return new Health(up ? UP : DOWN, zookeeper, redis, postgres);
  }

  boolean isUp() {
    return status.equals(UP);
  }

  private static String zookeeper(CuratorFramework curator) {
    return curator.getZookeeperClient().isConnected() ? UP : DOWN;
  }

  private static String redis(NodeBackends backends) {
    try {
      backends.redis().ping();
      return UP;
    } catch (JedisException e) {
      return DOWN;
    }
  }

  private static String postgres(NodeBackends backends) {
    try (Connection connection = backends.database().getConnection()) {
      return connection.isValid(DATABASE_SECONDS) ? UP : DOWN;
    } catch (SQLException e) {
      return DOWN;
    }
  }
}
