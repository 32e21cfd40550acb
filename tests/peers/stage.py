"""One call of a peer, measured: stage.py awswrangler|arrowjet in|out narrow|wide ROWS prints seconds, processor seconds, megabytes."""

import os
import resource
import sys
import time
from decimal import Decimal
from urllib.parse import urlparse

import numpy as np
import pandas as pd
import redshift_connector

ROLE = "arn:aws:iam::123456789012:role/Bench"
# awswrangler always says ENCRYPTED, which needs one.
KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
MOMENTS = 1_700_000_000_000


def narrow(ids):
    return {
        "id": ids,
        "name": [f"sensor number {i * 7919 % 100003}" for i in ids.tolist()],
        "value": np.sin(ids.astype("float64")) * 1000,
        "at": moments(ids),
    }


def moments(ids):
    return pd.to_datetime(MOMENTS + ids * 1000 + ids % 1000, unit="ms").astype("datetime64[us]")


COLOURS = ["red", "green", "blue", "dark red", "light green"]


def wide(ids):
    integers = ids.tolist()
    wave = lambda factor: np.sin(ids.astype("float64") * factor) * 1000
    days = lambda factor: pd.to_datetime(MOMENTS + ids * factor * 1000, unit="ms").date
    decimals = lambda least, factor, modulo, scale: [
        Decimal(least + i * factor % modulo).scaleb(-scale) for i in integers
    ]
    return {
        "big1": ids,
        "big2": ids * 7919,
        "big3": ids * 1_000_003 % 1_000_000_007,
        "int1": (ids % 1000).astype("int32"),
        "int2": (ids * 31 % 1_000_000).astype("int32"),
        "int3": (ids % 7).astype("int32"),
        "small1": (ids % 366).astype("int16"),
        "small2": (ids % 24).astype("int16"),
        "code": [f"{i * 2654435761 % 2**32:08x}" for i in integers],
        "colour": [COLOURS[i % 5] for i in integers],
        "name": [f"sensor number {i * 7919 % 100003}" for i in integers],
        "station": [f"station {i * 7919 % 1000} of the northern line" for i in integers],
        "address": [f"{i % 300} Long Street, back yard, floor {i % 6}, 1{i % 9999:04} Springfield" for i in integers],
        "note": [
            f'seen by {i % 977}, who said that it was "{i % 10}", and that all else was as it had been the day before'
            if i % 3 > 0
            else None
            for i in integers
        ],
        "double1": wave(1),
        "double2": wave(2),
        "double3": wave(3),
        "real1": wave(4).astype("float32"),
        "real2": wave(5).astype("float32"),
        "price": decimals(100_000_000_000, 37, 10_000_000_000, 2),
        "rate": decimals(100_000_000_000_000_000, 7919, 1_000_000_000_000, 4),
        "flag1": ids % 2 == 0,
        "flag2": ids % 3 == 0,
        "flag3": ids % 4 == 0,
        "day1": days(100),
        "day2": days(200),
        "at1": moments(ids),
        "at2": moments(ids * 2),
        "seen1": moments(ids * 3).tz_localize("UTC"),
        "seen2": moments(ids * 4).tz_localize("UTC"),
    }


CREATE = {
    "narrow": "CREATE TABLE narrow (id BIGINT, name VARCHAR(100), value DOUBLE PRECISION, at TIMESTAMP)",
    "wide": "CREATE TABLE wide (big1 BIGINT, big2 BIGINT, big3 BIGINT, int1 INTEGER, int2 INTEGER, int3 INTEGER, "
    "small1 SMALLINT, small2 SMALLINT, code VARCHAR(10), colour VARCHAR(20), name VARCHAR(50), station VARCHAR(100), "
    "address VARCHAR(200), note VARCHAR(500), double1 DOUBLE PRECISION, double2 DOUBLE PRECISION, "
    "double3 DOUBLE PRECISION, real1 REAL, real2 REAL, price DECIMAL(12,2), rate DECIMAL(18,4), "
    "flag1 BOOLEAN, flag2 BOOLEAN, flag3 BOOLEAN, day1 DATE, day2 DATE, at1 TIMESTAMP, at2 TIMESTAMP, "
    "seen1 TIMESTAMPTZ, seen2 TIMESTAMPTZ)",
}


def megabytes(figure):
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith(figure))
    return int(line.split()[1]) / 1024


def processor():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main(peer, direction, shape, count):
    url = urlparse(os.environ["SANDBOX_URL"])
    connection = redshift_connector.connect(
        host=url.hostname, port=url.port, database=url.path[1:], user=url.username, password=url.password, ssl=False
    )
    if direction == "in":
        cursor = connection.cursor()
        cursor.execute(f"DROP TABLE IF EXISTS {shape}")
        cursor.execute(CREATE[shape])
        connection.commit()
        frame = pd.DataFrame({"narrow": narrow, "wide": wide}[shape](np.arange(count)))
    everything = f"SELECT * FROM {shape}"
    if peer == "awswrangler":
        import awswrangler as wr

        folder = "s3://bench-bucket/awswrangler/"
        load = lambda frame: wr.redshift.copy(frame, folder, connection, shape, "public", iam_role=ROLE, mode="append")
        unload = lambda query: wr.redshift.unload(query, folder, connection, iam_role=ROLE, kms_key_id=KEY)
    else:
        import arrowjet

        connection.autocommit = True
        engine = arrowjet.Engine(
            provider="redshift",
            staging_bucket="bench-bucket",
            staging_iam_role=ROLE,
            staging_region="us-east-1",
            s3_endpoint_url=os.environ["AWS_ENDPOINT_URL_S3"],
        )
        load = lambda frame: engine.write_dataframe(connection, frame, shape)
        unload = lambda query: engine.read_bulk(connection, query).to_pandas()
    # What Python loads at the first call does not count.
    if direction == "in":
        load(frame.head(10))
        cursor.execute(f"DELETE FROM {shape}")
        connection.commit()
        run = lambda: load(frame)
    else:
        unload(f"{everything} WHERE {'id' if shape == 'narrow' else 'big1'} < 10")
        run = lambda: unload(everything)
    with open("/proc/self/clear_refs", "w") as refs:
        refs.write("5")
    start, before, memory = time.monotonic(), processor(), megabytes("VmRSS:")
    outcome = run()
    wall, used = time.monotonic() - start, processor() - before
    print(f"{wall:.3f} {used:.2f} {megabytes('VmHWM:') - memory:.0f}")
    if direction == "out":
        assert len(outcome) == count, outcome


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
