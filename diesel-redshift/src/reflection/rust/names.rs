//! The names of tables and columns in Rust.

use std::collections::HashSet;

/// Names that no module of a table and no struct of a column can have: keywords, and names that
/// `table!` creates or uses itself.
const RESERVED: &[&str] = &[
    // Keywords, including reserved ones.
    "Self",
    "abstract",
    "alignof",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "crate",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "offsetof",
    "override",
    "priv",
    "proc",
    "pub",
    "pure",
    "ref",
    "return",
    "self",
    "sizeof",
    "static",
    "struct",
    "super",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
    // Names that the macro's code uses or creates.
    "all_columns",
    "bool",
    "columns",
    "diesel",
    "dsl",
    "is_nullable",
    "star",
    "std",
    "core",
    "str",
    "usize",
    "table",
];

fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name) || name.starts_with("__") && !name.ends_with('_')
}

/// An SQL name as a Rust name: `order line` becomes `order_line`, `type` becomes `type_`.
fn rust_name(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut rust = String::new();
    if name.chars().all(is_plain) && name.starts_with(|c: char| !c.is_ascii_digit()) {
        rust.push_str(name);
    } else {
        for character in name.chars() {
            let character = if is_plain(character) { character } else { '_' };
            if character != '_' || !rust.ends_with('_') {
                rust.push(character);
            }
        }
        if rust.starts_with(|c: char| c.is_ascii_digit()) {
            rust.insert(0, '_');
        }
    }
    if is_reserved(&rust) { rust + "_" } else { rust }
}

/// Whether a name is valid in Rust as it is.
pub(super) fn is_rust(name: &str) -> bool {
    rust_name(name) == name && name.chars().any(|c| c != '_')
}

/// Names in one scope, each of which is given only once.
#[derive(Debug, Default)]
pub(super) struct Names(HashSet<String>);

impl Names {
    /// Names that also differ from `taken`, and from `taken` followed by `_`.
    pub(super) fn without(taken: &str) -> Self {
        Self(HashSet::from([taken.to_owned()]))
    }

    pub(super) fn add(&mut self, name: &str) -> String {
        let mut rust = rust_name(name);
        if rust.chars().all(|c| c == '_') {
            rust = "_unnamed".to_owned();
        }
        while !self.0.insert(rust.clone()) {
            rust.push('_');
        }
        rust
    }
}

/// A text as a Rust literal, raw if it has quotes or backslashes.
pub(super) fn literal(text: &str) -> String {
    if text.chars().any(|c| c.is_control()) {
        return format!("{text:?}");
    }
    if !text.contains(['"', '\\']) {
        return format!("\"{text}\"");
    }
    let mut hashes = String::from("#");
    while text.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    format!("r{hashes}\"{text}\"{hashes}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_ones_that_rust_takes() {
        let mut names = Names::without("users");
        for (name, rust) in [
            ("id", "id"),
            ("users", "users_"),
            ("type", "type_"),
            ("order line", "order_line"),
            ("order-line", "order_line_"),
            ("2nd", "_2nd"),
            ("größe", "gr_e"),
            ("!!", "_unnamed"),
            ("__hidden", "__hidden_"),
            ("a>>>b", "a_b"),
            ("self ", "self_"),
            ("__x.2", "_x_2"),
        ] {
            assert_eq!(names.add(name), rust, "{name}");
        }
    }

    #[test]
    fn texts_are_literals_of_rust() {
        assert_eq!(literal("a b"), "\"a b\"");
        assert_eq!(literal("a\"b"), "r#\"a\"b\"#");
        assert_eq!(literal("a\"#b"), "r##\"a\"#b\"##");
        assert_eq!(literal("a\\b"), "r#\"a\\b\"#");
        assert_eq!(literal("a\nb"), "\"a\\nb\"");
    }
}
