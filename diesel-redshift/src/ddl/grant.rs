//! `GRANT` and `REVOKE`.

use diesel::Table;
use diesel::query_builder::QueryFragment;

use super::definition::{Definition, definition, push_identifier, push_names, push_principal};
use crate::Redshift;
use crate::error::{Error, InvalidValue};
use crate::query_builder::ColumnsOf;
use crate::query_builder::inline::inline;

/// A privilege on a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TablePrivilege {
    /// `SELECT`
    Select,
    /// `INSERT`
    Insert,
    /// `UPDATE`
    Update,
    /// `DELETE`
    Delete,
    /// `TRUNCATE`
    Truncate,
    /// `REFERENCES`: creating foreign keys to it.
    References,
    /// `ALTER`
    Alter,
    /// `DROP`
    Drop,
}

impl TablePrivilege {
    fn name(self) -> &'static str {
        match self {
            Self::Select => "SELECT",
            Self::Insert => "INSERT",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
            Self::Truncate => "TRUNCATE",
            Self::References => "REFERENCES",
            Self::Alter => "ALTER",
            Self::Drop => "DROP",
        }
    }
}

/// A privilege on a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SchemaPrivilege {
    /// `USAGE`: using its objects, subject to their own privileges.
    Usage,
    /// `CREATE`: creating tables in it.
    Create,
}

impl SchemaPrivilege {
    fn name(self) -> &'static str {
        match self {
            Self::Usage => "USAGE",
            Self::Create => "CREATE",
        }
    }
}

/// Who has a privilege.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Grantee {
    /// A user.
    User(String),
    /// `GROUP "group"`
    Group(String),
    /// `ROLE "role"`
    Role(String),
    /// `PUBLIC`: all users.
    Public,
}

impl Grantee {
    pub(super) fn push(&self, sql: &mut String) -> Result<(), InvalidValue> {
        let (word, name) = match self {
            Self::User(name) => ("", name),
            Self::Group(name) => ("GROUP ", name),
            Self::Role(name) => ("ROLE ", name),
            Self::Public => {
                sql.push_str("PUBLIC");
                return Ok(());
            }
        };
        sql.push_str(word);
        push_principal(sql, name)
    }
}

/// Privileges on a table or a schema, to be granted or revoked.
#[derive(Debug, Clone)]
#[must_use = "privileges are granted with `grant` or revoked with `revoke`"]
pub struct Privileges {
    text: Result<String, InvalidValue>,
}

fn names(privileges: &[TablePrivilege]) -> Result<Vec<&'static str>, InvalidValue> {
    if privileges.is_empty() {
        return Err(InvalidValue::new("privileges", "none", "one or more"));
    }
    Ok(privileges
        .iter()
        .map(|privilege| privilege.name())
        .collect())
}

fn table_name<T: QueryFragment<Redshift>>(table: &T) -> Result<String, InvalidValue> {
    inline(table)
        .map_err(|error| InvalidValue::new("table", error.to_string(), "a table with a valid name"))
}

/// Privileges on a table or a view.
///
/// ```
/// # diesel::table! { users { id -> BigInt, name -> Text, } }
/// use diesel_redshift::ddl::{Grantee, TablePrivilege, grant, on_columns, on_table, revoke};
///
/// let analysts = Grantee::Role("analysts".to_owned());
/// assert_eq!(
///     grant(on_table(users::table, &[TablePrivilege::Select, TablePrivilege::Insert]), analysts.clone()).to_sql()?,
///     r#"GRANT SELECT, INSERT ON TABLE "users" TO ROLE "analysts""#
/// );
/// assert_eq!(
///     revoke(on_columns(users::table, (users::name,), &[TablePrivilege::Update]), analysts).to_sql()?,
///     r#"REVOKE UPDATE ("name") ON TABLE "users" FROM ROLE "analysts""#
/// );
/// # Ok::<(), diesel_redshift::Error>(())
/// ```
pub fn on_table<T>(table: T, privileges: &[TablePrivilege]) -> Privileges
where
    T: Table + QueryFragment<Redshift>,
{
    let text = names(privileges).and_then(|names| {
        Ok(format!(
            "{} ON TABLE {}",
            names.join(", "),
            table_name(&table)?
        ))
    });
    Privileges { text }
}

/// Privileges on columns of a table: only `SELECT` and `UPDATE`.
pub fn on_columns<T, C>(table: T, _columns: C, privileges: &[TablePrivilege]) -> Privileges
where
    T: Table + QueryFragment<Redshift>,
    C: ColumnsOf<T>,
{
    let write = || {
        let mut parts = Vec::new();
        for name in names(privileges)? {
            if !["SELECT", "UPDATE"].contains(&name) {
                return Err(InvalidValue::new(
                    "privilege on columns",
                    name,
                    "SELECT or UPDATE",
                ));
            }
            let mut part = format!("{name} ");
            push_names(&mut part, C::NAMES)?;
            parts.push(part);
        }
        Ok(format!(
            "{} ON TABLE {}",
            parts.join(", "),
            table_name(&table)?
        ))
    };
    Privileges { text: write() }
}

/// Privileges on a schema.
pub fn on_schema(schema: &str, privileges: &[SchemaPrivilege]) -> Privileges {
    let write = || {
        if privileges.is_empty() {
            return Err(InvalidValue::new("privileges", "none", "one or more"));
        }
        let names: Vec<_> = privileges
            .iter()
            .map(|privilege| privilege.name())
            .collect();
        let mut text = format!("{} ON SCHEMA ", names.join(", "));
        push_identifier(&mut text, schema)?;
        Ok(text)
    };
    Privileges { text: write() }
}

/// `GRANT` and `REVOKE`; see [`on_table`].
#[derive(Debug, Clone)]
#[must_use = "a statement runs with .execute(…)"]
pub struct Grant {
    words: (&'static str, &'static str),
    privileges: Privileges,
    grantee: Grantee,
}

/// `GRANT … TO …`
pub fn grant(privileges: Privileges, to: Grantee) -> Grant {
    Grant {
        words: ("GRANT ", " TO "),
        privileges,
        grantee: to,
    }
}

/// `REVOKE … FROM …`
pub fn revoke(privileges: Privileges, from: Grantee) -> Grant {
    Grant {
        words: ("REVOKE ", " FROM "),
        privileges,
        grantee: from,
    }
}

impl Definition for Grant {
    crate::seal::sealed!();
    fn text(&self) -> Result<String, Error> {
        let mut sql = self.words.0.to_owned();
        sql.push_str(self.privileges.text.as_ref().map_err(Clone::clone)?);
        sql.push_str(self.words.1);
        self.grantee.push(&mut sql)?;
        Ok(sql)
    }
}

definition!(Grant);
