//! Building a connection without a connection string.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::result::{ConnectionError, ConnectionResult};

use super::RedshiftConnection;
use super::conninfo::Conninfo;
use super::raw::RawConnection;
use crate::error::InvalidValue;
use crate::sql::literal;

/// Where distributions and macOS keep the certificate authorities that they trust.
const AUTHORITIES: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// Which servers are taken.
#[derive(Debug, Clone, Copy, Default)]
pub(super) enum Accepted {
    #[default]
    Redshift,
    PostgresqlToo,
}

impl Accepted {
    /// Refuses a server that is sure to be PostgreSQL: of a version that Redshift never was, and
    /// without its parameter.
    pub(super) fn or_refuse(self, raw: RawConnection) -> ConnectionResult<RawConnection> {
        let version = raw.parameter(c"server_version").unwrap_or_default();
        let major = version
            .split('.')
            .next()
            .and_then(|major| major.parse().ok());
        let is_postgresql =
            raw.parameter(c"padb_version").is_none() && major.is_some_and(|major: u32| major > 8);
        match self {
            Self::Redshift if is_postgresql => Err(ConnectionError::BadConnection(format!(
                "the server is PostgreSQL {version}, not Redshift: use diesel::PgConnection, or \
                 ConnectionBuilder::accept_postgresql"
            ))),
            _ => Ok(raw),
        }
    }
}

/// How to connect, part by part; [`RedshiftConnection::builder`] makes one.
///
/// Values need no encoding or quoting. Parameters that are not set come from the environment
/// (`PGHOST`, `PGUSER`, …) and `~/.pgpass`, then from the defaults of [`RedshiftConnection`]. If a
/// parameter is set twice, including by [`url`](Self::url), the last call wins. `Debug` does not
/// show the password.
#[derive(Clone, Default)]
#[must_use = "it connects by `establish`"]
pub struct ConnectionBuilder {
    url: String,
    keywords: Vec<(String, String)>,
    settings: Vec<(String, String)>,
    response_timeout: Option<Duration>,
    accepted: Accepted,
}

impl RedshiftConnection {
    /// Connects by parts instead of a string.
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use diesel_redshift::RedshiftConnection;
    ///
    /// # fn password() -> String { String::new() }
    /// let mut conn = RedshiftConnection::builder()
    ///     .host("my-cluster.abc123.eu-west-1.redshift.amazonaws.com")
    ///     .user("ada")
    ///     .password(password())
    ///     .database("dev")
    ///     .verified_tls()
    ///     .connect_timeout(Duration::from_secs(10))
    ///     .response_timeout(Duration::from_secs(3600))
    ///     .setting("query_group", "nightly")
    ///     .establish()?;
    /// # Ok::<(), diesel::ConnectionError>(())
    /// ```
    pub fn builder() -> ConnectionBuilder {
        ConnectionBuilder::default()
    }
}

impl ConnectionBuilder {
    /// What [`establish`](diesel::Connection::establish) takes, to which the other parts are added.
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = url.into();
        self
    }

    /// The name or address of the server.
    pub fn host(self, host: impl Into<String>) -> Self {
        self.keyword("host", host)
    }

    /// Its port; 5439 unless said otherwise.
    pub fn port(self, port: u16) -> Self {
        self.keyword("port", port.to_string())
    }

    /// The user of the database.
    pub fn user(self, user: impl Into<String>) -> Self {
        self.keyword("user", user)
    }

    /// The user's password, as it is.
    pub fn password(self, password: impl Into<String>) -> Self {
        self.keyword("password", password)
    }

    /// The database.
    pub fn database(self, database: impl Into<String>) -> Self {
        self.keyword("dbname", database)
    }

    /// TLS that verifies the server (`sslmode=verify-full`) by the authorities that this machine
    /// trusts, Amazon's among them: those of `SSL_CERT_FILE`, else of the distribution's bundle,
    /// else OpenSSL's (`sslrootcert=system`).
    pub fn verified_tls(self) -> Self {
        let file = authorities(env::var_os("SSL_CERT_FILE"), Path::is_file);
        let file = file.unwrap_or_else(|| PathBuf::from("system"));
        self.verified_tls_by(file)
    }

    /// TLS that verifies the server (`sslmode=verify-full`) by the authorities in this file
    /// (`sslrootcert=…`), such as Amazon's bundle.
    pub fn verified_tls_by(self, authorities: impl Into<PathBuf>) -> Self {
        let authorities = authorities.into().to_string_lossy().into_owned();
        self.keyword("sslmode", "verify-full")
            .keyword("sslrootcert", authorities)
    }

    /// How long each of the host's addresses may take to connect (`connect_timeout`), in whole
    /// seconds, rounded up, and at least 2; 30 by default.
    pub fn connect_timeout(self, timeout: Duration) -> Self {
        let seconds = timeout
            .as_secs()
            .saturating_add(u64::from(timeout.subsec_nanos() > 0));
        // libpq takes 1 as 2, and 0 as for ever.
        self.keyword("connect_timeout", seconds.max(2).to_string())
    }

    /// See [`RedshiftConnection::set_response_timeout`].
    pub fn response_timeout(mut self, timeout: Duration) -> Self {
        self.response_timeout = Some(timeout);
        self
    }

    /// Any other parameter of libpq, by its keyword, such as `sslcert` or `hostaddr`.
    pub fn keyword(mut self, keyword: impl Into<String>, value: impl Into<String>) -> Self {
        self.keywords.push((keyword.into(), value.into()));
        self
    }

    /// `SET name TO 'value'`, once it is connected, such as `query_group`, `search_path` or
    /// `statement_timeout`.
    pub fn setting(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.settings.push((name.into(), value.into()));
        self
    }

    /// Also accepts a PostgreSQL server, which may refuse or interpret differently what this crate
    /// sends.
    pub fn accept_postgresql(mut self) -> Self {
        self.accepted = Accepted::PostgresqlToo;
        self
    }

    /// Connects.
    ///
    /// # Errors
    ///
    /// [`InvalidConnectionUrl`](ConnectionError::InvalidConnectionUrl) for an invalid parameter,
    /// before anything is sent; [`BadConnection`](ConnectionError::BadConnection) when there is no
    /// connection, or its server is not Redshift;
    /// [`CouldntSetupConfiguration`](ConnectionError::CouldntSetupConfiguration) when the server
    /// refuses a setting.
    pub fn establish(&self) -> ConnectionResult<RedshiftConnection> {
        let settings = self.settings()?;
        let conninfo = self.conninfo()?;
        let mut conn = RedshiftConnection::connect(conninfo, self.accepted)?;
        let set_up = || {
            if self.response_timeout.is_some() {
                conn.set_response_timeout(self.response_timeout)?;
            }
            for setting in settings {
                conn.batch_execute(&setting)?;
            }
            Ok(())
        };
        set_up().map_err(ConnectionError::CouldntSetupConfiguration)?;
        Ok(conn)
    }

    fn conninfo(&self) -> ConnectionResult<Conninfo> {
        let mut conninfo = Conninfo::parse(&self.url)?;
        for (keyword, value) in &self.keywords {
            if !conninfo.set_known(keyword, value.clone()) {
                return Err(invalid(InvalidValue::new(
                    "keyword",
                    format!("{keyword:?}"),
                    "one that this libpq knows, such as `sslcert`",
                )));
            }
        }
        conninfo.refuse_uri_in_parts()?;
        Ok(conninfo)
    }

    fn settings(&self) -> ConnectionResult<Vec<String>> {
        self.settings
            .iter()
            .map(|(name, value)| {
                let is_word = |character: char| {
                    character.is_ascii_alphanumeric() || matches!(character, '_' | '.')
                };
                if name.is_empty() || !name.chars().all(is_word) {
                    return Err(invalid(InvalidValue::new(
                        "setting",
                        format!("{name:?}"),
                        "the name of one, such as `query_group`",
                    )));
                }
                let value = literal::string(value).map_err(invalid)?;
                Ok(format!("SET {name} TO {value}"))
            })
            .collect()
    }
}

fn invalid(error: InvalidValue) -> ConnectionError {
    ConnectionError::InvalidConnectionUrl(error.to_string())
}

/// The file of this machine's certificate authorities.
fn authorities(named: Option<OsString>, is_file: impl Fn(&Path) -> bool) -> Option<PathBuf> {
    let named = named.filter(|file| !file.is_empty()).map(PathBuf::from);
    named.or_else(|| {
        let mut known = AUTHORITIES.iter().map(PathBuf::from);
        known.find(|file| is_file(file))
    })
}

impl fmt::Debug for ConnectionBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("ConnectionBuilder");
        if let Ok(conninfo) = self.conninfo() {
            shown.field("server", &conninfo.shown());
        }
        shown.finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authorities_are_looked_for_where_they_are() {
        let none = |_: &Path| false;
        let debian = |path: &Path| path == Path::new(AUTHORITIES[0]);
        assert_eq!(authorities(None, none), None);
        assert_eq!(
            authorities(Some("".into()), debian),
            Some(AUTHORITIES[0].into())
        );
        assert_eq!(
            authorities(Some("mine.pem".into()), debian),
            Some("mine.pem".into())
        );
    }

    #[test]
    fn parts_need_no_quotes_and_debug_has_no_password() {
        let builder = RedshiftConnection::builder()
            .url("postgresql://ada:s3cret@other.example/dev")
            .host("db.example")
            .port(1)
            .password("it's P@ss/w0rd \\ ?")
            .verified_tls_by("/a path/bundle.crt")
            .connect_timeout(Duration::from_millis(2500));
        let conninfo = builder.conninfo().expect("good parts");
        assert_eq!(conninfo.shown(), "postgresql://ada@db.example:1/dev");
        let parameters = conninfo.parameters().expect("good parts");
        let value = |name: &str| {
            let found = parameters
                .iter()
                .find(|(keyword, _)| keyword.to_str() == Ok(name));
            found.and_then(|(_, value)| value.to_str().ok())
        };
        assert_eq!(value("password"), Some("it's P@ss/w0rd \\ ?"));
        assert_eq!(value("sslmode"), Some("verify-full"));
        assert_eq!(value("sslrootcert"), Some("/a path/bundle.crt"));
        assert_eq!(value("connect_timeout"), Some("3"));
        let shown = format!("{builder:?}");
        assert!(shown.contains("ada@db.example:1/dev"), "{shown}");
        assert!(
            !shown.contains("ss/w0rd") && !shown.contains("s3cret"),
            "{shown}"
        );
    }

    #[test]
    fn what_cannot_be_is_refused_before_it_is_sent() {
        let builder = || RedshiftConnection::builder().host("localhost");
        for (builder, said) in [
            (builder().keyword("sslcret", "x"), "sslcret"),
            (builder().setting("a; DROP TABLE b", "x"), "setting"),
            (builder().setting("query_group", "\0"), "NUL"),
            (builder().host("postgresql://ada:s3cret@host/dev"), "host"),
        ] {
            let Err(ConnectionError::InvalidConnectionUrl(error)) = builder.establish() else {
                panic!("taken: {said}");
            };
            assert!(error.contains(said) && !error.contains("s3cret"), "{error}");
        }
    }
}
