//! Says in PostgreSQL's words what a statement says in Redshift's.

mod calls;
mod casts;
mod catalogs;
mod lateral;
mod navigation;
mod select;

pub(crate) use lateral::{inlining, named_again};

use std::ops::Range;

use super::lexer::{Kind, Token};
use super::names::{Names, Source, begins_delete};
use super::quote_identifier;
use super::quoting::fold_quoted;
use super::token_tree::TokenTree;
use crate::protocol::{SqlError, SqlResult};

/// The text of some tokens, with everything between them, rewritten.
pub(super) fn rewrite(sql: &str, tokens: &[Token]) -> SqlResult<String> {
    let tree = TokenTree::new(sql, tokens)?;
    let names = Names::of(&tree);
    let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else {
        return Ok(String::new());
    };
    let mut out = String::with_capacity(last.end - first.start + 32);
    let rewriter = Rewriter {
        tree: &tree,
        names: &names,
        query: query(&tree),
        aliases: &[],
    };
    rewriter.emit(&mut out, 0..tokens.len())?;
    Ok(out)
}

/// Where the query of a statement begins.
fn query(tree: &TokenTree<'_>) -> usize {
    const QUERIES: [&str; 9] = [
        "select", "with", "insert", "update", "delete", "merge", "explain", "prepare", "declare",
    ];
    if tree.is_any(0, &QUERIES) || tree.is_kind(0, Kind::Open) {
        return 0;
    }
    tree.find(0..tree.len(), |at| {
        tree.is(0, "create") && tree.is(at, "as")
    })
    .unwrap_or(tree.len())
}

/// Writes token after token, each construct of Redshift's own as one.
#[derive(Clone, Copy)]
struct Rewriter<'a> {
    tree: &'a TokenTree<'a>,
    names: &'a Names,
    /// Where a query begins; before it, a name with dots is a name in schemas.
    query: usize,
    /// Names that stand for expressions of the select list.
    aliases: &'a [(String, Range<usize>)],
}

impl Rewriter<'_> {
    fn emit(&self, out: &mut String, range: Range<usize>) -> SqlResult<()> {
        let mut at = range.start;
        while at < range.end {
            at = self.item(out, at, range.end)?;
        }
        Ok(())
    }

    /// Tokens that are to stand in another place.
    fn rewritten(&self, range: Range<usize>) -> SqlResult<String> {
        let mut out = String::new();
        self.emit(&mut out, range)?;
        Ok(out.trim_start().to_owned())
    }

    /// What stands between a token and the one before it.
    fn blanks_before(&self, out: &mut String, at: usize) {
        let tokens = self.tree.tokens;
        if let (Some(before), Some(token)) =
            (at.checked_sub(1).map(|at| tokens[at]), tokens.get(at))
        {
            // `4WHEN`
            if before.end == token.start && (before.kind, token.kind) == (Kind::Number, Kind::Word)
            {
                out.push(' ');
            }
            out.push_str(&self.tree.sql[before.end..token.start]);
        }
    }

    /// Writes what begins with a token; returns the token after it.
    fn item(&self, out: &mut String, at: usize, end: usize) -> SqlResult<usize> {
        let tree = self.tree;
        match tree.tokens[at].kind {
            Kind::Open => {
                self.token(out, at);
                let close = tree.close(at).min(end);
                self.emit(out, at + 1..close)?;
                if close < end {
                    self.token(out, close);
                    if self.names.is_unnamed(close) {
                        out.push_str(&format!(" AS redshift_subquery_{close}"));
                    }
                }
                Ok(close + 1)
            }
            Kind::Word => self.word(out, at, end),
            Kind::Quoted if tree.follows_kind(at, Kind::Cast) => self.value_type(out, at),
            Kind::Quoted => {
                if let Some(next) = self.name(out, at)? {
                    return Ok(next);
                }
                self.token(out, at);
                Ok(at + 1)
            }
            _ => {
                self.token(out, at);
                Ok(at + 1)
            }
        }
    }

    fn word(&self, out: &mut String, at: usize, end: usize) -> SqlResult<usize> {
        let tree = self.tree;
        if tree.follows_kind(at, Kind::Dot) {
            self.token(out, at);
            return Ok(at + 1);
        }
        if tree.follows_kind(at, Kind::Cast) {
            return self.value_type(out, at);
        }
        if tree.is(at, "select") {
            return self.select(out, at, end);
        }
        if begins_delete(tree, at) {
            if let Some(using) = tree.find(at..end, |at| tree.is(at, "using")) {
                return Err(SqlError::syntax(tree.text(using)));
            }
            self.token(out, at);
            out.push_str(" FROM");
            return Ok(at + 1);
        }
        if tree.is_kind(at + 1, Kind::Open)
            && self.names.at(at).is_none()
            && let Some(next) = self.call(out, at)?
        {
            return Ok(next);
        }
        if self.function_of_psql(out, at) {
            return Ok(at + 3);
        }
        if tree.is(at, "approximate") && tree.is_any(at + 1, &["count", "percentile_disc"]) {
            return Ok(at + 1);
        }
        if tree.are(at, &["respect", "nulls"]) {
            return Ok(at + 2);
        }
        if tree.are(at, &["ignore", "nulls"]) {
            return Err(SqlError::not_imitated("IGNORE NULLS of this function"));
        }
        if let Some(next) = self.name(out, at)? {
            return Ok(next);
        }
        self.plain(out, at);
        Ok(at + 1)
    }

    /// A token that is no name of something else.
    fn plain(&self, out: &mut String, at: usize) {
        match word(self.tree, at) {
            Some(replacement) => {
                self.blanks_before(out, at);
                out.push_str(&replacement);
            }
            None => self.token(out, at),
        }
    }

    /// Writes a name that stands for more than itself: elements of an array in FROM, a way into a SUPER, an alias.
    fn name(&self, out: &mut String, at: usize) -> SqlResult<Option<usize>> {
        let tree = self.tree;
        if tree.follows_kind(at, Kind::Dot) {
            return Ok(None);
        }
        if let Some(relation) = self.names.at(at) {
            if relation.source == Source::Unnest {
                self.blanks_before(out, at);
                self.unnest(out, relation)?;
                return Ok(Some(relation.whole));
            }
            if !self.catalog(out, relation) {
                for part in at..relation.end {
                    self.token(out, part);
                }
            }
            return Ok(Some(relation.end));
        }
        let is_array = tree.is(at, "array") && tree.is_kind(at + 1, Kind::OpenBracket);
        let leads_on = tree.is_kind(at + 1, Kind::Dot) || tree.is_kind(at + 1, Kind::OpenBracket);
        if leads_on && !is_array {
            return self.navigation(out, at);
        }
        if !self.aliases.is_empty()
            && let Some(name) = tree.name(at)
            && !tree.follows(at, &["as"])
            && let Some(number) = self.aliases.iter().position(|(alias, _)| *alias == name)
        {
            self.blanks_before(out, at);
            let (_, expression) = &self.aliases[number];
            let unaliased = Rewriter {
                aliases: &self.before(number),
                ..*self
            };
            out.push_str(&format!("({})", unaliased.rewritten(expression.clone())?));
            return Ok(Some(at + 1));
        }
        Ok(None)
    }

    /// One token with what stands before it.
    fn token(&self, out: &mut String, at: usize) {
        let tree = self.tree;
        self.blanks_before(out, at);
        let text = tree.text(at);
        match tree.tokens[at].kind {
            // Names fold to lower case even in quotes.
            Kind::Quoted => out.push_str(&fold_quoted(text.to_owned())),
            Kind::Temporary => {
                let creates =
                    tree.follows(at, &["into"]) && !tree.is(0, "insert") && !tree.is(0, "merge");
                if creates {
                    out.push_str("TEMP ");
                }
                out.push_str(&quote_identifier(&text.to_ascii_lowercase()));
            }
            _ => out.push_str(text),
        }
    }
}

/// What a word is called here, if it is another thing.
fn word(tree: &TokenTree<'_>, at: usize) -> Option<String> {
    let text = tree.text(at);
    let opens = tree.is_kind(at + 1, Kind::Open);
    match text.len() {
        5 if text.eq_ignore_ascii_case("minus") => Some("except".to_owned()),
        7 if text.eq_ignore_ascii_case("sysdate")
            && !opens
            && !tree.is_kind(at + 1, Kind::Dot)
            && !tree.follows(at, &["as"]) =>
        {
            Some("sysdate()".to_owned())
        }
        15 if text.eq_ignore_ascii_case("current_user_id")
            && !opens
            && !tree.follows(at, &["as"]) =>
        {
            Some("(SELECT usesysid::integer AS current_user_id FROM pg_catalog.pg_user WHERE usename = current_user)".to_owned())
        }
        7 if !opens && tree.is_any(at, &["numeric", "decimal"]) => {
            unqualified_numeric(tree, at)
        }
        // The first argument of these is a bare word on Redshift.
        _ if tree.follows_kind(at, Kind::Open)
            && tree.is_kind(at + 1, Kind::Comma)
            && at >= 2
            && tree.is_any(at - 2, &["dateadd", "datediff", "date_add", "date_diff"]) =>
        {
            Some(format!("'{}'", text.to_ascii_lowercase()))
        }
        _ => None,
    }
}

/// In a cast, NUMERIC without a precision is NUMERIC(18,0).
fn unqualified_numeric(tree: &TokenTree<'_>, at: usize) -> Option<String> {
    let casts = tree.follows_kind(at, Kind::Cast)
        || tree.follows(at, &["as"]) && tree.is_kind(at + 1, Kind::Close);
    casts.then(|| format!("{}(18,0)", tree.text(at)))
}

#[cfg(test)]
mod tests {
    use crate::sql::lexer::tokens;

    fn rewrite(sql: &str) -> String {
        super::rewrite(sql, &tokens(sql).expect("tokens")).expect("rewritten")
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
            rewrite("select nvl(a, sysdate), t.sysdate, 1 as sysdate from t"),
            "select coalesce(a, sysdate()), t.sysdate, 1 as sysdate from t"
        );
        assert_eq!(
            rewrite("select dateadd(Day, 1, x)"),
            "select date_add('day', 1, x)"
        );
        assert_eq!(
            rewrite("select $1::numeric, cast(a as decimal), b::numeric(3,2)"),
            "select $1::numeric(18,0), cast(a as decimal(18,0)), b::numeric(3,2)"
        );
        assert_eq!(
            rewrite(
                "select a::varchar, cast(b as text), c::character varying, d::varchar(3), 1 as text from t"
            ),
            "select a::varchar(256), cast(b as varchar), c::varchar(256), d::varchar(3), 1 as text from t"
        );
        assert_eq!(
            rewrite("select relname::text from pg_class"),
            "select relname::text from pg_leader.pg_class AS pg_class"
        );
    }

    #[test]
    fn a_cast_to_varbyte_loses_its_length() {
        assert_eq!(
            rewrite("select cast(a as varbyte(5)), b::VARBYTE(10), c(1)"),
            "select cast(a as varbyte), b::varbyte, c(1)"
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
