//! `COPY JOB`: loads that Redshift runs itself when files arrive.

use std::fmt;
use std::str::FromStr;

use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;

use super::{CompleteCopy, CopyStatement};
use crate::aws::IamRole;
use crate::aws::S3Uri;
use crate::backend::Redshift;
use crate::connection::{NOT_IN_A_BLOCK, refuse_in_transaction};
use crate::connection::{Notice, RedshiftConnection};
use crate::error::{Error, InvalidValue};

/// The name of a COPY job: 1 to 127 ASCII letters, digits and underscores, not starting with a
/// digit.
///
/// Redshift refuses hyphens. Whether it takes other names in quotes is not documented, so they are
/// refused here.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct JobName(String);

impl JobName {
    /// Parses a name.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] unless `name` is valid.
    pub fn parse(name: &str) -> Result<Self, InvalidValue> {
        let is_name = (1..=127).contains(&name.len())
            && !name.starts_with(|first: char| first.is_ascii_digit())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if is_name {
            Ok(Self(name.to_owned()))
        } else {
            Err(InvalidValue::new(
                "JOB",
                format!("{name:?}"),
                "a name of 1 to 127 ASCII letters, digits and underscores, not starting with a digit",
            ))
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for JobName {
    type Err = InvalidValue;

    fn from_str(name: &str) -> Result<Self, InvalidValue> {
        Self::parse(name)
    }
}

crate::sql::from_text!(JobName);

impl fmt::Display for JobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<T, F> CopyStatement<T, S3Uri, IamRole, F> {
    /// Turns the COPY into a job: `COPY … JOB CREATE name`.
    ///
    /// Redshift then loads by itself every file that arrives under the location, each file once, by
    /// its name; those that are already there are not loaded. It needs an S3 event integration of
    /// the bucket, and a role given by its ARN. `MAXERROR`, `IGNOREALLERRORS` and `MANIFEST` are
    /// not allowed. Parquet and ORC were not allowed when jobs were introduced, but nothing forbids
    /// them any more. Redshift checks the options only when the job runs.
    ///
    /// ```
    /// # use diesel_redshift::{copy, copy::Csv, IamRole, S3Uri};
    /// # diesel::table! { users { id -> BigInt, name -> Text, } }
    /// let job = copy(users::table)
    ///     .from(S3Uri::parse("s3://bucket/users/")?)
    ///     .iam_role("arn:aws:iam::012345678901:role/Loader")
    ///     .format(Csv::new())
    ///     .create_job("load_users".parse()?)
    ///     .auto_off();
    /// assert!(job.to_sql()?.ends_with("FORMAT AS CSV JOB CREATE load_users AUTO OFF"));
    /// # Ok::<(), diesel_redshift::Error>(())
    /// ```
    pub fn create_job(self, name: JobName) -> CreateJob<T, F> {
        CreateJob {
            copy: self,
            name,
            auto: None,
        }
    }
}

/// `COPY … JOB CREATE name`; see [`CopyStatement::create_job`].
#[derive(Debug, Clone)]
#[must_use = "a job is created by `execute`"]
pub struct CreateJob<T, F> {
    copy: CopyStatement<T, S3Uri, IamRole, F>,
    name: JobName,
    auto: Option<bool>,
}

impl<T, F> CreateJob<T, F>
where
    CopyStatement<T, S3Uri, IamRole, F>: CompleteCopy,
{
    /// `AUTO ON`: the job loads what arrives by itself. This is Redshift's default.
    pub fn auto_on(mut self) -> Self {
        self.auto = Some(true);
        self
    }

    /// `AUTO OFF`: the job loads only when it is [run](CopyJob::run).
    pub fn auto_off(mut self) -> Self {
        self.auto = Some(false);
        self
    }

    /// The statement's SQL.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if Redshift does not accept the value of an option, or an option is not
    /// allowed in a job.
    pub fn to_sql(&self) -> Result<String, Error> {
        let refuse = |given: &str, allowed: &'static str| {
            Err(InvalidValue::new("JOB CREATE", given, allowed).into())
        };
        if self.copy.authorization == IamRole::Default {
            return refuse("with IAM_ROLE default", "a role by its ARN");
        }
        let options = &self.copy.options;
        if options.max_error.is_some() {
            return refuse("with MAXERROR", "a COPY that ends at the first error");
        }
        if options.ignore_all_errors {
            return refuse(
                "with IGNOREALLERRORS",
                "a COPY that ends at the first error",
            );
        }
        let mut sql = self.copy.to_sql()?;
        sql.push_str(" JOB CREATE ");
        sql.push_str(self.name.as_str());
        sql.push_str(auto_clause(self.auto));
        Ok(sql)
    }

    /// Creates the job.
    ///
    /// # Errors
    ///
    /// As [`to_sql`](Self::to_sql);
    /// [`TransactionError::InTransaction`](crate::error::TransactionError::InTransaction) if a
    /// transaction is open, in which Redshift creates no job; or any server error.
    pub fn execute(&self, conn: &mut RedshiftConnection) -> Result<Vec<Notice>, Error> {
        let sql = self.to_sql()?;
        refuse_in_transaction(conn, "COPY JOB CREATE", NOT_IN_A_BLOCK)?;
        send(conn, &sql)
    }
}

fn auto_clause(auto: Option<bool>) -> &'static str {
    match auto {
        None => "",
        Some(true) => " AUTO ON",
        Some(false) => " AUTO OFF",
    }
}

fn send(conn: &mut RedshiftConnection, sql: &str) -> Result<Vec<Notice>, Error> {
    use diesel::connection::StrQueryHelper;

    Ok(conn.execute_utility(sql, &StrQueryHelper::new(sql))?)
}

impl<T, F> QueryFragment<Redshift> for CreateJob<T, F>
where
    CopyStatement<T, S3Uri, IamRole, F>: CompleteCopy,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql(&self.to_sql()?);
        Ok(())
    }
}

impl<T, F> QueryId for CreateJob<T, F> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

/// Manages a COPY job: `COPY JOB RUN name` and the like.
///
/// ```
/// use diesel_redshift::copy::copy_job;
///
/// let job = copy_job("load_users".parse()?);
/// assert_eq!(job.run().to_sql(), "COPY JOB RUN load_users");
/// assert_eq!(job.auto_on().to_sql(), "COPY JOB ALTER load_users AUTO ON");
/// # Ok::<(), diesel_redshift::error::InvalidValue>(())
/// ```
pub fn copy_job(name: JobName) -> CopyJob {
    CopyJob(name)
}

/// Lists the COPY jobs of the database: `COPY JOB LIST`.
///
/// The view `sys_copy_job` has more about them, in columns that can be loaded.
pub fn list_copy_jobs() -> JobCommand {
    JobCommand {
        sql: "COPY JOB LIST".to_owned(),
        not_in_a_block: None,
    }
}

/// A COPY job; see [`copy_job`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyJob(JobName);

impl CopyJob {
    fn command(&self, verb: &str, rest: &str) -> JobCommand {
        JobCommand {
            sql: format!("COPY JOB {verb} {}{rest}", self.0),
            not_in_a_block: None,
        }
    }

    /// `COPY JOB RUN name`: loads what has arrived, now.
    pub fn run(&self) -> JobCommand {
        self.command("RUN", "")
    }

    /// `COPY JOB ALTER name AUTO ON`: from now on, it loads by itself.
    pub fn auto_on(&self) -> JobCommand {
        self.command("ALTER", auto_clause(Some(true)))
    }

    /// `COPY JOB ALTER name AUTO OFF`: from now on, it loads only when it is [run](Self::run).
    pub fn auto_off(&self) -> JobCommand {
        self.command("ALTER", auto_clause(Some(false)))
    }

    /// `COPY JOB SHOW name`: shows the job.
    pub fn show(&self) -> JobCommand {
        self.command("SHOW", "")
    }

    /// `COPY JOB DROP name`: removes the job. Redshift does so only outside a transaction.
    pub fn drop(&self) -> JobCommand {
        JobCommand {
            not_in_a_block: Some("COPY JOB DROP"),
            ..self.command("DROP", "")
        }
    }
}

/// A statement about a COPY job.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a statement does nothing until `execute` sends it"]
pub struct JobCommand {
    sql: String,
    not_in_a_block: Option<&'static str>,
}

impl JobCommand {
    /// The statement's SQL.
    pub fn to_sql(&self) -> &str {
        &self.sql
    }

    /// Sends the statement and returns the server's notices.
    ///
    /// # Errors
    ///
    /// [`TransactionError::InTransaction`](crate::error::TransactionError::InTransaction) if the
    /// statement cannot run in the open transaction; or any server error.
    pub fn execute(&self, conn: &mut RedshiftConnection) -> Result<Vec<Notice>, Error> {
        if let Some(statement) = self.not_in_a_block {
            refuse_in_transaction(conn, statement, NOT_IN_A_BLOCK)?;
        }
        send(conn, &self.sql)
    }
}

impl QueryFragment<Redshift> for JobCommand {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql(&self.sql);
        Ok(())
    }
}

impl QueryId for JobCommand {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::copy;
    use crate::copy::Csv;

    diesel::table! {
        users {
            id -> BigInt,
        }
    }

    #[test]
    fn what_no_job_may_have_is_refused() {
        let name = JobName::parse("load_users").expect("a name");
        let load = copy(users::table)
            .from(S3Uri::from_static("s3://bucket/users/"))
            .iam_role(IamRole::from_static("arn:aws:iam::012345678901:role/x"))
            .format(Csv::new());
        let refused = |error: Result<String, Error>| error.expect_err("refused").to_string();
        assert_eq!(
            refused(
                load.clone()
                    .iam_role(IamRole::Default)
                    .create_job(name.clone())
                    .to_sql()
            ),
            "invalid JOB CREATE: with IAM_ROLE default; expected a role by its ARN"
        );
        assert!(
            refused(load.clone().max_error(1).create_job(name.clone()).to_sql())
                .contains("MAXERROR")
        );
        assert!(
            refused(
                load.clone()
                    .ignore_all_errors()
                    .create_job(name.clone())
                    .to_sql()
            )
            .contains("IGNOREALLERRORS")
        );
        let create = load.gzip().create_job(name);
        assert_eq!(
            diesel::debug_query::<Redshift, _>(&create).to_string(),
            "COPY \"users\" (\"id\") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/x' FORMAT AS \
             CSV GZIP JOB CREATE load_users -- binds: []"
        );
        for name in [
            "",
            "load-users",
            "1st",
            "a b",
            "a'b",
            "a\"b",
            "ü",
            "a;b",
            &"a".repeat(128),
        ] {
            assert!(JobName::parse(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn commands() {
        let job = copy_job(JobName::parse("j").expect("a name"));
        assert_eq!(job.run().to_sql(), "COPY JOB RUN j");
        assert_eq!(job.auto_off().to_sql(), "COPY JOB ALTER j AUTO OFF");
        assert_eq!(job.show().to_sql(), "COPY JOB SHOW j");
        assert_eq!(job.drop().to_sql(), "COPY JOB DROP j");
        assert_eq!(list_copy_jobs().to_sql(), "COPY JOB LIST");
    }
}
