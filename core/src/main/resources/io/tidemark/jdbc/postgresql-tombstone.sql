-- Keeps the versions of deleted rows, so that a row that is inserted again is newer than its
-- deletion. PostgreSQL 14 or newer, after postgresql-version.sql.
--
-- PostgresVersions.tombstoneSql fills in the names. It is idempotent. To run it, you must own the
-- table, and be allowed to create tables and functions in its schema. Users that write the table also
-- need the rights to select, insert, update and delete tombstones.
--
-- All names are resolved here, as in postgresql-version.sql. So are the operators that compare
-- keys: they are those of the key's index. A writer's search_path makes no difference.
--
-- A tombstone has the key of a deleted row, and a version above every version that the row had. An
-- insert takes a version above the tombstone's, and removes the tombstone. Changing a key counts as
-- deleting the old key and inserting the new one.
--
-- If in one statement a row takes the key that another row gives up, and the other row's version is
-- the later one because the clock was set back, the statement fails; use two statements then.
--
-- Not covered: truncate; and sessions that switch triggers off.

do $tidemark$
declare
  relation regclass := '${table}';
  target record;
  tombstone text;
  keys name[] := array[${keyTexts}];
  key_columns text := (select string_agg(format('%I', key), ', ') from unnest(keys) as key);
  candidate regclass;
  key_index oid;
  other regclass;
  former text;
  same_key text;
begin
  select n.nspname, format('%I.%I', n.nspname, c.relname) as name,
      format('%I.%I', n.nspname, c.relname || '_tombstone') as tombstone
    into strict target
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.oid = relation;
  tombstone := target.tombstone;
  if not exists (
      select from pg_trigger
      where tgrelid = relation
        and tgname = 'zz_tidemark_version'
        and tgfoid = to_regprocedure(
          format('%I.%I()', target.nspname, 'tidemark_version_' || '${columnName}'))) then
    raise exception 'table % has no trigger for the versions in column %; run its SQL first',
      '${table}', '${column}';
  end if;

  -- A renamed table keeps its triggers, but its function and its tombstones keep their names. Two
  -- tables with the same tombstones would remove each other's.
  select t.tgrelid
    into other
    from pg_trigger t join pg_proc f on f.oid = t.tgfoid
    where t.tgrelid <> relation
      and t.tgparentid = 0 -- not a partition's copy
      and t.tgname = 'tidemark_tombstone'
      and (f.oid = to_regprocedure(tombstone || '()')
        or strpos(f.prosrc, format(' delete from %s as existing where ', tombstone)) > 0)
    limit 1;
  if found then
    raise exception
      '% keeps the tombstones of %; in one transaction, rename the table and the function % to those of the other table (<table>_tombstone), run its SQL again, and then this',
      tombstone, other, tombstone;
  end if;

  select format('%I.%I', n.nspname, f.proname)
    into former
    from pg_trigger t join pg_proc f on f.oid = t.tgfoid join pg_namespace n on n.oid = f.pronamespace
    where t.tgrelid = relation
      and t.tgname = 'tidemark_tombstone'
      and (f.oid is distinct from to_regprocedure(tombstone || '()')
        or to_regclass(tombstone) is null
          and strpos(f.prosrc, format(' delete from %s as existing where ', tombstone)) = 0);
  if found then
    raise exception
      'table % has its tombstones by function %(), from before it was renamed or moved, and would leave them behind; in one transaction, rename or move the function and its table of tombstones to %, and run this again',
      target.name, former, tombstone;
  end if;

  if to_regclass(tombstone) is null then
    execute format('create table %s as select %s, %I from %s with no data',
      tombstone, key_columns, '${columnName}', target.name);
    execute format('alter table %s alter column %I set not null, add primary key (%s)',
      tombstone, '${columnName}', key_columns);
  end if;
  foreach candidate in array array[relation, tombstone::regclass] loop
    -- Two rows of one key, or a null in it, would share a tombstone.
    select indexrelid
      into key_index
      from pg_index
      where indrelid = candidate
        and indisunique and indimmediate and indisvalid and indpred is null and not indisexclusion
        and indnkeyatts = cardinality(keys)
        and (
          select array_agg(attname order by attname)
          from pg_attribute
          where attrelid = indrelid and attnum = any (indkey[0:indnkeyatts - 1]) and attnotnull)
          = (select array_agg(key order by key) from unnest(keys) as key)
      limit 1;
    if not found then
      raise exception 'the key (%) of table % is not unique and not null',
        key_columns, candidate;
    end if;
  end loop;
  if not exists (
      select from pg_attribute
      where attrelid = candidate and attname = '${columnName}'
        and atttypid = 'timestamptz'::regtype and atttypmod in (-1, 6) and not attisdropped) then
    raise exception 'table % has no column % of the type timestamptz; a tombstone must have one',
      candidate, '${column}';
  end if;

  -- The operators of the key's own index: those of citext, for example, are in its extension's schema.
  select string_agg(
      format('%%1$s.%1$s operator(%2$I.%3$s) %%2$s.%1$s',
        replace(format('%I', a.attname), '%', '%%'), replace(n.nspname, '%', '%%'), o.oprname),
      ' and ')
    into strict same_key
    from pg_index i
    cross join unnest(i.indkey::int2[], i.indclass::oid[]) as k (attnum, opclass)
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
    join pg_opclass c on c.oid = k.opclass
    join pg_amop p on p.amopfamily = c.opcfamily and p.amopstrategy = 3 -- "equal", of a btree
      and p.amoplefttype = c.opcintype and p.amoprighttype = c.opcintype
    join pg_operator o on o.oid = p.amopopr
    join pg_namespace n on n.oid = o.oprnamespace
    where i.indexrelid = key_index;

  execute format(
    'create or replace function %s() returns trigger language plpgsql'
      || ' set search_path = pg_catalog, pg_temp as %L',
    tombstone,
    format(
      $body$
-- A key may have the name of a variable, such as "found" or "new".
#variable_conflict use_column
begin
  if tg_when = 'BEFORE' then
    -- Without a tombstone the value is null, which greatest() ignores.
    new.%1$I := greatest(
      new.%1$I,
      (select existing.%1$I + interval '1 microsecond' from %2$s as existing where %5$s));
    return new;
  end if;
  if tg_op <> 'INSERT' then
    -- Not the current moment: the same statement may have given the key to another row, with a
    -- version from before this trigger runs.
    insert into %2$s as existing (%3$s, %1$I)
      values (%6$s, greatest(
        statement_timestamp(), case when isfinite(old.%1$I) then old.%1$I + interval '1 microsecond' end))
      on conflict (%3$s) do update set %1$I =
        greatest(excluded.%1$I, existing.%1$I + interval '1 microsecond');
  end if;
  if tg_op <> 'DELETE' then
    -- The version was set before the insert waited for the transaction that deleted the row. Only now
    -- does this transaction own the row. It writes the tombstone, because a read would miss it in an
    -- old snapshot; there, the write fails.
    insert into %2$s as existing (%3$s, %1$I)
      values (%7$s, new.%1$I)
      on conflict (%3$s) do update set %1$I = excluded.%1$I
        where existing.%1$I < excluded.%1$I;
    if not found then
      raise exception 'a row of table %% was deleted while it was inserted', %4$L
        using errcode = 'serialization_failure';
    end if;
    delete from %2$s as existing where %5$s;
  end if;
  return null;
end
$body$,
      '${columnName}', tombstone, key_columns, target.name, format(same_key, 'existing', 'new'),
      (select string_agg(format('old.%I', key), ', ') from unnest(keys) as key),
      (select string_agg(format('new.%I', key), ', ') from unnest(keys) as key)));

  -- After zz_tidemark_version, in the order of their names.
  execute format(
    'create or replace trigger zz_tidemark_version_insert before insert on %s'
      || ' for each row execute function %s()',
    target.name, tombstone);
  -- A computed key is not known before the row exists.
  if not exists (
      select from pg_attribute
      where attrelid = relation and attname = any (keys) and attgenerated <> '') then
    execute format(
      'create or replace trigger zz_tidemark_version_new_key before update on %s'
        || ' for each row when (not (%s)) execute function %s()',
      target.name, format(same_key, 'old', 'new'), tombstone);
  end if;
  execute format(
    'create or replace trigger tidemark_tombstone after insert or delete on %s'
      || ' for each row execute function %s()',
    target.name, tombstone);
  execute format(
    'create or replace trigger tidemark_tombstone_new_key after update on %s'
      || ' for each row when (not (%s)) execute function %s()',
    target.name, format(same_key, 'old', 'new'), tombstone);
end
$tidemark$;
