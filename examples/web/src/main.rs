//! The service: `DATABASE_URL` and `REDSHIFT_IAM_ROLE` say where, `LISTEN` on which address (127.0.0.1:8080).
//!
//! Ctrl-C and SIGTERM end it gracefully.

use std::env;
use std::error::Error;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use web::{Settings, serve};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let setting = |name: &str| env::var(name).map_err(|_| format!("{name} is not set"));
    let settings = Settings {
        database_url: setting("DATABASE_URL")?,
        role: setting("REDSHIFT_IAM_ROLE")?,
        connections: 8,
        wait: Duration::from_secs(5),
        limit: Duration::from_secs(30),
        look_every: Duration::from_secs(2),
    };
    let address = setting("LISTEN").unwrap_or_else(|_| "127.0.0.1:8080".to_owned());
    let listener = TcpListener::bind(address).await?;
    println!("http://{}", listener.local_addr()?);
    let mut terminate = signal(SignalKind::terminate())?;
    serve(listener, settings, async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    })
    .await
}
