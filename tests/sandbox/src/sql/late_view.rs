//! CREATE VIEW … WITH NO SCHEMA BINDING.

use super::cursor::Cursor;
use super::definition::Definition;
use super::lexer::Kind;
use super::names::Names;
use super::token_tree::TokenTree;
use super::{quote_identifier, quote_literal, rewrite};
use crate::protocol::{SqlError, SqlResult};

const CLAUSE: [&str; 4] = ["with", "no", "schema", "binding"];

/// Whether a statement ends with the clause.
pub(super) fn is_late(cursor: Cursor<'_>) -> bool {
    let tokens = cursor.tokens;
    tokens.len() > CLAUSE.len()
        && CLAUSE
            .iter()
            .zip(&tokens[tokens.len() - CLAUSE.len()..])
            .all(|(word, token)| token.is(cursor.sql, word))
}

/// Reads what follows `CREATE [OR REPLACE]`.
pub(super) fn parse(mut cursor: Cursor<'_>, replaces: bool) -> SqlResult<Definition> {
    let (sql, tokens) = (cursor.sql, cursor.tokens);
    cursor.expect("view")?;
    let view = cursor.qualified_name()?;
    let mut definition = String::new();
    if cursor.is_kind(Kind::Open) {
        let names = cursor.names()?;
        let names: Vec<_> = names.iter().map(|name| quote_identifier(name)).collect();
        definition.push_str(&format!("({}) ", names.join(", ")));
    }
    cursor.expect("as")?;
    let query = &tokens[cursor.at..tokens.len() - CLAUSE.len()];
    let (Some(first), Some(last)) = (tokens.first(), tokens.last().filter(|_| !query.is_empty()))
    else {
        return Err(cursor.unexpected());
    };
    let tree = TokenTree::new(sql, query)?;
    if tree.are(0, &["with", "recursive"]) {
        return Err(SqlError::unsupported(
            "Recursive common table expressions are not supported in a VIEW WITH NO SCHEMA BINDING",
        ));
    }
    let (schemas, tables) = relations(&tree)?;
    definition.push_str("AS ");
    definition.push_str(&rewrite::rewrite(sql, query)?);
    let schema = view
        .schema
        .as_deref()
        .map_or("NULL".to_owned(), quote_literal);
    let database = view.database.as_deref().map_or(String::new(), |database| {
        let database = quote_literal(database);
        format!("SELECT pg_sandbox.is_this_database({database}); ")
    });
    let call = format!(
        "{database}SELECT pg_sandbox.create_late_view({schema}, {}, {replaces}, {}, {}, {}, {})",
        quote_literal(&view.name),
        quote_literal(&definition),
        quote_literal(&format!("{};", &sql[first.start..last.end])),
        array(&schemas),
        array(&tables)
    );
    Ok(Definition {
        table: view,
        if_not_exists: false,
        sql: call,
        query: None,
        records: Vec::new(),
        tag: "CREATE VIEW",
        alone: None,
    })
}

/// The schemas and the names of the tables and views in a query.
fn relations(tree: &TokenTree<'_>) -> SqlResult<(Vec<String>, Vec<String>)> {
    let (mut schemas, mut tables) = (Vec::new(), Vec::new());
    for parts in Names::of(tree).tables() {
        match parts {
            // A database that is not this one is an error when the view is queried.
            [.., schema, table] => {
                schemas.push(schema.clone());
                tables.push(table.clone());
            }
            _ => {
                return Err(SqlError::unsupported(
                    "All the relation names inside should be qualified when creating VIEW WITH NO SCHEMA BINDING.",
                ));
            }
        }
    }
    Ok((schemas, tables))
}

fn array(texts: &[String]) -> String {
    let texts: Vec<_> = texts.iter().map(|text| quote_literal(text)).collect();
    format!("ARRAY[{}]::text[]", texts.join(", "))
}
