//! What the statements of a text do, judged by their keywords.

use super::raw::SessionStatus;
use crate::sql::lexer::{Token, tokens};
use crate::sql::statements;

/// Settings that change neither what a name means nor how a value is read or written. All others
/// may: `search_path`, the session's user, the case sensitivity of names; and `timezone` and
/// `datestyle` decide how a literal is read when its statement is prepared.
const NO_PLAN_DEPENDS_ON: [&str; 5] = [
    "application_name",
    "enable_result_cache_for_session",
    "query_group",
    "statement_timeout",
    "wlm_query_slot_count",
];

/// The words of a statement, without white space and comments.
fn keywords(statement: &str) -> Vec<&str> {
    tokens(statement)
        .filter(|(token, _)| !matches!(token, Token::Space | Token::Comment))
        .map(|(_, text)| text)
        .collect()
}

fn is(word: Option<&&str>, one_of: &[&str]) -> bool {
    word.is_some_and(|word| one_of.iter().any(|one| word.eq_ignore_ascii_case(one)))
}

/// Whether no plan depends on the settings that the text changes.
pub(super) fn settings_keep_plans(sql: &str) -> bool {
    statements(sql)
        .into_iter()
        .map(keywords)
        .filter(|keywords| is(keywords.first(), &["SET", "RESET"]))
        .all(|keywords| {
            let scoped = is(keywords.get(1), &["SESSION", "LOCAL"]);
            is(
                keywords.get(if scoped { 2 } else { 1 }),
                &NO_PLAN_DEPENDS_ON,
            )
        })
}

/// Statements whose changes do not outlive the session. Redshift's functions cannot write, so a
/// SELECT writes only with INTO.
const CHANGE_NOTHING: [&str; 14] = [
    "ABORT",
    "BEGIN",
    "CLOSE",
    "DEALLOCATE",
    "DECLARE",
    "EXPLAIN",
    "FETCH",
    "PREPARE",
    "RESET",
    "ROLLBACK",
    "SELECT",
    "SET",
    "SHOW",
    "START",
];

/// Statements that take effect only when the transaction is committed. TRUNCATE and procedures
/// commit by themselves.
const COMMIT_NOTHING: [&str; 12] = [
    "ALTER", "ANALYZE", "COMMENT", "COPY", "CREATE", "DELETE", "DROP", "INSERT", "LOCK", "MERGE",
    "UNLOAD", "UPDATE",
];

/// What ends a transaction. In one that has failed, nothing else runs.
const END: [&str; 4] = ["ABORT", "COMMIT", "END", "ROLLBACK"];

/// Whether running the text in a session of this status may commit something; within a transaction,
/// also what came before it. An unknown statement may.
pub(super) fn may_commit(sql: &str, sent_in: SessionStatus) -> bool {
    let mut statements = statements(sql).into_iter().map(keywords).peekable();
    if sent_in == SessionStatus::InError
        && statements
            .next_if(|keywords| is(keywords.first(), &END))
            .is_none()
    {
        return false;
    }
    let in_transaction = sent_in == SessionStatus::InTransaction;
    statements.any(|keywords| {
        let changes_nothing = is(keywords.first(), &CHANGE_NOTHING)
            && !keywords
                .iter()
                .any(|word| word.eq_ignore_ascii_case("INTO"));
        let commits_nothing = in_transaction && is(keywords.first(), &COMMIT_NOTHING);
        !changes_nothing && !commits_nothing
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_known_by_their_names() {
        for sql in [
            "SET query_group TO 'nightly'",
            "set Statement_Timeout=100;",
            "RESET query_group",
            "-- a comment\nSET SESSION application_name TO 'it; SET search_path TO x'",
            "SET LOCAL wlm_query_slot_count TO 3; SELECT 1",
        ] {
            assert!(settings_keep_plans(sql), "{sql}");
        }
        for sql in [
            "SET search_path TO a",
            "SET query_group TO 'a'; SET search_path TO b",
            "SET SESSION AUTHORIZATION ada",
            "SET ROLE ada",
            "SET timezone TO 'Europe/Paris'",
            "SET TIME ZONE 'Europe/Paris'",
            "SET \"query_group\" TO a",
            "SET datestyle TO 'SQL'",
            "SET enable_case_sensitive_identifier TO true",
            "RESET ALL",
            "SET",
        ] {
            assert!(!settings_keep_plans(sql), "{sql}");
        }
    }
    #[test]
    fn what_may_commit_is_known_by_its_first_word() {
        let outside = |sql| may_commit(sql, SessionStatus::Idle);
        let within = |sql| may_commit(sql, SessionStatus::InTransaction);
        let failed = |sql| may_commit(sql, SessionStatus::InError);
        for sql in [
            "SELECT 1",
            "-- INSERT\n select 'a; INSERT INTO t' ;",
            "SHOW search_path",
            "BEGIN",
            "ROLLBACK",
            "",
        ] {
            assert!(!outside(sql) && !within(sql), "{sql}");
        }
        for sql in [
            "INSERT INTO t VALUES (1)",
            "insert into t values (1); SELECT 1",
            "COPY t FROM 's3://b/k' IAM_ROLE DEFAULT",
            "SELECT 1 INTO t",
            "CREATE TABLE t AS SELECT 1",
        ] {
            assert!(outside(sql), "{sql}");
        }
        for sql in ["INSERT INTO t VALUES (1)", "DELETE FROM t; SELECT 1"] {
            assert!(!within(sql), "{sql}");
        }
        for sql in [
            "COMMIT",
            "end",
            "DELETE FROM t; COMMIT",
            "TRUNCATE t",
            "CALL p()",
            "VACUUM",
            "(SELECT 1)",
            "EXECUTE p",
        ] {
            assert!(outside(sql) && within(sql), "{sql}");
            assert!(!failed(sql), "{sql}");
        }
        assert!(!failed("ROLLBACK; SELECT 1") && !failed("INSERT INTO t VALUES (1)"));
        assert!(failed("ROLLBACK; INSERT INTO t VALUES (1)"));
    }
}
