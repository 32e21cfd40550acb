// What the examples of some pages share: a local Redshift with accounts, and the imports of their first example.

use diesel::prelude::*;
use diesel_redshift::prelude::*;

type Outcome = Result<(), Box<dyn std::error::Error>>;

diesel::table! {
    accounts (id) {
        id -> BigInt,
        owner -> Text,
        cents -> BigInt,
    }
}

/// A local Redshift with two accounts.
fn local_redshift() -> Result<(redshift_sandbox::Sandbox, RedshiftConnection), Box<dyn std::error::Error>> {
    use diesel::connection::SimpleConnection;
    let sandbox = redshift_sandbox::Sandbox::start()?;
    let mut conn = RedshiftConnection::establish(&sandbox.url())?;
    conn.batch_execute(
        "CREATE TABLE accounts (id BIGINT NOT NULL, owner VARCHAR(100) NOT NULL, cents BIGINT NOT NULL);
         INSERT INTO accounts VALUES (1, 'Ada', 1000), (2, 'Eve', 0)",
    )?;
    Ok((sandbox, conn))
}

fn cents(conn: &mut RedshiftConnection) -> QueryResult<Vec<i64>> {
    accounts::table.select(accounts::cents).order(accounts::id).load(conn)
}
