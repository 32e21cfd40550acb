//! `CREATE VIEW` and `DROP VIEW`.

use diesel::Table;
use diesel::expression::Expression;
use diesel::query_builder::{AsQuery, QueryFragment};

use super::column_type::TableColumns;
use super::definition::{Definition, definition, push_names};
use crate::Redshift;
use crate::error::{Error, InvalidValue};
use crate::query_builder::inline::inline;
use crate::sql::lexer::{Token, tokens};

/// `CREATE VIEW`; see [`create_view`].
#[derive(Debug, Clone)]
#[must_use = "a statement runs with .execute(…)"]
pub struct CreateView<V, Q> {
    view: V,
    query: Q,
    or_replace: bool,
    is_late_binding: bool,
}

/// `CREATE VIEW "named" ("id", "name") AS SELECT …`: a view of any query, read through its own
/// `table!`.
///
/// The query selects the columns of that `table!` in order, whose types the compiler checks; its
/// values are written as literals.
///
/// ```
/// use diesel::prelude::*;
/// use diesel_redshift::ddl::create_view;
/// # diesel::table! { users { id -> BigInt, name -> Text, } }
/// # diesel::table! { named (id) { id -> BigInt, name -> Text, } }
///
/// let create = create_view(named::table, users::table.filter(users::name.ne(""))).or_replace();
/// assert_eq!(
///     create.to_sql()?,
///     "CREATE OR REPLACE VIEW \"named\" (\"id\", \"name\") AS \
///      SELECT \"users\".\"id\", \"users\".\"name\" FROM \"users\" WHERE (\"users\".\"name\" != '')"
/// );
/// # Ok::<(), diesel_redshift::Error>(())
/// ```
pub fn create_view<V, Q>(view: V, query: Q) -> CreateView<V, Q::Query>
where
    V: Table<AllColumns: TableColumns<V>>,
    Q: AsQuery<SqlType = <V::AllColumns as Expression>::SqlType>,
{
    CreateView {
        view,
        query: query.as_query(),
        or_replace: false,
        is_late_binding: false,
    }
}

impl<V, Q> CreateView<V, Q> {
    /// `OR REPLACE`: replaces a view of this name, whose columns must be the first ones of the new
    /// view.
    pub fn or_replace(mut self) -> Self {
        self.or_replace = true;
        self
    }

    /// `WITH NO SCHEMA BINDING`: the tables are looked up when the view is read, so that they can
    /// be dropped and recreated.
    ///
    /// Each table in the query needs its schema, also in `table!`: one without is an error before
    /// anything is sent.
    pub fn late_binding(mut self) -> Self {
        self.is_late_binding = true;
        self
    }
}

/// Refuses a table without a schema: a name after FROM or JOIN that is not followed by a dot.
fn check_schemas(query: &str) -> Result<(), InvalidValue> {
    let mut names_table = false;
    let mut pieces = tokens(query)
        .filter(|(token, _)| !matches!(token, Token::Space | Token::Comment))
        .peekable();
    while let Some((token, text)) = pieces.next() {
        match token {
            Token::Word => {
                names_table =
                    text.eq_ignore_ascii_case("from") || text.eq_ignore_ascii_case("join");
            }
            Token::QuotedIdentifier if names_table => {
                if pieces.peek().is_none_or(|(_, next)| *next != ".") {
                    return Err(InvalidValue::new(
                        "table of a late-binding view",
                        text,
                        "a table with its schema: `table! { schema.name { … } }`",
                    ));
                }
                names_table = false;
            }
            // FROM ("a" INNER JOIN …)
            Token::Symbol if text == "(" => {}
            _ => names_table = false,
        }
    }
    Ok(())
}

impl<V, Q> Definition for CreateView<V, Q>
where
    V: Table<AllColumns: TableColumns<V>> + QueryFragment<Redshift>,
    Q: QueryFragment<Redshift>,
{
    crate::seal::sealed!();
    fn text(&self) -> Result<String, Error> {
        let query = inline(&self.query)?;
        let mut sql = String::from("CREATE ");
        sql.push_str(if self.or_replace {
            "OR REPLACE VIEW "
        } else {
            "VIEW "
        });
        sql.push_str(&inline(&self.view)?);
        sql.push(' ');
        push_names(&mut sql, V::AllColumns::NAMES)?;
        sql.push_str(" AS ");
        sql.push_str(&query);
        if self.is_late_binding {
            check_schemas(&query)?;
            sql.push_str(" WITH NO SCHEMA BINDING");
        }
        Ok(sql)
    }
}

definition!(CreateView<V, Q>);

/// `DROP VIEW` and `DROP MATERIALIZED VIEW`; see [`drop_view`] and
/// [`drop_materialized_view`](super::drop_materialized_view).
#[derive(Debug, Clone, Copy)]
#[must_use = "a statement runs with .execute(…)"]
pub struct DropView<V> {
    words: &'static str,
    view: V,
    if_exists: bool,
    cascade: bool,
}

impl<V> DropView<V> {
    pub(super) fn new(words: &'static str, view: V) -> Self {
        Self {
            words,
            view,
            if_exists: false,
            cascade: false,
        }
    }

    /// `IF EXISTS`: no error if it does not exist.
    pub fn if_exists(mut self) -> Self {
        self.if_exists = true;
        self
    }

    /// `CASCADE`: also **drops the views that depend on it**.
    pub fn cascade(mut self) -> Self {
        self.cascade = true;
        self
    }
}

/// `DROP VIEW "named"`.
pub fn drop_view<V: Table>(view: V) -> DropView<V> {
    DropView::new("DROP VIEW ", view)
}

impl<V: QueryFragment<Redshift>> Definition for DropView<V> {
    crate::seal::sealed!();
    fn text(&self) -> Result<String, Error> {
        Ok(format!(
            "{}{}{}{}",
            self.words,
            if self.if_exists { "IF EXISTS " } else { "" },
            inline(&self.view)?,
            if self.cascade { " CASCADE" } else { "" }
        ))
    }
}

definition!(DropView<V>);
