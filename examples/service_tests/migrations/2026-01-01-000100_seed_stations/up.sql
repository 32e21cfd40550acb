COPY stations (id, name) FROM 's3://${station_bucket}/stations.csv' IAM_ROLE '${station_role}' FORMAT AS CSV IGNOREHEADER 1;
