package io.tidemark.jdbc;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.logging.Logger;
import javax.sql.DataSource;

/** Data sources of the tests' own: each connection is made anew, and prepared as a pool would. */
final class Databases {
  private Databases() {}

  /** What is done to a connection before it is handed out. */
  @FunctionalInterface
  interface Preparation {
    void prepare(Connection connection) throws SQLException;
  }

  static DataSource of(ConcurrentUpdates.Connect connect) {
    return of(connect, connection -> {});
  }

  static DataSource of(ConcurrentUpdates.Connect connect, Preparation preparation) {
    return new Prepared("jdbc:test?password=secret", connect, preparation);
  }

  /** One that calls itself so, as pools do. */
  static DataSource named(String name, ConcurrentUpdates.Connect connect) {
    return new Prepared(name, connect, connection -> {});
  }

  private record Prepared(String name, ConcurrentUpdates.Connect connect, Preparation preparation)
      implements DataSource {
    @Override
    public Connection getConnection() throws SQLException {
      Connection connection = connect.open();
      preparation.prepare(connection);
      return connection;
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
      return getConnection();
    }

    @Override
    public PrintWriter getLogWriter() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void setLogWriter(PrintWriter writer) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void setLoginTimeout(int seconds) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int getLoginTimeout() {
      return 0;
    }

    @Override
    public Logger getParentLogger() {
      throw new UnsupportedOperationException();
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
      throw new SQLException("wraps nothing");
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
      return false;
    }

    @Override
    public String toString() {
      return name;
    }
  }
}
