//! What UNLOAD has to know of the query that it runs: whether its outermost SELECT is limited, and
//! the names of its columns.

use super::lexer::{Token, tokens};
use crate::error::InvalidValue;

const OPTION: &str = "UNLOAD query";

/// A query as UNLOAD takes it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct OuterSelect {
    pub(crate) sql: String,
    /// Its columns; `None` when the text does not tell their number, as with `SELECT *`.
    pub(crate) columns: Option<Vec<ColumnName>>,
}

/// What the text of a query tells about the name of one of its columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ColumnName {
    /// A column or an alias, in lower case as Redshift folds it.
    Known(String),
    /// An expression without an alias: the server chooses its name.
    Expression,
    /// Perhaps an alias without `AS`.
    Unknown,
}

impl OuterSelect {
    /// Reads `sql`, without what follows its end, and wraps a limited query: UNLOAD refuses
    /// `LIMIT`, `OFFSET` and `TOP` in the outermost SELECT, but takes it one level deeper.
    pub(crate) fn read(sql: &str) -> Result<Self, InvalidValue> {
        let sql = without_end(sql)?;
        if sql.is_empty() {
            return Err(InvalidValue::new(OPTION, "empty", "a SELECT"));
        }
        let columns = columns(&pieces(sql));
        let select = without_parentheses(sql);
        let sql = if is_limited(&pieces(select)) {
            format!("SELECT * FROM ({select}) AS \"unload\"")
        } else {
            sql.to_owned()
        };
        Ok(Self { sql, columns })
    }
}

/// A token that is no space and no comment, where it starts, and how many parentheses enclose it.
#[derive(Debug, Clone, Copy)]
struct Piece<'a> {
    token: Token,
    text: &'a str,
    at: usize,
    depth: usize,
}

impl Piece<'_> {
    fn is(&self, word: &str) -> bool {
        self.token == Token::Word && self.text.eq_ignore_ascii_case(word)
    }

    fn identifier(&self) -> Option<String> {
        match self.token {
            Token::QuotedIdentifier => {
                let name = self.text.strip_prefix('"')?.strip_suffix('"')?;
                Some(name.replace("\"\"", "\"").to_lowercase())
            }
            Token::Word => Some(self.text.to_lowercase()),
            _ => None,
        }
    }

    fn is_symbol(&self, symbol: &str) -> bool {
        self.token == Token::Symbol && self.text == symbol
    }
}

fn pieces(sql: &str) -> Vec<Piece<'_>> {
    let mut depth = 0_usize;
    let mut at = 0;
    let mut pieces = Vec::new();
    for (token, text) in tokens(sql) {
        if token == Token::Symbol && text == ")" {
            depth = depth.saturating_sub(1);
        }
        if !matches!(token, Token::Space | Token::Comment) {
            pieces.push(Piece {
                token,
                text,
                at,
                depth,
            });
        }
        if token == Token::Symbol && text == "(" {
            depth += 1;
        }
        at += text.len();
    }
    pieces
}

/// `sql` up to the end of its statement, without a semicolon and comments behind it.
fn without_end(sql: &str) -> Result<&str, InvalidValue> {
    let mut pieces = pieces(sql);
    while pieces.last().is_some_and(|last| last.is_symbol(";")) {
        pieces.pop();
    }
    if pieces.iter().any(|piece| piece.is_symbol(";")) {
        return Err(InvalidValue::new(
            OPTION,
            "several statements",
            "a single SELECT",
        ));
    }
    let start = pieces.first().map_or(0, |first| first.at);
    let end = pieces.last().map_or(0, |last| last.at + last.text.len());
    Ok(&sql[start..end])
}

/// `sql` without the parentheses that enclose all of it.
fn without_parentheses(mut sql: &str) -> &str {
    loop {
        let pieces = pieces(sql);
        let [open, within @ .., close] = &pieces[..] else {
            return sql;
        };
        let enclose = open.is_symbol("(") && close.is_symbol(")") && close.depth == 0;
        let (Some(first), Some(last)) = (within.first(), within.last()) else {
            return sql;
        };
        if !enclose || within.iter().any(|piece| piece.depth == 0) {
            return sql;
        }
        // Up to the last word: a comment behind it would go on.
        sql = &sql[first.at..last.at + last.text.len()];
    }
}

fn is_limited(pieces: &[Piece<'_>]) -> bool {
    let mut before: Option<&Piece<'_>> = None;
    for piece in pieces.iter().filter(|piece| piece.depth == 0) {
        if ["LIMIT", "OFFSET", "FETCH"]
            .iter()
            .any(|word| piece.is(word))
        {
            return true;
        }
        if piece.is("TOP")
            && before.is_some_and(|before| {
                ["SELECT", "DISTINCT", "ALL"]
                    .iter()
                    .any(|word| before.is(word))
            })
        {
            return true;
        }
        before = Some(piece);
    }
    false
}

/// The columns of the first SELECT, which give a union its names.
fn columns(pieces: &[Piece<'_>]) -> Option<Vec<ColumnName>> {
    let opening = pieces
        .iter()
        .take_while(|piece| piece.is_symbol("("))
        .count();
    let [select, list @ ..] = &pieces[opening..] else {
        return None;
    };
    if !select.is("SELECT") {
        return None;
    }
    let list = match list {
        [first, rest @ ..] if first.is("DISTINCT") || first.is("ALL") => rest,
        _ => list,
    };
    let list = match list {
        [first, _, rest @ ..] if first.is("TOP") => rest,
        _ => list,
    };
    let ends = |piece: &Piece<'_>| {
        piece.depth < opening
            || piece.depth == opening && ENDS_OF_LIST.iter().any(|word| piece.is(word))
    };
    let end = list.iter().position(ends).unwrap_or(list.len());
    list[..end]
        .split(|piece| piece.depth == opening && piece.is_symbol(","))
        .map(column_name)
        .collect()
}

const ENDS_OF_LIST: [&str; 12] = [
    "FROM",
    "WHERE",
    "GROUP",
    "HAVING",
    "ORDER",
    "LIMIT",
    "OFFSET",
    "UNION",
    "INTERSECT",
    "EXCEPT",
    "MINUS",
    "QUALIFY",
];

/// The name of one item of a select list; `None` for `*`, which is any number of columns.
fn column_name(item: &[Piece<'_>]) -> Option<ColumnName> {
    let is_path = item.iter().enumerate().all(|(at, piece)| match at % 2 {
        0 => piece.identifier().is_some(),
        _ => piece.is_symbol("."),
    });
    Some(match item {
        [.., star] if star.is_symbol("*") => return None,
        [.., name] if is_path => name.identifier().into(),
        [.., as_, name] if as_.is("AS") => name.identifier().into(),
        [.., before, name] if name.identifier().is_some() => match before.token {
            Token::Symbol if before.text != ")" => ColumnName::Expression,
            _ => ColumnName::Unknown,
        },
        _ => ColumnName::Expression,
    })
}

impl From<Option<String>> for ColumnName {
    fn from(identifier: Option<String>) -> Self {
        identifier.map_or(Self::Unknown, Self::Known)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(sql: &str) -> OuterSelect {
        OuterSelect::read(sql).expect(sql)
    }

    #[test]
    fn only_a_limit_of_the_outermost_select_is_wrapped() {
        for sql in [
            "SELECT a FROM t LIMIT 5",
            "SELECT a FROM t ORDER BY a LIMIT 5 OFFSET 6",
            "SELECT a FROM t offset 6",
            "(SELECT a FROM t) UNION (SELECT a FROM u) LIMIT 5",
            "SELECT TOP 5 a FROM t",
            "SELECT DISTINCT top 5 a FROM t",
            "WITH x AS (SELECT 1) SELECT * FROM x LIMIT 1",
            "SELECT ')' FROM t LIMIT 1",
            "SELECT \"(\" FROM t LIMIT 1",
            "SELECT a /* ( */ FROM t LIMIT 1",
        ] {
            assert_eq!(
                read(sql).sql,
                format!("SELECT * FROM ({sql}) AS \"unload\"")
            );
        }
        for sql in [
            "(SELECT a FROM t LIMIT 5)",
            "( ((SELECT a FROM t LIMIT 5)) )",
            "(/* five */ SELECT a FROM t LIMIT 5 -- five\n)",
        ] {
            assert_eq!(
                read(sql).sql,
                "SELECT * FROM (SELECT a FROM t LIMIT 5) AS \"unload\""
            );
        }
        for sql in [
            "SELECT a FROM t",
            "(SELECT a FROM t)",
            "((SELECT a FROM t LIMIT 5) UNION ALL (SELECT a FROM u LIMIT 5))",
            "SELECT a FROM t WHERE b = ' LIMIT 5'",
            "SELECT a FROM t WHERE b = 'it''s \\' LIMIT 5'",
            "SELECT \"limit\", \"LIMIT\" FROM t",
            "SELECT a FROM (SELECT a FROM t LIMIT 5) AS x",
            "(SELECT a FROM t LIMIT 5) UNION ALL (SELECT a FROM u)",
            "SELECT a FROM t WHERE a IN (SELECT b FROM u LIMIT 1)",
            "SELECT a -- LIMIT 5\n FROM t",
            "SELECT a -- LIMIT 5\r FROM t",
            "SELECT a /* LIMIT 5 */ FROM t",
            "SELECT no_limit, limits, t.top FROM t",
        ] {
            assert_eq!(read(sql).sql, sql);
        }
    }

    #[test]
    fn the_end_is_cut_and_a_second_statement_refused() {
        for sql in [
            "SELECT 1",
            " SELECT 1 ; ",
            "SELECT 1;;",
            "SELECT 1 -- one",
            "/* one */ SELECT 1 /* ; */ ; -- ;",
            "-- one\rSELECT 1 -- ;\r;",
        ] {
            assert_eq!(read(sql).sql, "SELECT 1");
        }
        assert_eq!(
            read("SELECT 1 LIMIT 1 -- one").sql,
            "SELECT * FROM (SELECT 1 LIMIT 1) AS \"unload\""
        );
        for sql in [
            "",
            " ",
            ";",
            "-- x",
            "SELECT 1; DROP TABLE t",
            "SELECT 1 -- x\r; DROP TABLE t",
        ] {
            assert!(OuterSelect::read(sql).is_err(), "{sql:?}");
        }
        assert_eq!(read("SELECT ';'").sql, "SELECT ';'");
    }

    #[test]
    fn the_names_of_the_columns_are_read() {
        use ColumnName::{Expression, Known, Unknown};
        let known = |name: &str| Known(name.to_owned());
        for (sql, columns) in [
            (
                r#"SELECT "t"."a", "t"."B", c, s.t.d FROM t"#,
                Some(vec![known("a"), known("b"), known("c"), known("d")]),
            ),
            (
                r#"SELECT count(*), sum(x, y) AS "total", 1, 'x', a * b, lower(c) d"#,
                Some(vec![
                    Expression,
                    known("total"),
                    Expression,
                    Expression,
                    Expression,
                    Unknown,
                ]),
            ),
            (
                "(SELECT DISTINCT a FROM t) UNION (SELECT b FROM u)",
                Some(vec![known("a")]),
            ),
            ("SELECT TOP 3 a FROM t", Some(vec![known("a")])),
            ("SELECT *, a FROM t", None),
            ("SELECT t.* FROM t", None),
            ("WITH x AS (SELECT 1) SELECT a FROM x", None),
        ] {
            assert_eq!(read(sql).columns, columns, "{sql}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(sql in any::<String>()) {
            let _ = OuterSelect::read(&sql);
        }
    }
}
