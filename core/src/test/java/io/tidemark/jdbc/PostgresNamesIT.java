package io.tidemark.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Which table a name means is decided when the SQL is installed: whatever the names are that a
 * writer's session sees, versions and tombstones are those of the table.
 */
@ResourceLock(SharedPostgres.LOCK)
class PostgresNamesIT {
  private static final String COLUMNS =
      " (id bigint primary key, name text, updated_at timestamptz not null"
          + " default clock_timestamp())";

  private Connection connection;

  @BeforeEach
  void install() throws SQLException {
    connection = SharedPostgres.connect();
    execute("create schema shop; create schema tenant; set search_path = shop");
    execute("create table product" + COLUMNS);
    install("product");
  }

  @AfterEach
  void dropSchemas() throws SQLException {
    connection.close();
    connection = SharedPostgres.connect();
    execute("drop schema shop, tenant cascade");
    connection.close();
  }

  @Test
  void write_bySessionWithoutTheSchema_keepsVersionsAndTombstones() throws SQLException {
    execute("set search_path = ''");

    execute("insert into shop.product values (1, 'a')");
    putInTheFuture("shop.product");
    execute("update shop.product set name = 'b'");
    execute("delete from shop.product");

    assertThat(isTrue("select updated_at > now() + interval '1 hour' from shop.product_tombstone"))
        .isTrue();
    execute("insert into shop.product values (1, 'c')");
    assertThat(isInTheFuture("shop.product")).isTrue();
  }

  @Test
  void delete_temporaryTableInFrontOfTheTombstones_isKeptInTheTombstones() throws SQLException {
    execute("insert into product values (1, 'a')");
    putInTheFuture("product");
    execute("create temporary table product_tombstone (like shop.product_tombstone including all)");

    execute("delete from product");
    execute("drop table pg_temp.product_tombstone");
    execute("insert into product values (1, 'b')");

    assertThat(isInTheFuture("shop.product")).isTrue();
  }

  @Test
  void install_secondTableOfTheName_hasTombstonesOfItsOwn() throws SQLException {
    execute("set search_path = tenant, shop");
    execute("create table product" + COLUMNS);
    install("product");
    execute("insert into tenant.product values (7, 't')");
    putInTheFuture("tenant.product");

    execute("delete from tenant.product");
    execute("insert into shop.product values (7, 's')");
    execute("insert into tenant.product values (7, 't')");

    assertThat(isInTheFuture("tenant.product")).isTrue();
    assertThat(isInTheFuture("shop.product")).isFalse();
  }

  @Test
  void install_tableOfALaterSchemaOfThePath_keepsEverythingBesideTheTable() throws SQLException {
    execute("create table item" + COLUMNS);
    execute("set search_path = tenant, shop");

    install("item");

    assertThat(isTrue("select to_regclass('shop.item_tombstone') is not null")).isTrue();
    assertThat(
            isTrue(
                "select not exists (select from pg_class where relnamespace = 'tenant'::regnamespace)"
                    + " and not exists (select from pg_proc where pronamespace = 'tenant'::regnamespace)"))
        .isTrue();
  }

  @Test
  void write_qualifiedAtInstallation_works() throws SQLException {
    execute("set search_path = public");
    execute("create table tenant.item" + COLUMNS);
    install("tenant.item");
    execute("set search_path = ''");

    execute("insert into tenant.item values (1, 'a')");
    execute("delete from tenant.item");

    assertThat(isTrue("select count(*) = 1 from tenant.item_tombstone")).isTrue();
  }

  @Test
  void write_ownFunctionsInFrontOfTheDatabases_areNotCalled() throws SQLException {
    execute(
        "create function tenant.clock_timestamp() returns timestamptz language sql as"
            + " $$select timestamptz '1999-01-01'$$");
    execute("set search_path = tenant, shop, pg_catalog");

    execute("insert into product values (1, 'a')");

    assertThat(isTrue("select updated_at > '2000-01-01' from product")).isTrue();
  }

  /** Of two operators "=", that of the key's type is not among the database's own. */
  @Test
  void delete_keyOfATypeOfAnExtension_isComparedAsItsIndexDoes() throws SQLException {
    assumeThat(isTrue("select exists (select from pg_available_extensions where name = 'citext')"))
        .isTrue();
    execute("create extension citext schema tenant; set search_path = shop, tenant");
    execute(
        "create table account (name citext primary key, updated_at timestamptz not null"
            + " default clock_timestamp())");
    execute("set search_path = shop");
    execute(PostgresVersions.triggerSql("account", "updated_at"));
    execute(PostgresVersions.tombstoneSql("account", "updated_at", "name"));
    execute("insert into account values ('Ann')");
    putInTheFuture("account");

    execute("delete from account");
    execute("insert into account values ('ANN')");

    assertThat(isInTheFuture("shop.account")).isTrue();
    assertThat(isTrue("select not exists (select from account_tombstone)")).isTrue();
  }

  @Test
  void write_oddNames_works() throws SQLException {
    String table = "shop.\"it's 100%s; -- \"\"$1\"";
    execute(
        "create table "
            + table
            + " (\"k'%1$s\" int, \"%I %%\" text, \"v %L'\" timestamptz not null default now(),"
            + " primary key (\"k'%1$s\", \"%I %%\"))");
    for (int i = 0; i < 2; i++) {
      execute(PostgresVersions.triggerSql(table, "\"v %L'\""));
      execute(PostgresVersions.tombstoneSql(table, "\"v %L'\"", "\"k'%1$s\"", "\"%I %%\""));
    }

    execute("insert into " + table + " values (1, 'a')");
    execute("update " + table + " set \"k'%1$s\" = 2");
    execute("delete from " + table);
    execute("insert into " + table + " values (2, 'a')");

    assertThat(isTrue("select count(*) = 1 from shop.\"it's 100%s; -- \"\"$1_tombstone\""))
        .isTrue();
  }

  /** What the functions and the installation call their variables and aliases, and a keyword. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "found",
        "new",
        "old",
        "tg_op",
        "tg_when",
        "tg_argv",
        "excluded",
        "existing",
        "relation",
        "target",
        "key_columns",
        "\"user\""
      })
  void write_columnNamedAsAVariable_works(String name) throws SQLException {
    execute("create table odd_key (" + name + " int primary key, v timestamptz not null)");
    execute(PostgresVersions.triggerSql("odd_key", "v"));
    execute(PostgresVersions.tombstoneSql("odd_key", "v", name));
    execute("create table odd_version (id int primary key, " + name + " timestamptz not null)");
    execute(PostgresVersions.triggerSql("odd_version", name));
    execute(PostgresVersions.tombstoneSql("odd_version", name, "id"));

    execute("insert into odd_key values (1), (2); insert into odd_version values (1), (2)");
    execute("update odd_key set " + name + " = 3 where " + name + " = 1");
    execute("update odd_version set id = 3 where id = 1");
    execute("delete from odd_key; delete from odd_version");
    execute("insert into odd_key values (3); insert into odd_version values (3)");

    assertThat(isTrue("select array_agg(" + name + " order by 1) = '{1,2}' from odd_key_tombstone"))
        .isTrue();
    assertThat(isTrue("select array_agg(id order by 1) = '{1,2}' from odd_version_tombstone"))
        .isTrue();
  }

  @Test
  void install_tombstonesOfARenamedTable_isRefused() throws SQLException {
    execute("alter table product rename to product_old");
    execute("create table product" + COLUMNS);

    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> install("product"))
        .withMessageContaining("shop.product_tombstone keeps the tombstones of product_old");
  }

  @Test
  void install_tombstonesOfARenamedTableWereRenamedToo_keepsThemApart() throws SQLException {
    execute("alter table product rename to product_old");
    execute("create table product" + COLUMNS);
    execute("alter table product_tombstone rename to product_old_tombstone");
    // Half of the way out: the old table's function still has the name that the new one's takes.
    assertThatExceptionOfType(SQLException.class).isThrownBy(() -> install("product"));
    execute("alter function product_tombstone() rename to product_old_tombstone");
    // And the function still writes what the new table's tombstones would be called.
    assertThatExceptionOfType(SQLException.class).isThrownBy(() -> install("product"));

    install("product_old");
    install("product");

    execute("insert into product values (1, 'a')");
    putInTheFuture("product");
    execute("delete from product");
    execute("insert into product_old values (1, 'of another table')");
    execute("insert into product values (1, 'b')");
    assertThat(isInTheFuture("product")).isTrue();
    assertThat(isInTheFuture("product_old")).isFalse();
  }

  /** To make new ones would leave the versions of the rows that were deleted before. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "alter table product rename to product_old",
        "alter table product rename to product_old; alter table product_tombstone rename to"
            + " product_old_tombstone",
        "alter table product rename to product_old; alter function product_tombstone() rename to"
            + " product_old_tombstone"
      })
  void install_renamedTableWithTombstonesOfItsFormerName_isRefused(String rename)
      throws SQLException {
    execute(rename);

    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> install("product_old"))
        .withMessageContaining("table shop.product_old has its tombstones by function shop.product")
        .withMessageContaining("table of tombstones to shop.product_old_tombstone, and run this");
  }

  @Test
  void install_tableThatWasMovedToAnotherSchema_isRefusedUntilItsTombstonesFollow()
      throws SQLException {
    execute("insert into product values (1, 'a')");
    putInTheFuture("product");
    execute("delete from product");
    execute("alter table product set schema tenant");

    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> install("tenant.product"))
        .withMessageContaining("has its tombstones by function shop.product_tombstone()");
    execute("alter table product_tombstone set schema tenant");
    execute("alter function product_tombstone() set schema tenant");
    install("tenant.product");

    execute("insert into tenant.product values (1, 'b')");
    assertThat(isInTheFuture("tenant.product")).isTrue();
  }

  @Test
  void install_tombstonesWereDropped_makesThemAgain() throws SQLException {
    execute("drop table product_tombstone");

    install("product");

    execute("insert into product values (1, 'a')");
    execute("delete from product");
    assertThat(isTrue("select count(*) = 1 from product_tombstone")).isTrue();
  }

  @Test
  void install_again_leavesWhatIsThere() throws SQLException {
    execute("insert into product values (1, 'a')");
    execute("delete from product");
    execute("set search_path = ''");

    install("shop.product");

    assertThat(isTrue("select count(*) = 1 from shop.product_tombstone")).isTrue();
  }

  @Test
  void update_versionWasInfinite_setsTheClock() throws SQLException {
    execute("alter table product disable trigger user");
    execute("insert into product values (1, 'a', 'infinity'), (2, 'b', 'infinity')");
    execute("alter table product enable trigger user");

    execute("update product set name = 'c' where id = 1");
    execute("delete from product where id = 2");
    execute("insert into product values (2, 'b')");

    assertThat(isTrue("select bool_and(updated_at < '2100-01-01') from product")).isTrue();
  }

  @Test
  void install_tableThatOthersInheritFrom_isRefused() throws SQLException {
    execute("create table parent" + COLUMNS);
    execute("create table child () inherits (parent)");

    assertRefused("parent", "other tables inherit from table \"parent\"");
    install("product");
  }

  @Test
  void install_partOfAPartitionedTable_isRefused() throws SQLException {
    createPartitioned();

    assertRefused("part_a", "table \"part_a\" is a partition");
  }

  @Test
  void update_movesARowToAnotherPartition_grows() throws SQLException {
    createPartitioned();
    execute(PostgresVersions.triggerSql("parts", "updated_at"));
    execute(PostgresVersions.triggerSql("parts", "updated_at"));
    execute(PostgresVersions.tombstoneSql("parts", "updated_at", "region", "id"));
    execute(PostgresVersions.tombstoneSql("parts", "updated_at", "region", "id"));
    execute("create table part_c partition of parts for values in ('c')");
    execute("insert into parts values (1, 'a'), (2, 'a'), (3, 'c')");
    putInTheFuture("parts");

    execute("update parts set region = 'b' where id = 1");
    execute("update parts set region = 'a' where id = 3");
    execute("delete from parts where id = 2");
    execute("insert into parts values (2, 'a')");

    assertThat(
            isTrue(
                "select count(*) = 3 and bool_and(updated_at > now() + interval '1 hour') from"
                    + " parts"))
        .isTrue();
    assertThat(isTrue("select count(*) = 2 from parts_tombstone")).isTrue();
  }

  @Test
  void install_partitionedByTheVersion_isRefused() throws SQLException {
    execute(
        "create table log (id bigint, updated_at timestamptz not null) partition by range"
            + " (updated_at)");

    assertRefused("log", "table \"log\" is partitioned by column \"updated_at\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "create view odd as select * from product | \"odd\" is a view; only a table",
        "create materialized view odd as select * from product | is a materialized view",
        "create temporary table odd (updated_at timestamptz) | is a temporary table"
      })
  void install_whatIsNoTableToShare_isRefused(String sql, String why) throws SQLException {
    execute(sql);

    assertRefused("odd", why);
  }

  private void createPartitioned() throws SQLException {
    execute(
        "create table parts (id bigint, region text, updated_at timestamptz not null default"
            + " clock_timestamp(), primary key (id, region)) partition by list (region);"
            + "create table part_a partition of parts for values in ('a');"
            + "create table part_b partition of parts for values in ('b')");
  }

  private void assertRefused(String table, String why) {
    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> execute(PostgresVersions.triggerSql(table, "updated_at")))
        .withMessageContaining(why);
  }

  private void install(String table) throws SQLException {
    execute(PostgresVersions.triggerSql(table, "updated_at"));
    execute(PostgresVersions.tombstoneSql(table, "updated_at", "id"));
  }

  /** Leaves the rows of a table as if the clock had been set back two hours since they changed. */
  private void putInTheFuture(String table) throws SQLException {
    execute("alter table " + table + " disable trigger user");
    execute("update " + table + " set updated_at = clock_timestamp() + interval '2 hours'");
    execute("alter table " + table + " enable trigger user");
  }

  private boolean isInTheFuture(String table) throws SQLException {
    return isTrue(
        "select bool_and(updated_at > pg_catalog.clock_timestamp() + interval '1 hour') from "
            + table);
  }

  private boolean isTrue(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      return result.next() && result.getBoolean(1);
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
