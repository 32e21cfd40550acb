"""The statements of statements.rs, compiled by sqlalchemy-redshift."""

import sys
import time

import sqlalchemy as sa
from sqlalchemy_redshift import dialect
from sqlalchemy_redshift.commands import CopyCommand, Encoding, Format, Compression, UnloadFromSelect

metadata = sa.MetaData()


def table(name, *columns):
    return sa.Table(name, metadata, *(sa.Column(n, t) for n, t in columns))


big, text = sa.BigInteger, sa.String
users = table("users", ("id", big), ("name", text), ("country", text), ("joined", big))
orders = table("orders", ("id", big), ("user_id", big), ("product_id", big), ("amount", big), ("state", text))
products = table("products", ("id", big), ("title", text), ("maker_id", big), ("price", big))
makers = table("makers", ("id", big), ("title", text), ("country", text))

ROLE = "arn:aws:iam::012345678901:role/Loader"
DIALECT = dialect.RedshiftDialect_psycopg2()


def compiled(statement):
    return str(statement.compile(dialect=DIALECT, compile_kwargs={"literal_binds": True}))


def copy_statement():
    return compiled(
        CopyCommand(
            [users.c.id, users.c.name, users.c.country, users.c.joined],
            data_location="s3://bucket/prefix/users",
            iam_role_arns=ROLE,
            format=Format.csv,
            quote='"',
            delimiter=",",
            dangerous_null_delimiter="@NULL@",
            encoding=Encoding.utf8,
            ignore_header=1,
            ignore_blank_lines=True,
            fill_record=True,
            accept_any_date=True,
            accept_inv_chars="?",
            blanks_as_null=True,
            empty_as_null=True,
            date_format="auto",
            time_format="auto",
            roundec=True,
            trim_blanks=True,
            truncate_columns=True,
            compression=Compression.gzip,
            max_error=10,
            comp_update=False,
            stat_update=False,
            region="eu-central-1",
        )
    )


def unload_statement():
    join = (
        orders.join(users, orders.c.user_id == users.c.id)
        .join(products, orders.c.product_id == products.c.id)
        .join(makers, products.c.maker_id == makers.c.id)
    )
    query = (
        sa.select(orders.c.id, users.c.name, products.c.title, makers.c.title)
        .select_from(join)
        .where(users.c.country == "Côte d'Ivoire")
        .where(users.c.joined > 20200101)
        .where(users.c.name != r"back\slash")
        .where(orders.c.amount.between(1, 1000))
        .where(orders.c.state.in_(["paid", "sent"]))
        .where(products.c.price < 500)
        .where(makers.c.country == "France")
        .where(makers.c.title.like("%&Co"))
    )
    return compiled(
        UnloadFromSelect(
            query,
            unload_location="s3://bucket/prefix/orders_",
            iam_role_arns=ROLE,
            format=Format.csv,
            header=True,
            gzip=True,
            parallel=False,
            max_file_size=100 * 1024**2,
        )
    )


def best(build, calls=300):
    build()
    times = []
    for _ in range(7):
        start = time.perf_counter()
        for _ in range(calls):
            build()
        times.append((time.perf_counter() - start) * 1e6 / calls)
    return min(times)


print(copy_statement(), unload_statement(), sep="\n", file=sys.stderr)
print(f"copy {best(copy_statement):.3f}")
print(f"unload {best(unload_statement):.3f}")
