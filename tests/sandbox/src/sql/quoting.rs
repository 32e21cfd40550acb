//! Values and names in statements that the sandbox sends to PostgreSQL.

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
