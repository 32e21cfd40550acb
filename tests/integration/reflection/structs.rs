#[derive(
    Debug,
    Clone,
    diesel::Queryable,
    diesel::Selectable,
    diesel::Insertable,
    diesel_redshift::RedshiftCopy,
    diesel_redshift::RedshiftUnload,
)]
#[diesel(table_name = super::awkward::_2nd)]
pub struct _2nd {
    pub _1st: Option<i32>,
    pub gr_e: Option<f32>,
    pub gr_e_: Option<f32>,
    pub _unnamed: Option<i32>,
}

#[derive(
    Debug,
    Clone,
    diesel::Queryable,
    diesel::Selectable,
    diesel::Insertable,
    diesel_redshift::RedshiftCopy,
    diesel_redshift::RedshiftUnload,
)]
#[diesel(table_name = super::awkward::abstract_)]
pub struct Abstract {
    pub type_: i32,
    pub async_: Option<String>,
    pub self_: Option<chrono::NaiveDate>,
    pub table_: Option<i32>,
    pub columns_: Option<i64>,
    pub star_: Option<bool>,
    pub all_columns_: Option<i32>,
    pub str_: Option<String>,
    pub dsl_: Option<i32>,
    pub bool_: Option<bool>,
}

#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable, diesel_redshift::RedshiftUnload)]
#[diesel(table_name = super::awkward::bound)]
pub struct Bound {
    pub id: Option<i64>,
    pub text: Option<String>,
}

#[derive(
    Debug,
    Clone,
    diesel::Queryable,
    diesel::Selectable,
    diesel::Insertable,
    diesel_redshift::RedshiftCopy,
    diesel_redshift::RedshiftUnload,
)]
#[diesel(table_name = super::awkward::composite)]
pub struct Composite {
    pub a: Option<i64>,
    pub b: Option<i16>,
}

#[derive(
    Debug,
    Clone,
    diesel::Queryable,
    diesel::Selectable,
    diesel::Insertable,
    diesel_redshift::RedshiftCopy,
    diesel_redshift::RedshiftUnload,
)]
#[diesel(table_name = super::awkward::every_type)]
pub struct EveryType {
    pub id: i64,
    pub small: Option<i16>,
    pub whole: Option<i32>,
    pub exact: Option<bigdecimal::BigDecimal>,
    pub single: Option<f32>,
    pub double: Option<f64>,
    pub is_it: Option<bool>,
    pub fixed: Option<String>,
    pub text: Option<String>,
    pub bytes: Option<Vec<u8>>,
    pub document: Option<diesel_redshift::data_types::Json<serde_json::Value>>,
}

#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable, diesel_redshift::RedshiftUnload)]
#[diesel(table_name = super::awkward::kept)]
pub struct Kept {
    pub id: Option<i64>,
    pub exact: Option<bigdecimal::BigDecimal>,
}

#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable, diesel_redshift::RedshiftUnload)]
#[diesel(table_name = super::awkward::late)]
pub struct Late {
    pub id: Option<i64>,
    pub document: Option<diesel_redshift::data_types::Json<serde_json::Value>>,
}

#[derive(
    Debug,
    Clone,
    diesel::Queryable,
    diesel::Selectable,
    diesel::Insertable,
    diesel_redshift::RedshiftCopy,
    diesel_redshift::RedshiftUnload,
)]
#[diesel(table_name = super::awkward::leaf)]
pub struct Leaf {
    pub id: i32,
    pub tree_id: Option<i32>,
    pub leaf_: Option<i32>,
}

#[derive(
    Debug,
    Clone,
    diesel::Queryable,
    diesel::Selectable,
    diesel::Insertable,
    diesel_redshift::RedshiftCopy,
    diesel_redshift::RedshiftUnload,
)]
#[diesel(table_name = super::awkward::more_types)]
pub struct MoreTypes {
    pub id: i64,
    pub day: Option<chrono::NaiveDate>,
    pub clock: Option<chrono::NaiveTime>,
    pub clock_tz: Option<diesel_redshift::data_types::TimeTz>,
    pub moment: Option<chrono::NaiveDateTime>,
    pub moment_tz: Option<chrono::DateTime<chrono::Utc>>,
    pub months: Option<diesel_redshift::data_types::YearToMonth>,
    pub seconds: Option<diesel_redshift::data_types::DayToSecond>,
    pub shape: Option<diesel_redshift::data_types::Ewkb>,
    pub place: Option<diesel_redshift::data_types::Ewkb>,
    pub sketch: Option<diesel_redshift::data_types::Sketch>,
}

#[derive(
    Debug,
    Clone,
    diesel::Queryable,
    diesel::Selectable,
    diesel::Insertable,
    diesel_redshift::RedshiftCopy,
    diesel_redshift::RedshiftUnload,
)]
#[diesel(table_name = super::awkward::no_key)]
pub struct NoKey {
    pub value: Option<String>,
}

#[derive(
    Debug,
    Clone,
    diesel::Queryable,
    diesel::Selectable,
    diesel::Insertable,
    diesel_redshift::RedshiftCopy,
    diesel_redshift::RedshiftUnload,
)]
#[diesel(table_name = super::awkward::numbered)]
pub struct Numbered {
    pub value: Option<i32>,
    pub id: i64,
}

#[derive(
    Debug,
    Clone,
    diesel::Queryable,
    diesel::Selectable,
    diesel::Insertable,
    diesel_redshift::RedshiftCopy,
    diesel_redshift::RedshiftUnload,
)]
#[diesel(table_name = super::awkward::order_lines)]
pub struct OrderLines {
    pub order_id: i64,
    pub line: i16,
    pub price_in_: Option<bigdecimal::BigDecimal>,
}

#[derive(
    Debug,
    Clone,
    diesel::Queryable,
    diesel::Selectable,
    diesel::Insertable,
    diesel_redshift::RedshiftCopy,
    diesel_redshift::RedshiftUnload,
)]
#[diesel(table_name = super::awkward::order_lines_)]
pub struct OrderLines2 {
    pub a_quoted_name: Option<i32>,
    pub back_slash: Option<i32>,
    pub usize_: Option<String>,
    pub _x_2: Option<i32>,
}

#[derive(
    Debug,
    Clone,
    diesel::Queryable,
    diesel::Selectable,
    diesel::Insertable,
    diesel_redshift::RedshiftCopy,
    diesel_redshift::RedshiftUnload,
)]
#[diesel(table_name = super::awkward::pair)]
pub struct Pair {
    pub a_id: Option<i32>,
    pub b_id: Option<i32>,
}

#[derive(
    Debug,
    Clone,
    diesel::Queryable,
    diesel::Selectable,
    diesel::Insertable,
    diesel_redshift::RedshiftCopy,
    diesel_redshift::RedshiftUnload,
)]
#[diesel(table_name = super::awkward::tree)]
pub struct Tree {
    pub id: i32,
    pub parent_id: Option<i32>,
}

#[derive(
    Debug,
    Clone,
    diesel::Queryable,
    diesel::Selectable,
    diesel::Insertable,
    diesel_redshift::RedshiftCopy,
    diesel_redshift::RedshiftUnload,
)]
#[diesel(table_name = super::awkward::unique_key)]
pub struct UniqueKey {
    pub code: Option<String>,
    pub name: Option<String>,
}
