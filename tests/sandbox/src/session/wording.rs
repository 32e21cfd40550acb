//! Errors of PostgreSQL's in Redshift's words.

use crate::catalog;
use crate::protocol::{ServerMessage, SqlError};
use crate::sql::refuse;

/// Says in Redshift's words what PostgreSQL says in its own.
pub(super) fn redshift_error(
    message: &mut ServerMessage,
    query: i32,
    database: &str,
    statement: &str,
) {
    if let Some(error) = refuse::not_imitated(message.code(), message.message()) {
        message.set(b'C', error.code);
        message.set(b'M', error.message);
        message.set(b'H', "");
        return;
    }
    let truncates = message.context().contains("pg_sandbox.truncate(");
    if !message.context().is_empty() {
        let context = clients_context(message.context());
        message.set(b'W', context);
    }
    match message.code() {
        "42883" => {
            let text = message.message().replace("pg_sandbox.", "");
            message.set(b'M', text);
        }
        // The session has its temporary schema already: its own functions stand there.
        "42501"
            if message
                .message()
                .starts_with("permission denied for schema pg_temp_") =>
        {
            message.set(
                b'M',
                format!("permission denied to create temporary tables in database \"{database}\""),
            );
        }
        "40001" => {
            message.set(b'C', "XX000");
            message.set(b'M', "1023");
            let pid = std::process::id();
            message.set(
                b'D',
                format!("Serializable isolation violation on table - 0, transactions forming the cycle are: 1, 2 (pid:{pid})"),
            );
        }
        // The only checks are those that measure text in bytes.
        "23514" | "22001" => {
            let error = SqlError::new("22001", "Value too long for character type");
            let error = error.boxed(
                8001,
                "Value too long for character type",
                message.message(),
                query,
            );
            message.set(b'C', error.code);
            message.set(b'M', error.message);
            message.set(b'D', error.detail.unwrap_or_default());
        }
        "0A000"
            if message
                .message()
                .starts_with("cross-database references are not implemented") =>
        {
            let error = SqlError::not_imitated("A table of another database");
            message.set(b'M', error.message);
        }
        "21000" if message.message().starts_with("MERGE") => {
            message.set(b'C', "XX000");
            message.set(b'M', "Found multiple matches to update the same tuple.");
            message.set(b'H', "");
        }
        "428C9" => {
            message.set(b'C', "0A000");
            message.set(b'M', "cannot set an identity column to a value");
            message.set(b'D', "");
            message.set(b'H', "");
        }
        "23502" => {
            let text = format!(
                "Cannot insert a NULL value into column {}",
                message.column()
            );
            let error = SqlError::internal(&text).boxed(8007, &text, "", query);
            message.set(b'C', error.code);
            message.set(b'M', error.message);
            message.set(b'D', error.detail.unwrap_or_default());
        }
        "2D000" => {
            let is_rollback = message.context().ends_with("at ROLLBACK");
            let verb = match (truncates, is_rollback) {
                (true, _) => "TRUNCATE",
                (false, true) => "ROLLBACK",
                (false, false) => "COMMIT",
            };
            message.set(
                b'M',
                format!("{verb} cannot be invoked from a procedure that is executing in an atomic context."),
            );
            message.set(
                b'H',
                "Try calling the procedure as a top-level call i.e. not from within an explicit transaction block or function.",
            );
        }
        "42501" => {
            let text = message.message();
            let denied = ["table", "view", "materialized view", "sequence"]
                .iter()
                .find_map(|kind| text.strip_prefix(&format!("permission denied for {kind} ")));
            if let Some(name) = denied {
                let text = format!("permission denied for relation {name}");
                message.set(b'M', text);
            }
        }
        "22003" if message.message() == "numeric field overflow" => {
            message.set(b'M', "Numeric data overflow (result precision)");
            message.set(b'D', "");
        }
        "22P02"
            if message
                .message()
                .starts_with("invalid input syntax for type ") =>
        {
            let text = message.message().replacen("for type ", "for ", 1);
            message.set(b'M', text);
        }
        "42704" | "42710" if message.message().starts_with("role \"") => {
            let text = message.message().replacen("role", grantee(statement), 1);
            message.set(b'M', text);
        }
        "2BP01" if message.message().starts_with("role \"") => {
            let kind = grantee(statement);
            let why = if message.detail().contains("owner of") {
                "owns some object"
            } else {
                "has a privilege on some object"
            };
            let name = message.message().split('"').nth(1).unwrap_or_default();
            let text = format!("{kind} \"{name}\" can't be dropped because the {kind} {why}");
            message.set(b'C', "55006");
            message.set(b'M', text);
            message.set(b'D', "");
        }
        "57014" => message.set(b'M', format!("Query ({query}) cancelled on user's request")),
        _ => {}
    }
}

/// What a statement calls whom PostgreSQL calls a role.
fn grantee(statement: &str) -> &'static str {
    let mut words = statement.split_ascii_whitespace().skip(1);
    let kind = words.next().unwrap_or_default();
    ["group", "role"]
        .into_iter()
        .find(|known| kind.eq_ignore_ascii_case(known))
        .unwrap_or("user")
}

/// What is left of a context, whose inmost lines come first, outside of the functions of the sandbox's own. Those of SQL
/// come without their schema.
fn clients_context(context: &str) -> String {
    let is_own = |line: &str| {
        let name = line.strip_prefix("PL/pgSQL function ");
        let name = name.and_then(|rest| rest.split('(').next());
        line.contains("pg_sandbox.")
            || line.starts_with("SQL function \"")
            || name.is_some_and(catalog::defines)
    };
    let lines: Vec<_> = context.lines().collect();
    let start = lines.iter().rposition(|line| is_own(line));
    lines[start.map_or(0, |at| at + 1)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::clients_context;

    #[test]
    fn contexts_lose_the_functions_of_the_sandbox() {
        assert_eq!(clients_context("SQL function \"fit\" statement 1"), "");
        let own = "PL/pgSQL function pg_sandbox.fit(text,integer) line 9 at RAISE\nSQL function \"fit\" statement 1";
        let clients = "SQL statement \"INSERT INTO t\nVALUES (1)\"\nPL/pgSQL function fill() line 3 at SQL statement";
        assert_eq!(clients_context(own), "");
        assert_eq!(
            clients_context("PL/pgSQL function from_hex(text) line 4 at RAISE"),
            ""
        );
        assert_eq!(clients_context(clients), clients);
        assert_eq!(clients_context(&format!("{own}\n{clients}")), clients);
    }
}
