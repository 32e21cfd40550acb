//! A web service on Redshift: queries from a pool, a long COPY that tells its progress over server-sent events.
//!
//! | request | |
//! |---------|-|
//! | `GET /users?city=Oslo` | the users of a city |
//! | `GET /users/7` | one user |
//! | `POST /loads?from=s3://bucket/users/` | loads files; a stream of events: `progress`, then `loaded`, `rejected`, `failed` or `stopped` |
//!
//! A client that leaves takes its COPY with it, and a query that takes too long is ended: the future is dropped, and the server is
//! told to cancel.

mod error;
mod load;
mod users;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use diesel_async::pooled_connection::AsyncDieselConnectionManager;
use diesel_async::pooled_connection::bb8::Pool;
use diesel_redshift::AsyncRedshiftConnection;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// What the service is told at its start.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The cluster's database.
    pub database_url: String,
    /// The role that the cluster reads files with.
    pub role: String,
    /// How many connections there are at most. Each load has one while it runs.
    pub connections: u32,
    /// How long a request waits for a connection.
    pub wait: Duration,
    /// How long a query may take. Loads have no limit.
    pub limit: Duration,
    /// The time between two looks at a load.
    pub look_every: Duration,
}

/// What every request sees.
#[derive(Clone)]
struct Service {
    pool: Pool<AsyncRedshiftConnection>,
    settings: Arc<Settings>,
    /// Becomes true when the service is to end.
    stopping: watch::Receiver<bool>,
}

/// Serves requests until `stop` is done: then no more are taken, queries run to their end, and loads are cancelled and tell so. A
/// COPY loads all or nothing, so that one is started again later.
///
/// # Errors
///
/// When the settings make no pool, or the listener breaks.
pub async fn serve(
    listener: TcpListener,
    settings: Settings,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let pool = Pool::builder()
        .max_size(settings.connections)
        .connection_timeout(settings.wait)
        .build(AsyncDieselConnectionManager::new(&settings.database_url))
        .await?;
    let (stopped, stopping) = watch::channel(false);
    let service = Service {
        pool,
        settings: Arc::new(settings),
        stopping,
    };
    let app = Router::new()
        .route("/users", get(users::of_city))
        .route("/users/{id}", get(users::by_id))
        .route("/loads", post(load::start))
        .with_state(service);
    let stop = async move {
        stop.await;
        let _ = stopped.send(true);
    };
    axum::serve(listener, app)
        .with_graceful_shutdown(stop)
        .await?;
    Ok(())
}
