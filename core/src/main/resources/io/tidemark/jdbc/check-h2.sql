-- Returns one row with the reason if a version may not grow with every write, and no row otherwise.
-- Parameters: the table's schema, the table, the column. The catalogs' names are in upper case,
-- because without quotes some databases distinguish "a" from "A".
select problem
from (
  select case
      when not exists (
          select 1 from INFORMATION_SCHEMA.COLUMNS
          where TABLE_SCHEMA = version.schema_name
            and TABLE_NAME = version.relation_name
            and COLUMN_NAME = version.attribute_name
            and upper(IS_GENERATED) = 'ALWAYS'
            and locate('_TIDEMARK_VERSION"', upper(GENERATION_EXPRESSION)) > 0)
        then 'does not take the values of column ' || version.attribute_name
          || ' from a sequence of Tidemark'
    end as problem
  from (
    select cast(? as varchar) as schema_name, cast(? as varchar) as relation_name,
      cast(? as varchar) as attribute_name) as version) as checked
where problem is not null
