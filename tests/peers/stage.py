"""One call of a peer, measured: stage.py awswrangler|arrowjet in|out narrow|wide ROWS prints seconds, processor seconds, megabytes."""

import os
import resource
import sys
import time
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


def wide(ids):
    texts = ["sensor number", "station", "colour"]
    modulos = [100003, 1000, 10]
    columns = {}
    for g, (text, modulo) in enumerate(zip(texts, modulos), 1):
        columns[f"big{g}"] = ids * g
        columns[f"text{g}"] = [f"{text} {i * 7919 % modulo}" for i in ids.tolist()]
        columns[f"double{g}"] = np.sin(ids.astype("float64") * g) * 1000
        columns[f"at{g}"] = moments(ids * g)
        columns[f"flag{g}"] = ids % (g + 1) == 0
    return columns


TYPES = {"big": "BIGINT", "text": "VARCHAR(100)", "double": "DOUBLE PRECISION", "at": "TIMESTAMP", "flag": "BOOLEAN"}


def create(shape):
    if shape == "narrow":
        return "CREATE TABLE narrow (id BIGINT, name VARCHAR(100), value DOUBLE PRECISION, at TIMESTAMP)"
    columns = [f"{kind}{g} {sql}" for g in range(1, 4) for kind, sql in TYPES.items()]
    return f"CREATE TABLE wide ({', '.join(columns)})"


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
        cursor.execute(create(shape))
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
