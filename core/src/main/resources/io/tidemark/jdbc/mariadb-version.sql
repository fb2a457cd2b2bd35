-- Makes the version of every row of a table strictly grow. MariaDB 10.3 or newer; every build tests
-- it on 11.4.5. It is also written for MySQL 8.0.29 or newer, but no build tests it there. The tests of
-- an earlier version passed once by hand on 9.7.4, except that MySQL misreports a column whose name
-- has a backquote.
--
-- To install it on a table of your own, give the table a column
--
--     version bigint not null default 0
--
-- and run what MariaDbVersions.triggerSql makes of this file in your migration. It is idempotent.
-- The user that runs it needs the privilege TRIGGER on the table, and becomes the triggers' definer.
--
-- The version is the clock's microseconds since 1970 in UTC. It is a bigint, because a datetime goes
-- back an hour every autumn in most time zones, and a timestamp is compared as the session's local
-- time, in which that hour exists twice.
--
-- Why triggers: the clock alone does not grow when it was set back, or when one transaction updates
-- twice. A trigger runs under the row's own lock, so the versions of a row follow the order of its
-- commits, also when a statement sets the column itself.
--
-- "replace" gives the new row its version before it finds and deletes the old one, which another
-- transaction may have updated in the meantime. If the new row is then not the newer one, the
-- statement fails like a deadlock, with the SQLSTATE 40001: repeat the transaction. A rollback does not
-- reset a variable (@tidemark_floor_...), so the session's next inserts are above that version.
--
-- now(6) and utc_timestamp(6) are the start of the statement. sysdate(6) is the current moment, but in
-- the session's time zone. So the triggers use their difference: an insert that runs for a minute must
-- not stamp its last rows with its first moment. This makes replication in the format STATEMENT
-- unsafe, as the server warns; ROW and MIXED are safe.
--
-- Not covered: a row that is deleted and inserted again while the clock was set back, or by an
-- insert that got its version before it waited for the deletion, for both of which see
-- mariadb-tombstone.sql; a BEFORE trigger that was created after these and sets the column; "on
-- delete" and "on update" actions of foreign keys, for which no trigger runs; partitions that are
-- exchanged; what "for portion of" leaves of a row if the clock was set back; tables without
-- transactions; and replication in the format STATEMENT. (MariaDB 11.4.5 itself refuses "insert into
-- t (a, b) select" with "Column cannot be null" if t has any BEFORE INSERT trigger; "values", and
-- "select" without the list of columns, work.)

delimiter //

-- A plain statement cannot raise an error, but a variable refuses an invalid value.
set completion_type = (
  select case
    when count(*) = 0
      then concat('table ', '${table}', ' has no column ', '${column}')
    when max(data_type <> 'bigint' or column_type like '%unsigned%')
      then concat('column ', '${column}', ' of table ', '${table}', ' is ', max(column_type),
        '; a version must be a signed bigint')
    -- A renamed table keeps its triggers, with their names, so that none would be created here.
    when exists (
        select 1 from information_schema.triggers
        where trigger_schema = ${schemaText}
          and event_object_table <> '${tableName}'
          and trigger_name in ('${insertName}', '${updateName}', '${replacingName}',
            '${replacedName}'))
      then (
        select concat('triggers tidemark_*_', '${tableName}', ' are of table ',
          max(event_object_table), '; drop them, and run its own SQL')
        from information_schema.triggers
        where trigger_schema = ${schemaText}
          and event_object_table <> '${tableName}'
          and trigger_name in ('${insertName}', '${updateName}', '${replacingName}',
            '${replacedName}'))
    when exists (
        select 1 from information_schema.triggers
        where trigger_schema = ${schemaText}
          and trigger_name in ('${insertName}', '${updateName}')
          and locate(concat('new.', '${column}', ' ='), action_statement) = 0)
      then concat('table ', '${table}', ' has version triggers of another column; drop them first')
    else @@session.completion_type
  end
  from information_schema.columns
  where table_schema = ${schemaText}
    and table_name = '${tableName}'
    and column_name = '${columnName}')
//

create trigger if not exists ${insertTrigger} before insert on ${table} for each row
begin
  set ${replaced} = null;
  set ${floor} = ${floor} + 2;
  set new.${column} = greatest(
    timestampdiff(microsecond, '1970-01-01', utc_timestamp(6))
      + greatest(0, timestampdiff(microsecond, now(6), sysdate(6))),
    coalesce(${floor}, 0));
end
//

create trigger if not exists ${replacingTrigger} after delete on ${table} for each row
  set ${replaced} = greatest(coalesce(${replaced}, 0), coalesce(old.${column}, 0))
//

create trigger if not exists ${replacedTrigger} after insert on ${table} for each row
begin
  if ${replaced} >= new.${column} then
    set ${floor} = ${replaced};
    signal sqlstate '40001' set message_text = '${isOlder}';
  end if;
end
//

create trigger if not exists ${updateTrigger} before update on ${table} for each row
  set new.${column} = greatest(
    timestampdiff(microsecond, '1970-01-01', utc_timestamp(6))
      + greatest(0, timestampdiff(microsecond, now(6), sysdate(6))),
    coalesce(old.${column} + 1, 0))
//
