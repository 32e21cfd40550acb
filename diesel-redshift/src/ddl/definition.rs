//! What all statements of this module have in common.

use crate::RedshiftConnection;
use crate::connection::{NOT_IN_A_BLOCK, refuse_in_transaction};
use crate::error::{Error, InvalidValue};
use crate::sql::literal;

/// A complete DDL statement.
pub trait Definition {
    crate::seal::sealed!(required);
    #[doc(hidden)]
    fn text(&self) -> Result<String, Error>;

    /// The statement's name, if it cannot run in a transaction.
    #[doc(hidden)]
    fn alone(&self) -> Option<&'static str> {
        None
    }
}

pub(super) fn run(statement: &dyn Definition, conn: &mut RedshiftConnection) -> Result<(), Error> {
    let sql = statement.text()?;
    if let Some(name) = statement.alone() {
        refuse_in_transaction(conn, name, NOT_IN_A_BLOCK)?;
    }
    let query = diesel::sql_query(sql.as_str());
    conn.execute_utility(&sql, &diesel::debug_query::<crate::Redshift, _>(&query))?;
    Ok(())
}

pub(super) fn push_identifier(sql: &mut String, name: &str) -> Result<(), InvalidValue> {
    literal::push_identifier(sql, name).map_err(|error| error.of_text("identifier", name))
}

/// The name of a user, a group or a role.
pub(super) fn push_principal(sql: &mut String, name: &str) -> Result<(), InvalidValue> {
    if name.eq_ignore_ascii_case("public") {
        return Err(InvalidValue::new(
            "name of a user, group or role",
            format!("{name:?}"),
            "a name other than `public`, which means all users even in quotes; use `Grantee::Public`",
        ));
    }
    push_identifier(sql, name)
}

/// `("a", "b")`
pub(super) fn push_names(sql: &mut String, names: &[&str]) -> Result<(), InvalidValue> {
    sql.push('(');
    for (at, name) in names.iter().enumerate() {
        if names[..at].contains(name) {
            return Err(InvalidValue::new(
                "columns",
                format!("{name:?} twice"),
                "each column once",
            ));
        }
        if at > 0 {
            sql.push_str(", ");
        }
        push_identifier(sql, name)?;
    }
    sql.push(')');
    Ok(())
}

/// Gives a statement `to_sql`, `execute` and what Diesel requires of a query.
macro_rules! definition {
    ($name:ident $(<$($parameter:ident),*>)?) => {
        impl $(<$($parameter),*>)? $name $(<$($parameter),*>)? {
            /// The statement's SQL.
            ///
            /// # Errors
            ///
            /// [`Error::Invalid`](crate::Error::Invalid) if it contains something that Redshift
            /// does not accept.
            pub fn to_sql(&self) -> Result<String, crate::Error>
            where
                Self: $crate::ddl::Definition,
            {
                $crate::ddl::Definition::text(self)
            }

            /// Runs it, in the open transaction or on its own.
            ///
            /// # Errors
            ///
            /// As [`to_sql`](Self::to_sql), before anything is sent, or any server error.
            pub fn execute(&self, conn: &mut crate::RedshiftConnection) -> Result<(), crate::Error>
            where
                Self: $crate::ddl::Definition,
            {
                $crate::ddl::definition::run(self, conn)
            }
        }

        impl $(<$($parameter),*>)? diesel::query_builder::QueryFragment<crate::Redshift>
            for $name $(<$($parameter),*>)?
        where
            Self: $crate::ddl::Definition,
        {
            fn walk_ast<'b>(
                &'b self,
                mut out: diesel::query_builder::AstPass<'_, 'b, crate::Redshift>,
            ) -> diesel::QueryResult<()> {
                out.unsafe_to_cache_prepared();
                out.push_sql(&$crate::ddl::Definition::text(self)?);
                Ok(())
            }
        }

        impl $(<$($parameter),*>)? diesel::query_builder::QueryId for $name $(<$($parameter),*>)? {
            type QueryId = ();

            const HAS_STATIC_QUERY_ID: bool = false;
        }
    };
}
pub(super) use definition;
