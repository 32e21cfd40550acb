//! The tables, made from structs.

use chrono::{NaiveDate, NaiveDateTime};
use diesel_redshift::ddl::RedshiftTable;
use diesel_redshift::prelude::*;

diesel::table! {
    sales (id) {
        id -> BigInt,
        sold_on -> Date,
        cents -> BigInt,
    }
}

diesel::table! {
    loaded_files (file) {
        #[max_length = 1024]
        file -> Text,
        row_count -> BigInt,
        loaded_at -> Timestamp,
    }
}

/// A line of a file, and a row of the table.
#[derive(RedshiftCopy, RedshiftTable)]
#[diesel(table_name = sales)]
#[allow(dead_code)]
pub(crate) struct Sale {
    #[redshift(dist_key)]
    id: i64,
    #[redshift(sort_key = 1)]
    sold_on: NaiveDate,
    cents: i64,
}

/// What was loaded, and when.
#[derive(RedshiftTable)]
#[diesel(table_name = loaded_files)]
#[allow(dead_code)]
pub(crate) struct LoadedFile {
    #[redshift(varchar)]
    file: String,
    row_count: i64,
    #[redshift(default = getdate())]
    loaded_at: NaiveDateTime,
}
