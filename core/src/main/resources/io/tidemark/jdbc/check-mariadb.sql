-- Returns one row with the reason if a version may not grow with every write, and no row otherwise.
-- Parameters: the table's schema, the table, the column.
select problem
from (
  select case
      when (
          select count(*) from information_schema.triggers
          where trigger_schema = version.schema_name
            and event_object_table = version.table_name
            and trigger_name in (
              concat('tidemark_insert_', version.table_name),
              concat('tidemark_update_', version.table_name))
            and locate(
              concat('new.`', replace(version.column_name, '`', '``'), '` ='), action_statement) > 0)
          < 2
        then concat('has no triggers of Tidemark that make column ', version.column_name,
          ' grow, or this user may not see them')
    end as problem
  from (
    select cast(? as char(64)) as schema_name, cast(? as char(64)) as table_name,
      cast(? as char(64)) as column_name) as version) as checked
where problem is not null
