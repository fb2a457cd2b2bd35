-- What is wrong with what makes a version grow, if anything: one row, or none. Parameters: the
-- table's schema, the table, the column.
select problem
from (
  select case
      when not exists (
          select 1 from information_schema.columns
          where table_schema = version.schema_name
            and table_name = version.table_name
            and column_name = version.column_name
            and is_generated = 'ALWAYS'
            and locate('_TIDEMARK_VERSION"', generation_expression) > 0)
        then 'does not take the values of column ' || version.column_name
          || ' from a sequence of Tidemark'
    end as problem
  from (
    select cast(? as varchar) as schema_name, cast(? as varchar) as table_name,
      cast(? as varchar) as column_name) as version) as checked
where problem is not null
