create table ${{ values.collection }} (
    id bigint generated always as identity primary key,
    name text not null check (length(name) between 1 and 200),
    notes text not null default '',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
