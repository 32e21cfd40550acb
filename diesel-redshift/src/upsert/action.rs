//! What happens to existing rows.

use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryBuilder, QueryFragment, QueryId};
use diesel::sql_types::BigInt;

use super::STAGE;
use super::execute::{Names, UpsertOutcome, missing};
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

/// The existing row stays as it is.
#[derive(Debug, Clone, Copy)]
pub struct KeepExisting;

/// The existing row is deleted, and the new one inserted.
#[derive(Debug, Clone, Copy)]
pub struct Replace;

/// Rows with a flag are deleted, the others are merged as `A` says.
#[derive(Debug, Clone, Copy)]
pub struct DeleteWhen<P, A> {
    pub(super) condition: P,
    pub(super) otherwise: A,
}

/// What an upsert does with existing rows.
pub trait UpsertAction {
    crate::seal::sealed!(required);
    /// Refuses columns that the rows do not have.
    #[doc(hidden)]
    fn check(&self, columns: &[String]) -> Result<(), Error> {
        let _ = columns;
        Ok(())
    }

    /// Merges the staged rows into the target, and counts the effects.
    #[doc(hidden)]
    fn bring_in(&self, conn: &mut RedshiftConnection, names: &Names) -> QueryResult<UpsertOutcome>;
}

/// A statement with a part that may have parameters.
struct Around<'a, U> {
    before: String,
    part: &'a U,
    after: String,
}

impl<U: QueryFragment<Redshift>> QueryFragment<Redshift> for Around<'_, U> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql(&self.before);
        self.part.walk_ast(out.reborrow())?;
        out.push_sql(&self.after);
        Ok(())
    }
}

impl<U> QueryId for Around<'_, U> {
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

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = BigInt)]
    old: i64,
    #[diesel(sql_type = BigInt)]
    new: i64,
}

/// How many rows of the target have a key that is staged, and how many staged rows have a new one.
///
/// The tag of a MERGE does not distinguish the two. If the target has a key twice, both its rows
/// are changed, but it is still one row of the stage, so neither number follows from the other.
fn count(conn: &mut RedshiftConnection, names: &Names) -> QueryResult<UpsertOutcome> {
    let (target, matches) = (&names.target, names.matches());
    let key = names.keys.first().map_or("", String::as_str);
    let Found { old, new } = diesel::sql_query(format!(
        "SELECT COUNT({target}.{key}) AS \"old\", \
         COUNT(CASE WHEN {target}.{key} IS NULL THEN 1 END) AS \"new\" \
         FROM {STAGE} LEFT JOIN {target} ON {matches}"
    ))
    .get_result(conn)?;
    Ok(UpsertOutcome {
        updated: u64::try_from(old).unwrap_or_default(),
        inserted: u64::try_from(new).unwrap_or_default(),
        ..UpsertOutcome::default()
    })
}

fn merge<U>(conn: &mut RedshiftConnection, names: &Names, changes: &U) -> QueryResult<UpsertOutcome>
where
    U: QueryFragment<Redshift>,
{
    let (target, matches) = (&names.target, names.matches());
    let outcome = count(conn, names)?;
    conn.execute_returning_count(&Around {
        before: format!(
            "MERGE INTO {target} USING {STAGE} ON {matches} WHEN MATCHED THEN UPDATE SET "
        ),
        part: changes,
        after: format!(
            " WHEN NOT MATCHED THEN INSERT ({}) VALUES ({})",
            names.columns.join(", "),
            names.staged().join(", ")
        ),
    })?;
    Ok(outcome)
}

/// Refuses `incoming` for a column that the rows do not have.
fn check_incoming(part: &impl QueryFragment<Redshift>, columns: &[String]) -> Result<(), Error> {
    let mut builder = RedshiftQueryBuilder::new();
    part.to_sql(&mut builder, &Redshift)?;
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

impl UpsertAction for UpdateAll {
    crate::seal::sealed!();
    fn bring_in(&self, conn: &mut RedshiftConnection, names: &Names) -> QueryResult<UpsertOutcome> {
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
    crate::seal::sealed!();
    fn check(&self, columns: &[String]) -> Result<(), Error> {
        check_incoming(&self.0, columns)
    }

    fn bring_in(&self, conn: &mut RedshiftConnection, names: &Names) -> QueryResult<UpsertOutcome> {
        if self.0.is_noop(&Redshift)? {
            // Like Diesel's ON CONFLICT DO UPDATE without changes, this changes nothing.
            return KeepExisting.bring_in(conn, names);
        }
        merge(conn, names, &self.0)
    }
}

/// `INSERT` of the staged rows, all of them or those that meet a condition.
fn insert(conn: &mut RedshiftConnection, names: &Names, condition: &str) -> QueryResult<u64> {
    let rows = conn.execute_returning_count(&diesel::sql_query(format!(
        "INSERT INTO {} ({}) SELECT {} FROM {STAGE}{condition}",
        names.target,
        names.columns.join(", "),
        names.staged().join(", "),
    )))?;
    Ok(rows as u64)
}

impl UpsertAction for KeepExisting {
    crate::seal::sealed!();
    fn bring_in(&self, conn: &mut RedshiftConnection, names: &Names) -> QueryResult<UpsertOutcome> {
        let condition = format!(
            " WHERE NOT EXISTS (SELECT 1 FROM {} WHERE {})",
            names.target,
            names.matches()
        );
        Ok(UpsertOutcome {
            inserted: insert(conn, names, &condition)?,
            ..UpsertOutcome::default()
        })
    }
}

impl UpsertAction for Replace {
    crate::seal::sealed!();
    fn bring_in(&self, conn: &mut RedshiftConnection, names: &Names) -> QueryResult<UpsertOutcome> {
        let outcome = count(conn, names)?;
        conn.execute_returning_count(&diesel::sql_query(format!(
            "DELETE FROM {} USING {STAGE} WHERE {}",
            names.target,
            names.matches()
        )))?;
        insert(conn, names, "")?;
        Ok(outcome)
    }
}

impl<P, A> UpsertAction for DeleteWhen<P, A>
where
    P: QueryFragment<Redshift>,
    A: UpsertAction,
{
    crate::seal::sealed!();
    fn check(&self, columns: &[String]) -> Result<(), Error> {
        check_incoming(&self.condition, columns)?;
        self.otherwise.check(columns)
    }

    fn bring_in(&self, conn: &mut RedshiftConnection, names: &Names) -> QueryResult<UpsertOutcome> {
        let (target, matches) = (&names.target, names.matches());
        let deleted = conn.execute_returning_count(&Around {
            before: format!("DELETE FROM {target} USING {STAGE} WHERE {matches} AND ("),
            part: &self.condition,
            after: ")".to_owned(),
        })?;
        conn.execute_returning_count(&Around {
            before: format!("DELETE FROM {STAGE} WHERE "),
            part: &self.condition,
            after: String::new(),
        })?;
        let outcome = self.otherwise.bring_in(conn, names)?;
        Ok(UpsertOutcome {
            deleted: deleted as u64,
            ..outcome
        })
    }
}
