//! What is made of a query: CREATE TABLE AS, SELECT … INTO, CREATE VIEW and CREATE MATERIALIZED VIEW.

use super::cursor::{Cursor, Name};
use super::definition::{Attributes, Definition, Fill, Query};
use super::lexer::{Kind, Token};
use super::token_tree::TokenTree;
use super::{quote_identifier, rewrite};
use crate::protocol::{SqlError, SqlResult};

/// Reads what follows `CREATE TABLE name`, which `head` repeats.
pub(super) fn table(mut cursor: Cursor<'_>, table: Name, head: String) -> SqlResult<Definition> {
    let names = names(&mut cursor)?;
    let mut attributes = Attributes::of_query();
    while attributes.accept(&mut cursor)? {}
    let query = query(&mut cursor)?;
    attributes.check()?;
    let sql = rewrite::rewrite(cursor.sql, query)?;
    let records = attributes.records(&table);
    Ok(Definition {
        if_not_exists: false,
        sql: format!("{head}{names} AS "),
        query: Some(table_query(names, sql)),
        records,
        table,
        tag: "SELECT",
        alone: None,
    })
}

fn table_query(names: String, sql: String) -> Query {
    let fill = Some(Fill::Insert);
    Query { names, sql, fill }
}

/// `( name, … )`
fn names(cursor: &mut Cursor<'_>) -> SqlResult<String> {
    if !cursor.is_kind(Kind::Open) {
        return Ok(String::new());
    }
    let names = cursor.names()?;
    let names: Vec<_> = names.iter().map(|name| quote_identifier(name)).collect();
    Ok(format!(" ({})", names.join(", ")))
}

/// What follows AS.
fn query<'a>(cursor: &mut Cursor<'a>) -> SqlResult<&'a [Token]> {
    cursor.expect("as")?;
    let query = cursor.tokens.get(cursor.at..).unwrap_or_default();
    if query.is_empty() || cursor.is("values") {
        return Err(cursor.unexpected());
    }
    Ok(query)
}

/// `SELECT … INTO [TEMP] [TABLE] name …`, if it is one.
pub(super) fn select_into(sql: &str, tokens: &[Token]) -> SqlResult<Option<Definition>> {
    let tree = TokenTree::new(sql, tokens)?;
    let ends = |at| {
        tree.is_any(
            at,
            &["into", "from", "union", "intersect", "except", "minus"],
        )
    };
    let into = tree
        .find(0..tokens.len(), ends)
        .filter(|at| tree.is(*at, "into"));
    let Some(into) = into else {
        return Ok(None);
    };
    let mut cursor = Cursor::new(sql, tokens);
    cursor.at = into + 1;
    let temporary = cursor.accept("temp") || cursor.accept("temporary");
    cursor.accept("table");
    let table = cursor.qualified_name()?;
    let temporary = temporary || table.name.starts_with('#');
    let table = table.made(temporary);
    // Blanks take the place of the clause, so that every token stays where it is.
    let (start, end) = (tokens[into].start, tokens[cursor.at - 1].end);
    let blanks = " ".repeat(end - start);
    let sql = format!("{}{blanks}{}", &sql[..start], &sql[end..]);
    let query = [&tokens[..into], &tokens[cursor.at..]].concat();
    let records = Attributes::default().records(&table);
    Ok(Some(Definition {
        if_not_exists: false,
        sql: format!(
            "CREATE {}TABLE {} AS ",
            if temporary { "TEMP " } else { "" },
            table.quoted()
        ),
        query: Some(table_query(String::new(), rewrite::rewrite(&sql, &query)?)),
        records,
        table,
        tag: "SELECT",
        alone: None,
    }))
}

/// Reads what follows `CREATE [OR REPLACE]`.
pub(super) fn view(mut cursor: Cursor<'_>, replaces: bool) -> SqlResult<Definition> {
    cursor.expect("view")?;
    let table = cursor.qualified_name()?;
    let names = names(&mut cursor)?;
    let query = query(&mut cursor)?;
    if let [.., check, option] = query
        && check.is(cursor.sql, "check")
        && option.is(cursor.sql, "option")
    {
        return Err(SqlError::syntax(check.text(cursor.sql)));
    }
    let sql = rewrite::rewrite(cursor.sql, query)?;
    Ok(Definition {
        if_not_exists: false,
        sql: format!(
            "CREATE {}VIEW {}{names} AS ",
            if replaces { "OR REPLACE " } else { "" },
            table.quoted()
        ),
        query: Some(Query {
            names,
            sql,
            fill: None,
        }),
        records: Vec::new(),
        table,
        tag: "CREATE VIEW",
        alone: None,
    })
}

/// Reads what follows `CREATE`.
pub(super) fn materialized_view(mut cursor: Cursor<'_>) -> SqlResult<Definition> {
    cursor.expect("materialized")?;
    cursor.expect("view")?;
    let table = cursor.qualified_name()?.made(false);
    let mut attributes = Attributes::of_query();
    loop {
        if cursor.accept_all(&["auto", "refresh"]) {
            // Nobody is promised when that will be, so here it is never.
            if !cursor.accept("yes") {
                cursor.expect("no")?;
            }
        } else if !attributes.accept(&mut cursor)? {
            break;
        }
    }
    let query = query(&mut cursor)?;
    attributes.check()?;
    let tree = TokenTree::new(cursor.sql, query)?;
    let orders = |at| {
        tree.is_any(at, &["order", "limit", "offset"])
            || tree.is(at, "top") && tree.follows(at, &["select"])
    };
    if let Some(clause) = tree.find(0..query.len(), orders) {
        return Err(SqlError::unsupported(format!(
            "{} is not supported in the definition of a materialized view",
            tree.text(clause).to_ascii_uppercase()
        )));
    }
    let records = attributes.records(&table);
    Ok(Definition {
        if_not_exists: false,
        sql: format!("CREATE MATERIALIZED VIEW {} AS ", table.quoted()),
        query: Some(Query {
            names: String::new(),
            sql: rewrite::rewrite(cursor.sql, query)?,
            fill: Some(Fill::Refresh),
        }),
        records,
        table,
        tag: "CREATE MATERIALIZED VIEW",
        alone: None,
    })
}
