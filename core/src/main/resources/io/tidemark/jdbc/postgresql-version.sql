-- Makes the version of every row of a table strictly grow. PostgreSQL 14 or newer.
--
-- To install it on a table of your own, give the table a column
--
--     updated_at timestamptz not null default clock_timestamp()
--
-- replace the placeholders below, and run the file in your migration: "table" and "column" by the
-- names as you write them in SQL (sales.product, updated_at), "function" by the name of a function
-- that does not exist yet (sales.product_version). PostgresVersions.triggerSql does the same from
-- Java. It may be run again. Whoever runs it must own the table, and may create functions in its
-- schema.
--
-- Why a trigger: now() is the start of the transaction, so a transaction that began first and
-- committed last would give the newer row the older stamp. This runs under the row's own lock, so
-- the versions of a row follow the order of its commits: also when the clock was set back, when one
-- transaction updates twice, and when a statement sets the column itself.
--
-- Not covered: a row that is deleted and inserted again while the clock was set back, or by an
-- insert that was stamped before it waited for the deletion, for both of which see
-- postgresql-tombstone.sql; and sessions that switch triggers off (session_replication_role =
-- replica, alter table ... disable trigger).

-- Another type would round the version, and two changes could share it.
do $tidemark$
declare
  found_type text := (
    select format_type(atttypid, atttypmod)
    from pg_attribute
    where attrelid = '${table}'::regclass
      and attname = (parse_ident('${column}'))[1]
      and not attisdropped);
begin
  if found_type is null then
    raise exception 'table % has no column %', '${table}', '${column}';
  end if;
  if found_type not in ('timestamp with time zone', 'timestamp(6) with time zone') then
    raise exception 'column % of table % is %; a version must be timestamptz',
      '${column}', '${table}', found_type;
  end if;
end
$tidemark$;

create or replace function ${function}() returns trigger language plpgsql as $tidemark$
begin
  -- On insert there is no old row: its columns are null, and greatest() leaves nulls out.
  new.${column} := greatest(clock_timestamp(), old.${column} + interval '1 microsecond');
  return new;
end
$tidemark$;

-- Triggers of one kind fire in the order of their names: this one last, so that it has the last word.
create or replace trigger zz_tidemark_version
  before insert or update on ${table}
  for each row execute function ${function}();
