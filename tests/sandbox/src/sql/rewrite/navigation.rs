//! Ways into a SUPER: `column.attribute[0]`, and its arrays in FROM.

use std::ops::Range;

use super::Rewriter;
use crate::protocol::{SqlError, SqlResult};
use crate::sql::lexer::{Kind, value_of};
use crate::sql::names::{Relation, Source};
use crate::sql::{quote_identifier, quote_literal};

/// `name.name[0].name`
struct Path {
    /// As many tokens as name the column.
    column: Range<usize>,
    /// Each as PostgreSQL's operator takes it.
    steps: Vec<String>,
    /// What the value is called.
    name: String,
    end: usize,
}

impl Rewriter<'_> {
    /// Writes a way into a SUPER, if one begins here; returns where it ends.
    pub(super) fn navigation(&self, out: &mut String, at: usize) -> SqlResult<Option<usize>> {
        if at < self.query {
            return Ok(None);
        }
        let Some(path) = self.path(at)? else {
            return Ok(None);
        };
        self.blanks_before(out, at);
        if path.steps.is_empty() {
            let mut column = String::new();
            for token in path.column.clone() {
                self.token(&mut column, token);
            }
            out.push_str(column.trim_start());
        } else {
            self.steps(out, &path)?;
        }
        Ok(Some(path.end))
    }

    fn steps(&self, out: &mut String, path: &Path) -> SqlResult<()> {
        let mut column = String::new();
        for token in path.column.clone() {
            self.token(&mut column, token);
        }
        let column = column.trim_start();
        // An alias of elements is the column as well as the table.
        let is_element = path.column.len() == 1
            && self
                .tree
                .name(path.column.start)
                .and_then(|name| self.names.called(&name))
                .is_some_and(|relation| relation.source == Source::Unnest);
        out.push('(');
        out.push_str(column);
        if is_element {
            out.push_str(&format!(".{column}"));
        }
        for step in &path.steps {
            out.push_str(&format!(" -> {step}"));
        }
        out.push(')');
        Ok(())
    }

    fn path(&self, at: usize) -> SqlResult<Option<Path>> {
        let tree = self.tree;
        let (mut names, mut attributes) = (Vec::new(), Vec::new());
        let mut end = at;
        while let Some(name) = tree.name(end) {
            names.push(name);
            attributes.extend(tree.attribute(end));
            end += 1;
            if !tree.is_kind(end, Kind::Dot) || tree.name(end + 1).is_none() {
                break;
            }
            end += 1;
        }
        // A function, and all columns of a table.
        if names.is_empty() || tree.is_kind(end, Kind::Open) || tree.is_kind(end, Kind::Dot) {
            return Ok(None);
        }
        let qualifiers = match &names[..] {
            [database, schema, table, _, ..]
                if self.names.is_database_of(database, schema, table) =>
            {
                3
            }
            [schema, table, _, ..] if self.names.is_schema_of(schema, table) => 2,
            [table, _, ..] => match self.names.called(table) {
                Some(relation) if relation.source == Source::Unnest => 0,
                Some(_) => 1,
                None if matches!(&**table, "new" | "old" | "excluded") => 1,
                None => 0,
            },
            _ => 0,
        };
        let start = match &names[..] {
            [schema, table, ..] if qualifiers == 2 && self.is_in_leader(schema, table) => at + 2,
            _ => at,
        };
        let mut path = Path {
            column: start..at + 2 * qualifiers + 1,
            steps: attributes[qualifiers + 1..]
                .iter()
                .map(|name| quote_literal(name))
                .collect(),
            name: attributes.pop().unwrap_or_default(),
            end,
        };
        loop {
            if tree.is_kind(path.end, Kind::OpenBracket) {
                // An array of PostgreSQL's.
                if self.names.has_catalogs_only() {
                    return Ok(Some(path));
                }
                path.steps.push(self.element(path.end)?);
                path.end = tree.close(path.end) + 1;
            } else if tree.is_kind(path.end, Kind::Dot)
                && let Some(name) = tree.attribute(path.end + 1)
            {
                path.steps.push(quote_literal(&name));
                path.name = name;
                path.end += 2;
            } else {
                return Ok(Some(path));
            }
        }
    }

    /// What stands in brackets: a place in an array, or the name of an attribute.
    fn element(&self, open: usize) -> SqlResult<String> {
        let tree = self.tree;
        let is_one = tree.close(open) == open + 2;
        match tree.kind(open + 1) {
            Some(Kind::Number) if is_one => Ok(tree.text(open + 1).to_owned()),
            Some(Kind::Text) if is_one => Ok(quote_literal(&value_of(tree.text(open + 1))?)),
            _ if tree.close(open) == open + 1 => Err(SqlError::syntax("]")),
            _ => Err(SqlError::not_imitated(
                "Navigation by what is not a literal",
            )),
        }
    }

    /// What a select item is called that is nothing but a way into a SUPER.
    pub(super) fn navigated_name(&self, item: Range<usize>) -> Option<String> {
        let path = self.path(item.start).ok()??;
        (!path.steps.is_empty() && path.end == item.end && self.names.at(item.start).is_none())
            .then(|| quote_identifier(&path.name))
    }

    /// The elements of an array as a table with one column, called as the table is.
    pub(super) fn unnest(&self, out: &mut String, relation: &Relation) -> SqlResult<()> {
        let (Some(alias), Some(path)) = (&relation.alias, self.path(relation.start)?) else {
            return Err(SqlError::not_imitated("An array in FROM without an alias"));
        };
        let alias = quote_identifier(alias);
        let place = relation.place.as_deref().unwrap_or("redshift_place");
        out.push_str("LATERAL pg_sandbox.elements(");
        self.steps(out, &path)?;
        out.push_str(&format!(
            ") AS {alias} ({alias}, {})",
            quote_identifier(place)
        ));
        Ok(())
    }
}
