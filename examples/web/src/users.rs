//! Users: queries with a time limit.

use axum::Json;
use axum::extract::{Path, Query, State};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use diesel_redshift::RedshiftCopy;
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use crate::Service;
use crate::error::ServiceError;

diesel::table! {
    users (id) {
        id -> BigInt,
        name -> Text,
        city -> Text,
    }
}

#[derive(Debug, Serialize, Queryable, Selectable, RedshiftCopy)]
#[diesel(table_name = users)]
pub(crate) struct User {
    id: i64,
    name: String,
    city: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct OfCity {
    city: String,
}

/// Runs a query for as long as the settings allow; dropped after that, it is cancelled on the server.
async fn within_limit<T>(
    service: &Service,
    query: impl Future<Output = QueryResult<T>>,
) -> Result<T, ServiceError> {
    match timeout(service.settings.limit, query).await {
        Ok(found) => Ok(found?),
        Err(_) => Err(ServiceError::TooLong),
    }
}

/// `GET /users?city=…`
pub(crate) async fn of_city(
    State(service): State<Service>,
    Query(OfCity { city }): Query<OfCity>,
) -> Result<Json<Vec<User>>, ServiceError> {
    let mut conn = service.pool.get().await?;
    let query = users::table
        .filter(users::city.eq(city))
        .select(User::as_select())
        .order(users::id)
        .load(&mut conn);
    Ok(Json(within_limit(&service, query).await?))
}

/// `GET /users/{id}`
pub(crate) async fn by_id(
    State(service): State<Service>,
    Path(id): Path<i64>,
) -> Result<Json<User>, ServiceError> {
    let mut conn = service.pool.get().await?;
    let query = users::table
        .find(id)
        .select(User::as_select())
        .first(&mut conn);
    Ok(Json(within_limit(&service, query).await?))
}
