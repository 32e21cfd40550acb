CREATE TABLE stations (
    id BIGINT NOT NULL,
    name VARCHAR(100) NOT NULL
)
DISTSTYLE ALL;

CREATE TABLE readings (
    station_id BIGINT NOT NULL,
    taken_at TIMESTAMP NOT NULL,
    celsius DOUBLE PRECISION NOT NULL
)
DISTKEY (station_id)
SORTKEY (taken_at);
