//! Whether a connection URI means what its author intended.
//!
//! libpq splits a URI at the first `@` or `/`. If a password contains one of these unencoded, a
//! piece of the password becomes the host, the port or the database, and so a part of error texts
//! and of what the instrumentation is given.

use std::borrow::Cow;

/// The last is this crate's own.
const SCHEMES: [&str; 3] = ["postgresql://", "postgres://", "redshift://"];

pub(super) fn is_uri(conninfo: &str) -> bool {
    SCHEMES.iter().any(|scheme| conninfo.starts_with(scheme))
}

/// The same for libpq, which has no scheme for Redshift.
pub(super) fn for_libpq(conninfo: &str) -> Cow<'_, str> {
    match conninfo.strip_prefix(SCHEMES[2]) {
        Some(rest) => Cow::Owned(format!("{}{rest}", SCHEMES[0])),
        None => Cow::Borrowed(conninfo),
    }
}

/// What a URI looks like in general.
pub(super) fn expected() -> String {
    format!("postgresql://user:password@host:5439/database?sslmode=verify-full; {HOW_TO_ENCODE}")
}

const HOW_TO_ENCODE: &str = "in a user's name, a password or a parameter's value write `@` as %40, `/` as %2F, `%` as %25, `?` as %3F, `&` \
     as %26 and `#` as %23, or pass any password as it is to RedshiftConnection::establish_with";

/// What was expected of an ambiguous URI; it reveals nothing of the URI but which character to
/// encode.
pub(super) fn refusal(conninfo: &str) -> Option<String> {
    let rest = SCHEMES
        .iter()
        .find_map(|scheme| conninfo.strip_prefix(scheme))?;
    if !are_escapes(rest) {
        return Some(encoded('%', "before anything but two hex digits"));
    }
    let (user, rest) = match rest.find(['@', '/']) {
        Some(at) if rest[at..].starts_with('@') => (Some(&rest[..at]), &rest[at + 1..]),
        _ => (None, rest),
    };
    let hosts = &rest[..rest.find(['/', '?']).unwrap_or(rest.len())];
    // libpq takes an `@` among the parameters literally, except as the end of the user if no `/` stands before it.
    let parameters = rest.find('?').unwrap_or(rest.len());
    // `host?password=p@ss`, or `host:5439?…`, where a user and a password would stand.
    let user_has_parameters = user.is_some_and(|user| match user.split_once(':') {
        Some((name, password)) => {
            let parameters = password.split_once('?').map(|(_, behind)| behind);
            name.contains('?') || parameters.is_some_and(|parameters| parameters.contains('='))
        }
        None => user.contains('?'),
    });
    match (rest.find('@'), user) {
        (Some(at), Some(_)) if at < parameters => return Some(encoded('@', "more than once")),
        (Some(at), None) if at < parameters => return Some(encoded('/', "before an `@`")),
        (Some(_), _) => return Some(encoded('@', "after a `?`")),
        (None, _) if user_has_parameters => {
            return Some(encoded('?', "before an `@` with no `/` before it"));
        }
        (None, _) => {}
    }
    if hosts.split(',').all(has_a_port_or_none) {
        return None;
    }
    Some(if user.is_some() {
        format!("a port of 1 to 65535 behind the host's colon; {HOW_TO_ENCODE}")
    } else {
        format!(
            "a port of 1 to 65535 behind the host's colon, or, if that is a password, `@host` behind it; {HOW_TO_ENCODE}"
        )
    })
}

/// Whether the name of a database is a URI, or `user:password@host/database`.
pub(super) fn holds_credentials(name: &str) -> bool {
    let before_host = name.split_once('@').map(|(user, _)| user);
    name.contains("://") || before_host.is_some_and(|user| user.contains(':'))
}

pub(super) fn is_port_or_none(port: &str) -> bool {
    port.is_empty()
        || (port.bytes().all(|byte| byte.is_ascii_digit())
            && port.parse::<u16>().is_ok_and(|port| port > 0))
}

fn encoded(character: char, place: &str) -> String {
    let code = u32::from(character);
    format!("no `{character}` {place}: write it as %{code:02X}; {HOW_TO_ENCODE}")
}

fn are_escapes(text: &str) -> bool {
    text.split('%').skip(1).all(|escape| {
        let digits = escape.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}

fn has_a_port_or_none(host: &str) -> bool {
    let behind_address = match host.strip_prefix('[') {
        Some(address) => address.split_once(']').map(|(_, port)| port),
        None => Some(host),
    };
    let Some(host) = behind_address else {
        return false;
    };
    match host.split_once(':') {
        None => true,
        // A colon with nothing behind it is more likely an empty password.
        Some((_, port)) => !port.is_empty() && is_port_or_none(port),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant_is_taken() {
        for uri in [
            "postgresql://",
            "postgresql://host",
            "redshift://ada:s3cret@host:5439/dev",
            "postgres://ada@host/dev",
            "postgresql://ada:s3cret@host:5439/dev?sslmode=verify-full",
            "postgresql://ada:p%40ss%2Fw@host/dev?options=-c%20a%3Db",
            "postgresql://ada:s3#cr?t:[x@host/dev",
            "postgresql://ada@[::1]:5439/dev",
            "postgresql://a:1,b:2/dev",
            "postgresql://%2Ftmp/dev",
            "host=x password=p@ss/w",
        ] {
            assert_eq!(refusal(uri), None, "{uri}");
        }
    }

    #[test]
    fn the_character_to_encode_is_named() {
        for (uri, named) in [
            (
                "postgresql://app:hunter/2@host",
                "no `/` before an `@`: write it as %2F",
            ),
            (
                "postgresql://app:se#kret/x@host",
                "no `/` before an `@`: write it as %2F",
            ),
            (
                "postgresql://app:p@ss@host",
                "no `@` more than once: write it as %40",
            ),
            (
                "postgresql://app:p@ss/w@host",
                "no `@` more than once: write it as %40",
            ),
            (
                "postgresql://app:100%@host",
                "no `%` before anything but two hex digits: write it as %25",
            ),
            (
                "postgresql://app:secret/dev",
                "if that is a password, `@host` behind it",
            ),
            (
                "postgresql://app:/dev",
                "if that is a password, `@host` behind it",
            ),
            (
                "postgresql://host/dev?user=ada@example.com",
                "no `@` after a `?`: write it as %40",
            ),
            (
                "postgresql://app:x@host/dev?password=p@ss",
                "no `@` after a `?`: write it as %40",
            ),
            (
                "postgresql://host?password=p@ss",
                "no `?` before an `@` with no `/` before it: write it as %3F",
            ),
            (
                "postgresql://host:5439?user=app&password=p@ss",
                "no `?` before an `@` with no `/` before it: write it as %3F",
            ),
            ("postgresql://app:secret@host:x/dev", "a port of 1 to 65535"),
            ("postgresql://app:secret@[::1/dev", "a port of 1 to 65535"),
        ] {
            let refusal = refusal(uri).expect(uri);
            assert!(refusal.contains(named), "{uri}: {refusal}");
            assert!(refusal.contains("establish_with"), "{refusal}");
        }
    }
}
