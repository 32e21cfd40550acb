//! `CREATE USER`, `ALTER USER` and `DROP USER`.

use std::fmt;

use diesel::connection::StrQueryHelper;
use secrecy::{ExposeSecret, SecretString};

use super::definition::{Definition, definition, push_principal};
use crate::RedshiftConnection;
use crate::error::{Error, InvalidValue};
use crate::sql::{Secrets, StatementText};

const PASSWORD: &str = "PASSWORD";

#[derive(Clone)]
enum Password {
    Secret(SecretString),
    /// The user cannot log in with a password.
    Disable,
}

/// `CREATE USER` and `ALTER USER`; see [`create_user`] and [`alter_user`].
#[derive(Clone)]
#[must_use = "a statement runs with .execute(…)"]
pub struct UserStatement {
    verb: &'static str,
    name: String,
    password: Option<Password>,
    create_databases: Option<bool>,
    superuser: Option<bool>,
    syslog_access: Option<SyslogAccess>,
    groups: Vec<String>,
    valid_until: Option<String>,
    connections: Option<Option<u32>>,
    session_timeout: Option<u32>,
}

/// The password is not shown.
impl fmt::Debug for UserStatement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("UserStatement")
            .field(&self.to_sql().unwrap_or_default())
            .finish()
    }
}

impl UserStatement {
    fn new(verb: &'static str, name: String) -> Self {
        Self {
            verb,
            name,
            password: None,
            create_databases: None,
            superuser: None,
            syslog_access: None,
            groups: Vec::new(),
            valid_until: None,
            connections: None,
            session_timeout: None,
        }
    }
}

/// Whose rows a user sees in the system views: `SYSLOG ACCESS …`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SyslogAccess {
    /// `RESTRICTED`: the user's own.
    Restricted,
    /// `UNRESTRICTED`: everybody's.
    Unrestricted,
}

/// `CREATE USER "ada" PASSWORD …`: a user with a password, or without one for logging in with IAM.
///
/// ```
/// use diesel_redshift::ddl::create_user;
///
/// let create = create_user("ada").password("Corr3ct-horse").in_group("analysts").connection_limit(10);
/// assert_eq!(
///     create.to_sql()?,
///     r#"CREATE USER "ada" PASSWORD '***' IN GROUP "analysts" CONNECTION LIMIT 10"#
/// );
/// assert!(create.to_sql_with_secrets()?.contains("PASSWORD 'Corr3ct-horse'"));
/// assert!(!format!("{create:?}").contains("horse"));
/// # Ok::<(), diesel_redshift::Error>(())
/// ```
pub fn create_user(name: impl Into<String>) -> UserStatement {
    UserStatement::new("CREATE", name.into())
}

/// `ALTER USER "ada" …`: changes what is specified, and nothing else.
///
/// ```
/// use diesel_redshift::ddl::alter_user;
///
/// let alter = alter_user("ada").password_disable().session_timeout(600);
/// assert_eq!(alter.to_sql()?, r#"ALTER USER "ada" PASSWORD DISABLE SESSION TIMEOUT 600"#);
/// # Ok::<(), diesel_redshift::Error>(())
/// ```
pub fn alter_user(name: impl Into<String>) -> UserStatement {
    UserStatement::new("ALTER", name.into())
}

impl UserStatement {
    /// `PASSWORD '…'`: 8 to 64 ASCII characters with an upper-case letter, a lower-case letter and
    /// a digit, without blanks and `'"\/@`. Or its digest: `md5` and the 32 hexadecimal digits of
    /// the MD5 of password and user name, or `sha256|digest|salt`. With `sha256|` before a
    /// password, the server computes that digest itself.
    ///
    /// It is in the statement that is sent to the server, and nowhere else.
    pub fn password(mut self, password: impl Into<SecretString>) -> Self {
        self.password = Some(Password::Secret(password.into()));
        self
    }

    /// `PASSWORD DISABLE`: the user cannot log in with a password, only with temporary IAM
    /// credentials. A superuser keeps a password.
    pub fn password_disable(mut self) -> Self {
        self.password = Some(Password::Disable);
        self
    }

    /// `CREATEDB`: the user may create databases. Default: a new user may not.
    pub fn create_db(mut self) -> Self {
        self.create_databases = Some(true);
        self
    }

    /// `NOCREATEDB`: the user may not create databases.
    pub fn no_create_db(mut self) -> Self {
        self.create_databases = Some(false);
        self
    }

    /// `CREATEUSER`: the user is a **superuser**, who may do everything. Default: a new user is
    /// not.
    pub fn superuser(mut self) -> Self {
        self.superuser = Some(true);
        self
    }

    /// `NOCREATEUSER`: the user is not a superuser.
    pub fn no_superuser(mut self) -> Self {
        self.superuser = Some(false);
        self
    }

    /// `SYSLOG ACCESS …`: whose rows the user sees in the system views. Default: a new user sees
    /// their own.
    pub fn syslog_access(mut self, access: SyslogAccess) -> Self {
        self.syslog_access = Some(access);
        self
    }

    /// `IN GROUP "group"`: puts a new user into a group. For an existing user, see
    /// [`alter_group`](super::alter_group).
    pub fn in_group(mut self, group: impl Into<String>) -> Self {
        self.groups.push(group.into());
        self
    }

    /// `VALID UNTIL '…'`: when the password expires, in a form that Redshift reads: `2027-01-31
    /// 12:00`, `infinity`.
    pub fn valid_until(mut self, time: impl Into<String>) -> Self {
        self.valid_until = Some(time.into());
        self
    }

    /// `CONNECTION LIMIT n`: how many concurrent connections the user may have, up to
    /// 2,147,483,647. It does not apply to superusers.
    pub fn connection_limit(mut self, connections: u32) -> Self {
        self.connections = Some(Some(connections));
        self
    }

    /// `CONNECTION LIMIT UNLIMITED`: the default.
    pub fn connection_unlimited(mut self) -> Self {
        self.connections = Some(None);
        self
    }

    /// `SESSION TIMEOUT n`: after how many idle seconds a session ends, 60 to 1,728,000, which is
    /// 20 days.
    pub fn session_timeout(mut self, seconds: u32) -> Self {
        self.session_timeout = Some(seconds);
        self
    }

    /// The statement's SQL, with `***` for the password.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if it contains something that Redshift does not accept.
    pub fn to_sql(&self) -> Result<String, Error> {
        self.text(Secrets::Hidden)
    }

    /// The statement's SQL as it is sent, **with the password**.
    ///
    /// # Errors
    ///
    /// As [`to_sql`](Self::to_sql).
    pub fn to_sql_with_secrets(&self) -> Result<String, Error> {
        self.text(Secrets::Written)
    }

    /// Runs it, in the open transaction or on its own. Instrumentation and errors see it without
    /// the password.
    ///
    /// # Errors
    ///
    /// As [`to_sql`](Self::to_sql), before anything is sent, or any server error.
    pub fn execute(&self, conn: &mut RedshiftConnection) -> Result<(), Error> {
        let (sql, shown) = (self.to_sql_with_secrets()?, self.to_sql()?);
        conn.execute_utility(&sql, &StrQueryHelper::new(&shown))?;
        Ok(())
    }

    fn text(&self, secrets: Secrets) -> Result<String, Error> {
        let mut text = StatementText::new(secrets);
        text.push(self.verb);
        text.push(" USER ");
        push_name(&mut text, &self.name)?;
        let without_options = text.as_str().len();
        match &self.password {
            None if self.verb == "CREATE" => {
                return Err(Error::from(InvalidValue::new(
                    PASSWORD,
                    "none",
                    "`password` or `password_disable` of a new user",
                )));
            }
            None => {}
            Some(Password::Disable) if self.superuser == Some(true) => {
                return Err(Error::from(InvalidValue::new(
                    PASSWORD,
                    "DISABLE for a superuser",
                    "a password, which a superuser always has",
                )));
            }
            Some(Password::Disable) => text.push(" PASSWORD DISABLE"),
            Some(Password::Secret(secret)) => {
                check_password(secret)?;
                text.push(" PASSWORD ");
                text.secret(PASSWORD, secret)?;
            }
        }
        if let Some(time) = &self.valid_until {
            if time.trim().is_empty() {
                return Err(Error::from(InvalidValue::new(
                    "VALID UNTIL",
                    format!("{time:?}"),
                    "a time or `infinity`",
                )));
            }
            text.push(" VALID UNTIL ");
            text.literal("VALID UNTIL", time)?;
        }
        let mut choose = |choice: Option<bool>, yes: &'static str, no: &'static str| {
            text.flag(yes, choice == Some(true));
            text.flag(no, choice == Some(false));
        };
        choose(self.create_databases, "CREATEDB", "NOCREATEDB");
        choose(self.superuser, "CREATEUSER", "NOCREATEUSER");
        if let Some(access) = self.syslog_access {
            text.push(match access {
                SyslogAccess::Restricted => " SYSLOG ACCESS RESTRICTED",
                SyslogAccess::Unrestricted => " SYSLOG ACCESS UNRESTRICTED",
            });
        }
        if !self.groups.is_empty() && self.verb == "ALTER" {
            return Err(Error::from(InvalidValue::new(
                "IN GROUP",
                "of a user that exists",
                "`alter_group(…).add_user(…)`",
            )));
        }
        for (at, group) in self.groups.iter().enumerate() {
            text.push(if at == 0 { " IN GROUP " } else { ", " });
            push_name(&mut text, group)?;
        }
        match self.connections {
            None => {}
            Some(None) => text.push(" CONNECTION LIMIT UNLIMITED"),
            Some(Some(connections)) => {
                if i32::try_from(connections).is_err() {
                    return Err(Error::from(InvalidValue::new(
                        "CONNECTION LIMIT",
                        connections.to_string(),
                        "0 to 2147483647",
                    )));
                }
                text.push(" CONNECTION LIMIT ");
                text.integer(connections);
            }
        }
        if let Some(seconds) = self.session_timeout {
            if !(60..=1_728_000).contains(&seconds) {
                return Err(Error::from(InvalidValue::new(
                    "SESSION TIMEOUT",
                    seconds.to_string(),
                    "60 to 1728000 seconds",
                )));
            }
            text.push(" SESSION TIMEOUT ");
            text.integer(seconds);
        }
        if self.verb == "ALTER" && text.as_str().len() == without_options {
            return Err(Error::from(InvalidValue::new(
                "ALTER USER",
                "nothing to change",
                "one or more options",
            )));
        }
        Ok(text.finish())
    }
}

fn push_name(text: &mut StatementText, name: &str) -> Result<(), InvalidValue> {
    let mut quoted = String::new();
    push_principal(&mut quoted, name)?;
    text.push(&quoted);
    Ok(())
}

/// What Redshift would refuse; the error does not show any of it.
fn check_password(secret: &SecretString) -> Result<(), InvalidValue> {
    let password = secret.expose_secret();
    let is_taken = is_digest(password, "md5", 32)
        || match password.strip_prefix("sha256|") {
            Some(rest) => match rest.split_once('|') {
                Some((digest, salt)) => is_digest(digest, "", 64) && !salt.is_empty(),
                None => is_strong(rest),
            },
            None => is_strong(password),
        };
    if is_taken {
        return Ok(());
    }
    Err(InvalidValue::hidden(
        PASSWORD,
        "8 to 64 characters of ASCII with a capital, a small letter and a digit, without blanks and '\"\\/@; \
         or md5 and 32 hexadecimal digits, or sha256|digest|salt",
    ))
}

fn is_digest(text: &str, prefix: &str, digits: usize) -> bool {
    text.strip_prefix(prefix).is_some_and(|rest| {
        rest.len() == digits && rest.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

fn is_strong(password: &str) -> bool {
    let has = |of: fn(&u8) -> bool| password.as_bytes().iter().any(of);
    (8..=64).contains(&password.len())
        && password
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"'\"\\/@".contains(&byte))
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit)
}

/// `DROP USER`; see [`drop_user`].
#[derive(Debug, Clone)]
#[must_use = "a statement runs with .execute(…)"]
pub struct DropUser {
    name: String,
    if_exists: bool,
}

/// `DROP USER "ada"`, who must own nothing and have no privileges.
pub fn drop_user(name: impl Into<String>) -> DropUser {
    DropUser {
        name: name.into(),
        if_exists: false,
    }
}

impl DropUser {
    /// `IF EXISTS`: no error if it does not exist.
    pub fn if_exists(mut self) -> Self {
        self.if_exists = true;
        self
    }
}

impl Definition for DropUser {
    crate::seal::sealed!();
    fn text(&self) -> Result<String, Error> {
        let mut sql = String::from("DROP USER ");
        sql.push_str(if self.if_exists { "IF EXISTS " } else { "" });
        push_principal(&mut sql, &self.name)?;
        Ok(sql)
    }
}

definition!(DropUser);
