//! Roles and groups: `CREATE`, `ALTER` and `DROP`, their members, and the names of users.

use super::definition::{Definition, definition, push_principal};
use super::grant::Grantee;
use crate::error::{Error, InvalidValue};

/// A statement about a role, a group or the name of a user; see [`create_role`], [`alter_group`]
/// and similar.
#[derive(Debug, Clone)]
#[must_use = "a statement runs with .execute(…)"]
pub struct RoleStatement {
    sql: Result<String, InvalidValue>,
}

/// SQL of words and names in turn.
fn statement(parts: &[(&str, &str)]) -> RoleStatement {
    let mut sql = String::new();
    let written = parts.iter().try_for_each(|(words, name)| {
        sql.push_str(words);
        push_principal(&mut sql, name)
    });
    RoleStatement {
        sql: written.map(|()| sql),
    }
}

impl Definition for RoleStatement {
    crate::seal::sealed!();
    fn text(&self) -> Result<String, Error> {
        Ok(self.sql.clone()?)
    }
}

definition!(RoleStatement);

/// `CREATE ROLE "analysts"`: a role, to which privileges are granted, and which is granted to users
/// and other roles.
///
/// ```
/// use diesel_redshift::ddl::{Grantee, create_role, grant_role, revoke_role};
///
/// assert_eq!(create_role("analysts").to_sql()?, r#"CREATE ROLE "analysts""#);
/// assert_eq!(
///     grant_role("analysts", Grantee::User("ada".to_owned())).to_sql()?,
///     r#"GRANT ROLE "analysts" TO "ada""#
/// );
/// assert_eq!(
///     revoke_role("analysts", Grantee::Role("staff".to_owned())).to_sql()?,
///     r#"REVOKE ROLE "analysts" FROM ROLE "staff""#
/// );
/// # Ok::<(), diesel_redshift::Error>(())
/// ```
pub fn create_role(name: &str) -> RoleStatement {
    statement(&[("CREATE ROLE ", name)])
}

/// `ALTER ROLE "analysts" RENAME TO "readers"`.
pub fn rename_role(name: &str, new_name: &str) -> RoleStatement {
    statement(&[("ALTER ROLE ", name), (" RENAME TO ", new_name)])
}

/// `ALTER ROLE "analysts" OWNER TO "ada"`.
pub fn role_owner_to(name: &str, user: &str) -> RoleStatement {
    statement(&[("ALTER ROLE ", name), (" OWNER TO ", user)])
}

/// `DROP ROLE "analysts"`, which must not be granted to anyone.
pub fn drop_role(name: &str) -> RoleStatement {
    statement(&[("DROP ROLE ", name)])
}

/// `DROP ROLE "analysts" FORCE`: even if it is granted to users and roles.
pub fn drop_role_force(name: &str) -> RoleStatement {
    let RoleStatement { sql } = drop_role(name);
    RoleStatement {
        sql: sql.map(|sql| sql + " FORCE"),
    }
}

fn membership(words: (&str, &str), role: &str, grantee: &Grantee) -> Result<String, InvalidValue> {
    if matches!(grantee, Grantee::Group(_) | Grantee::Public) {
        return Err(InvalidValue::new(
            "who has a role",
            if *grantee == Grantee::Public {
                "PUBLIC"
            } else {
                "a group"
            },
            "a user or another role",
        ));
    }
    let mut sql = words.0.to_owned();
    push_principal(&mut sql, role)?;
    sql.push_str(words.1);
    grantee.push(&mut sql)?;
    Ok(sql)
}

/// `GRANT ROLE "analysts" TO "ada"`, or `TO ROLE …`: to a user or a role, not to a group or
/// `PUBLIC`.
pub fn grant_role(role: &str, to: Grantee) -> RoleStatement {
    RoleStatement {
        sql: membership(("GRANT ROLE ", " TO "), role, &to),
    }
}

/// `GRANT ROLE "analysts" TO "ada" WITH ADMIN OPTION`: the grantee may also grant it to others.
pub fn grant_role_with_admin_option(role: &str, to: Grantee) -> RoleStatement {
    let RoleStatement { sql } = grant_role(role, to);
    RoleStatement {
        sql: sql.map(|sql| sql + " WITH ADMIN OPTION"),
    }
}

/// `REVOKE ADMIN OPTION FOR ROLE "analysts" FROM "ada"`: the role stays, but not the right to grant
/// it.
pub fn revoke_admin_option(role: &str, from: Grantee) -> RoleStatement {
    RoleStatement {
        sql: membership(("REVOKE ADMIN OPTION FOR ROLE ", " FROM "), role, &from),
    }
}

/// `ALTER USER "ada" RENAME TO "countess"`. This clears a password that was given as an MD5 digest,
/// since the digest includes the name.
pub fn rename_user(name: &str, new_name: &str) -> RoleStatement {
    statement(&[("ALTER USER ", name), (" RENAME TO ", new_name)])
}

/// `REVOKE ROLE "analysts" FROM "ada"`, or `FROM ROLE …`.
pub fn revoke_role(role: &str, from: Grantee) -> RoleStatement {
    RoleStatement {
        sql: membership(("REVOKE ROLE ", " FROM "), role, &from),
    }
}

/// `CREATE GROUP "staff"`: users who get privileges together.
pub fn create_group(name: &str) -> RoleStatement {
    statement(&[("CREATE GROUP ", name)])
}

/// `DROP GROUP "staff"`, which must not have any privileges.
pub fn drop_group(name: &str) -> RoleStatement {
    statement(&[("DROP GROUP ", name)])
}

/// Starts an `ALTER GROUP "staff"`.
///
/// ```
/// use diesel_redshift::ddl::alter_group;
///
/// assert_eq!(alter_group("staff").add_user("ada").to_sql()?, r#"ALTER GROUP "staff" ADD USER "ada""#);
/// # Ok::<(), diesel_redshift::Error>(())
/// ```
pub fn alter_group(name: &str) -> AlterGroup<'_> {
    AlterGroup { name }
}

/// An [`alter_group`] without its action.
#[must_use = "an ALTER GROUP needs an action"]
#[derive(Debug, Clone, Copy)]
pub struct AlterGroup<'a> {
    name: &'a str,
}

impl AlterGroup<'_> {
    /// `ADD USER "ada"`
    pub fn add_user(self, user: &str) -> RoleStatement {
        statement(&[("ALTER GROUP ", self.name), (" ADD USER ", user)])
    }

    /// `DROP USER "ada"`: removes the user from the group.
    pub fn drop_user(self, user: &str) -> RoleStatement {
        statement(&[("ALTER GROUP ", self.name), (" DROP USER ", user)])
    }

    /// `RENAME TO "people"`
    pub fn rename_to(self, name: &str) -> RoleStatement {
        statement(&[("ALTER GROUP ", self.name), (" RENAME TO ", name)])
    }
}
