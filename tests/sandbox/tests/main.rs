//! Tests of the sandbox over the wire, in one binary.

mod accepted;
mod aliases;
mod alterations;
mod casts;
mod catalogs;
mod client;
mod connection;
mod conversions;
mod copy;
mod copy_errors;
mod copy_json;
mod copy_options;
mod copy_outcome;
mod copy_parquet;
mod copy_parquet_refusals;
mod copy_progress;
mod copy_values;
mod definition;
mod extended_query;
mod external;
mod faults;
mod functions;
mod identity;
mod intervals;
mod kill;
mod late_views;
mod lifecycle;
#[cfg(target_os = "linux")]
mod memory;
mod not_imitated;
mod permissions;
mod pipeline;
mod printed_values;
mod procedures;
mod program;
mod psql;
mod queries;
mod query_history;
mod query_texts;
mod refusals;
mod refused_changes;
mod refused_definitions;
mod refused_queries;
mod reports;
mod roles;
mod running;
mod s3;
mod s3_buckets;
mod s3_client;
mod s3_parts;
mod settings;
mod simple_query;
mod soak;
mod super_type;
mod support;
mod system_tables;
mod tls;
mod type_modifiers;
mod types;
mod unload;
mod unload_formats;
mod unload_parquet;
mod unload_partitions;
mod unload_progress;
mod wait;
mod writers;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use client::Client;
use redshift_sandbox::Sandbox;

/// The sandbox that tests share; it ends with the process.
fn sandbox() -> &'static Sandbox {
    static SANDBOX: OnceLock<Sandbox> = OnceLock::new();
    SANDBOX.get_or_init(|| Sandbox::start().expect("a sandbox"))
}

/// A database, and a bucket of the same name, for one test.
struct Place {
    name: String,
    url: String,
}

fn place() -> Place {
    static LAST: AtomicU32 = AtomicU32::new(0);
    let name = format!("t{}", LAST.fetch_add(1, Ordering::Relaxed));
    let url = sandbox().create_database(&name).expect("a database");
    Place { name, url }
}

impl Place {
    fn connect(&self) -> Client {
        Client::connect(&self.url).expect("a connection")
    }

    fn uri(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.name)
    }

    fn put(&self, key: &str, bytes: impl AsRef<[u8]>) -> String {
        let uri = self.uri(key);
        sandbox().store().put(&uri, bytes).expect("put");
        uri
    }

    fn get(&self, key: &str) -> String {
        String::from_utf8(sandbox().store().get(&self.uri(key)).expect("get")).expect("UTF-8")
    }

    fn keys(&self) -> Vec<String> {
        let all = self.uri("");
        let list = sandbox().store().list(&all).expect("list");
        list.iter()
            .map(|uri| uri.trim_start_matches(&all).to_owned())
            .collect()
    }
}
