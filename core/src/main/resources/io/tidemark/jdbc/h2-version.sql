-- Makes the version of every row of a table strictly grow. H2 2.3 or newer; tested on 2.5.252.
--
-- To install it on a table of your own, give the table a column
--
--     version bigint not null default 0
--
-- and run what H2Versions.columnSql makes of this file in your migration. It is idempotent.
--
-- The column becomes a generated column with the next value of a sequence. H2 computes it for every
-- insert and update once it holds the row's lock, so that the versions of a row follow the order
-- of its commits, also when one transaction updates twice, and whatever the clock does. A statement
-- that sets the column is refused. A sequence does not forget, so a row that is deleted and inserted
-- again is newer than before. It starts at the clock's microseconds, so that a new in-memory database
-- is newer than the one before it, whose entries may still be in a store.
--
-- Not covered: an insert that waits for a transaction that updates the same row once more and then
-- deletes it gets its version before it waits, below the deletion's. The cache serves it uncached
-- for the life of a floor. Nor are commits that H2 itself loses in a crash, because it writes them to
-- its file a moment later.
--
-- The catalogs' names are in upper case, because without quotes some databases distinguish "a" from
-- "A".

call (
  select case
      when count(*) = 0
        then signal('42S22', 'table ' || '${table}' || ' has no column ' || '${column}')
      when max(upper(DATA_TYPE)) <> 'BIGINT'
        then signal('42804', 'column ' || '${column}' || ' of table ' || '${table}'
          || ' is no bigint; a version must be one')
      when max(upper(IS_IDENTITY)) = 'YES' or (max(upper(IS_GENERATED)) = 'ALWAYS'
          and locate('_TIDEMARK_VERSION"', max(upper(GENERATION_EXPRESSION))) = 0)
        then signal('42804', 'column ' || '${column}' || ' of table ' || '${table}'
          || ' is generated in another way; a version must be a plain bigint')
    end
  from INFORMATION_SCHEMA.COLUMNS
  where TABLE_SCHEMA = ${schemaText} and TABLE_NAME = ${tableText} and COLUMN_NAME = ${columnText}
);

create sequence if not exists ${sequence} no cycle;

-- Nothing is left to do if the column has this sequence. A sequence that existed before, and that of
-- the table's former name, may be ahead of the clock.
execute immediate case
  when exists (
      select 1 from INFORMATION_SCHEMA.COLUMNS
      where TABLE_SCHEMA = ${schemaText} and TABLE_NAME = ${tableText} and COLUMN_NAME = ${columnText}
        and locate(quote_ident(${schemaText}) || '.' || quote_ident(${sequenceText}),
          GENERATION_EXPRESSION) > 0)
    then 'create sequence if not exists ' || '${sequence}'
  else 'alter sequence ' || '${sequence}' || ' restart with ' || (
    select greatest(
      coalesce(max(${column}), 0) + 1,
      cast(extract(epoch from current_timestamp) * 1000000 as bigint),
      (select max(BASE_VALUE) from INFORMATION_SCHEMA.SEQUENCES
        where right(upper(SEQUENCE_NAME), 17) = '_TIDEMARK_VERSION'))
    from ${table})
end;

execute immediate case
  when exists (
      select 1 from INFORMATION_SCHEMA.COLUMNS
      where TABLE_SCHEMA = ${schemaText} and TABLE_NAME = ${tableText} and COLUMN_NAME = ${columnText}
        and locate(quote_ident(${schemaText}) || '.' || quote_ident(${sequenceText}),
          GENERATION_EXPRESSION) > 0)
    then 'create sequence if not exists ' || '${sequence}'
  else 'alter table ' || '${table}' || ' alter column ' || '${column}'
    || ' bigint generated always as (next value for ' || '${sequence}' || ') not null'
end;
