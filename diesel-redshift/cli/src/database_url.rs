//! `DATABASE_URL`, and the database in it; or a cluster or workgroup that is logged in to with
//! credentials of IAM.

use std::env::{self, VarError};
use std::fmt;

use diesel::Connection;
use diesel_redshift::RedshiftConnection;
use diesel_redshift::aws::Region;
use diesel_redshift::connection::IamCredentials;

use crate::arguments::Global;
use crate::failure::Failure;
use crate::interrupt;

/// What a connection needs at least, where AWS names host and password: encrypted, as every cluster
/// can.
const ENCRYPTED: &str = "postgresql://?sslmode=require";

/// A connection string, which is never shown, and what takes the place of its user and password.
pub(crate) struct DatabaseUrl {
    url: String,
    iam: Option<IamCredentials>,
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseUrl(…)")
    }
}

impl DatabaseUrl {
    pub(crate) fn of(global: &Global) -> Result<Self, Failure> {
        let iam = credentials(global)?;
        let url = global
            .database_url
            .clone()
            .map_or_else(of_environment, |url| Ok(Some(url)))?
            .or_else(|| iam.is_some().then(|| ENCRYPTED.to_owned()))
            .ok_or_else(|| {
                Failure::new(
                    "no database is named: give --database-url, or set DATABASE_URL in the environment or in .env; \
                     or give --cluster or --workgroup",
                )
            })?;
        let url = Self { url, iam };
        Ok(match &global.db_name {
            Some(name) if url.named_database().is_none() => url.with_database(name),
            _ => url,
        })
    }

    pub(crate) fn connect(&self) -> Result<RedshiftConnection, Failure> {
        let conn = match &self.iam {
            Some(iam) => iam.establish(&self.url),
            None => RedshiftConnection::establish(&self.url),
        };
        let conn = conn.map_err(|error| {
            Failure::with_code(Failure::NO_CONNECTION, format!("no connection: {error}"))
        })?;
        interrupt::watch(&conn);
        Ok(conn)
    }

    fn is_uri(&self) -> bool {
        [
            "postgres://",
            "postgresql://",
            "redshift://",
            "redshift+iam://",
        ]
        .iter()
        .any(|scheme| self.url.starts_with(scheme))
    }

    /// The same server with another database; what stands last counts.
    pub(crate) fn with_database(&self, name: &str) -> Self {
        let url = &self.url;
        let url = if self.is_uri() {
            let separator = if url.contains('?') { '&' } else { '?' };
            format!("{url}{separator}dbname={}", encoded(name))
        } else {
            format!(
                "{url} dbname='{}'",
                name.replace('\\', "\\\\").replace('\'', "\\'")
            )
        };
        Self {
            url,
            iam: self.iam.clone(),
        }
    }

    fn named_database(&self) -> Option<String> {
        let name = if self.is_uri() {
            self.database_of_uri()
        } else {
            self.database_of_keywords()
        };
        name.filter(|name| !name.is_empty())
    }

    /// The name of the database.
    pub(crate) fn database(&self) -> Result<String, Failure> {
        let of_environment = || env::var("PGDATABASE").ok();
        self.named_database()
            .or_else(|| of_environment().filter(|name| !name.is_empty()))
            .ok_or_else(|| {
                Failure::new("DATABASE_URL names no database; expected postgresql://user:password@host:5439/database")
            })
    }

    fn database_of_uri(&self) -> Option<String> {
        let (_, rest) = self.url.split_once("://")?;
        let (rest, parameters) = rest.split_once('?').unwrap_or((rest, ""));
        let named = parameters
            .split('&')
            .filter_map(|parameter| parameter.strip_prefix("dbname="))
            .next_back();
        named
            .or_else(|| rest.split_once('/').map(|(_, path)| path))
            .map(decoded)
    }

    /// `keyword = value` with blanks between, values in quotes if need be.
    fn database_of_keywords(&self) -> Option<String> {
        let mut rest = self.url.trim_start();
        let mut database = None;
        while let Some((keyword, value)) = rest.split_once('=') {
            let value = value.trim_start();
            let is_quoted = value.starts_with('\'');
            let mut text = String::new();
            let mut characters = value.char_indices().skip(usize::from(is_quoted));
            let mut end = value.len();
            while let Some((at, character)) = characters.next() {
                match character {
                    '\\' => text.extend(characters.next().map(|(_, escaped)| escaped)),
                    '\'' if is_quoted => {
                        end = at + 1;
                        break;
                    }
                    character if !is_quoted && character.is_whitespace() => {
                        end = at;
                        break;
                    }
                    character => text.push(character),
                }
            }
            if keyword.trim() == "dbname" {
                database = Some(text);
            }
            rest = value[end..].trim_start();
        }
        database
    }
}

fn of_environment() -> Result<Option<String>, Failure> {
    match env::var("DATABASE_URL") {
        Ok(url) => Ok(Some(url)),
        Err(VarError::NotPresent) => Ok(None),
        // Its own error shows it.
        Err(VarError::NotUnicode(_)) => Err(Failure::new("DATABASE_URL is no UTF-8")),
    }
}

/// The credentials of the cluster or workgroup that is named, if one is.
fn credentials(global: &Global) -> Result<Option<IamCredentials>, Failure> {
    let builder = match (&global.cluster, &global.workgroup) {
        (Some(identifier), _) => IamCredentials::cluster(identifier),
        (None, Some(name)) => IamCredentials::workgroup(name),
        (None, None) => {
            let lonely = [
                ("--cluster-region", &global.cluster_region),
                ("--db-user", &global.db_user),
            ];
            return match lonely.into_iter().find(|(_, value)| value.is_some()) {
                Some((option, _)) => Err(Failure::with_code(
                    2,
                    format!(
                        "{option} is for logging in with IAM: give --cluster or --workgroup too"
                    ),
                )),
                None => Ok(None),
            };
        }
    };
    let builder = match &global.db_user {
        Some(name) => builder.db_user(name),
        None => builder,
    };
    let builder = match &global.cluster_region {
        Some(region) => builder.region(Region::parse(region)?),
        None => builder,
    };
    Ok(Some(builder.build()?))
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.' => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let digits = after
            .get(..2)
            .and_then(|digits| std::str::from_utf8(digits).ok());
        let escaped = digits.filter(|_| byte == b'%');
        match escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(decoded) => {
                bytes.push(decoded);
                rest = &after[2..];
            }
            None => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_is_found() {
        for (url, name) in [
            ("postgresql://u:p@h:5439/sales?sslmode=disable", "sales"),
            ("postgres://h/sal%65s", "sales"),
            ("redshift://h/sales", "sales"),
            ("redshift+iam://c/sales?region=eu-west-1", "sales"),
            ("postgres://h/a?dbname=b%20c", "b c"),
            ("host=h dbname = sales user=u", "sales"),
            ("dbname='it\\'s' password='dbname=x'", "it's"),
        ] {
            let url = DatabaseUrl {
                url: url.to_owned(),
                iam: None,
            };
            assert_eq!(url.database().ok().as_deref(), Some(name));
            let other = url.with_database("o'b\\ c");
            assert_eq!(other.database().ok().as_deref(), Some("o'b\\ c"));
        }
    }
}
