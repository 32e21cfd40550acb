//! What stands in a file for `NULL`.

use std::fmt;
use std::hash::{BuildHasher, RandomState};

/// The text that stands for `NULL` in the files of one load or unload: drawn for it, so that no
/// value can be made to equal it.
///
/// Redshift's CSV does not tell a quoted field from an unquoted one where it compares with `NULL
/// AS`, or may not.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct NullMarker(String);

impl NullMarker {
    /// Draws one: 60 random bits, and no character that CSV quotes or `ESCAPE` escapes.
    pub(crate) fn draw() -> Self {
        let letters = random_name();
        Self(format!("@{}@", &letters[..12]))
    }

    #[cfg(test)]
    pub(crate) fn of(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// A marker that was drawn elsewhere.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let letters = text.strip_prefix('@')?.strip_suffix('@')?;
        let is_drawn = letters.len() == 12
            && letters
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'));
        is_drawn.then(|| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for NullMarker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

/// 24 letters and digits in lower case that nobody has had before: 120 random bits.
pub(crate) fn random_name() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut name = String::with_capacity(24);
    for _ in 0..2 {
        // Its keys come from the operating system.
        let mut bits = RandomState::new().hash_one(std::process::id());
        for _ in 0..12 {
            name.push(char::from(LETTERS[(bits & 31) as usize]));
            bits >>= 5;
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_and_markers_do_not_come_again() {
        let names: HashSet<_> = (0..10_000).map(|_| random_name()).collect();
        assert_eq!(names.len(), 10_000);
        assert!(names.iter().all(|name| name.len() == 24));
        let markers: HashSet<_> = (0..10_000).map(|_| NullMarker::draw().0).collect();
        assert_eq!(markers.len(), 10_000);
        assert!(
            markers
                .iter()
                .all(|marker| NullMarker::parse(marker).is_some())
        );
        for other in [
            "",
            "@@",
            "@abcdefghijk,@",
            "@abcdefghijklm@",
            "abcdefghijkl",
        ] {
            assert_eq!(NullMarker::parse(other), None);
        }
    }
}
