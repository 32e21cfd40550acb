//! Files that arrive in S3 go into a table: each once, and a file with bad rows is told of and stands back.
//!
//! What makes it safe to run at any time, also twice at once or after a crash: a file is recorded in `loaded_files` in the
//! transaction that loads it.

mod fate;
mod tables;

use std::error::Error as StdError;

use diesel::prelude::*;
use diesel_redshift::ddl::RedshiftTable;
use diesel_redshift::error::TransactionError;
use diesel_redshift::maintenance::lock;
use diesel_redshift::prelude::*;
use diesel_redshift::store::Store;
use diesel_redshift::{Error, IamRole, S3Uri};

pub use self::fate::{Fate, Report};
use self::tables::{LoadedFile, Sale, loaded_files};

/// How often a load is tried that another try may save.
const ATTEMPTS: u32 = 5;

/// Where files come from, and where it is told which of them are bad.
#[derive(Debug)]
pub struct Job<S> {
    /// The application's way to S3.
    pub store: S,
    /// What begins with this is loaded.
    pub incoming: S3Uri,
    /// Where the rows at fault are listed, in an object for each file.
    pub rejected: S3Uri,
    /// The role that the cluster reads with.
    pub role: IamRole,
    /// A file with so many bad rows is refused; fewer are left out. 0 and 1 leave out none.
    pub max_errors: u32,
}

impl<S: Store> Job<S> {
    /// Loads what has arrived and was not loaded yet.
    ///
    /// `connect` is called again when a connection is lost.
    ///
    /// # Errors
    ///
    /// What concerns all files: no connection, no rights, no S3. What was loaded before stays loaded.
    pub fn run(
        &self,
        connect: impl Fn() -> ConnectionResult<RedshiftConnection>,
    ) -> Result<Report, Box<dyn StdError>> {
        let mut conn = connect()?;
        Sale::create_table().if_not_exists().execute(&mut conn)?;
        LoadedFile::create_table()
            .if_not_exists()
            .execute(&mut conn)?;
        let mut report = Report::default();
        for file in self.store.list(&self.incoming)? {
            let mut outcome = self.load(&mut conn, &file);
            if let Err(Error::Transaction(TransactionError::OutcomeUnknown(_))) = outcome {
                // The record tells whether it was committed.
                conn = connect()?;
                outcome = self.load(&mut conn, &file);
            }
            let fate = match outcome {
                Ok(fate) => fate,
                Err(Error::Load(error)) => Fate::Rejected(fate::lines(error.rows())),
                Err(error) => return Err(error.into()),
            };
            self.list_bad_rows(&file, &fate)?;
            report.files.push((file, fate));
        }
        Ok(report)
    }

    /// Loads a file and records it, or neither.
    fn load(&self, conn: &mut RedshiftConnection, file: &S3Uri) -> Result<Fate, Error> {
        conn.retry_serializable(ATTEMPTS, |conn| {
            // Others who load wait here, and so does this for a session of ours that was cut off and still commits.
            lock(loaded_files::table).execute(conn)?;
            let is_recorded = diesel::dsl::exists(loaded_files::table.find(file.as_str()));
            if diesel::select(is_recorded).get_result(conn)? {
                return Ok(Fate::LoadedBefore);
            }
            let outcome = Sale::copy()
                .from(file)
                .iam_role(&self.role)
                .format(copy::Csv::new().ignore_header(1))
                .max_error(self.max_errors)
                .execute(conn)?;
            diesel::insert_into(loaded_files::table)
                .values((
                    loaded_files::file.eq(file.as_str()),
                    loaded_files::row_count.eq(i64::try_from(outcome.rows).unwrap_or(i64::MAX)),
                ))
                .execute(conn)?;
            Ok(Fate::Loaded {
                rows: outcome.rows,
                left_out: fate::lines(&outcome.rejected_rows),
            })
        })
    }

    /// Tells whoever made the file, beside it.
    fn list_bad_rows(&self, file: &S3Uri, fate: &Fate) -> Result<(), Box<dyn StdError>> {
        let lines = fate.bad_rows();
        if lines.is_empty() {
            return Ok(());
        }
        let name = file.key().rsplit('/').next().unwrap_or_default();
        let list = self.rejected.join(&format!("{name}.txt"))?;
        self.store
            .put(&list, format!("{}\n", lines.join("\n")).as_bytes())?;
        Ok(())
    }
}
