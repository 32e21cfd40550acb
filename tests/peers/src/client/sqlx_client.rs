//! sqlx on a tokio runtime of one thread; it keeps prepared statements itself.

use futures_util::TryStreamExt;
use sqlx::{Connection, Executor, PgConnection};
use tokio::runtime::Runtime;

use super::Client;
use crate::shapes::users::{self, User};
use crate::shapes::{Shape, number4, number30, text4, text30};

struct Sqlx {
    runtime: Runtime,
    connection: PgConnection,
}

pub(super) fn connect(url: &str) -> Box<dyn Client> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let connection = runtime.block_on(PgConnection::connect(url)).unwrap();
    Box::new(Sqlx {
        runtime,
        connection,
    })
}

impl Client for Sqlx {
    fn load(&mut self, shape: Shape) -> usize {
        let sql = shape.select();
        macro_rules! load {
            ($table:ident) => {
                self.runtime.block_on(async {
                    let rows = sqlx::query(&sql).fetch(&mut self.connection);
                    let rows: Vec<_> = rows
                        .map_ok(|row| $table::Row::of_sqlx(&row))
                        .try_collect()
                        .await
                        .unwrap();
                    rows.len()
                })
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
        let sql = shape.select();
        macro_rules! stream {
            ($table:ident) => {
                self.runtime.block_on(async {
                    let mut rows = sqlx::query(&sql).fetch(&mut self.connection);
                    let mut count = 0;
                    while let Some(row) = rows.try_next().await.unwrap() {
                        drop($table::Row::of_sqlx(&row));
                        count += 1;
                    }
                    count
                })
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
        let query = sqlx::query(users::SELECT).bind(id);
        User::of_sqlx(
            &self
                .runtime
                .block_on(query.fetch_one(&mut self.connection))
                .unwrap(),
        )
    }

    fn insert(&mut self, rows: &[User]) {
        let sql = users::insert(rows.len());
        let query = rows.iter().fold(sqlx::query(&sql), |query, user| {
            query
                .bind(user.id)
                .bind(&user.name)
                .bind(&user.email)
                .bind(user.score)
        });
        let inserted = self
            .runtime
            .block_on(query.execute(&mut self.connection))
            .unwrap();
        assert_eq!(inserted.rows_affected(), rows.len() as u64);
    }

    fn run(&mut self, sql: &str) {
        self.runtime.block_on(self.connection.execute(sql)).unwrap();
    }
}
