// What the examples of copy-and-unload.md share: a local Redshift with a table of items, and an empty one beside it.

use diesel::prelude::*;
use diesel_redshift::prelude::*;

type Outcome = Result<(), Box<dyn std::error::Error>>;

diesel::table! {
    items (id) {
        id -> BigInt,
        name -> Text,
        note -> Nullable<Text>,
    }
}

diesel::table! {
    copies (id) {
        id -> BigInt,
        name -> Text,
        note -> Nullable<Text>,
    }
}

type Row = (i64, String, Option<String>);

/// A local Redshift; `s3://bucket/` is a folder of it.
fn local_redshift() -> Result<(redshift_sandbox::Sandbox, RedshiftConnection), Box<dyn std::error::Error>> {
    use diesel::connection::SimpleConnection;
    let sandbox = redshift_sandbox::Sandbox::start()?;
    let mut conn = RedshiftConnection::establish(&sandbox.url())?;
    conn.batch_execute(
        "CREATE TABLE items (id BIGINT NOT NULL, name VARCHAR(40) NOT NULL, note VARCHAR(40));
         CREATE TABLE copies (LIKE items);
         INSERT INTO items VALUES (1, 'nut', 'M3'), (2, 'bolt, \"long\"', NULL), (3, 'a|b', 'it''s')",
    )?;
    Ok((sandbox, conn))
}

/// Whether the copies are what the items are.
fn check(conn: &mut RedshiftConnection) -> Outcome {
    let items: Vec<Row> = items::table.order(items::id).load(conn)?;
    let copies: Vec<Row> = copies::table.order(copies::id).load(conn)?;
    assert_eq!(items, copies);
    assert_eq!(items.len(), 3);
    Ok(())
}
