//! The number of slices of a cluster.

use diesel::RunQueryDsl;
use diesel::result::{Error, QueryResult};
use diesel::sql_types::BigInt;

use crate::RedshiftConnection;

#[derive(diesel::QueryableByName)]
struct Slices {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

impl RedshiftConnection {
    /// How many slices the cluster has, each of which reads one file of a COPY at a time:
    /// `SELECT count(*) FROM stv_slices`.
    ///
    /// A load is fastest with that many files, or a multiple. Nothing calls this by itself: an
    /// administrator may withhold the view from ordinary users, serverless workgroups may not have
    /// it, and within a transaction a refusal would end it. If it is refused, 4 to 16 files work
    /// well.
    ///
    /// ```no_run
    /// # use diesel::prelude::*;
    /// # use diesel_redshift::{RedshiftConnection, copy, store::FolderStore};
    /// # diesel::table! { users { id -> BigInt, name -> Text, } }
    /// # #[derive(Insertable)]
    /// # #[diesel(table_name = users, treat_none_as_default_value = false)]
    /// # struct User { id: i64, name: String }
    /// # fn run(conn: &mut RedshiftConnection, store: FolderStore, rows: Vec<User>) -> Result<(), diesel_redshift::Error> {
    /// # #[cfg(feature = "stage")] {
    /// let slices = conn.slices().unwrap_or(8);
    /// copy(users::table)
    ///     .from_insertable(&rows)
    ///     .through(&store, "s3://bucket/loads/")
    ///     .files_at_once(slices)
    ///     .iam_role("default")
    ///     .execute(conn)?;
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Any server error, if the view cannot be read; [`NotFound`](Error::NotFound) if it is empty.
    pub fn slices(&mut self) -> QueryResult<usize> {
        let slices: Slices = diesel::sql_query("SELECT count(*)::bigint AS count FROM stv_slices")
            .get_result(self)?;
        usize::try_from(slices.count)
            .ok()
            .filter(|slices| *slices > 0)
            .ok_or(Error::NotFound)
    }
}
