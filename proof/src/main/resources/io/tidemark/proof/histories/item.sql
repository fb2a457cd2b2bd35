-- The rows that the workers write, and a record of every change that was committed.
create table item (
  id text primary key,
  payload text not null,
  updated_at timestamptz not null default clock_timestamp()
);

-- A version that is the same for all changes, as whole seconds are within one of them.
create table coarse_item (
  id text primary key,
  payload text not null,
  version bigint not null default 7
);

-- What a replica has of them.
create table item_replica (like item including all);
create table coarse_item_replica (like coarse_item including all);

create table change (
  number bigserial primary key,
  operation text not null,
  id text not null,
  version bigint not null,
  payload text
);
create index on change (operation);

-- Runs after the change, with the row's lock held until the commit: the numbers of one row's
-- changes are in the order of their commits.
create function note_change() returns trigger language plpgsql as $$
declare
  stamp timestamptz;
begin
  if tg_op = 'DELETE' then
    stamp := greatest(clock_timestamp(), old.updated_at + interval '1 microsecond');
  else
    stamp := new.updated_at;
  end if;
  insert into change (operation, id, version, payload)
  values (
    current_setting('proof.operation'),
    case tg_op when 'DELETE' then old.id else new.id end,
    (extract(epoch from stamp) * 1000000)::bigint,
    case tg_op when 'DELETE' then null else new.payload end);
  return null;
end
$$;

create function note_coarse_change() returns trigger language plpgsql as $$
begin
  insert into change (operation, id, version, payload)
  values (current_setting('proof.operation'), new.id, new.version, new.payload);
  return null;
end
$$;

create trigger note_coarse_change after insert or update on coarse_item
  for each row execute function note_coarse_change();

create trigger note_change after insert or update or delete on item
  for each row execute function note_change();
