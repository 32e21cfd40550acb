//! Diesel with this crate's connection and with its own for PostgreSQL.

use diesel::connection::SimpleConnection;
use diesel::pg::PgRowByRowLoadingMode;
use diesel::prelude::*;
use diesel_redshift::{RedshiftConnection, RowByRowLoadingMode};

use super::Client;
use crate::shapes::users::{User, new_users, users};
use crate::shapes::{Shape, number4, number30, text4, text30};

macro_rules! diesel_client {
    ($connect:ident, $connection:ty, $row_by_row:ty) => {
        pub(super) fn $connect(url: &str) -> Box<dyn Client> {
            Box::new(<$connection>::establish(url).unwrap())
        }

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

diesel_client!(redshift, RedshiftConnection, RowByRowLoadingMode);
diesel_client!(pg, PgConnection, PgRowByRowLoadingMode);
