//! The md5 form of password authentication.

use std::hash::{BuildHasher, Hasher};

use md5::{Digest, Md5};

/// Four bytes that nobody can guess.
pub(super) fn salt() -> [u8; 4] {
    let random = std::hash::RandomState::new().build_hasher().finish();
    let [a, b, c, d, ..] = random.to_ne_bytes();
    [a, b, c, d]
}

fn hex(parts: [&[u8]; 2]) -> String {
    let mut digest = Md5::new();
    for part in parts {
        digest.update(part);
    }
    digest
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// What PostgreSQL would keep of a password.
pub(super) fn kept(password: &str, user: &str) -> String {
    format!("md5{}", hex([password.as_bytes(), user.as_bytes()]))
}

/// Whether the answer to `salt` shows that the client knows the password. `stored` is what PostgreSQL keeps: `md5` and the
/// digest of the password and the user's name.
pub(super) fn matches(stored: &str, salt: [u8; 4], answer: &str) -> bool {
    let Some(stored) = stored.strip_prefix("md5") else {
        return false;
    };
    answer.strip_prefix("md5") == Some(&hex([stored.as_bytes(), &salt]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_as_libpq_does() {
        // From PostgreSQL's own documentation of the scheme: md5(md5(password || user) || salt).
        let inner = hex([b"Sandbox1", b"awsuser"]);
        let answer = format!("md5{}", hex([inner.as_bytes(), &[1, 2, 3, 4]]));
        assert!(matches(&format!("md5{inner}"), [1, 2, 3, 4], &answer));
        assert!(!matches(&format!("md5{inner}"), [1, 2, 3, 5], &answer));
        assert!(!matches("SCRAM-SHA-256$x", [1, 2, 3, 4], &answer));
    }
}
