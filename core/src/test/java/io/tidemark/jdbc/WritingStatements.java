package io.tidemark.jdbc;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The statements of {@code docs/versions.md}, by the names that they have there. Each is about row
 * 1 of its table, which {@link VersionedDatabase} describes.
 */
final class WritingStatements {
  private static final Map<String, Statement> BY_NAME = new LinkedHashMap<>();

  private WritingStatements() {}

  /** Which dialect a database speaks. */
  enum Dialect {
    POSTGRESQL,
    MARIADB,
    H2
  }

  /**
   * One kind of statement.
   *
   * @param table the table of the row
   * @param isVariant whether it does what another one does, in other words
   * @param canWait whether it is to wait for a transaction that has the row
   * @param sql what is run in one transaction; {@code {file}} is a file with a line "1,7"
   */
  record Statement(
      String table, boolean isVariant, boolean canWait, Map<Dialect, List<String>> sql) {
    List<String> in(Dialect dialect) {
      return sql.getOrDefault(dialect, List.of());
    }

    private Statement postgres(String... statements) {
      return with(Dialect.POSTGRESQL, statements);
    }

    private Statement mariaDb(String... statements) {
      return with(Dialect.MARIADB, statements);
    }

    private Statement h2(String... statements) {
      return with(Dialect.H2, statements);
    }

    private Statement everywhere(String... statements) {
      return postgres(statements).mariaDb(statements).h2(statements);
    }

    private Statement with(Dialect dialect, String... statements) {
      sql.put(dialect, List.of(statements));
      return this;
    }
  }

  static Statement named(String name) {
    return Objects.requireNonNull(BY_NAME.get(name), name);
  }

  static Set<String> names() {
    return BY_NAME.keySet();
  }

  private static Statement on(String table, String name) {
    return put(name, new Statement(table, false, true, new LinkedHashMap<>()));
  }

  private static Statement variant(String table, String name) {
    return put(name, new Statement(table, true, true, new LinkedHashMap<>()));
  }

  /** One that waits for more than the row, or that others wait for in turn. */
  private static Statement alone(String table, String name) {
    return put(name, new Statement(table, false, false, new LinkedHashMap<>()));
  }

  private static Statement put(String name, Statement statement) {
    BY_NAME.put(name, statement);
    return statement;
  }

  static {
    on("counter", "`UPDATE`").everywhere("update counter set n = 5 where id = 1");
    on("counter", "`UPDATE` that sets the version")
        .postgres("update counter set version = '2000-01-01' where id = 1")
        .mariaDb("update counter set version = 1 where id = 1")
        .h2("update counter set version = 1 where id = 1");
    on("counter", "`UPDATE` of many rows").everywhere("update counter set n = n + 1");
    on("counter", "`UPDATE … FROM`, `UPDATE … JOIN`")
        .postgres("update counter set n = o.n from other o where o.id = counter.id")
        .mariaDb("update counter join other o using (id) set counter.n = o.n");
    variant("counter", "`UPDATE … RETURNING`, `FINAL TABLE (UPDATE …)`")
        .postgres("update counter set n = 5 where id = 1 returning version")
        .h2("select version from final table (update counter set n = 5 where id = 1)");
    variant("counter", "`WITH … UPDATE`")
        .postgres("with w as (update counter set n = 5 where id = 1 returning n) select n from w");
    variant("counter", "`UPDATE` of a view")
        .postgres("update counter_view set n = 5 where id = 1")
        .mariaDb("update counter_view set n = 5 where id = 1");
    on("parts", "`UPDATE` that moves the row to another partition")
        .postgres("update parts set region = 2 where id = 1")
        .mariaDb("update parts set region = 2 where id = 1");
    variant("counter", "two `UPDATE`s in one transaction")
        .everywhere(
            "update counter set n = 5 where id = 1", "update counter set n = 6 where id = 1");
    variant("counter", "`UPDATE` after another one and `ROLLBACK TO SAVEPOINT`")
        .everywhere(
            "savepoint s",
            "update counter set n = 5 where id = 1",
            "rollback to savepoint s",
            "update counter set n = 6 where id = 1");
    on("counter", "`INSERT … ON CONFLICT DO UPDATE`")
        .postgres("insert into counter (id, n) values (1, 5) on conflict (id) do update set n = 5");
    on("counter", "`INSERT … ON DUPLICATE KEY UPDATE`")
        .mariaDb("insert into counter (id, n) values (1, 5) on duplicate key update n = 5")
        .h2(
            "set mode MySQL",
            "insert into counter (id, n) values (1, 5) on duplicate key update n = 5");
    on("counter", "`INSERT … ON CONFLICT DO NOTHING`, `INSERT IGNORE`")
        .postgres("insert into counter (id, n) values (1, 5) on conflict do nothing")
        .mariaDb("insert ignore into counter (id, n) values (1, 5)")
        .h2("set mode MySQL", "insert ignore into counter (id, n) values (1, 5)");
    on("counter", "`MERGE … UPDATE`")
        .postgres(
            "merge into counter using (values (1)) as v (id) on counter.id = v.id"
                + " when matched then update set n = 5")
        .h2(
            "merge into counter using (values (1)) as v (id) on counter.id = v.id"
                + " when matched then update set n = 5");
    variant("counter", "`MERGE … KEY`").h2("merge into counter (id, n) key (id) values (1, 5)");
    on("counter", "`REPLACE`")
        .mariaDb("replace into counter (id, n) values (1, 5)")
        .h2("set mode MySQL", "replace into counter (id, n) values (1, 5)");
    variant("counter", "`REPLACE … SELECT`")
        .mariaDb("replace into counter (id, n) select id, n from other where id = 1");
    variant("counter", "`LOAD DATA … REPLACE`")
        .mariaDb(
            "load data infile '{file}' replace into table counter fields terminated by ','"
                + " (id, n)");
    on("counter", "`DELETE`, then `INSERT`, in one transaction")
        .everywhere(
            "delete from counter where id = 1", "insert into counter (id, n) values (1, 5)");
    on("counter", "`WITH … DELETE` and `INSERT`")
        .postgres(
            "with d as (delete from counter where id = 1 returning id, n)"
                + " insert into counter (id, n) select id, n from d");
    on("early", "`UPDATE`, with a trigger before ours that sets the version")
        .postgres("update early set n = 5 where id = 1")
        .mariaDb("update early set n = 5 where id = 1");
    alone("late", "`UPDATE`, with a trigger after ours that sets the version")
        .postgres("update late set n = 5 where id = 1")
        .mariaDb("update late set n = 5 where id = 1");
    alone("child", "`ON UPDATE CASCADE` of a foreign key")
        .everywhere("update parent set id = 3 where id = 1");
    alone("orphan", "`ON DELETE SET NULL` of a foreign key")
        .everywhere("delete from parent where id = 1");
    alone("periods", "`UPDATE … FOR PORTION OF`, the rest of the row")
        .mariaDb(
            "update periods for portion of validity from '2010-01-01' to '2011-01-01' set n = 5");
    alone("numbered", "`ALTER TABLE` that gives rows other values")
        .postgres("alter table numbered alter n type int using n + 1")
        .mariaDb(
            "alter table numbered add other int not null default 5",
            "alter table numbered drop other")
        .h2(
            "alter table numbered add other int default 5 not null",
            "alter table numbered drop column other");
    alone("parts", "`ATTACH PARTITION`, `EXCHANGE PARTITION`")
        .postgres(
            "create table parts_3 (like parts)",
            "insert into parts_3 values (1, 1, 5, '2000-01-01')",
            "alter table parts detach partition parts_1",
            "drop table parts_1",
            "alter table parts_3 rename to parts_1",
            "alter table parts attach partition parts_1 for values in (1)")
        .mariaDb(
            "create table swapped (id int, region int default 1, n int not null,"
                + " version bigint not null default 0, primary key (id, region))",
            "insert into swapped values (1, 1, 5, 1)",
            // Without it the server waits for its own transaction.
            "set autocommit = 1",
            "alter table parts exchange partition one with table swapped",
            "drop table swapped");
    on("counter", "`UPDATE` with triggers switched off")
        .postgres(
            "set local session_replication_role = replica",
            "update counter set n = 5 where id = 1");

    on("counter", "`INSERT`").everywhere("insert into counter (id, n) values (1, 5)");
    variant("counter", "`INSERT` of many rows")
        .everywhere("insert into counter (id, n) values (8, 5), (1, 5), (9, 5)");
    variant("counter", "`INSERT … SELECT`")
        .everywhere("insert into counter (id, n) select id, n from other where id = 1");
    on("counter", "`COPY`, `LOAD DATA`, `CSVREAD`")
        .postgres("copy counter (id, n) from '{file}' with (format csv)")
        .mariaDb("load data infile '{file}' into table counter fields terminated by ',' (id, n)")
        .h2("insert into counter (id, n) select * from csvread('{file}', 'id,n')");
    on("counter", "`INSERT`, by `ON CONFLICT`")
        .postgres("insert into counter (id, n) values (1, 5) on conflict (id) do update set n = 5");
    on("counter", "`INSERT`, by `ON DUPLICATE KEY`")
        .mariaDb("insert into counter (id, n) values (1, 5) on duplicate key update n = 5")
        .h2(
            "set mode MySQL",
            "insert into counter (id, n) values (1, 5) on duplicate key update n = 5");
    on("counter", "`INSERT`, by `REPLACE`")
        .mariaDb("replace into counter (id, n) values (1, 5)")
        .h2("set mode MySQL", "replace into counter (id, n) values (1, 5)");
    on("counter", "`INSERT`, by `MERGE`")
        .postgres(
            "merge into counter using (values (1)) as v (id) on counter.id = v.id"
                + " when not matched then insert (id, n) values (1, 5)")
        .h2(
            "merge into counter using (values (1)) as v (id) on counter.id = v.id"
                + " when not matched then insert (id, n) values (1, 5)");
    alone("numbered", "`INSERT` with a generated key")
        .postgres(
            "select setval('numbered_id_seq', 1, false)", "insert into numbered (n) values (5)")
        .mariaDb("set insert_id = 1", "insert into numbered (n) values (5)")
        .h2(
            "alter table numbered alter column id restart with 1",
            "insert into numbered (n) values (5)");
    on("counter", "`UPDATE` of the key of another row")
        .everywhere("update counter set id = 1 where id = 2");
    alone("heir", "`ON UPDATE CASCADE` of a foreign key that is the key")
        .everywhere("delete from parent where id = 1", "update parent set id = 1 where id = 2");
    variant("counter", "`INSERT` after another one and `ROLLBACK TO SAVEPOINT`")
        .everywhere(
            "savepoint s",
            "insert into counter (id, n) values (1, 5)",
            "rollback to savepoint s",
            "insert into counter (id, n) values (1, 6)");

    on("counter", "`DELETE`").everywhere("delete from counter where id = 1");
    variant("counter", "`DELETE … USING`")
        .postgres("delete from counter using other o where o.id = counter.id")
        .mariaDb("delete counter from counter join other o using (id)");
    variant("counter", "`DELETE … RETURNING`")
        .postgres("delete from counter where id = 1 returning id")
        .mariaDb("delete from counter where id = 1 returning id");
    on("counter", "`MERGE … DELETE`")
        .postgres(
            "merge into counter using (values (1)) as v (id) on counter.id = v.id"
                + " when matched then delete")
        .h2(
            "merge into counter using (values (1)) as v (id) on counter.id = v.id"
                + " when matched then delete");
    on("counter", "`UPDATE` of the key").everywhere("update counter set id = 7 where id = 1");
    alone("child", "`ON DELETE CASCADE` of a foreign key")
        .everywhere("delete from parent where id = 1");
    alone("heir", "`ON UPDATE CASCADE` of the key")
        .everywhere("update parent set id = 3 where id = 1");
    alone("counter", "`TRUNCATE`").everywhere("truncate table counter");
    alone("parts", "`TRUNCATE` of a partition")
        .postgres("truncate parts_1")
        .mariaDb("alter table parts truncate partition one");

    on("counter", "`UPDATE` of the key, in which another row takes it")
        .everywhere("update counter set id = id - 1 where id in (1, 2)");
  }
}
