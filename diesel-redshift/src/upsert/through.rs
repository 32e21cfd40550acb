//! An upsert whose rows are loaded from files.

use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use diesel::query_builder::{QueryFragment, ValuesClause};
use diesel::{Insertable, QuerySource, Table};

use super::source::{Rows, UpsertSource, run};
use super::statement::Upsert;
use crate::aws::{
    AccessKey, Authorization, Credentials, IamRole, IntoIamRole, IntoS3Uri, NoAuthorization,
    Region, S3Uri, or_placeholder, role_or_default,
};
use crate::copy::{ColumnsOf, CompleteCopy, Csv, LoadsWith, copy};
use crate::error::{Error, InvalidValue};
use crate::files::FileValues;
use crate::stage::{Load, StagedRows};
use crate::store::Store;
use crate::{Redshift, RedshiftConnection};

/// Up to this many rows, an `INSERT` is faster than writing, uploading and loading files.
const FEW_ROWS: usize = 1_000;

diesel::table! {
    /// The temporary table; each upsert has its own columns.
    diesel_redshift_stage (key) {
        key -> Integer,
    }
}

/// Rows of the application that are loaded from files in a store; see [`Upsert::through`].
pub struct ThroughFiles<'r, R, T, V, A> {
    rows: &'r [R],
    table: T,
    store: Arc<dyn Store>,
    folder: S3Uri,
    /// The error of an invalid folder or role.
    invalid: Option<InvalidValue>,
    authorization: A,
    region: Option<Region>,
    few: usize,
    /// The files, once they are written.
    staged: Mutex<Option<StagedRows<T, A>>>,
    values: PhantomData<fn() -> V>,
}

impl<R, T, V, A> fmt::Debug for ThroughFiles<'_, R, T, V, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThroughFiles")
            .field("rows", &self.rows.len())
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

impl<'r, R, T, K, C> Upsert<Rows<'r, R>, T, K, C> {
    /// Loads the rows with `COPY` from files below `folder`, for large numbers: 100,000 rows take
    /// seconds, not minutes.
    ///
    /// The files are written with the application's own access to the store, and read by the
    /// cluster with a role or keys: call [`iam_role`](Upsert::iam_role) next. Each upsert has its
    /// own folder there, with a random name. As with
    /// [`from_insertable`](crate::copy::CopyStatement::from_insertable), `None` is `NULL` and must
    /// be declared so: `treat_none_as_default_value = false`. Up to 1,000 rows are still sent by
    /// `INSERT`, unless [`insert_up_to`](Upsert::insert_up_to) says otherwise.
    ///
    /// The files are uploaded once, before the transaction: `execute` can be called again, in a
    /// transaction that is retried. The files are deleted when the upsert is dropped.
    ///
    /// ```no_run
    /// # use diesel::prelude::*;
    /// # use diesel_redshift::store::FolderStore;
    /// # use diesel_redshift::{IamRole, RedshiftConnection};
    /// # diesel::table! { users { id -> BigInt, name -> Text, } }
    /// # #[derive(Insertable)]
    /// # #[diesel(treat_none_as_default_value = false)]
    /// # struct User { id: i64, name: String }
    /// # fn run(conn: &mut RedshiftConnection, store: FolderStore, rows: Vec<User>) -> Result<(), diesel_redshift::Error> {
    /// use diesel_redshift::upsert::upsert;
    ///
    /// let upsert = upsert(&rows)
    ///     .into(users::table)
    ///     .key((users::id,))
    ///     .update_all()
    ///     .through(&store, "s3://bucket/loads/")
    ///     .iam_role(IamRole::Default);
    /// let outcome = conn.retry_serializable(5, |conn| upsert.execute(conn))?; // uploads nothing again
    /// println!("{} updated, {} inserted", outcome.updated, outcome.inserted);
    /// # Ok(())
    /// # }
    /// ```
    pub fn through<S, V>(
        self,
        store: &S,
        folder: impl IntoS3Uri,
    ) -> Upsert<ThroughFiles<'r, R, T, V, NoAuthorization>, T, K, C>
    where
        S: Store + Clone + 'static,
        T: Table + Clone,
        &'r R: Insertable<T, Values = ValuesClause<V, T>>,
        V: FileValues,
    {
        let (folder, invalid) = or_placeholder(folder);
        let source = ThroughFiles {
            rows: self.source.0,
            table: self.table.clone(),
            store: Arc::new(store.clone()),
            folder,
            invalid,
            authorization: NoAuthorization,
            region: None,
            few: FEW_ROWS,
            staged: Mutex::default(),
            values: PhantomData,
        };
        Upsert {
            source,
            table: self.table,
            key: PhantomData,
            action: self.action,
            latest: self.latest,
            lock: self.lock,
        }
    }
}

type Through<'r, R, T, V, A, K, C> = Upsert<ThroughFiles<'r, R, T, V, A>, T, K, C>;

impl<'r, R, T, V, A, K, C> Through<'r, R, T, V, A, K, C> {
    fn authorized_by<A2>(self, authorization: A2) -> Through<'r, R, T, V, A2, K, C> {
        let source = ThroughFiles {
            rows: self.source.rows,
            table: self.source.table,
            store: self.source.store,
            folder: self.source.folder,
            invalid: self.source.invalid,
            authorization,
            region: self.source.region,
            few: self.source.few,
            staged: Mutex::default(),
            values: PhantomData,
        };
        Upsert {
            source,
            table: self.table,
            key: PhantomData,
            action: self.action,
            latest: self.latest,
            lock: self.lock,
        }
    }

    /// Authorizes reading the files with a role: `IAM_ROLE default`, `IAM_ROLE 'arn'`.
    pub fn iam_role(mut self, role: impl IntoIamRole) -> Through<'r, R, T, V, IamRole, K, C> {
        let role = role_or_default(role, &mut self.source.invalid);
        self.authorized_by(role)
    }

    /// Authorizes reading the files with a key pair: `ACCESS_KEY_ID '…' SECRET_ACCESS_KEY '…'`.
    pub fn access_key(self, key: AccessKey) -> Through<'r, R, T, V, AccessKey, K, C> {
        self.authorized_by(key)
    }

    /// Authorizes reading the files with a credentials string: `CREDENTIALS '…'`.
    pub fn credentials(self, credentials: Credentials) -> Through<'r, R, T, V, Credentials, K, C> {
        self.authorized_by(credentials)
    }

    /// `REGION '…'`: the region of the files, if it is not the cluster's.
    pub fn region(mut self, region: Region) -> Self {
        self.source.region = Some(region);
        self
    }

    /// Up to how many rows are sent by `INSERT` instead. Default: 1,000; 0 means never.
    pub fn insert_up_to(mut self, rows: usize) -> Self {
        self.source.few = rows;
        self
    }

    /// Deletes the files now, and returns the errors of those that could not be deleted.
    pub fn clean_up(self) -> Vec<Error> {
        let staged = self.source.staged.into_inner();
        let staged = staged.unwrap_or_else(PoisonError::into_inner);
        staged.map(StagedRows::clean_up).unwrap_or_default()
    }
}

impl<R, T, V, A> ThroughFiles<'_, R, T, V, A> {
    fn staged(&self) -> MutexGuard<'_, Option<StagedRows<T, A>>> {
        self.staged.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'r, R, T, V, A> UpsertSource<T> for ThroughFiles<'r, R, T, V, A>
where
    T: Table<AllColumns: ColumnsOf<T>> + Clone + QueryFragment<Redshift>,
    <T as QuerySource>::FromClause: QueryFragment<Redshift>,
    &'r R: Insertable<T, Values = ValuesClause<V, T>>,
    V: FileValues,
    A: Authorization + Clone,
    Csv: LoadsWith<A>,
    Load<diesel_redshift_stage::table, A>: CompleteCopy,
    Rows<'r, R>: UpsertSource<T>,
{
    crate::seal::sealed!();
    fn columns(&self) -> Result<Option<Vec<String>>, Error> {
        Rows(self.rows).columns()
    }

    fn prepare(&self) -> Result<(), Error> {
        if let Some(error) = &self.invalid {
            return Err(error.clone().into());
        }
        let mut staged = self.staged();
        if self.rows.len() <= self.few || staged.is_some() {
            return Ok(());
        }
        let mut load = copy(self.table.clone())
            .authorized_by(self.authorization.clone())
            .from_insertable(self.rows)
            .through(&self.store, self.folder.clone());
        if let Some(region) = &self.region {
            load = load.region(region.clone());
        }
        *staged = Some(load.upload()?);
        Ok(())
    }

    fn stage(
        &self,
        conn: &mut RedshiftConnection,
        create: &str,
        empty: &str,
    ) -> Result<usize, Error> {
        let staged = self.staged();
        let Some(staged) = &*staged else {
            return Rows(self.rows).stage(conn, create, empty);
        };
        run(conn, &format!("{create} AS {empty}"))?;
        staged.copy_into(diesel_redshift_stage::table, conn)?;
        Ok(self.rows.len())
    }
}
