//! `CREATE SCHEMA` and `DROP SCHEMA`.

use super::definition::{Definition, definition, push_identifier};
use crate::error::{Error, InvalidValue};

/// `CREATE SCHEMA`; see [`create_schema`].
#[derive(Debug, Clone)]
#[must_use = "a statement runs with .execute(…)"]
pub struct CreateSchema {
    name: String,
    if_not_exists: bool,
    owner: Option<String>,
    quota: Option<Quota>,
}

#[derive(Debug, Clone, Copy)]
enum Quota {
    Megabytes(u32),
    Unlimited,
}

/// `CREATE SCHEMA "sales"`.
///
/// ```
/// use diesel_redshift::ddl::create_schema;
///
/// let create = create_schema("sales").if_not_exists().authorization("loader").quota_megabytes(500);
/// assert_eq!(
///     create.to_sql()?,
///     r#"CREATE SCHEMA IF NOT EXISTS "sales" AUTHORIZATION "loader" QUOTA 500 MB"#
/// );
/// # Ok::<(), diesel_redshift::Error>(())
/// ```
pub fn create_schema(name: impl Into<String>) -> CreateSchema {
    CreateSchema {
        name: name.into(),
        if_not_exists: false,
        owner: None,
        quota: None,
    }
}

impl CreateSchema {
    /// `IF NOT EXISTS`: an existing schema of this name is left as it is.
    pub fn if_not_exists(mut self) -> Self {
        self.if_not_exists = true;
        self
    }

    /// `AUTHORIZATION "user"`: the owner. Default: the current user.
    pub fn authorization(mut self, user: impl Into<String>) -> Self {
        self.owner = Some(user.into());
        self
    }

    /// `QUOTA n MB`: how much disk space its tables may use, in megabytes, at least 1.
    pub fn quota_megabytes(mut self, megabytes: u32) -> Self {
        self.quota = Some(Quota::Megabytes(megabytes));
        self
    }

    /// `QUOTA UNLIMITED`: the default.
    pub fn quota_unlimited(mut self) -> Self {
        self.quota = Some(Quota::Unlimited);
        self
    }
}

impl Definition for CreateSchema {
    crate::seal::sealed!();
    fn text(&self) -> Result<String, Error> {
        let mut sql = String::from("CREATE SCHEMA ");
        sql.push_str(if self.if_not_exists {
            "IF NOT EXISTS "
        } else {
            ""
        });
        push_identifier(&mut sql, &self.name)?;
        if let Some(owner) = &self.owner {
            sql.push_str(" AUTHORIZATION ");
            push_identifier(&mut sql, owner)?;
        }
        match self.quota {
            None => {}
            Some(Quota::Unlimited) => sql.push_str(" QUOTA UNLIMITED"),
            Some(Quota::Megabytes(0)) => {
                return Err(Error::from(InvalidValue::new(
                    "QUOTA",
                    "0 MB",
                    "1 MB or more",
                )));
            }
            Some(Quota::Megabytes(megabytes)) => sql.push_str(&format!(" QUOTA {megabytes} MB")),
        }
        Ok(sql)
    }
}

definition!(CreateSchema);

/// `DROP SCHEMA`; see [`drop_schema`].
#[derive(Debug, Clone)]
#[must_use = "a statement runs with .execute(…)"]
pub struct DropSchema {
    name: String,
    if_exists: bool,
    cascade: bool,
}

/// `DROP SCHEMA "sales"`, which must be empty.
pub fn drop_schema(name: impl Into<String>) -> DropSchema {
    DropSchema {
        name: name.into(),
        if_exists: false,
        cascade: false,
    }
}

impl DropSchema {
    /// `IF EXISTS`: no error if it does not exist.
    pub fn if_exists(mut self) -> Self {
        self.if_exists = true;
        self
    }

    /// `CASCADE`: **drops everything in it**.
    pub fn cascade(mut self) -> Self {
        self.cascade = true;
        self
    }
}

impl Definition for DropSchema {
    crate::seal::sealed!();
    fn text(&self) -> Result<String, Error> {
        let mut sql = String::from("DROP SCHEMA ");
        sql.push_str(if self.if_exists { "IF EXISTS " } else { "" });
        push_identifier(&mut sql, &self.name)?;
        sql.push_str(if self.cascade { " CASCADE" } else { "" });
        Ok(sql)
    }
}

definition!(DropSchema);
