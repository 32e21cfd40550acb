//! Defaults that are no locations, roles or options, and structs that do not fit together.

use diesel_redshift::RedshiftCopy;

diesel::table! {
    users {
        id -> BigInt,
        name -> Text,
    }
}

diesel::table! {
    orders {
        id -> BigInt,
    }
}

struct Plain {
    name: String,
}

#[derive(RedshiftCopy)]
#[diesel(table_name = users)]
struct EmbedsWhatDoesNotDerive {
    id: i64,
    #[diesel(embed)]
    plain: Plain,
}

#[derive(RedshiftCopy)]
#[diesel(table_name = orders)]
struct Order {
    id: i64,
}

#[derive(RedshiftCopy)]
#[diesel(table_name = users)]
struct EmbedsAnotherTable {
    #[diesel(embed)]
    order: Order,
}

#[derive(RedshiftCopy)]
#[diesel(table_name = users)]
#[redshift(format = csv(escape))]
struct UnknownOption {
    id: i64,
}

#[derive(RedshiftCopy)]
#[diesel(table_name = users)]
#[redshift(format = csv(ignore_header = "1"))]
struct WrongOption {
    id: i64,
}

#[derive(RedshiftCopy)]
#[diesel(table_name = users)]
#[redshift(format = fixed_width)]
struct NoWidths {
    id: i64,
}

#[derive(RedshiftCopy)]
#[diesel(table_name = users)]
struct WideWidth {
    #[redshift(width = 5_000_000_000)]
    id: i64,
}

fn main() {}
