//! The contestants, behind one trait.

mod diesel_clients;
mod postgres_client;
mod sqlx_client;
mod tokio_postgres_client;

use crate::shapes::Shape;
use crate::shapes::users::User;

/// A connection of a client library, with its statements prepared where the library lets one.
pub trait Client {
    /// Loads the whole table into a vector of structs and returns its length.
    fn load(&mut self, shape: Shape) -> usize;

    /// Reads the table a struct at a time, keeping none.
    fn stream(&mut self, shape: Shape) -> usize;

    /// The user with this id.
    fn find(&mut self, id: i64) -> User;

    /// Inserts the users with one statement.
    fn insert(&mut self, users: &[User]);

    /// Runs a statement without parameters.
    fn run(&mut self, sql: &str);
}

/// How a library connects.
pub type Connect = fn(&str) -> Box<dyn Client>;

/// This crate.
pub const OURS: &str = "diesel-redshift";

/// Every contestant with its name; those of this crate first, whose names begin with [`OURS`].
pub const CLIENTS: [(&str, Connect); 6] = [
    (OURS, diesel_clients::redshift),
    ("diesel-redshift, binary", diesel_clients::redshift_binary),
    ("diesel PgConnection", diesel_clients::pg),
    ("tokio-postgres", tokio_postgres_client::connect),
    ("postgres", postgres_client::connect),
    ("sqlx", sqlx_client::connect),
];
