//! postgres, the blocking face of tokio-postgres, statements prepared once.

use std::collections::HashMap;

use postgres::fallible_iterator::FallibleIterator;
use postgres::{NoTls, Statement};

use super::Client;
use super::tokio_postgres_client::parameters;
use crate::shapes::users::{self, User};
use crate::shapes::{Shape, number4, number30, text4, text30};

struct Postgres {
    client: postgres::Client,
    statements: HashMap<String, Statement>,
}

pub(super) fn connect(url: &str) -> Box<dyn Client> {
    Box::new(Postgres {
        client: postgres::Client::connect(url, NoTls).unwrap(),
        statements: HashMap::new(),
    })
}

impl Postgres {
    fn prepared(&mut self, sql: String) -> Statement {
        if let Some(statement) = self.statements.get(&sql) {
            return statement.clone();
        }
        let statement = self.client.prepare(&sql).unwrap();
        self.statements.insert(sql, statement.clone());
        statement
    }
}

impl Client for Postgres {
    fn load(&mut self, shape: Shape) -> usize {
        let statement = self.prepared(shape.select());
        macro_rules! load {
            ($table:ident) => {{
                let rows = self.client.query_raw(&statement, [] as [i32; 0]).unwrap();
                let rows: Vec<_> = rows
                    .map(|row| Ok($table::Row::of_postgres(&row)))
                    .collect()
                    .unwrap();
                rows.len()
            }};
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
            ($table:ident) => {{
                let mut rows = self.client.query_raw(&statement, [] as [i32; 0]).unwrap();
                let mut count = 0;
                while let Some(row) = rows.next().unwrap() {
                    drop($table::Row::of_postgres(&row));
                    count += 1;
                }
                count
            }};
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
        User::of_postgres(&self.client.query_one(&statement, &[&id]).unwrap())
    }

    fn insert(&mut self, rows: &[User]) {
        let statement = self.prepared(users::insert(rows.len()));
        let inserted = self.client.execute(&statement, &parameters(rows));
        assert_eq!(inserted.unwrap(), rows.len() as u64);
    }

    fn run(&mut self, sql: &str) {
        self.client.batch_execute(sql).unwrap();
    }
}
