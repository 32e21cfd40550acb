//! `redshift+iam://`: a connection string that says how to log in with IAM.

use std::env;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use diesel::result::{ConnectionError, ConnectionResult};

use super::{IamCredentials, IamCredentialsBuilder};
use crate::aws::Region;
use crate::connection::RedshiftConnection;
use crate::error::InvalidValue;

const SCHEME: &str = "redshift+iam://";

const FORM: &str = "redshift+iam://my-cluster/dev?region=eu-west-1&db_user=ada, without a user, a password or a port: \
                    these are asked for";

/// More than a process uses; connections by others ask for themselves.
const MOST: usize = 64;

/// Connects if the string is such a URL.
pub(in crate::connection) fn establish_by_url(
    url: &str,
) -> Option<ConnectionResult<RedshiftConnection>> {
    url.starts_with(SCHEME).then(|| {
        let (iam, rest) = shared(url)?;
        iam.establish(&rest)
    })
}

/// The credentials of this URL, which all of the process's connections by it share, and what libpq
/// takes.
fn shared(url: &str) -> ConnectionResult<(IamCredentials, String)> {
    static KNOWN: Mutex<Vec<(String, IamCredentials)>> = Mutex::new(Vec::new());
    let (builder, rest) = parse(url).map_err(invalid)?;
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, iam)) = known.iter().find(|(of, _)| of == url) {
        return Ok((iam.clone(), rest));
    }
    let iam = builder.build().map_err(invalid)?;
    if known.len() < MOST {
        known.push((url.to_owned(), iam.clone()));
    }
    Ok((iam, rest))
}

fn invalid(error: InvalidValue) -> ConnectionError {
    ConnectionError::InvalidConnectionUrl(error.to_string())
}

/// The builder that the URL describes, and the URI of libpq that is left of it.
fn parse(url: &str) -> Result<(IamCredentialsBuilder, String), InvalidValue> {
    let rest = url.strip_prefix(SCHEME).unwrap_or_default();
    let (place, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    let (name, database) = place.split_once('/').unwrap_or((place, ""));
    // What stands before an `@` may be a password, in the wrong place too.
    if rest.contains(['@', '#']) || name.is_empty() || name.contains(':') {
        return Err(InvalidValue::hidden("connection string", FORM));
    }
    let pairs = parameters
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let mut serverless = false;
    let (mut own, mut theirs) = (Vec::new(), Vec::new());
    for (key, value) in pairs {
        match key {
            "serverless" => serverless = truth("serverless", value)?,
            "region" | "db_user" | "auto_create" | "groups" | "duration" | "profile"
            | "endpoint" => own.push((key, decoded(value)?)),
            "user" | "password" => {
                return Err(InvalidValue::hidden(key.to_owned(), "none: IAM gives it"));
            }
            _ => theirs.push(format!("{key}={value}")),
        }
    }
    let mut builder = match (name.contains('.'), serverless) {
        (false, false) => IamCredentials::cluster(name),
        (false, true) => IamCredentials::workgroup(name),
        (true, false) => IamCredentials::cluster_domain(name),
        (true, true) => IamCredentials::workgroup_domain(name),
    };
    for (key, value) in own {
        builder = match key {
            "region" => builder.region(Region::parse(&value)?),
            "db_user" => builder.db_user(value),
            "auto_create" if truth("auto_create", &value)? => builder.auto_create(),
            "auto_create" => builder,
            "groups" => builder.groups(value.split(',')),
            "duration" => {
                let seconds = value.parse().map_err(|_| {
                    InvalidValue::new("duration", format!("{value:?}"), "seconds, 900 to 3600")
                })?;
                builder.duration(Duration::from_secs(seconds))
            }
            "profile" => builder.profile(value),
            _ => builder.endpoint(value),
        };
    }
    // A cluster and a workgroup can always encrypt.
    if !theirs.iter().any(|pair| pair.starts_with("sslmode=")) && env::var_os("PGSSLMODE").is_none()
    {
        theirs.push("sslmode=require".to_owned());
    }
    Ok((
        builder,
        format!("postgresql:///{database}?{}", theirs.join("&")),
    ))
}

fn truth(key: &'static str, value: &str) -> Result<bool, InvalidValue> {
    match value {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(InvalidValue::new(
            key,
            format!("{value:?}"),
            "true or false",
        )),
    }
}

fn decoded(text: &str) -> Result<String, InvalidValue> {
    let wrong = || InvalidValue::hidden("connection string", "`%` before two hex digits, as UTF-8");
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' {
            let mut digit = || char::from(rest.next()?).to_digit(16);
            let (high, low) = digit().zip(digit()).ok_or_else(wrong)?;
            u8::try_from(high * 16 + low).map_err(|_| wrong())?
        } else {
            byte
        });
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_all_that_a_builder_does() {
        let shown = |url: &str| {
            let (builder, rest) = parse(url).expect(url);
            (format!("{builder:?}"), rest)
        };
        let (builder, rest) = shown(
            "redshift+iam://my-cluster/dev?region=eu-west-1&db_user=ada%2B1&auto_create=true&groups=a,b&duration=3600\
             &profile=load&sslmode=verify-full&connect_timeout=5",
        );
        for part in [
            r#"Cluster("my-cluster")"#,
            r#""ada+1""#,
            "auto_create: true",
            r#"["a", "b"]"#,
            "3600s",
            r#"Profile("load")"#,
            "eu-west-1",
        ] {
            assert!(builder.contains(part), "{part} in {builder}");
        }
        assert_eq!(
            rest,
            "postgresql:///dev?sslmode=verify-full&connect_timeout=5"
        );
        for (url, place) in [
            ("redshift+iam://wg?serverless=true", r#"Workgroup("wg")"#),
            (
                "redshift+iam://dw.example.com/dev",
                r#"ClusterDomain("dw.example.com")"#,
            ),
            (
                "redshift+iam://dw.example.com/dev?serverless=true",
                r#"WorkgroupDomain("dw.example.com")"#,
            ),
        ] {
            assert!(shown(url).0.contains(place), "{url}");
        }
    }

    #[test]
    fn connections_by_one_url_share_credentials() {
        let of = |url: &str| shared(url).expect("good").0;
        let first = of("redshift+iam://one/dev?region=eu-west-1");
        let again = of("redshift+iam://one/dev?region=eu-west-1");
        let other = of("redshift+iam://two/dev?region=eu-west-1");
        assert!(std::sync::Arc::ptr_eq(&first.0, &again.0));
        assert!(!std::sync::Arc::ptr_eq(&first.0, &other.0));
    }

    #[test]
    fn a_wrong_one_is_refused_without_a_secret() {
        for (url, said) in [
            ("redshift+iam://", "redshift+iam://my-cluster/dev"),
            ("redshift+iam:///dev", "redshift+iam://my-cluster/dev"),
            (
                "redshift+iam://ada:hunter2@c/dev",
                "without a user, a password",
            ),
            ("redshift+iam://c:5439/dev", "or a port"),
            (
                "redshift+iam://c/dev?password=hunter2",
                "none: IAM gives it",
            ),
            ("redshift+iam://c/dev?user=hunter2", "none: IAM gives it"),
            ("redshift+iam://c/dev?serverless=hm", "true or false"),
            ("redshift+iam://c/dev?auto_create=1", "true or false"),
            ("redshift+iam://c/dev?duration=1h", "seconds, 900 to 3600"),
            ("redshift+iam://c/dev?region=Mars", "invalid REGION"),
            ("redshift+iam://c/dev?db_user=%zz", "two hex digits"),
            (
                "redshift+iam://C/dev?region=eu-west-1",
                "invalid ClusterIdentifier",
            ),
            (
                "redshift+iam://c/dev?region=eu-west-1&endpoint=http://h/hunter2",
                "invalid endpoint",
            ),
        ] {
            let refused = parse(url).and_then(|(builder, _)| builder.build());
            let refused = refused.expect_err(url).to_string();
            assert!(refused.contains(said), "{url}: {refused}");
            assert!(!refused.contains("hunter2"), "{refused}");
        }
    }
}
