//! Says in PostgreSQL's words what a statement says in Redshift's.

use super::lexer::{Kind, Token};

/// The text of some tokens, with everything between them, rewritten.
pub(super) fn rewrite(sql: &str, tokens: &[Token]) -> String {
    let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else {
        return String::new();
    };
    let mut out = String::with_capacity(last.end - first.start + 32);
    let mut copied = first.start;
    for (at, token) in tokens.iter().enumerate() {
        if let Some(replacement) = replacement(sql, tokens, at) {
            out.push_str(&sql[copied..token.start]);
            out.push_str(&replacement);
            copied = token.end;
        }
    }
    out.push_str(&sql[copied..last.end]);
    out
}

fn replacement(sql: &str, tokens: &[Token], at: usize) -> Option<String> {
    let token = tokens[at];
    let text = token.text(sql);
    match token.kind {
        // Names fold to lower case even in quotes.
        Kind::Quoted => text
            .bytes()
            .any(|byte| byte.is_ascii_uppercase())
            .then(|| text.to_ascii_lowercase()),
        Kind::Temporary => {
            let creates = at > 0
                && tokens[at - 1].is(sql, "into")
                && !tokens[0].is(sql, "insert")
                && !tokens[0].is(sql, "merge");
            let temporary = if creates { "TEMP " } else { "" };
            Some(format!("{temporary}\"{}\"", text.to_ascii_lowercase()))
        }
        Kind::Word => word(sql, tokens, at, text),
        Kind::Open | Kind::Number | Kind::Close => {
            is_varbyte_length(sql, tokens, at).then(String::new)
        }
        _ => None,
    }
}

/// PostgreSQL's stand-in for VARBYTE has no length, so `VARBYTE(n)` in a cast loses it.
fn is_varbyte_length(sql: &str, tokens: &[Token], at: usize) -> bool {
    let open = match tokens[at].kind {
        Kind::Open => Some(at),
        Kind::Number => at.checked_sub(1),
        _ => at.checked_sub(2),
    };
    let Some(open) = open.filter(|open| *open >= 2) else {
        return false;
    };
    let shape = [Kind::Open, Kind::Number, Kind::Close];
    let fits = shape.iter().enumerate().all(|(ahead, kind)| {
        tokens
            .get(open + ahead)
            .is_some_and(|token| token.kind == *kind)
    });
    let casts = tokens[open - 2].kind == Kind::Cast || tokens[open - 2].is(sql, "as");
    fits && casts && (tokens[open - 1].is(sql, "varbyte") || tokens[open - 1].is(sql, "varbinary"))
}

fn word(sql: &str, tokens: &[Token], at: usize, text: &str) -> Option<String> {
    let before = at.checked_sub(1).map(|at| tokens[at]);
    let after = tokens.get(at + 1).copied();
    let opens = after.is_some_and(|token| token.kind == Kind::Open);
    if before.is_some_and(|token| token.kind == Kind::Dot) {
        return None;
    }
    match text.len() {
        3 if text.eq_ignore_ascii_case("nvl") && opens => Some("coalesce".to_owned()),
        7 if text.eq_ignore_ascii_case("sysdate")
            && !opens
            && !after.is_some_and(|token| token.kind == Kind::Dot)
            && !before.is_some_and(|token| token.is(sql, "as")) =>
        {
            Some("sysdate()".to_owned())
        }
        7 if text.eq_ignore_ascii_case("numeric") && !opens => {
            unqualified_numeric(sql, before, after, text)
        }
        7 if text.eq_ignore_ascii_case("decimal") && !opens => {
            unqualified_numeric(sql, before, after, text)
        }
        // The first argument of these is a bare word on Redshift.
        _ if before.is_some_and(|token| token.kind == Kind::Open)
            && after.is_some_and(|token| token.kind == Kind::Comma)
            && at >= 2
            && ["dateadd", "datediff", "date_add", "date_diff"]
                .iter()
                .any(|function| tokens[at - 2].is(sql, function)) =>
        {
            Some(format!("'{}'", text.to_ascii_lowercase()))
        }
        _ => None,
    }
}

/// In a cast, NUMERIC without a precision is NUMERIC(18,0).
fn unqualified_numeric(
    sql: &str,
    before: Option<Token>,
    after: Option<Token>,
    text: &str,
) -> Option<String> {
    let casts = before.is_some_and(|token| {
        token.kind == Kind::Cast
            || token.is(sql, "as") && after.is_some_and(|token| token.kind == Kind::Close)
    });
    casts.then(|| format!("{text}(18,0)"))
}

#[cfg(test)]
mod tests {
    use super::super::lexer::tokens;

    fn rewrite(sql: &str) -> String {
        super::rewrite(sql, &tokens(sql).expect("tokens"))
    }

    #[test]
    fn names_fold_to_lower_case() {
        assert_eq!(
            rewrite(r#"SELECT "Ab""C" , 'Ab' FROM "T""#),
            r#"SELECT "ab""c" , 'Ab' FROM "t""#
        );
    }

    #[test]
    fn words_that_postgres_lacks() {
        assert_eq!(
            rewrite("select nvl(a, sysdate), t.sysdate, 1 as sysdate"),
            "select coalesce(a, sysdate()), t.sysdate, 1 as sysdate"
        );
        assert_eq!(
            rewrite("select dateadd(Day, 1, x)"),
            "select dateadd('day', 1, x)"
        );
        assert_eq!(
            rewrite("select $1::numeric, cast(a as decimal), b::numeric(3,2)"),
            "select $1::numeric(18,0), cast(a as decimal(18,0)), b::numeric(3,2)"
        );
    }

    #[test]
    fn a_cast_to_varbyte_loses_its_length() {
        assert_eq!(
            rewrite("select cast(a as varbyte(5)), b::VARBYTE(10), c(1)"),
            "select cast(a as varbyte), b::VARBYTE, c(1)"
        );
    }

    #[test]
    fn temporary_names() {
        assert_eq!(
            rewrite("select * into #T from #u"),
            "select * into TEMP \"#t\" from \"#u\""
        );
        assert_eq!(
            rewrite("insert into #T select 1"),
            "insert into \"#t\" select 1"
        );
    }
}
