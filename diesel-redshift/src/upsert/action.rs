//! What becomes of rows that are there already.

use diesel::connection::Connection;
use diesel::query_builder::{AstPass, QueryBuilder, QueryFragment, QueryId};
use diesel::result::QueryResult;

use super::STAGE;
use super::execute::{Names, missing};
use crate::error::Error;
use crate::query_builder::RedshiftQueryBuilder;
use crate::sql::lexer::tokens;
use crate::{Redshift, RedshiftConnection};

/// All columns of the new row replace those of the old.
#[derive(Debug, Clone, Copy)]
pub struct UpdateAll;

/// Some columns are set.
#[derive(Debug, Clone, Copy)]
pub struct Set<U>(pub(super) U);

/// The row that is there stays as it is.
#[derive(Debug, Clone, Copy)]
pub struct KeepExisting;

/// What an upsert does with rows that are there already.
pub trait UpsertAction {
    /// Refuses what the rows do not have.
    #[doc(hidden)]
    fn check(&self, columns: &[String]) -> Result<(), Error> {
        let _ = columns;
        Ok(())
    }

    /// Brings the staged rows into the target, and tells how many were updated and inserted.
    #[doc(hidden)]
    fn bring_in(&self, conn: &mut RedshiftConnection, names: &Names)
    -> QueryResult<(usize, usize)>;
}

/// `MERGE` with changes that may have parameters.
struct Merging<'a, U> {
    before: String,
    changes: &'a U,
    after: String,
}

impl<U: QueryFragment<Redshift>> QueryFragment<Redshift> for Merging<'_, U> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql(&self.before);
        self.changes.walk_ast(out.reborrow())?;
        out.push_sql(&self.after);
        Ok(())
    }
}

impl<U> QueryId for Merging<'_, U> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

/// A part of a statement as text.
struct Text(String);

impl QueryFragment<Redshift> for Text {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        out.push_sql(&self.0);
        Ok(())
    }
}

/// The tag of a MERGE does not tell the two apart, so what it will match is counted before.
fn merge<U>(
    conn: &mut RedshiftConnection,
    names: &Names,
    changes: &U,
) -> QueryResult<(usize, usize)>
where
    U: QueryFragment<Redshift>,
{
    let (target, matches) = (&names.target, names.matches());
    let updated = names.count(
        conn,
        &format!("SELECT COUNT(*) AS \"rows\" FROM {target} INNER JOIN {STAGE} ON {matches}"),
    )?;
    // A key that the target has twice is updated twice, and is still one row of the stage.
    let new = names.count(
        conn,
        &format!(
            "SELECT COUNT(*) AS \"rows\" FROM {STAGE} WHERE NOT EXISTS (SELECT 1 FROM {target} WHERE {matches})"
        ),
    )?;
    conn.execute_returning_count(&Merging {
        before: format!(
            "MERGE INTO {target} USING {STAGE} ON {matches} WHEN MATCHED THEN UPDATE SET "
        ),
        changes,
        after: format!(
            " WHEN NOT MATCHED THEN INSERT ({}) VALUES ({})",
            names.columns.join(", "),
            names.staged().join(", ")
        ),
    })?;
    Ok((updated, new))
}

impl UpsertAction for UpdateAll {
    fn bring_in(
        &self,
        conn: &mut RedshiftConnection,
        names: &Names,
    ) -> QueryResult<(usize, usize)> {
        let changes: Vec<_> = names
            .columns
            .iter()
            .filter(|column| !names.keys.contains(column))
            .map(|column| format!("{column} = {STAGE}.{column}"))
            .collect();
        if changes.is_empty() {
            return KeepExisting.bring_in(conn, names);
        }
        merge(conn, names, &Text(changes.join(", ")))
    }
}

impl<U: QueryFragment<Redshift>> UpsertAction for Set<U> {
    fn check(&self, columns: &[String]) -> Result<(), Error> {
        let mut builder = RedshiftQueryBuilder::new();
        self.0.to_sql(&mut builder, &Redshift)?;
        let sql = builder.finish();
        let pieces: Vec<_> = tokens(&sql).map(|(_, text)| text).collect();
        for piece in pieces.windows(3) {
            // What `incoming` writes.
            if let [STAGE, ".", name] = piece
                && !columns.iter().any(|column| column == name)
            {
                return Err(missing("incoming", name, columns));
            }
        }
        Ok(())
    }

    fn bring_in(
        &self,
        conn: &mut RedshiftConnection,
        names: &Names,
    ) -> QueryResult<(usize, usize)> {
        if self.0.is_noop(&Redshift)? {
            // As Diesel's ON CONFLICT DO UPDATE without a change does nothing.
            return KeepExisting.bring_in(conn, names);
        }
        merge(conn, names, &self.0)
    }
}

impl UpsertAction for KeepExisting {
    fn bring_in(
        &self,
        conn: &mut RedshiftConnection,
        names: &Names,
    ) -> QueryResult<(usize, usize)> {
        let insert = diesel::sql_query(format!(
            "INSERT INTO {target} ({columns}) SELECT {staged} FROM {STAGE} \
             WHERE NOT EXISTS (SELECT 1 FROM {target} WHERE {matches})",
            target = names.target,
            columns = names.columns.join(", "),
            staged = names.staged().join(", "),
            matches = names.matches(),
        ));
        let inserted = conn.execute_returning_count(&insert)?;
        Ok((0, inserted))
    }
}
