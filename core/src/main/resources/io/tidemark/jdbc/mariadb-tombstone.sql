-- Keeps the versions of deleted rows, so that a row that is inserted again is newer than its
-- deletion. For the same servers as mariadb-version.sql, and after it.
--
-- MariaDbVersions.tombstoneSql fills in the names. It is idempotent. The user that runs it needs the
-- privileges TRIGGER on the table, and CREATE, SELECT, INSERT, UPDATE and DELETE on the tombstones.
--
-- A tombstone has the key of a deleted row, and a version above every version that the row had. An
-- insert takes a version above the tombstone's, and removes the tombstone. Changing a key counts as
-- deleting the old key and inserting the new one.
--
-- Before its row exists, an insert writes the tombstone. So it waits for a transaction that is
-- deleting the row, and blocks others until its commit. A plain read would lock the gap if there is
-- no tombstone, and inserts of neighbours would wait for each other. If the insert turns into an
-- update ("on duplicate key update"), the tombstone stays: it is below the row and does no harm.
--
-- A key that is 0, empty or null before its row exists may still be set, by the server
-- (auto_increment) or by a trigger that was created after these. If such inserts wrote a tombstone,
-- they would all wait for each other.
--
-- Once the row exists, its key is final. So each insert looks at its tombstone once more, and fails
-- like "replace" (see mariadb-version.sql) if its version is not above the tombstone's.
--
-- Not covered: truncate, also of a partition; "on delete cascade" of foreign keys, and "on update
-- cascade" of foreign keys that are the key, for which no trigger runs; "for portion of"; and a
-- session with a temporary table of the tombstones' name, which the server uses instead.

delimiter //

set completion_type = (
  select case
    when (
        select count(*) from information_schema.triggers
        where trigger_schema = ${schemaText}
          and event_object_table = '${tableName}'
          and trigger_name in ('${insertName}', '${updateName}')
          and locate(concat('new.', '${column}', ' ='), action_statement) > 0) < 2
      then concat('table ', '${table}', ' has no triggers for the versions in column ',
        '${column}', '; run their SQL first')
    -- A renamed table keeps its triggers, with their names, so that none would be created here.
    when exists (
        select 1 from information_schema.triggers
        where trigger_schema = ${schemaText}
          and event_object_table <> '${tableName}'
          and trigger_name in ('${insertingName}', '${insertedName}', '${updatingName}',
            '${updatedName}', '${deletedName}'))
      then (
        select concat('triggers tidemark_*_', '${tableName}', ' are of table ',
          max(event_object_table), '; drop them, and run its own SQL')
        from information_schema.triggers
        where trigger_schema = ${schemaText}
          and event_object_table <> '${tableName}'
          and trigger_name in ('${insertingName}', '${insertedName}', '${updatingName}',
            '${updatedName}', '${deletedName}'))
    when not exists (
        select 1 from information_schema.statistics
        where table_schema = ${schemaText} and table_name = '${tableName}' and non_unique = 0
        group by index_name
        having sum(column_name in (${keyTexts})) = ${keyCount}
          and count(*) = ${keyCount} and max(nullable) <> 'YES' and max(coalesce(sub_part, 0)) = 0)
      then concat('the key (', '${keys}', ') of table ', '${table}', ' is not unique and not null')
    when exists (
        select 1 from information_schema.tables
        where table_schema = ${schemaText} and table_name = '${tombstoneName}')
      and (
        select count(*) from information_schema.statistics
        where table_schema = ${schemaText} and table_name = '${tombstoneName}'
          and index_name = 'PRIMARY' and column_name in (${keyTexts})) <> ${keyCount}
      then concat('the key of table ', '${tombstone}', ' is not (', '${keys}', ')')
    else @@session.completion_type
  end)
//

create table if not exists ${tombstone} (primary key (${keys})) engine = InnoDB
  select ${keys}, ${column} from ${table} limit 0
//

create trigger if not exists ${insertingTrigger} before insert on ${table} for each row
begin
  if not (${noKeyYet}) then
    insert into ${tombstone} (${keys}, ${column}) values (${newKeys}, 0)
      on duplicate key update ${column} = ${column} + 1;
    set new.${column} = greatest(
      new.${column}, (select ${column} + 1 from ${tombstone} where (${keys}) = (${newKeys})));
  end if;
end
//

create trigger if not exists ${insertedTrigger} after insert on ${table} for each row
begin
  insert into ${tombstone} (${keys}, ${column}) values (${newKeys}, 0)
    on duplicate key update ${column} = ${column} + 1;
  if (select ${column} from ${tombstone} where (${keys}) = (${newKeys})) > new.${column} then
    set ${floor} = (select ${column} from ${tombstone} where (${keys}) = (${newKeys}));
    signal sqlstate '40001' set message_text = '${isOlder}';
  end if;
  delete from ${tombstone} where (${keys}) = (${newKeys});
end
//

create trigger if not exists ${updatingTrigger} before update on ${table} for each row
begin
  if not ((${oldKeys}) <=> (${newKeys})) and (${newKeys}) = (${newKeys}) then
    insert into ${tombstone} (${keys}, ${column}) values (${newKeys}, 0)
      on duplicate key update ${column} = ${column} + 1;
    set new.${column} = greatest(
      new.${column}, (select ${column} + 1 from ${tombstone} where (${keys}) = (${newKeys})));
  end if;
end
//

create trigger if not exists ${updatedTrigger} after update on ${table} for each row
begin
  if not ((${oldKeys}) <=> (${newKeys})) then
    insert into ${tombstone} (${keys}, ${column}) values (${newKeys}, 0)
      on duplicate key update ${column} = ${column} + 1;
    if (select ${column} from ${tombstone} where (${keys}) = (${newKeys})) > new.${column} then
      signal sqlstate '40001' set message_text = '${isOlder}';
    end if;
    delete from ${tombstone} where (${keys}) = (${newKeys});
    insert into ${tombstone} (${keys}, ${column}) values (${oldKeys}, new.${column})
      on duplicate key update ${column} = greatest(${column} + 1, new.${column});
  end if;
end
//

-- If there is a tombstone, an insert that replaces the row wrote it. It must not use the clock then,
-- because the new row already has its version.
create trigger if not exists ${deletedTrigger} after delete on ${table} for each row
  insert into ${tombstone} (${keys}, ${column})
    values (
      ${oldKeys},
      greatest(
        timestampdiff(microsecond, '1970-01-01', utc_timestamp(6))
          + greatest(0, timestampdiff(microsecond, now(6), sysdate(6))),
        coalesce(old.${column} + 1, 0)))
    on duplicate key update ${column} = greatest(${column}, coalesce(old.${column}, 0)) + 1
//
