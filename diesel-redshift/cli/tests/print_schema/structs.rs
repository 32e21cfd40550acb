#[derive(
    Debug,
    Clone,
    diesel::Queryable,
    diesel::Selectable,
    diesel::Insertable,
    diesel_redshift::RedshiftCopy,
    diesel_redshift::RedshiftUnload,
)]
#[diesel(table_name = crate::schema::users)]
pub struct Users {
    pub id: i64,
    pub name: Option<String>,
}
