-- Instances that start at once take turns.
select pg_advisory_xact_lock(4711);

create schema if not exists catalogue;

create table if not exists product (
  id bigint primary key,
  name text not null,
  price numeric(12, 2) not null,
  updated_at timestamptz not null default clock_timestamp()
);

-- Each price that a product has had.
create table if not exists product_price (
  product_id bigint not null references product,
  price numeric(12, 2) not null check (price > 0),
  since timestamptz not null default clock_timestamp()
);

insert into product (id, name, price)
select n, 'Product ' || n, n + 0.99 from generate_series(1, 200) as n
on conflict (id) do nothing;

-- The rest is printed by: demo/tidemark sql postgresql product updated_at
-- Makes the version of every row of a table strictly grow. PostgreSQL 14 or newer.
--
-- To install it on a table of your own, give the table a column
--
--     updated_at timestamptz not null default clock_timestamp()
--
-- and run what PostgresVersions.triggerSql makes of this file in your migration. It is idempotent.
-- To run it, you must own the table, and be allowed to create functions in its schema.
--
-- The name of the table is resolved once, here, and the trigger's function resolves names only in
-- pg_catalog, so that a writer's search_path makes no difference.
--
-- No literal is continued on the next line: Spring's runner of schema.sql joins lines. It also needs
-- to be told not to end a statement at each semicolon: docs/spring.md.
--
-- Why a trigger: now() is the start of the transaction, so a transaction that began first and
-- committed last would give the newer row the older stamp. A trigger runs under the row's own lock,
-- so the versions of a row follow the order of its commits, also when the clock was set back, when
-- one transaction updates twice, and when a statement sets the column itself.
--
-- A partitioned table is covered with all its partitions, including future ones. When an update moves
-- a row to another partition, PostgreSQL inserts it there; an insert into a partitioned table may
-- therefore set a version that is later than the clock. Tables that others inherit from are refused.
--
-- Not covered: a row that is deleted and inserted again while the clock was set back, or by an
-- insert that got its version before it waited for the deletion, for both of which see
-- postgresql-tombstone.sql; a table that inherits from this one later on; partitions that are
-- attached with rows; and sessions that switch triggers off (session_replication_role = replica,
-- alter table ... disable trigger).

do $tidemark$
declare
  relation regclass := '"product"';
  target record;
  version record;
  version_function text;
begin
  select c.relkind, c.relpersistence, c.relispartition, n.nspname,
      format('%I.%I', n.nspname, c.relname) as name
    into strict target
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.oid = relation;
  if target.relkind not in ('r', 'p') then
    raise exception '% is a %; only a table can have versions', '"product"',
      case target.relkind
        when 'v' then 'view' when 'm' then 'materialized view' when 'f' then 'foreign table'
        else 'relation of the kind ' || target.relkind::text end;
  end if;
  if target.relpersistence = 't' then
    raise exception
      '% is a temporary table, which stands in front of others of its name; write the schema of the table that you mean',
      '"product"';
  end if;
  if target.relispartition then
    raise exception 'table % is a partition; run this on the table that it is a partition of',
      '"product"';
  end if;
  if target.relkind = 'r' and exists (select from pg_inherits where inhparent = relation) then
    raise exception
      'other tables inherit from table %, and their rows would have no triggers; make it a partitioned table, or cache the tables one by one',
      '"product"';
  end if;

  select attnum, attgenerated <> '' as is_generated, format_type(atttypid, atttypmod) as type
    into version
    from pg_attribute
    where attrelid = relation and attname = 'updated_at' and attnum > 0 and not attisdropped;
  if not found then
    raise exception 'table % has no column %', '"product"', '"updated_at"';
  end if;
  -- Another type would round the version, and two changes could share it.
  if version.type not in ('timestamp with time zone', 'timestamp(6) with time zone') then
    raise exception 'column % of table % is %; a version must be timestamptz with microseconds',
      '"updated_at"', '"product"', version.type;
  end if;
  if version.is_generated then
    raise exception 'column % of table % is generated; a version must be a plain column',
      '"updated_at"', '"product"';
  end if;
  if exists (
      select from pg_partitioned_table
      where partrelid = relation and version.attnum = any (partattrs::int2[])) then
    raise exception
      'table % is partitioned by column %, which changes with every write; a version must be another column',
      '"product"', '"updated_at"';
  end if;

  version_function := format('%I.%I', target.nspname, 'tidemark_version_' || 'updated_at');
  execute format(
    'create or replace function %s() returns trigger language plpgsql'
      || ' set search_path = pg_catalog, pg_temp as %L',
    version_function,
    format(
      $body$
begin
  -- On insert there is no old row: its columns are null, and greatest() ignores nulls. A row of
  -- 'infinity' has had no version yet. With an argument, an insert may be one half of an update.
  new.%1$I := greatest(
    clock_timestamp(),
    case when isfinite(old.%1$I) then old.%1$I + interval '1 microsecond' end,
    case when tg_op = 'INSERT' and tg_nargs > 0 and isfinite(new.%1$I) then new.%1$I end);
  return new;
end
$body$,
      'updated_at'));

  -- Triggers of one kind fire in the order of their names. This one is last, so that no other
  -- trigger changes its version.
  execute format(
    'create or replace trigger zz_tidemark_version before insert or update on %s'
      || ' for each row execute function %s(%s)',
    target.name, version_function, case target.relkind when 'p' then '''partitioned''' end);
end
$tidemark$;
