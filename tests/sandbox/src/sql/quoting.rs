//! Values and names in statements that the sandbox sends to PostgreSQL.

use std::cell::Cell;

/// A literal; the server reads backslashes as escapes.
pub(crate) fn quote_literal(value: &str) -> String {
    let mut literal = String::with_capacity(value.len() + 2);
    literal.push('\'');
    for character in value.chars() {
        match character {
            '\'' | '\\' => {
                literal.push(character);
                literal.push(character);
            }
            '\0' => {}
            _ => literal.push(character),
        }
    }
    literal.push('\'');
    literal
}

/// A name, kept as it is.
pub(crate) fn quote_identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\"").replace('\0', ""))
}

thread_local! {
    /// Whether names in quotes keep their case, and those of attributes, in the session of this thread.
    static KEEPS_CASE: Cell<(bool, bool)> = const { Cell::new((false, false)) };
}

/// Says what `enable_case_sensitive_identifier` and `enable_case_sensitive_super_attribute` are in the session of this thread.
pub(crate) fn keep_case(of_names: bool, of_attributes: bool) {
    KEEPS_CASE.set((of_names, of_names || of_attributes));
}

/// A name that stands in quotes.
pub(super) fn fold_quoted(name: String) -> String {
    match KEEPS_CASE.get() {
        (true, _) => name,
        (false, _) => name.to_ascii_lowercase(),
    }
}

/// The name in quotes of an attribute in a SUPER.
pub(super) fn fold_attribute(name: String) -> String {
    match KEEPS_CASE.get() {
        (_, true) => name,
        (_, false) => name.to_ascii_lowercase(),
    }
}
