//! The statements of each upsert, in `golden/upsert.sql`, which the independent grammar parses too. `UPDATE_GOLDEN=1` writes it anew.

use std::path::Path;
use std::sync::Mutex;

use super::*;

/// What an upsert sends between BEGIN and COMMIT, with parameters.
fn sent(run: impl FnOnce(&mut RedshiftConnection) -> Result<UpsertOutcome, Error>) -> Vec<String> {
    let (_world, mut conn) = world();
    let statements = Arc::new(Mutex::new(Vec::new()));
    let recorded = Arc::clone(&statements);
    conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let text = query.to_string();
            let sql = text.split(" -- binds:").next().unwrap_or_default();
            recorded.lock().unwrap().push(sql.to_owned());
        }
    });
    run(&mut conn).unwrap();
    let statements = statements.lock().unwrap();
    let ends = ["BEGIN", "COMMIT"];
    let is_own = |sql: &&String| !ends.iter().any(|end| sql.starts_with(end));
    statements.iter().filter(is_own).cloned().collect()
}

#[test]
fn each_upsert_sends_what_it_did() {
    let new = [user(1, "ONE", 1, None)];
    let start = || upsert(&new).into(users::table).key((users::id,));
    let mut text = String::new();
    let mut note = |title: &str, statements: Vec<String>| {
        for (at, sql) in statements.iter().enumerate() {
            let separator = if text.is_empty() { "" } else { "\n" };
            text.push_str(&format!("{separator}-- {title}, {}\n{sql};\n", at + 1));
        }
    };
    note(
        "update all",
        sent(|conn| {
            start()
                .update_all()
                .latest_by(users::seen)
                .lock()
                .execute(conn)
        }),
    );
    let hits = users::hits.eq(users::hits + incoming(users::hits) + 1);
    note("set", sent(|conn| start().set(hits).execute(conn)));
    note(
        "keep existing",
        sent(|conn| start().keep_existing().execute(conn)),
    );
    note("replace", sent(|conn| start().replace().execute(conn)));
    note(
        "delete when",
        sent(|conn| {
            start()
                .update_all()
                .delete_when(incoming(users::name).eq("ONE"))
                .execute(conn)
        }),
    );
    let query = users::table
        .filter(users::name.ne("it's"))
        .select((users::id, users::name));
    note(
        "of a query, by two columns",
        sent(|conn| {
            upsert_from(query, (users::id, users::name))
                .into(users::table)
                .key((users::id, users::name))
                .update_all()
                .execute(conn)
        }),
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/upsert.sql");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    for (golden, text) in golden.lines().zip(text.lines()) {
        assert_eq!(golden, text);
    }
    assert_eq!(golden.len(), text.len(), "it has other statements");
}
