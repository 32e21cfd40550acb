//! tokio-postgres on a runtime of one thread, statements prepared once.

use std::collections::HashMap;
use std::pin::pin;

use futures_util::TryStreamExt;
use tokio::runtime::Runtime;
use tokio_postgres::types::ToSql;
use tokio_postgres::{NoTls, Statement};

use super::Client;
use crate::shapes::users::{self, User};
use crate::shapes::{Shape, number4, number30, text4, text30};

struct TokioPostgres {
    runtime: Runtime,
    client: tokio_postgres::Client,
    statements: HashMap<String, Statement>,
}

pub(super) fn connect(url: &str) -> Box<dyn Client> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .unwrap();
    let client = runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    });
    Box::new(TokioPostgres {
        runtime,
        client,
        statements: HashMap::new(),
    })
}

pub(super) fn parameters(users: &[User]) -> Vec<&(dyn ToSql + Sync)> {
    users
        .iter()
        .flat_map(|user| -> [&(dyn ToSql + Sync); 4] {
            [&user.id, &user.name, &user.email, &user.score]
        })
        .collect()
}

impl TokioPostgres {
    fn prepared(&mut self, sql: String) -> Statement {
        if let Some(statement) = self.statements.get(&sql) {
            return statement.clone();
        }
        let statement = self.runtime.block_on(self.client.prepare(&sql)).unwrap();
        self.statements.insert(sql, statement.clone());
        statement
    }
}

impl Client for TokioPostgres {
    fn load(&mut self, shape: Shape) -> usize {
        let statement = self.prepared(shape.select());
        macro_rules! load {
            ($table:ident) => {
                self.runtime.block_on(async {
                    let rows = self
                        .client
                        .query_raw(&statement, [] as [i32; 0])
                        .await
                        .unwrap();
                    let rows: Vec<_> = rows
                        .map_ok(|row| $table::Row::of_postgres(&row))
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
        let statement = self.prepared(shape.select());
        macro_rules! stream {
            ($table:ident) => {
                self.runtime.block_on(async {
                    let rows = self
                        .client
                        .query_raw(&statement, [] as [i32; 0])
                        .await
                        .unwrap();
                    let mut rows = pin!(rows);
                    let mut count = 0;
                    while let Some(row) = rows.try_next().await.unwrap() {
                        drop($table::Row::of_postgres(&row));
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
        let statement = self.prepared(users::SELECT.to_owned());
        let row = self
            .runtime
            .block_on(self.client.query_one(&statement, &[&id]))
            .unwrap();
        User::of_postgres(&row)
    }

    fn insert(&mut self, rows: &[User]) {
        let statement = self.prepared(users::insert(rows.len()));
        let inserted = self
            .runtime
            .block_on(self.client.execute(&statement, &parameters(rows)));
        assert_eq!(inserted.unwrap(), rows.len() as u64);
    }

    fn run(&mut self, sql: &str) {
        self.runtime
            .block_on(self.client.batch_execute(sql))
            .unwrap();
    }
}
