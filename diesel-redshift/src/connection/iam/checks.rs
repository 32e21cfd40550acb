//! What the services would refuse.

use std::time::Duration;

use crate::aws::http;
use crate::aws::log_in::{ChosenUser, Place};
use crate::error::InvalidValue;

const NAME: &str = "1 to 64 lower-case letters, digits and `-`";

pub(super) fn place(place: &Place) -> Result<(), InvalidValue> {
    let name = place.name();
    let is_of = |allowed: fn(&u8) -> bool| {
        (1..=253).contains(&name.len()) && name.bytes().all(|byte| allowed(&byte))
    };
    let is_domain = matches!(place, Place::ClusterDomain(_) | Place::WorkgroupDomain(_));
    let is_name = if is_domain {
        name.contains('.') && is_of(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(byte))
    } else {
        name.len() <= 64
            && is_of(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-')
    };
    if is_name {
        return Ok(());
    }
    let (what, expected) = match place {
        Place::Cluster(_) => ("ClusterIdentifier", NAME),
        Place::Workgroup(_) => ("workgroupName", NAME),
        Place::ClusterDomain(_) | Place::WorkgroupDomain(_) => {
            ("CustomDomainName", "a domain name such as `dw.example.com`")
        }
    };
    Err(InvalidValue::new(what, name, expected))
}

pub(super) fn attempts(attempts: u32) -> Result<(), InvalidValue> {
    if (1..=20).contains(&attempts) {
        return Ok(());
    }
    Err(InvalidValue::new(
        "number of attempts",
        attempts.to_string(),
        "1 to 20",
    ))
}

pub(super) fn database(name: &str) -> Result<(), InvalidValue> {
    if (1..=127).contains(&name.len()) {
        return Ok(());
    }
    let given = format!("a name of {} bytes", name.len());
    Err(InvalidValue::new("DbName", given, "1 to 127 bytes"))
}

/// A duration in whole seconds; fractions are dropped.
pub(super) fn seconds(duration: Duration) -> Result<u32, InvalidValue> {
    let seconds = u32::try_from(duration.as_secs()).ok();
    let seconds = seconds.filter(|seconds| (900..=3600).contains(seconds));
    seconds.ok_or_else(|| {
        let given = duration.as_secs().to_string();
        InvalidValue::new("DurationSeconds", given, "900 to 3600")
    })
}

/// The user, if one is chosen.
pub(super) fn user(place: &Place, user: &ChosenUser, is_chosen: bool) -> Result<(), InvalidValue> {
    if is_chosen && place.is_serverless() {
        return Err(InvalidValue::new(
            "DbUser",
            user.name.clone(),
            "none: a workgroup maps the identity to its user",
        ));
    }
    if is_chosen {
        let is_user = (1..=64).contains(&user.name.len())
            && user
                .name
                .starts_with(|first: char| first.is_ascii_alphabetic())
            && user
                .name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_+.@-".contains(&byte));
        if !is_user {
            return Err(InvalidValue::new(
                "DbUser",
                user.name.clone(),
                "1 to 64 letters, digits and `_`, `+`, `.`, `@`, `-`, a letter first",
            ));
        }
    } else if user.auto_create || !user.groups.is_empty() {
        let what = if user.auto_create {
            "AutoCreate"
        } else {
            "DbGroups"
        };
        let expected = if place.is_serverless() {
            "none: a workgroup maps the identity to its user"
        } else {
            "a user of your choice, by db_user"
        };
        return Err(InvalidValue::new(what, "without DbUser", expected));
    }
    for group in &user.groups {
        let is_group = (1..=64).contains(&group.len())
            && group.bytes().all(|byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_+.@-".contains(&byte)
            });
        if !is_group {
            return Err(InvalidValue::new(
                "DbGroups",
                group.clone(),
                "names of 1 to 64 lower-case letters, digits and `_`, `+`, `.`, `@`, `-`",
            ));
        }
    }
    Ok(())
}

/// The address of a service, with a trailing `/`.
pub(super) fn endpoint(endpoint: &str) -> Result<String, InvalidValue> {
    let (scheme, host) = http::endpoint(endpoint)
        .ok_or_else(|| InvalidValue::hidden("endpoint", "`https://host` or `http://host:port`"))?;
    Ok(format!("{scheme}://{host}/"))
}
