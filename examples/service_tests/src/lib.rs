//! The data layer of a small service about the weather: `tests/` shows how such a one is tested on the sandbox.

mod error;
mod schema;

use std::error::Error as StdError;
use std::time::Duration;

use chrono::{Days, NaiveDate, NaiveTime};
use diesel::dsl::avg;
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Error as PoolError, Pool};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use diesel_redshift::error::TransactionError;
use diesel_redshift::prelude::*;
use diesel_redshift::{Error, RedshiftMigrations};

pub use self::error::WeatherError;
use self::schema::{readings, stations};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!();

/// What the service is told at its start.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The cluster's database.
    pub database_url: String,
    /// The bucket with `stations.csv` and `readings/<day>.csv`.
    pub bucket: String,
    /// The role that the cluster reads the bucket with.
    pub role: String,
    /// How long a statement may take.
    pub limit: Duration,
}

/// The data of the service.
pub struct Weather {
    pool: Pool<ConnectionManager<RedshiftConnection>>,
    settings: Settings,
}

/// What every session is given.
#[derive(Debug)]
struct Session(Duration);

impl CustomizeConnection<RedshiftConnection, PoolError> for Session {
    fn on_acquire(&self, conn: &mut RedshiftConnection) -> Result<(), PoolError> {
        conn.set_statement_timeout(Some(self.0))
            .map_err(PoolError::QueryError)
    }
}

impl Weather {
    /// Connects and migrates; of several processes that start at once, one migrates.
    ///
    /// # Errors
    ///
    /// No connection, or a migration that fails.
    pub fn start(settings: Settings) -> Result<Self, Box<dyn StdError + Send + Sync>> {
        let pool = Pool::builder()
            .max_size(4)
            .min_idle(Some(0))
            .connection_timeout(Duration::from_secs(10))
            .connection_customizer(Box::new(Session(settings.limit)))
            .build(ConnectionManager::new(&settings.database_url))?;
        let migrations = RedshiftMigrations::new()
            .sql(MIGRATIONS)
            .value("station_bucket", &settings.bucket)
            .value("station_role", &settings.role);
        pool.get()?.lock_migrations(|conn| {
            conn.run_pending_migrations(migrations)?;
            Ok(())
        })?;
        Ok(Self { pool, settings })
    }

    /// The stations with the mean of their readings, by name.
    ///
    /// # Errors
    ///
    /// [`WeatherError::TooLong`] after the limit of the settings.
    pub fn means(&self) -> Result<Vec<(String, Option<f64>)>, WeatherError> {
        let found = stations::table
            .left_join(readings::table)
            .group_by(stations::name)
            .select((stations::name, avg(readings::celsius.nullable())))
            .order(stations::name)
            .load(&mut self.pool.get()?)?;
        Ok(found)
    }

    /// Loads a day's readings in place of those of that day; how many there are.
    ///
    /// A day that is loaded twice is the same as loaded once, so this may be called again whatever has happened, and does so
    /// itself where the connection was lost before the server said whether it has committed.
    ///
    /// # Errors
    ///
    /// [`WeatherError::BadReadings`], [`WeatherError::NoReadings`]; what was there stays then.
    pub fn load_day(&self, day: NaiveDate) -> Result<u64, WeatherError> {
        let mut outcome = self.replace_day(&mut *self.pool.get()?, day);
        if let Err(Error::Transaction(TransactionError::OutcomeUnknown(_))) = outcome {
            outcome = self.replace_day(&mut *self.pool.get()?, day);
        }
        outcome.map_err(|error| WeatherError::of_load(day, error))
    }

    fn replace_day(&self, conn: &mut RedshiftConnection, day: NaiveDate) -> Result<u64, Error> {
        let begin = day.and_time(NaiveTime::MIN);
        let end = begin + Days::new(1);
        let load = copy(readings::table)
            .from(format!("s3://{}/readings/{day}.csv", self.settings.bucket))
            .iam_role(&self.settings.role)
            .format(copy::Csv::new().ignore_header(1));
        conn.retry_serializable(5, |conn| {
            let of_the_day = readings::taken_at.ge(begin).and(readings::taken_at.lt(end));
            diesel::delete(readings::table.filter(of_the_day)).execute(conn)?;
            Ok(load.execute(conn)?.rows)
        })
    }
}
