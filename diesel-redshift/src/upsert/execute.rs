//! The steps of an upsert.

use diesel::prelude::*;
use diesel::query_builder::QueryFragment;
use diesel::sql_types::{BigInt, Text};

use super::STAGE;
use super::action::UpsertAction;
use super::key::UpsertKey;
use super::source::{UpsertSource, quoted, run};
use super::statement::Upsert;
use crate::error::{Error, InvalidValue};
use crate::query_builder::inline::inline;
use crate::{Redshift, RedshiftConnection};

/// What an upsert did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct UpsertOutcome {
    /// How many rows were staged.
    pub staged: u64,
    /// How many rows of the target were changed.
    pub updated: u64,
    /// How many rows were added to the target.
    pub inserted: u64,
    /// How many were deleted because of [`delete_when`](Upsert::delete_when).
    pub deleted: u64,
}

/// The quoted names of which the statements are made.
#[doc(hidden)]
#[derive(Debug)]
pub struct Names {
    pub(super) target: String,
    pub(super) columns: Vec<String>,
    pub(super) keys: Vec<String>,
}

impl Names {
    /// `"stage"."a"` for each column.
    pub(super) fn staged(&self) -> Vec<String> {
        self.columns
            .iter()
            .map(|column| format!("{STAGE}.{column}"))
            .collect()
    }

    /// `"target"."key" = "stage"."key"` for each column of the key.
    pub(super) fn matches(&self) -> String {
        let pairs: Vec<_> = self
            .keys
            .iter()
            .map(|key| format!("{}.{key} = {STAGE}.{key}", self.target))
            .collect();
        pairs.join(" AND ")
    }
}

#[derive(QueryableByName)]
struct WrongKey {
    #[diesel(sql_type = Text)]
    key: String,
    #[diesel(sql_type = BigInt)]
    rows: i64,
    #[diesel(sql_type = BigInt)]
    nulls: i64,
}

impl<S, T, K, A> Upsert<S, T, K, A> {
    /// Stages the rows and merges them, in the open transaction or in one of its own.
    ///
    /// If two upserts into the same table run at once, one of them fails with a serializable
    /// isolation violation: run it in
    /// [`retry_serializable`](RedshiftConnection::retry_serializable), or with
    /// [`lock`](Self::lock).
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if the rows lack a column of the key or one used with `incoming`, which
    /// is checked before anything is sent, or if two of them have the same key or one has none; the
    /// target is unchanged then. Or any server error, for example if the user may not create
    /// temporary tables (`GRANT TEMP ON DATABASE …`).
    pub fn execute(&self, conn: &mut RedshiftConnection) -> Result<UpsertOutcome, Error>
    where
        S: UpsertSource<T>,
        T: Table + QueryFragment<Redshift>,
        K: UpsertKey<T>,
        A: UpsertAction,
    {
        let Some(names) = self.names()? else {
            return Ok(UpsertOutcome::default());
        };
        self.source.prepare()?;
        conn.transaction(|conn| self.run(conn, &names))
    }
}

impl<S, T, K, A> Upsert<S, T, K, A>
where
    S: UpsertSource<T>,
    T: Table + QueryFragment<Redshift>,
    K: UpsertKey<T>,
    A: UpsertAction,
{
    fn names(&self) -> Result<Option<Names>, Error> {
        let Some(columns) = self.source.columns()? else {
            return Ok(None);
        };
        let mut keys = Vec::new();
        for name in K::NAMES {
            keys.push(quoted(name)?);
        }
        let needed = keys.iter().cloned().map(|key| ("key", key));
        let latest = self.latest.map(quoted).transpose()?;
        for (what, name) in needed.chain(latest.map(|name| ("latest_by", name))) {
            if !columns.contains(&name) {
                return Err(missing(what, &name, &columns));
            }
        }
        self.action.check(&columns)?;
        Ok(Some(Names {
            target: inline(&self.table)?,
            columns,
            keys,
        }))
    }

    fn run(&self, conn: &mut RedshiftConnection, names: &Names) -> Result<UpsertOutcome, Error> {
        if self.lock {
            run(conn, &format!("LOCK {}", names.target))?;
        }
        let columns = names.columns.join(", ");
        let create = format!(
            "CREATE TEMPORARY TABLE {STAGE} ({columns}) DISTSTYLE KEY DISTKEY({})",
            names.keys.first().map_or("", String::as_str)
        );
        let empty = format!("SELECT {columns} FROM {} WHERE FALSE", names.target);
        let staged = self.source.stage(conn, &create, &empty)? as u64;
        if let Some(latest) = self.latest {
            keep_latest(conn, names, &create, &quoted(latest)?)?;
        }
        check_keys(conn, names, K::AS_TEXT, self.latest.is_some())?;
        let outcome = self.action.bring_in(conn, names)?;
        run(conn, &format!("DROP TABLE {STAGE}"))?;
        Ok(UpsertOutcome { staged, ..outcome })
    }
}

/// A column that the rows would need to have.
pub(super) fn missing(what: &str, name: &str, columns: &[String]) -> Error {
    Error::from(InvalidValue::new(
        format!("{what} of an upsert"),
        name,
        format!("a column that the rows have: {}", columns.join(", ")),
    ))
}

/// Keeps only the latest of the rows with the same key, and none that is older than the target's.
fn keep_latest(
    conn: &mut RedshiftConnection,
    names: &Names,
    create: &str,
    latest: &str,
) -> QueryResult<()> {
    const ALL: &str = "\"diesel_redshift_stage_all\"";
    let columns = names.columns.join(", ");
    run(conn, &format!("ALTER TABLE {STAGE} RENAME TO {ALL}"))?;
    run(
        conn,
        &format!(
            "{create} AS SELECT {columns} FROM (SELECT {columns}, ROW_NUMBER() OVER (PARTITION BY {} \
             ORDER BY {latest} DESC NULLS LAST) AS \"diesel_redshift_rank\" FROM {ALL}) AS \"ranked\" \
             WHERE \"diesel_redshift_rank\" = 1",
            names.keys.join(", ")
        ),
    )?;
    run(conn, &format!("DROP TABLE {ALL}"))?;
    let target = &names.target;
    run(
        conn,
        &format!(
            "DELETE FROM {STAGE} USING {target} WHERE {} AND {target}.{latest} IS NOT NULL \
             AND ({STAGE}.{latest} IS NULL OR {STAGE}.{latest} < {target}.{latest})",
            names.matches()
        ),
    )
}

/// Refuses keys that are `NULL`, which would be inserted again each time, and keys that two rows
/// have.
fn check_keys(
    conn: &mut RedshiftConnection,
    names: &Names,
    as_text: &[(&str, &str)],
    is_unique: bool,
) -> Result<(), Error> {
    let keys = names.keys.join(", ");
    let is_null: Vec<_> = names
        .keys
        .iter()
        .map(|key| format!("{key} IS NULL"))
        .collect();
    let is_null = is_null.join(" OR ");
    let shown: Vec<_> = std::iter::zip(&names.keys, as_text)
        .map(|(key, (before, after))| format!("NVL({before}{key}{after}, 'NULL')"))
        .collect();
    let wrong: Option<WrongKey> = diesel::sql_query(format!(
        "SELECT {} AS \"key\", COUNT(*) AS \"rows\", SUM(CASE WHEN {is_null} THEN 1 ELSE 0 END) AS \"nulls\" \
         FROM {STAGE} GROUP BY {keys} HAVING {}SUM(CASE WHEN {is_null} THEN 1 ELSE 0 END) > 0 \
         ORDER BY {keys} LIMIT 1",
        shown.join(" || ', ' || "),
        if is_unique { "" } else { "COUNT(*) > 1 OR " },
    ))
    .get_result(conn)
    .optional()?;
    let Some(WrongKey { key, rows, nulls }) = wrong else {
        return Ok(());
    };
    let what = format!("key ({keys}) of an upsert");
    Err(Error::from(if nulls > 0 {
        InvalidValue::new(what, format!("({key})"), "no NULL, which equals nothing")
    } else {
        InvalidValue::new(
            what,
            format!("({key}) in {rows} rows"),
            "each key once; or choose one row by `latest_by`",
        )
    }))
}
