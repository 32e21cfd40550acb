//! Whether a statement has to do with the history, by the names in its text.

/// What a text names. A name in a literal or a comment counts as well, which costs time and does no harm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct References {
    /// A table of the history.
    pub(crate) history: bool,
    /// `pg_last_query_id()`
    pub(crate) last_query: bool,
    /// The setting that labels queries.
    pub(crate) label: bool,
}

impl References {
    /// Looks for the letter that all of the names share and that is rare elsewhere.
    pub(crate) fn of(text: &str) -> Self {
        let text = text.as_bytes();
        let mut found = Self::default();
        for at in memchr::memchr2_iter(b'q', b'Q', text) {
            let has = |before: &str, from: &str| {
                at.checked_sub(before.len()).is_some_and(|start| {
                    let name = text.get(start..at + from.len());
                    name.is_some_and(|name| {
                        let (one, other) = name.split_at(before.len());
                        one.eq_ignore_ascii_case(before.as_bytes())
                            && other.eq_ignore_ascii_case(from.as_bytes())
                    })
                })
            };
            found.history |= has("stl_", "query") || has("sys_", "query_") || has("svl_", "qlog");
            found.last_query |= has("pg_last_", "query_id");
            found.label |= has("", "query_group");
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_case() {
        let history = References {
            history: true,
            ..References::default()
        };
        for text in [
            "select * from STL_QUERY",
            "select * from \"pg_catalog\".\"stl_querytext\"",
            "select 'q' from sys_Query_history",
            "select * from sys_query_text",
            "svl_qlog",
        ] {
            assert_eq!(References::of(text), history, "{text}");
        }
        let both = References::of("select pg_last_query_id() from Stl_Query");
        assert!(both.history && both.last_query && !both.label);
        assert!(References::of("RESET query_Group").label);
        for text in [
            "",
            "q",
            "stl_quer",
            "tl_query",
            "pg_last_copy_id()",
            "query",
        ] {
            assert_eq!(References::of(text), References::default(), "{text}");
        }
    }
}
