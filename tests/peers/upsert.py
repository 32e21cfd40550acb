"""awswrangler's upsert, measured: upsert.py ROWS prints seconds, processor seconds, megabytes. tests/benches/upsert.rs has the same rows."""

import os
import sys
import time
from urllib.parse import urlparse

import awswrangler as wr
import numpy as np
import pandas as pd
import redshift_connector

from stage import KEY, ROLE, megabytes, processor

TYPES = {
    "id": "BIGINT",
    "name": "VARCHAR(100)",
    "city": "VARCHAR(50)",
    "score": "DOUBLE PRECISION",
    "hits": "INTEGER",
    "active": "BOOLEAN",
    "seen_at": "TIMESTAMP",
    "born_on": "DATE",
}


def people(ids):
    listed = ids.tolist()
    days = (ids % 30_000).astype("int64") - (719_163 - 700_000)
    return pd.DataFrame(
        {
            "id": ids,
            "name": [f"person number {i * 7919 % 100003}" for i in listed],
            "city": [f"city {i % 1000}" if i % 7 else None for i in listed],
            "score": np.sin(ids.astype("float64")) * 1000,
            "hits": (ids % 1000).astype("int32"),
            "active": ids % 3 == 0,
            "seen_at": pd.to_datetime(1_700_000_000_000 + ids * 1000, unit="ms").astype("datetime64[us]"),
            "born_on": pd.Series(pd.to_datetime(days, unit="D")).dt.date,
        }
    )


def main(count):
    url = urlparse(os.environ["SANDBOX_URL"])
    connection = redshift_connector.connect(
        host=url.hostname, port=url.port, database=url.path[1:], user=url.username, password=url.password, ssl=False
    )
    there = count * 10
    frame = people(np.arange(there - count // 2, there + count // 2))

    def upsert(rows):
        wr.redshift.copy(
            rows,
            "s3://bench-bucket/awswrangler/",
            connection,
            "people",
            "public",
            iam_role=ROLE,
            mode="upsert",
            primary_keys=["id"],
            dtype={"born_on": "date"},
        )

    # What Python loads at the first call does not count; these rows are there already.
    upsert(people(np.arange(10)))
    with open("/proc/self/clear_refs", "w") as refs:
        refs.write("5")
    start, before, memory = time.monotonic(), processor(), megabytes("VmRSS:")
    upsert(frame)
    wall, used = time.monotonic() - start, processor() - before
    print(f"{wall:.3f} {used:.2f} {megabytes('VmHWM:') - memory:.0f}")
    cursor = connection.cursor()
    cursor.execute("SELECT COUNT(*) FROM people")
    assert cursor.fetchone()[0] == there + count // 2


main(int(sys.argv[1]))
