//! `MERGE`: changes, deletes and adds rows of one table by those of another, in one statement.
//!
//! It is built in the order of its SQL. Both branches are required, since Redshift refuses a
//! `MERGE` with only one, and so is a key: pairs of columns of equal type that cannot be `NULL`.
//! Redshift's `MERGE` takes only tables: no alias of the target, no query as the source, no
//! condition in a `WHEN`.
//!
//! ```
//! use diesel::prelude::*;
//! use diesel_redshift::merge::merge_into;
//! # diesel::table! { users { id -> BigInt, name -> Text, hits -> BigInt, } }
//! # diesel::table! { stage { id -> BigInt, name -> Text, hits -> BigInt, } }
//! # diesel::allow_tables_to_appear_in_same_query!(users, stage);
//!
//! let merge = merge_into(users::table)
//!     .using(stage::table)
//!     .on((users::id, stage::id))
//!     .when_matched()
//!     .set(users::name, stage::name)
//!     .set(users::hits, users::hits + stage::hits)
//!     .when_not_matched()
//!     .insert(users::id, stage::id)
//!     .insert(users::name, stage::name)
//!     .insert(users::hits, 1);
//! assert_eq!(
//!     merge.to_sql()?,
//!     "MERGE INTO \"users\" USING \"stage\" ON \"users\".\"id\" = \"stage\".\"id\" \
//!      WHEN MATCHED THEN UPDATE SET \"name\" = \"stage\".\"name\", \"hits\" = (\"users\".\"hits\" + \"stage\".\"hits\") \
//!      WHEN NOT MATCHED THEN INSERT (\"id\", \"name\", \"hits\") VALUES (\"stage\".\"id\", \"stage\".\"name\", 1::bigint)"
//! );
//! # fn run(conn: &mut diesel_redshift::RedshiftConnection, merge: impl RunQueryDsl<diesel_redshift::RedshiftConnection>
//! #     + diesel::query_builder::QueryFragment<diesel_redshift::Redshift> + diesel::query_builder::QueryId) -> QueryResult<()> {
//! merge.execute(conn)?;
//! # Ok(())
//! # }
//! # Ok::<(), diesel_redshift::Error>(())
//! ```

mod actions;
mod assignment;
mod key;
mod remove_duplicates;
mod statement;

pub use self::actions::{Delete, Insert, Insertion, Update};
pub use self::assignment::Assignment;
pub use self::key::{KeyPair, KeyPairs, MergeKey};
pub use self::remove_duplicates::RemoveDuplicates;
pub use self::statement::{
    Matched, Merge, MergeInto, MergeOn, MergeUsing, WhenMatched, WhenNotMatched, merge_into,
};
