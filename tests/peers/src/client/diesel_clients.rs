//! Diesel with this crate's connection and with its own for PostgreSQL.

use diesel::connection::SimpleConnection;
use diesel::pg::PgRowByRowLoadingMode;
use diesel::prelude::*;
use diesel_redshift::{RedshiftConnection, connection::RowByRowLoadingMode};

use super::Client;
use crate::shapes::users::{User, new_users, users};
use crate::shapes::{Shape, number4, number30, text4, text30};

macro_rules! diesel_client {
    ($connection:ty, $row_by_row:ty) => {
        impl Client for $connection {
            fn load(&mut self, shape: Shape) -> usize {
                macro_rules! load {
                    ($table:ident) => {
                        $table::$table::table
                            .load::<$table::Row>(self)
                            .unwrap()
                            .len()
                    };
                }
                match shape {
                    Shape::Text4 => load!(text4),
                    Shape::Number4 => load!(number4),
                    Shape::Text30 => load!(text30),
                    Shape::Number30 => load!(number30),
                }
            }

            fn stream(&mut self, shape: Shape) -> usize {
                macro_rules! stream {
                    ($table:ident) => {
                        $table::$table::table
                            .load_iter::<$table::Row, $row_by_row>(self)
                            .unwrap()
                            .map(Result::unwrap)
                            .count()
                    };
                }
                match shape {
                    Shape::Text4 => stream!(text4),
                    Shape::Number4 => stream!(number4),
                    Shape::Text30 => stream!(text30),
                    Shape::Number30 => stream!(number30),
                }
            }

            fn find(&mut self, id: i64) -> User {
                users::table.find(id).first(self).unwrap()
            }

            fn insert(&mut self, rows: &[User]) {
                let rows: Vec<_> = rows
                    .iter()
                    .map(|user| {
                        (
                            new_users::id.eq(user.id),
                            new_users::name.eq(&user.name),
                            new_users::email.eq(&user.email),
                            new_users::score.eq(user.score),
                        )
                    })
                    .collect();
                let inserted = diesel::insert_into(new_users::table)
                    .values(&rows)
                    .execute(self);
                assert_eq!(inserted.unwrap(), rows.len());
            }

            fn run(&mut self, sql: &str) {
                self.batch_execute(sql).unwrap();
            }
        }
    };
}

diesel_client!(RedshiftConnection, RowByRowLoadingMode);
diesel_client!(PgConnection, PgRowByRowLoadingMode);

/// A connection to whatever is there, the sandbox or the engine behind it.
fn connect(url: &str) -> RedshiftConnection {
    let builder = RedshiftConnection::builder().url(url).accept_postgresql();
    builder.establish().unwrap()
}

pub(super) fn redshift(url: &str) -> Box<dyn Client> {
    Box::new(connect(url))
}

pub(super) fn redshift_binary(url: &str) -> Box<dyn Client> {
    let mut conn = connect(url);
    conn.set_binary_results(true);
    Box::new(conn)
}

pub(super) fn pg(url: &str) -> Box<dyn Client> {
    Box::new(PgConnection::establish(url).unwrap())
}
