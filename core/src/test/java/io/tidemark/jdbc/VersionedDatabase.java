package io.tidemark.jdbc;

import static java.util.Objects.requireNonNull;

import io.tidemark.jdbc.WritingStatements.Dialect;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A database of which the tables have versions, with or without tombstones, in a column version
 * beside the columns id and n.
 */
enum VersionedDatabase {
  POSTGRESQL("PostgreSQL", Dialect.POSTGRESQL, false),
  POSTGRESQL_TOMBSTONES("PostgreSQL, tombstones", Dialect.POSTGRESQL, true),
  MARIADB("MariaDB", Dialect.MARIADB, false),
  MARIADB_TOMBSTONES("MariaDB, tombstones", Dialect.MARIADB, true),
  H2("H2", Dialect.H2, false);

  private static final List<String> TABLES =
      List.of("counter", "parts", "early", "late", "numbered", "child", "orphan", "heir");

  /** Those whose rows have parents. */
  private static final List<String> CHILDREN = List.of("child", "orphan", "heir");

  private static final String SCHEMA = "statements";

  private final String header;
  private final Dialect dialect;
  private final boolean tombstones;

  VersionedDatabase(String header, Dialect dialect, boolean tombstones) {
    this.header = header;
    this.dialect = dialect;
    this.tombstones = tombstones;
  }

  static VersionedDatabase of(String header) {
    for (VersionedDatabase database : values()) {
      if (database.header.equals(header)) {
        return database;
      }
    }
    throw new IllegalArgumentException(header);
  }

  Dialect dialect() {
    return dialect;
  }

  Connection connect() throws SQLException, IOException, InterruptedException {
    Connection connection =
        switch (dialect) {
          case POSTGRESQL -> SharedPostgres.connect();
          case MARIADB -> MariaDbServer.shared().connect();
          case H2 ->
              DriverManager.getConnection(
                  "jdbc:h2:mem:statements;DB_CLOSE_DELAY=-1;LOCK_TIMEOUT=20000");
        };
    if (dialect == Dialect.POSTGRESQL) {
      execute(connection, "set search_path = " + SCHEMA);
    } else if (dialect == Dialect.MARIADB) {
      connection.setCatalog(SCHEMA);
    }
    return connection;
  }

  /** Makes the tables. */
  void create() throws SQLException, IOException, InterruptedException {
    try (Connection connection =
        dialect == Dialect.MARIADB ? MariaDbServer.shared().connect() : connect()) {
      if (dialect == Dialect.MARIADB) {
        execute(connection, "create database " + SCHEMA);
        connection.setCatalog(SCHEMA);
      } else if (dialect == Dialect.POSTGRESQL) {
        execute(connection, "create schema " + SCHEMA);
      }
      String columns = "n int not null, version " + versionType();
      execute(connection, "create table other (id int primary key, n int not null)");
      execute(connection, "insert into other values (1, 7)");
      execute(connection, "create table parent (id int primary key)");
      execute(connection, "create table counter (id int primary key, " + columns + ")");
      execute(
          connection,
          "create table child (id int primary key, parent_id int, "
              + columns
              + ", foreign key (parent_id) references parent (id) on update cascade on delete"
              + " cascade)");
      execute(
          connection,
          "create table orphan (id int primary key, parent_id int, "
              + columns
              + ", foreign key (parent_id) references parent (id) on delete set null)");
      execute(
          connection,
          "create table heir (id int primary key, "
              + columns
              + ", foreign key (id) references parent (id) on update cascade on delete cascade)");
      execute(
          connection,
          "create table numbered (id " + generated() + " primary key, " + columns + ")");
      if (dialect != Dialect.H2) {
        execute(connection, "create view counter_view as select * from counter");
        execute(connection, "create table early (id int primary key, " + columns + ")");
        execute(connection, "create table late (id int primary key, " + columns + ")");
        createPartitioned(connection, columns);
        createTrigger(connection, "a_own", "early");
      }
      for (String table : tables()) {
        install(connection, table);
      }
      if (dialect != Dialect.H2) {
        createTrigger(connection, "zzz_own", "late");
      }
    }
  }

  private void createPartitioned(Connection connection, String columns) throws SQLException {
    String table =
        "create table parts (id int, region int default 1, "
            + columns
            + ", primary key (id, region)) partition by list (region)";
    if (dialect == Dialect.POSTGRESQL) {
      execute(connection, table);
      execute(connection, "create table parts_1 partition of parts for values in (1)");
      execute(connection, "create table parts_2 partition of parts for values in (2)");
    } else {
      execute(connection, table + " (partition one values in (1), partition two values in (2))");
      execute(
          connection,
          "create table periods (id int, since date default '2000-01-01',"
              + " until date default '2030-01-01', period for validity (since, until), "
              + columns
              + ", primary key (id, since))");
    }
  }

  private void createTrigger(Connection connection, String name, String table) throws SQLException {
    if (dialect == Dialect.POSTGRESQL) {
      execute(
          connection,
          "create or replace function own() returns trigger language plpgsql as"
              + " 'begin new.version := timestamptz ''2000-01-01''; return new; end'");
      execute(
          connection,
          "create trigger %s before update on %s for each row execute function own()"
              .formatted(name, table));
    } else {
      execute(
          connection,
          "create trigger %s before update on %s for each row set new.version = 1"
              .formatted(name, table));
    }
  }

  private void install(Connection connection, String table) throws SQLException {
    String[] key =
        switch (table) {
          case "parts" -> new String[] {"id", "region"};
          case "periods" -> new String[] {"id", "since"};
          default -> new String[] {"id"};
        };
    List<String> sql = new ArrayList<>();
    switch (dialect) {
      case POSTGRESQL -> {
        sql.add(PostgresVersions.triggerSql(table, "version"));
        if (tombstones) {
          sql.add(PostgresVersions.tombstoneSql(table, "version", key));
        }
      }
      case MARIADB -> {
        sql.addAll(MariaDbVersions.triggerSql(table, "version"));
        if (tombstones) {
          sql.addAll(MariaDbVersions.tombstoneSql(table, "version", key));
        }
      }
      case H2 -> sql.add(H2Versions.columnSql(table, "version"));
    }
    for (String one : sql) {
      execute(connection, one);
    }
  }

  void drop() throws SQLException, IOException, InterruptedException {
    try (Connection connection = connect()) {
      execute(
          connection,
          switch (dialect) {
            case POSTGRESQL -> "drop schema " + SCHEMA + " cascade";
            case MARIADB -> "drop database " + SCHEMA;
            case H2 -> "drop all objects";
          });
    }
  }

  /**
   * Leaves rows 1 and 2 in a table.
   *
   * @param tomorrow whether row 1 was written when the clock was a day ahead. H2's versions do not
   *     come from a clock
   */
  void fill(Connection connection, String table, boolean tomorrow) throws SQLException {
    if (dialect == Dialect.POSTGRESQL) {
      execute(connection, "set session_replication_role = replica");
    } else if (dialect == Dialect.H2) {
      execute(connection, "set mode Regular");
    }
    execute(connection, "delete from " + table);
    if (tombstones) {
      execute(connection, "delete from " + table + "_tombstone");
    }
    if (CHILDREN.contains(table)) {
      execute(connection, "delete from parent");
      execute(connection, "insert into parent values (1), (2)");
    }
    insert(connection, table, 1, tomorrow);
    insert(connection, table, 2, false);
    if (dialect == Dialect.POSTGRESQL) {
      execute(connection, "set session_replication_role = origin");
    }
  }

  private void insert(Connection connection, String table, int id, boolean tomorrow)
      throws SQLException {
    boolean hasParent = CHILDREN.contains(table) && !table.equals("heir");
    String columns = "id, n" + (hasParent ? ", parent_id" : "");
    String values = id + ", 0" + (hasParent ? ", 1" : "");
    switch (dialect) {
      case POSTGRESQL ->
          execute(
              connection,
              "insert into %s (%s, version) values (%s, clock_timestamp() + interval '%d day')"
                  .formatted(table, columns, values, tomorrow ? 1 : 0));
      case MARIADB ->
          execute(
              connection,
              "set statement timestamp = %s for insert into %s (%s) values (%s)"
                  .formatted(tomorrow ? "unix_timestamp() + 86400" : "0", table, columns, values));
      case H2 ->
          execute(connection, "insert into %s (%s) values (%s)".formatted(table, columns, values));
    }
  }

  /** The version of row 1, or null where there is none. */
  @Nullable Long version(Connection connection, String table) throws SQLException {
    return number(connection, "select " + micros() + " from " + table + " where id = 1");
  }

  /** The version of row 1's deletion, or null where there is none. */
  @Nullable Long deletion(Connection connection, String table) throws SQLException {
    if (dialect == Dialect.H2) {
      return number(connection, H2Versions.deletedVersionSql(table));
    }
    return tombstones ? version(connection, table + "_tombstone") : null;
  }

  /** How many connections wait for another one's transaction. */
  long waiters(Connection connection) throws SQLException {
    return requireNonNull(
        number(
            connection,
            switch (dialect) {
              case POSTGRESQL -> "select count(*) from pg_locks where not granted";
              case MARIADB -> MariaDbServer.WAITERS_SQL;
              case H2 ->
                  "select count(*) from information_schema.sessions where blocker_id is not null";
            }));
  }

  private List<String> tables() {
    return switch (dialect) {
      case POSTGRESQL -> TABLES;
      case MARIADB -> Stream.concat(TABLES.stream(), Stream.of("periods")).toList();
      case H2 -> List.of("counter", "numbered", "child", "orphan", "heir");
    };
  }

  private String versionType() {
    return dialect == Dialect.POSTGRESQL
        ? "timestamptz not null default clock_timestamp()"
        : "bigint not null default 0";
  }

  private String generated() {
    return switch (dialect) {
      case POSTGRESQL -> "serial";
      case MARIADB -> "int auto_increment";
      case H2 -> "int generated by default as identity";
    };
  }

  private String micros() {
    return dialect == Dialect.POSTGRESQL
        ? "(extract(epoch from version) * 1000000)::bigint"
        : "version";
  }

  static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static @Nullable Long number(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      return result.next() ? result.getLong(1) : null;
    }
  }

  @Override
  public String toString() {
    return header;
  }
}
