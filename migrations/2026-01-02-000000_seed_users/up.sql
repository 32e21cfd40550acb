-- Where the seeds are differs by environment: RedshiftMigrations fills the placeholders.
COPY users (id, name, note, joined_on)
FROM 's3://${seed_bucket}/${seed_prefix}users'
IAM_ROLE '${seed_role}'
FORMAT AS CSV
IGNOREHEADER 1
EMPTYASNULL;
