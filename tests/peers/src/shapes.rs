//! The tables that are loaded, and a struct for each.

use diesel::prelude::*;
use sqlx::Row as _;

/// Which table is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Text4,
    Number4,
    Text30,
    Number30,
}

impl Shape {
    pub const ALL: [Self; 4] = [Self::Text4, Self::Number4, Self::Text30, Self::Number30];

    pub fn name(self) -> &'static str {
        match self {
            Self::Text4 => text4::NAME,
            Self::Number4 => number4::NAME,
            Self::Text30 => text30::NAME,
            Self::Number30 => number30::NAME,
        }
    }

    /// The query that every client without a query builder sends: the one that Diesel builds.
    pub fn select(self) -> String {
        let columns = match self {
            Self::Text4 => text4::COLUMNS,
            Self::Number4 => number4::COLUMNS,
            Self::Text30 => text30::COLUMNS,
            Self::Number30 => number30::COLUMNS,
        };
        let columns: Vec<_> = columns.iter().map(|(name, _)| *name).collect();
        format!("SELECT {} FROM {}", columns.join(", "), self.name())
    }

    /// Creates the table with so many rows in the schema.
    pub fn create(self, schema: &str, rows: usize) -> String {
        let columns = match self {
            Self::Text4 => text4::COLUMNS,
            Self::Number4 => number4::COLUMNS,
            Self::Text30 => text30::COLUMNS,
            Self::Number30 => number30::COLUMNS,
        };
        let expressions: Vec<_> = columns
            .iter()
            .enumerate()
            .map(|(at, (name, sql_type))| {
                let expression = match *sql_type {
                    "Text" => format!("('value ' || n * {} || ' of a row')::varchar", at + 7),
                    "Integer" => format!("(n % 100000 * {})::integer", at + 1),
                    "BigInt" => format!("n * {}::bigint", at * 1000 + 1),
                    _ => format!("sin(n + {at})"),
                };
                format!("{expression} AS {name}")
            })
            .collect();
        format!(
            "CREATE UNLOGGED TABLE {schema}.{} AS SELECT {} FROM generate_series(1, {rows}) AS n",
            self.name(),
            expressions.join(", ")
        )
    }
}

macro_rules! shape {
    ($table:ident, $($column:ident: $at:literal $rust:ident $sql_type:ident,)*) => {
        pub mod $table {
            use super::*;

            pub const NAME: &str = stringify!($table);
            pub const COLUMNS: &[(&str, &str)] = &[$((stringify!($column), stringify!($sql_type)),)*];

            diesel::table! {
                $table (c0) {
                    $($column -> $sql_type,)*
                }
            }

            #[derive(Queryable)]
            #[allow(dead_code)]
            pub struct Row {
                $($column: $rust,)*
            }

            impl Row {
                pub fn of_postgres(row: &tokio_postgres::Row) -> Self {
                    Self { $($column: row.get($at),)* }
                }

                pub fn of_sqlx(row: &sqlx::postgres::PgRow) -> Self {
                    Self { $($column: row.get($at),)* }
                }
            }
        }
    };
}

shape! {
    text4,
    c0: 0 String Text,
    c1: 1 String Text,
    c2: 2 String Text,
    c3: 3 String Text,
}

shape! {
    number4,
    c0: 0 i64 BigInt,
    c1: 1 i32 Integer,
    c2: 2 i64 BigInt,
    c3: 3 f64 Double,
}

shape! {
    text30,
    c0: 0 String Text,
    c1: 1 String Text,
    c2: 2 String Text,
    c3: 3 String Text,
    c4: 4 String Text,
    c5: 5 String Text,
    c6: 6 String Text,
    c7: 7 String Text,
    c8: 8 String Text,
    c9: 9 String Text,
    c10: 10 String Text,
    c11: 11 String Text,
    c12: 12 String Text,
    c13: 13 String Text,
    c14: 14 String Text,
    c15: 15 String Text,
    c16: 16 String Text,
    c17: 17 String Text,
    c18: 18 String Text,
    c19: 19 String Text,
    c20: 20 String Text,
    c21: 21 String Text,
    c22: 22 String Text,
    c23: 23 String Text,
    c24: 24 String Text,
    c25: 25 String Text,
    c26: 26 String Text,
    c27: 27 String Text,
    c28: 28 String Text,
    c29: 29 String Text,
}

shape! {
    number30,
    c0: 0 i64 BigInt,
    c1: 1 i32 Integer,
    c2: 2 f64 Double,
    c3: 3 i64 BigInt,
    c4: 4 i32 Integer,
    c5: 5 f64 Double,
    c6: 6 i64 BigInt,
    c7: 7 i32 Integer,
    c8: 8 f64 Double,
    c9: 9 i64 BigInt,
    c10: 10 i32 Integer,
    c11: 11 f64 Double,
    c12: 12 i64 BigInt,
    c13: 13 i32 Integer,
    c14: 14 f64 Double,
    c15: 15 i64 BigInt,
    c16: 16 i32 Integer,
    c17: 17 f64 Double,
    c18: 18 i64 BigInt,
    c19: 19 i32 Integer,
    c20: 20 f64 Double,
    c21: 21 i64 BigInt,
    c22: 22 i32 Integer,
    c23: 23 f64 Double,
    c24: 24 i64 BigInt,
    c25: 25 i32 Integer,
    c26: 26 f64 Double,
    c27: 27 i64 BigInt,
    c28: 28 i32 Integer,
    c29: 29 f64 Double,
}

pub mod users {
    use super::*;

    pub const SELECT: &str = "SELECT id, name, email, score FROM users WHERE id = $1";
    pub const CREATE: &str = "CREATE UNLOGGED TABLE users AS SELECT n::bigint AS id, ('user ' || n)::varchar AS name, \
         ('user' || n || '@example.com')::varchar AS email, sin(n) AS score FROM generate_series(1, 10000) AS n; \
         ALTER TABLE users ADD PRIMARY KEY (id); \
         CREATE UNLOGGED TABLE new_users (id bigint NOT NULL, name varchar NOT NULL, email varchar NOT NULL, \
         score double precision NOT NULL); ANALYZE users";

    diesel::table! {
        users (id) {
            id -> BigInt,
            name -> Text,
            email -> Text,
            score -> Double,
        }
    }

    diesel::table! {
        new_users (id) {
            id -> BigInt,
            name -> Text,
            email -> Text,
            score -> Double,
        }
    }

    #[derive(Queryable, Insertable)]
    #[diesel(table_name = new_users)]
    pub struct User {
        pub id: i64,
        pub name: String,
        pub email: String,
        pub score: f64,
    }

    impl User {
        pub fn of_postgres(row: &tokio_postgres::Row) -> Self {
            Self {
                id: row.get(0),
                name: row.get(1),
                email: row.get(2),
                score: row.get(3),
            }
        }

        pub fn of_sqlx(row: &sqlx::postgres::PgRow) -> Self {
            Self {
                id: row.get(0),
                name: row.get(1),
                email: row.get(2),
                score: row.get(3),
            }
        }
    }

    /// The insert of so many rows, as Diesel builds it.
    pub fn insert(rows: usize) -> String {
        let values: Vec<_> = (0..rows)
            .map(|row| {
                let first = row * 4;
                format!(
                    "(${}, ${}, ${}, ${})",
                    first + 1,
                    first + 2,
                    first + 3,
                    first + 4
                )
            })
            .collect();
        format!(
            "INSERT INTO new_users (id, name, email, score) VALUES {}",
            values.join(", ")
        )
    }
}
