-- Returns one row with the reason if a version may not grow with every write, and no row otherwise.
-- Parameters: the table's schema or '', the table, the column.
select problem
from (
  select case
      when relation.relkind not in ('r', 'p')
        then 'is not a table, so that nothing tells whether its versions grow'
      when heirs.names is not null
        then 'has tables that inherit from it, whose rows its triggers do not cover: ' || heirs.names
      when growing.tgname is null
        then 'has no trigger of Tidemark that makes column ' || version.column_name || ' grow'
      when growing.tgenabled not in ('O', 'A')
        then 'has its trigger for the versions switched off'
      when current_setting('session_replication_role') = 'replica'
        then 'has its triggers switched off by session_replication_role, where a connection of this'
          || ' pool writes it'
    end as problem
  from (
    select cast(? as text) as schema_name, cast(? as text) as table_name,
      cast(? as text) as column_name) as version
  join pg_catalog.pg_class relation on relation.relname = version.table_name
  join pg_catalog.pg_namespace namespace on namespace.oid = relation.relnamespace
  left join (
    pg_catalog.pg_trigger growing join pg_catalog.pg_proc function on function.oid = growing.tgfoid)
    on growing.tgrelid = relation.oid
    and growing.tgname = 'zz_tidemark_version'
    and function.proname = 'tidemark_version_' || version.column_name
  cross join lateral (
    select string_agg(cast(cast(inhrelid as regclass) as text), ', ') as names
    from pg_catalog.pg_inherits
    where inhparent = relation.oid and relation.relkind = 'r') as heirs
  where namespace.nspname = version.schema_name
    or (version.schema_name = '' and pg_catalog.pg_table_is_visible(relation.oid))) as checked
where problem is not null
