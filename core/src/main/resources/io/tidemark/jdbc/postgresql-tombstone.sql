-- Keeps the versions of deleted rows, so that a row that is inserted again is newer than its
-- deletion. PostgreSQL 14 or newer, after postgresql-version.sql.
--
-- PostgresVersions.tombstoneSql fills in the names. It may be run again. Whoever runs it must own
-- the table, and may create tables and functions in its schema; whoever writes the table needs to
-- select, insert, update and delete tombstones too.
--
-- A tombstone has the key of a row that is not there, and a version above all that the row had. An
-- insert takes a version above the tombstone's, and removes it. To change a key is to delete the
-- one and to insert the other.
--
-- Not covered: truncate; one statement that gives a row the key that another row gives up; and
-- sessions that switch triggers off.

do $tidemark$
declare
  relation text;
begin
  if not exists (
      select from pg_trigger
      where tgrelid = '${table}'::regclass
        and tgname = 'zz_tidemark_version'
        and tgfoid = to_regproc('${versionFunction}')) then
    raise exception 'table % has no trigger for the versions in column %; run its SQL first',
      '${table}', '${column}';
  end if;
  foreach relation in array array['${table}', '${tombstone}'] loop
    if relation = '${tombstone}' and to_regclass(relation) is null then
      create table ${tombstone} as select ${keys}, ${column} from ${table} with no data;
      alter table ${tombstone} alter column ${column} set not null, add primary key (${keys});
    end if;
    -- Two rows of one key, or a null in it, would share a tombstone.
    if not exists (
        select from pg_index
        where indrelid = relation::regclass
          and indisunique and indimmediate and indisvalid and indpred is null
          and (
            select array_agg(attname::text order by attname::text)
            from pg_attribute
            where attrelid = indrelid and attnum = any (indkey[0:indnkeyatts - 1]) and attnotnull)
            = (select array_agg(name order by name) from unnest(array[${keyTexts}]) as name)
          and indnkeyatts = cardinality(array[${keyTexts}])) then
      raise exception 'the key (%) of table % is not unique and not null', '${keys}', relation;
    end if;
  end loop;
end
$tidemark$;

create or replace function ${tombstone}() returns trigger language plpgsql as $tidemark$
begin
  if tg_when = 'BEFORE' then
    -- Without a tombstone there is a null, and greatest() leaves nulls out.
    new.${column} := greatest(
      new.${column},
      (select ${column} + interval '1 microsecond'
        from ${tombstone} where (${keys}) = (${newKeys})));
    return new;
  end if;
  if tg_op <> 'INSERT' then
    insert into ${tombstone} as existing (${keys}, ${column})
      values (${oldKeys}, greatest(clock_timestamp(), old.${column} + interval '1 microsecond'))
      on conflict (${keys}) do update set ${column} =
        greatest(excluded.${column}, existing.${column} + interval '1 microsecond');
  end if;
  if tg_op <> 'DELETE' then
    -- The version was set before the insert waited for whoever deleted the row meanwhile. Only now
    -- is the row this transaction's own. The tombstone is written, as a read would miss it in an
    -- old snapshot: there, writing it fails.
    insert into ${tombstone} as existing (${keys}, ${column})
      values (${newKeys}, new.${column})
      on conflict (${keys}) do update set ${column} = excluded.${column}
        where existing.${column} < excluded.${column};
    if not found then
      raise exception 'a row of table % was deleted while it was inserted', '${table}'
        using errcode = 'serialization_failure';
    end if;
    delete from ${tombstone} where (${keys}) = (${newKeys});
  end if;
  return null;
end
$tidemark$;

-- After zz_tidemark_version, in the order of their names.
create or replace trigger zz_tidemark_version_insert
  before insert on ${table}
  for each row execute function ${tombstone}();

create or replace trigger zz_tidemark_version_new_key
  before update on ${table}
  for each row when ((${oldKeys}) is distinct from (${newKeys})) execute function ${tombstone}();

create or replace trigger tidemark_tombstone
  after insert or delete on ${table}
  for each row execute function ${tombstone}();

create or replace trigger tidemark_tombstone_new_key
  after update on ${table}
  for each row when ((${oldKeys}) is distinct from (${newKeys})) execute function ${tombstone}();
