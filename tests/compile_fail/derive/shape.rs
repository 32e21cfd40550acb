//! What cannot derive at all, and attributes that say nothing.

use diesel_redshift::{RedshiftCopy, RedshiftUnload};

diesel::table! {
    users {
        id -> BigInt,
        name -> Text,
    }
}

#[derive(RedshiftCopy, RedshiftUnload)]
#[diesel(table_name = users)]
struct Tuple(i64, String);

#[derive(RedshiftCopy)]
struct Unit;

#[derive(RedshiftCopy)]
struct Users {}

#[derive(RedshiftUnload)]
enum Enum {
    Id,
}

#[derive(RedshiftCopy)]
union Union {
    id: i64,
}

#[derive(RedshiftCopy)]
#[diesel(table_name = users)]
#[redshift(role = "default")]
struct UnknownSetting {
    id: i64,
}

#[derive(RedshiftCopy)]
#[diesel(table_name = users)]
#[redshift(load(format = csv))]
struct UnknownStatement {
    id: i64,
}

#[derive(RedshiftCopy)]
#[diesel(table_name = users)]
#[redshift(copy(prefix = "s3://bucket/"))]
struct UnknownSettingOfStatement {
    id: i64,
}

#[derive(RedshiftCopy)]
#[diesel(table_name = users)]
#[redshift(format = csv, format = json)]
struct Twice {
    id: i64,
}

#[derive(RedshiftCopy)]
#[diesel(table_name = users)]
#[redshift(format = xml)]
struct UnknownFormat {
    id: i64,
}

#[derive(RedshiftUnload)]
#[diesel(table_name = users)]
#[redshift(format = orc)]
struct FormatOfCopyOnly {
    id: i64,
}

#[derive(RedshiftCopy)]
#[diesel(table_name = users)]
#[redshift(location = bucket)]
struct NoText {
    id: i64,
}

#[derive(RedshiftCopy)]
#[diesel(table_name = users)]
struct FieldSetting {
    #[redshift(column = "id")]
    id: i64,
}

#[derive(RedshiftCopy)]
#[diesel(table_name = users)]
struct SomeOrder {
    #[redshift(order = 1)]
    id: i64,
    name: String,
}

#[derive(RedshiftCopy)]
#[diesel(table_name = users)]
struct SameOrder {
    #[redshift(order = 1)]
    id: i64,
    #[redshift(order = 1)]
    name: String,
}

#[derive(RedshiftUnload)]
#[diesel(table_name = users)]
struct SomeWidths {
    #[redshift(width = 8)]
    id: i64,
    name: String,
}

#[derive(RedshiftCopy)]
#[diesel(table_name = users)]
struct SettingsOfEmbedded {
    id: i64,
    #[diesel(embed)]
    #[redshift(json_path = "$.name")]
    name: Name,
}

#[derive(RedshiftCopy)]
#[diesel(table_name = users)]
#[diesel(table_name = people)]
struct TwoTables {
    id: i64,
}

#[derive(RedshiftCopy)]
#[diesel(table_name = users)]
struct NoName {
    #[diesel(column_name = "")]
    id: i64,
}

#[derive(RedshiftCopy)]
#[diesel(table_name = users)]
struct AllSkipped {
    #[diesel(skip_insertion)]
    id: i64,
    #[redshift(copy(skip))]
    name: String,
}

#[derive(RedshiftCopy, RedshiftUnload)]
#[diesel(table_name = users)]
struct Expression {
    #[diesel(select_expression = users::id + 1)]
    id: i64,
}

fn main() {}
