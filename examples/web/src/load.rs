//! Loads: a COPY in the body of a response.

use std::convert::Infallible;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use diesel_redshift::{Error, RedshiftCopy, S3Uri, copy};
use futures_util::stream::{self, Stream};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};

use crate::Service;
use crate::error::ServiceError;
use crate::users::User;

/// How often a client that hears nothing is written to, which is how one is found out that has left without a word.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);

#[derive(Debug, Deserialize)]
pub(crate) struct From {
    from: String,
}

/// How far the COPY is.
struct Progress {
    rows: u64,
    bytes: u64,
}

type Load = Pin<Box<dyn Future<Output = Result<u64, Error>> + Send>>;

/// A COPY that runs while its events are asked for. Dropped with the response's body, it is cancelled on the server.
struct Loading {
    load: Option<Load>,
    progress: mpsc::Receiver<Progress>,
    stopping: watch::Receiver<bool>,
}

/// `POST /loads?from=s3://…`
pub(crate) async fn start(
    State(service): State<Service>,
    Query(From { from }): Query<From>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ServiceError> {
    let from = S3Uri::parse(&from).map_err(|error| ServiceError::Wrong(error.to_string()))?;
    let mut conn = service.pool.get_owned().await?;
    // Where the client is slow, it hears less, and the COPY does not wait.
    let (tell, progress) = mpsc::channel(1);
    let settings = service.settings;
    let load = async move {
        conn.run(move |conn| {
            let load = User::copy()
                .from(from)
                .iam_role(&settings.role)
                .format(copy::Csv::new().ignore_header(1));
            let outcome = load
                .watch(settings.look_every, |seen| {
                    let _ = tell.try_send(Progress {
                        rows: seen.rows,
                        bytes: seen.bytes,
                    });
                    ControlFlow::Continue(())
                })
                .execute(conn)?;
            Ok(outcome.rows)
        })
        .await
    };
    let loading = Loading {
        load: Some(Box::pin(load)),
        progress,
        stopping: service.stopping,
    };
    let events = stream::unfold(loading, next);
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(SIGN_OF_LIFE)))
}

/// The next event, until the load has ended.
async fn next(mut loading: Loading) -> Option<(Result<Event, Infallible>, Loading)> {
    let load = loading.load.as_mut()?;
    let (name, data) = tokio::select! {
        Some(progress) = loading.progress.recv() => {
            ("progress", json!({"rows": progress.rows, "bytes": progress.bytes}))
        }
        outcome = load => {
            loading.load = None;
            told(outcome)
        }
        _ = loading.stopping.wait_for(|stopping| *stopping) => {
            loading.load = None;
            ("stopped", json!({"why": "the service ends; nothing was loaded, unless it was all at that moment"}))
        }
    };
    Some((
        Ok(Event::default().event(name).data(data.to_string())),
        loading,
    ))
}

/// The last event.
fn told(outcome: Result<u64, Error>) -> (&'static str, Value) {
    match outcome {
        Ok(rows) => ("loaded", json!({"rows": rows})),
        Err(Error::Load(error)) => {
            let rows: Vec<String> = error.rows().iter().map(ToString::to_string).collect();
            ("rejected", json!({"rows": rows}))
        }
        Err(Error::Storage(error)) => ("failed", json!({"why": error.to_string()})),
        Err(error) => {
            eprintln!("{error}");
            ("failed", json!({"why": "the load failed"}))
        }
    }
}
