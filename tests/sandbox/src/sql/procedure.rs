//! CREATE PROCEDURE: what its arguments and its body say in Redshift's words.

use std::ops::Range;

use super::cursor::Cursor;
use super::lexer::{Kind, Token, tokens, value_of};
use super::quoting::fold_quoted;
use super::statement::Statement;
use super::token_tree::TokenTree;
use super::{command, quote_literal, refuse, rewrite};
use crate::protocol::{SqlError, SqlResult};

/// Stands around what the sandbox has written.
const TAG: &str = "$redshift_sandbox$";

/// Reads what follows `CREATE [OR REPLACE]`.
pub(super) fn procedure(cursor: Cursor<'_>) -> SqlResult<Statement> {
    let (sql, tokens) = (cursor.sql, cursor.tokens);
    let tree = TokenTree::new(sql, tokens)?;
    let is_text = |at: usize| matches!(tree.kind(at), Some(Kind::Text | Kind::Dollar));
    let at = tree.find(cursor.at..tree.len(), |at| {
        is_text(at) && tree.follows(at, &["as"])
    });
    let open = tree.find(cursor.at..tree.len(), |at| tree.is_kind(at, Kind::Open));
    let (Some(at), Some(open)) = (at, open) else {
        return Err(cursor.unexpected());
    };
    let body = body(&value_of(tree.text(at))?)?;
    let close = tree.close(open);
    let mut head = types(sql, &tokens[..=open]);
    let mut defaults = false;
    for (number, argument) in tree.split(open + 1..close).into_iter().enumerate() {
        if argument.is_empty() {
            continue;
        }
        let out = [argument.start, argument.start + 1]
            .into_iter()
            .find(|at| argument.contains(at) && tree.is(*at, "out"));
        if out.is_none() && defaults {
            return Err(SqlError::not_imitated("An argument behind one of mode OUT"));
        }
        if number > 0 {
            head.push_str(", ");
        }
        let text = types(sql, &tokens[argument.clone()]);
        match out {
            // PostgreSQL's CALL wants a value for it, which a default is.
            Some(out) => {
                defaults = true;
                let before = types(sql, &tokens[argument.start..out]);
                let after = types(sql, &tokens[out + 1..argument.end]);
                head.push_str(&format!("INOUT {before} {after} DEFAULT NULL"));
            }
            None => head.push_str(&text),
        }
    }
    Ok(Statement::Plain(format!(
        "{head}){} {TAG}{body}{TAG}{}",
        sql[tokens[close].end..tokens[at].start].trim_end(),
        &sql[tokens[at].end..tokens[tokens.len() - 1].end]
    )))
}

/// Tokens that declare something, with types as PostgreSQL calls them.
pub(super) fn types(sql: &str, tokens: &[Token]) -> String {
    let is = |at: usize, word: &str| tokens.get(at).is_some_and(|token| token.is(sql, word));
    let kind = |at: usize| tokens.get(at).map(|token| token.kind);
    let mut out = String::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if at > 0 {
            out.push_str(&sql[tokens[at - 1].end..token.start]);
        }
        if is(at, "max") && at > 0 && kind(at - 1) == Some(Kind::Open) {
            out.push_str("65535");
        } else if is(at, "datetime") {
            out.push_str("timestamp");
        } else if is(at, "nvarchar") {
            out.push_str("varchar");
        } else if is(at, "varbyte") || is(at, "varbinary") {
            out.push_str("varbyte");
            if kind(at + 1) == Some(Kind::Open) && kind(at + 3) == Some(Kind::Close) {
                at += 3;
            }
        } else if token.kind == Kind::Quoted {
            out.push_str(&fold_quoted(token.text(sql).to_owned()));
        } else {
            out.push_str(token.text(sql));
        }
        at += 1;
    }
    out
}

/// A body of PL/pgSQL, whose SQL is read as any other.
fn body(text: &str) -> SqlResult<String> {
    let tokens = tokens(text)?;
    let mut body = Body {
        tree: &TokenTree::new(text, &tokens)?,
        out: String::with_capacity(text.len() + 32),
        written: 0,
        declares: false,
        handlers: Vec::new(),
    };
    let mut at = 0;
    while at < tokens.len() {
        let end = body.find(at..tokens.len(), |tree, at| {
            tree.is_kind(at, Kind::Semicolon)
        });
        body.statement(at..end)?;
        at = end + 1;
    }
    body.out.push_str(&text[body.written..]);
    if body.out.contains(TAG) {
        return Err(SqlError::syntax(TAG));
    }
    Ok(body.out)
}

struct Body<'a> {
    tree: &'a TokenTree<'a>,
    out: String,
    /// Up to which byte of the text all is written.
    written: usize,
    /// Declarations come, up to BEGIN.
    declares: bool,
    /// Of the blocks that are open, whether their EXCEPTION has come.
    handlers: Vec<bool>,
}

impl Body<'_> {
    fn find(&self, range: Range<usize>, is_it: impl Fn(&TokenTree<'_>, usize) -> bool) -> usize {
        let end = range.end;
        self.tree
            .find(range, |at| is_it(self.tree, at))
            .unwrap_or(end)
    }

    /// Writes other text in the place of some tokens.
    fn write(&mut self, range: Range<usize>, text: &str) {
        let tokens = self.tree.tokens;
        if let Some([first, .., last] | [first @ last]) = tokens.get(range) {
            self.out.push_str(&self.tree.sql[self.written..first.start]);
            self.out.push_str(text);
            self.written = last.end;
        }
    }

    fn rewrite(&mut self, range: Range<usize>) -> SqlResult<()> {
        let text = rewrite::rewrite(self.tree.sql, &self.tree.tokens[range.clone()])?;
        self.write(range, &text);
        Ok(())
    }

    /// What stands before a semicolon: words that lead to a statement, and the statement.
    fn statement(&mut self, range: Range<usize>) -> SqlResult<()> {
        let tree = self.tree;
        let Range { start: mut at, end } = range;
        while at < end {
            let word = tree.text(at).to_ascii_lowercase();
            at = match &*word {
                "<<" => self.find(at..end, |tree, at| tree.text(at) == ">>") + 1,
                "declare" => {
                    self.declares = true;
                    at + 1
                }
                "begin" => {
                    self.declares = false;
                    self.handlers.push(false);
                    at + 1
                }
                _ if self.declares => return self.declaration(at..end),
                "else" | "loop" => at + 1,
                "exception" => {
                    if !tree.are(at + 1, &["when", "others", "then"]) {
                        return Err(SqlError::unsupported(
                            "OTHERS is the only condition of an EXCEPTION block that is supported",
                        ));
                    }
                    if let Some(handler) = self.handlers.last_mut() {
                        *handler = true;
                    }
                    at + 4
                }
                "if" | "elsif" | "elseif" | "when" => self.leads(at, end, "then")?,
                "while" => self.leads(at, end, "loop")?,
                "for" => {
                    let of = self.find(at..end, |tree, at| tree.is(at, "in"));
                    // `1..n`
                    let dots = self.find(of..end, |tree, at| {
                        tree.is_kind(at, Kind::Dot) && tree.is_kind(at + 1, Kind::Dot)
                    });
                    if dots < end {
                        self.rewrite(of + 1..dots)?;
                        self.leads(dots + 1, end, "loop")?
                    } else {
                        self.leads(of, end, "loop")?
                    }
                }
                "case" => {
                    let when = self.find(at..end, |tree, at| tree.is(at, "when"));
                    if when > at + 1 {
                        self.rewrite(at + 1..when)?;
                    }
                    when
                }
                "end" => {
                    if !tree.is_any(at + 1, &["if", "loop", "case"])
                        && self.handlers.pop() == Some(true)
                    {
                        // What was caught is raised again.
                        self.write(at..at + 1, "RAISE; END");
                    }
                    return Ok(());
                }
                _ => return self.sql(at..end, &word),
            };
        }
        Ok(())
    }

    /// An expression or a query between a word and another one.
    fn leads(&mut self, at: usize, end: usize, until: &str) -> SqlResult<usize> {
        let mut cases = 0;
        let until = self.tree.find(at + 1..end, |at| {
            let found = cases == 0 && self.tree.is(at, until);
            cases += i32::from(self.tree.is(at, "case"));
            cases -= i32::from(self.tree.is(at, "end"));
            found
        });
        let until = until.unwrap_or(end);
        if until > at + 1 {
            self.rewrite(at + 1..until)?;
        }
        Ok(until + 1)
    }

    /// `name [CONSTANT] type [NOT NULL] [{DEFAULT | :=} value]`, `name CURSOR FOR query`
    fn declaration(&mut self, range: Range<usize>) -> SqlResult<()> {
        let value = self.find(range.clone(), |tree, at| {
            [":=", "="].contains(&tree.text(at)) || tree.is_any(at, &["default", "for"])
        });
        let text = types(self.tree.sql, &self.tree.tokens[range.start..value]);
        self.write(range.start..value, &text);
        if value + 1 < range.end {
            self.rewrite(value + 1..range.end)?;
        }
        Ok(())
    }

    fn sql(&mut self, range: Range<usize>, verb: &str) -> SqlResult<()> {
        let (sql, tokens) = (self.tree.sql, &self.tree.tokens[range.clone()]);
        match verb {
            "copy" | "unload" | "vacuum" | "analyze" => {
                let what = verb.to_ascii_uppercase();
                Err(SqlError::not_imitated(&format!("{what} in a procedure")))
            }
            "truncate" => {
                let mut cursor = Cursor::new(sql, tokens);
                cursor.advance();
                cursor.accept("table");
                let table = cursor.qualified_name()?.quoted();
                cursor.expect_end()?;
                let call = format!("CALL pg_sandbox.truncate({})", quote_literal(&table));
                self.write(range, &call);
                Ok(())
            }
            "create" | "alter" | "drop" | "merge" => {
                refuse::check(sql, tokens)?;
                let text = match command::read(sql, tokens)? {
                    Statement::Define(definition) => definition.in_procedure(),
                    Statement::Plain(text) | Statement::Change { sql: text, .. } => text,
                    _ => return Err(SqlError::not_imitated("Such a statement in a procedure")),
                };
                self.write(range, &text);
                Ok(())
            }
            _ => {
                if ["select", "with", "insert", "update", "delete"].contains(&verb) {
                    refuse::check(sql, tokens)?;
                }
                self.rewrite(range)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_read_as_sql() {
        for (written, read) in [
            (
                "DECLARE v VARCHAR(MAX) := nvl($1, ''); d datetime; BEGIN d := dateadd(day, 1, d); END;",
                "DECLARE v VARCHAR(65535) := coalesce($1, ''); d timestamp; BEGIN d := date_add('day', 1, d); END;",
            ),
            (
                "BEGIN <<a>> FOR i IN 1..10 LOOP IF nvl(i, CASE WHEN i > 1 THEN 2 ELSE 3 END) > 1 THEN v := sysdate; END IF; END LOOP a; END",
                "BEGIN <<a>> FOR i IN 1..10 LOOP IF coalesce(i, CASE WHEN i > 1 THEN 2 ELSE 3 END) > 1 THEN v := sysdate(); END IF; END LOOP a; END",
            ),
            (
                "BEGIN -- nvl(\n TRUNCATE TABLE s.t; EXCEPTION WHEN OTHERS THEN RAISE INFO 'x'; END",
                "BEGIN -- nvl(\n CALL pg_sandbox.truncate('\"s\".\"t\"'); EXCEPTION WHEN OTHERS THEN RAISE INFO 'x'; RAISE; END",
            ),
        ] {
            assert_eq!(body(written).as_deref(), Ok(read));
        }
        assert!(body("BEGIN x; EXCEPTION WHEN no_data_found THEN y; END").is_err());
    }
}
