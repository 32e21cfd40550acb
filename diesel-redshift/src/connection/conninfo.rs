//! Connection strings: what is added to them, and how they are shown without secrets.

use std::env;
use std::ffi::CString;

use diesel::result::{ConnectionError, ConnectionResult};

use super::credentials::DatabaseCredentials;
use super::raw::{self, ConnectionOption, RawConnection};
use super::uri;
use crate::error::InvalidValue;

/// Session settings: the codec reads `ISO` dates, and 17 digits represent a `DOUBLE PRECISION`
/// exactly. Redshift refuses 3 here, which PostgreSQL's clients send.
const SESSION_OPTIONS: &str = "-c extra_float_digits=2 -c datestyle=ISO";

/// The settings where neither the string nor the environment has one.
///
/// Redshift does not support GSSAPI, and firewalls in front of it drop connections that are silent
/// for minutes.
const DEFAULTS: [(&str, &str, &str); 8] = [
    ("port", "PGPORT", "5439"),
    ("gssencmode", "PGGSSENCMODE", "disable"),
    ("connect_timeout", "PGCONNECT_TIMEOUT", "30"),
    ("keepalives_idle", "", "60"),
    ("keepalives_interval", "", "10"),
    ("keepalives_count", "", "6"),
    ("tcp_user_timeout", "", "120000"),
    ("fallback_application_name", "", "diesel-redshift"),
];

/// What errors and events show, as keywords and as environment variables.
const NO_URIS: [(&str, &str); 5] = [
    ("host", "PGHOST"),
    ("hostaddr", "PGHOSTADDR"),
    ("port", "PGPORT"),
    ("dbname", "PGDATABASE"),
    ("user", "PGUSER"),
];

/// The parameters of a connection.
pub(crate) struct Conninfo {
    options: Vec<ConnectionOption>,
}

impl Conninfo {
    /// Parses a URI or a keyword string of libpq.
    ///
    /// No error quotes a piece of it: in a string that cannot be parsed, any piece may be the
    /// password.
    pub(crate) fn parse(conninfo: &str) -> ConnectionResult<Self> {
        if let Some(driver) = ["jdbc:", "odbc:", "iam:"]
            .into_iter()
            .find(|driver| conninfo.starts_with(driver))
        {
            return Err(ConnectionError::InvalidConnectionUrl(format!(
                "`{driver}` begins a connection string of another driver; this one takes \
                 postgresql://user:password@host:5439/database, or keywords (host=… user=…)"
            )));
        }
        if conninfo.starts_with("redshift+iam:") {
            return Err(not_understood(
                "`redshift+iam://` in establish alone, with the feature `iam`; elsewhere, IamCredentials".to_owned(),
            ));
        }
        if let Some(expected) = uri::refusal(conninfo) {
            return Err(not_understood(expected));
        }
        let text = CString::new(&*uri::for_libpq(conninfo))
            .map_err(|_| not_understood("text without NUL characters".to_owned()))?;
        // libpq quotes the part that it could not parse.
        let parsed = raw::parse_options(&text)
            .map(|options| Self { options })
            .map_err(|_| {
                not_understood(if uri::is_uri(conninfo) {
                    uri::expected()
                } else {
                    "a URI (postgresql://user:password@host:5439/database) or libpq's keywords (host=… port=5439 user=… \
                     password=… dbname=… sslmode=…), a value with a space in single quotes, with `\\` before a quote or a \
                     backslash in it"
                        .to_owned()
                })
            })?;
        parsed.refuse_uri_in_parts()?;
        Ok(parsed)
    }

    /// Refuses a URI, or what stands before its path, where a part of one is meant: it would be
    /// looked for as a host or a database, and errors and events show those.
    pub(super) fn refuse_uri_in_parts(&self) -> ConnectionResult<()> {
        for (keyword, variable) in NO_URIS {
            let value = self.value(keyword).map(str::to_owned);
            let (name, value) = match value {
                Some(value) => (keyword, value),
                None => (variable, env::var(variable).unwrap_or_default()),
            };
            let expected = match keyword {
                "port" if !value.split(',').all(uri::is_port_or_none) => "1 to 65535",
                "host" | "hostaddr" if value.contains(['@', '?']) || value.contains("://") => {
                    "a name or an address; a URI is the whole connection string, and user and password have keywords of their own"
                }
                "dbname" if uri::holds_credentials(&value) => {
                    "the name of a database; a URI is the whole connection string"
                }
                "user" if value.contains("://") => {
                    "the name of a user; a URI is the whole connection string"
                }
                _ => continue,
            };
            let invalid = InvalidValue::hidden(name, expected);
            return Err(ConnectionError::InvalidConnectionUrl(invalid.to_string()));
        }
        Ok(())
    }

    /// The parameters of an open connection.
    pub(crate) fn of(connection: &RawConnection) -> Self {
        Self {
            options: connection.options(),
        }
    }

    fn value(&self, keyword: &str) -> Option<&str> {
        self.options
            .iter()
            .find(|option| option.keyword == keyword)
            .and_then(|option| option.value.as_deref())
    }

    fn set(&mut self, keyword: &str, value: String) {
        // An older libpq may not know an option; then the default is none of its business.
        let _ = self.set_known(keyword, value);
    }

    /// Whether libpq knows the keyword.
    pub(super) fn set_known(&mut self, keyword: &str, value: String) -> bool {
        if let Some(option) = self
            .options
            .iter_mut()
            .find(|option| option.keyword == keyword)
        {
            option.value = Some(value);
            return true;
        }
        false
    }

    /// Whether it, the environment or a service names a host.
    #[cfg(feature = "iam")]
    pub(crate) fn names_host(&self) -> bool {
        let is_named = |keyword| self.value(keyword).is_some_and(|value| !value.is_empty());
        is_named("host")
            || is_named("hostaddr")
            || is_named("service")
            || ["PGHOST", "PGHOSTADDR", "PGSERVICE"]
                .into_iter()
                .any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
    }

    /// A port that the string names is kept.
    #[cfg(feature = "iam")]
    pub(crate) fn set_endpoint(&mut self, host: String, port: u16) {
        self.set("host", host);
        if self.value("port").is_none_or(str::is_empty) {
            self.set("port", port.to_string());
        }
    }

    #[cfg(feature = "iam")]
    pub(crate) fn set_database_unless_named(&mut self, database: &str) {
        if self.value("dbname").is_none_or(str::is_empty) && env::var_os("PGDATABASE").is_none() {
            self.set("dbname", database.to_owned());
        }
    }

    pub(crate) fn set_credentials(&mut self, credentials: &DatabaseCredentials) {
        self.set("user", credentials.user().to_owned());
        self.set("password", credentials.password().to_owned());
    }

    /// Keywords and values for libpq, with what this crate adds.
    pub(crate) fn parameters(mut self) -> ConnectionResult<Vec<(CString, CString)>> {
        // A service brings its own port, and no Redshift listens on a socket in the file system.
        let host = self
            .value("host")
            .map(str::to_owned)
            .or_else(|| env::var("PGHOST").ok());
        let brings_port = self.value("service").is_some()
            || env::var_os("PGSERVICE").is_some()
            || host.is_some_and(|host| host.starts_with('/'));
        for (keyword, variable, value) in DEFAULTS {
            let is_set = self.value(keyword).is_some()
                || (!variable.is_empty() && env::var_os(variable).is_some())
                || (keyword == "port" && brings_port);
            if !is_set {
                self.set(keyword, value.to_owned());
            }
        }
        self.set("client_encoding", "UTF8".to_owned());
        let theirs = self
            .value("options")
            .map(str::to_owned)
            .or_else(|| env::var("PGOPTIONS").ok());
        // The user's settings come last, so that they take precedence.
        let options = match theirs {
            // A sibling of an open connection has them already.
            Some(theirs) if theirs.starts_with(SESSION_OPTIONS) => theirs,
            Some(theirs) => format!("{SESSION_OPTIONS} {theirs}"),
            None => SESSION_OPTIONS.to_owned(),
        };
        self.set("options", options);
        self.options
            .into_iter()
            .filter_map(|option| option.value.map(|value| (option.keyword, value)))
            .map(|(keyword, value)| match CString::new(value) {
                Ok(value) => Ok((CString::new(keyword)?, value)),
                Err(_) => {
                    let invalid = InvalidValue::hidden(keyword, "text without NUL characters");
                    Err(ConnectionError::InvalidConnectionUrl(invalid.to_string()))
                }
            })
            .collect()
    }

    /// Where it connects to, as a URI without password and options.
    pub(crate) fn shown(&self) -> String {
        let mut shown = "postgresql://".to_owned();
        if let Some(user) = self.value("user") {
            shown.push_str(user);
            shown.push('@');
        }
        shown.push_str(
            self.value("host")
                .or_else(|| self.value("hostaddr"))
                .unwrap_or(""),
        );
        if let Some(port) = self.value("port") {
            shown.push(':');
            shown.push_str(port);
        }
        shown.push('/');
        shown.push_str(self.value("dbname").unwrap_or(""));
        shown
    }
}

fn not_understood(expected: String) -> ConnectionError {
    let invalid = InvalidValue::hidden("connection string", expected);
    ConnectionError::InvalidConnectionUrl(invalid.to_string())
}

/// Adds to libpq's message what the user can do about it.
pub(crate) fn explain(message: String) -> String {
    if message.contains("authentication method 13") {
        return format!(
            "{message}: this user's password is stored as SHA-256, which libpq cannot answer; set it again as \
             MD5 (ALTER USER … PASSWORD 'md5…'), or use temporary IAM credentials"
        );
    }
    if message.contains("connection to server on socket") {
        return format!(
            "{}: the connection string names no host (postgresql://user:password@host:5439/database), and neither does \
             PGHOST",
            message.trim_end()
        );
    }
    if message.contains("certificate verify failed") {
        return format!(
            "{}: the file in `sslrootcert` does not hold the authority that signed the server's certificate, or the \
             certificate has expired",
            message.trim_end()
        );
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(conninfo: &str) -> Vec<(String, String)> {
        let text = |text: CString| text.into_string().expect("UTF-8");
        Conninfo::parse(conninfo)
            .and_then(Conninfo::parameters)
            .expect("parses")
            .into_iter()
            .map(|(keyword, value)| (text(keyword), text(value)))
            .collect()
    }

    fn value(parameters: &[(String, String)], keyword: &str) -> Option<String> {
        parameters
            .iter()
            .find(|(name, _)| name == keyword)
            .map(|(_, value)| value.clone())
    }

    #[test]
    fn defaults_give_way_to_what_is_written() {
        let defaults = parameters("postgresql://u@localhost/dev");
        assert_eq!(value(&defaults, "port").as_deref(), Some("5439"));
        assert_eq!(
            value(&defaults, "options").as_deref(),
            Some(SESSION_OPTIONS)
        );
        let written =
            parameters("host=localhost port=1 keepalives_idle=5 options='-c query_group=x'");
        assert_eq!(value(&written, "port").as_deref(), Some("1"));
        assert_eq!(value(&written, "keepalives_idle").as_deref(), Some("5"));
        assert_eq!(
            value(&written, "options"),
            Some(format!("{SESSION_OPTIONS} -c query_group=x"))
        );
    }

    #[test]
    fn no_password_is_shown() {
        for conninfo in [
            "postgresql://ada:s3cret@db.example:5439/dev?sslmode=require",
            "redshift://ada:s3cret@db.example:5439/dev?sslmode=require",
            "host=db.example port=5439 user=ada password=s3cret dbname=dev",
        ] {
            let parsed = Conninfo::parse(conninfo).expect("parses");
            assert_eq!(parsed.shown(), "postgresql://ada@db.example:5439/dev");
        }
        let Err(error) = Conninfo::parse("postgresql://ada:s3/cr%et@db.example:x/dev") else {
            panic!("not a URI");
        };
        assert!(!error.to_string().contains("cr%et"), "{error}");
    }

    #[test]
    fn a_certificate_that_fails_is_explained() {
        let explained = explain("SSL error: certificate verify failed\n".to_owned());
        assert!(
            explained
                .starts_with("SSL error: certificate verify failed: the file in `sslrootcert`")
        );
    }

    #[test]
    fn strings_of_other_drivers_are_told_apart() {
        let Err(error) = Conninfo::parse("jdbc:redshift://host:5439/dev?user=a") else {
            panic!("not libpq's");
        };
        let error = error.to_string();
        assert!(
            error.contains("`jdbc:`") && error.contains("postgresql://"),
            "{error}"
        );
    }

    #[test]
    fn method_13_is_explained() {
        let explained = explain("authentication method 13 not supported".to_owned());
        assert!(
            explained.contains("SHA-256") && explained.contains("IAM"),
            "{explained}"
        );
    }
}
