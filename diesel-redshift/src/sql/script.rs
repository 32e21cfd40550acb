//! Scripts of several statements.

use super::lexer::{Token, tokens};

/// The statements of a script that hold more than space and comments.
pub(crate) fn statements(sql: &str) -> Vec<&str> {
    let mut statements = Vec::new();
    let (mut start, mut at, mut is_empty) = (0, 0, true);
    for (token, text) in tokens(sql) {
        at += text.len();
        match token {
            Token::Symbol if text == ";" => {
                if !is_empty {
                    statements.push(sql[start..at].trim());
                }
                start = at;
                is_empty = true;
            }
            Token::Space | Token::Comment => {}
            _ => is_empty = false,
        }
    }
    if !is_empty {
        statements.push(sql[start..].trim());
    }
    statements
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_split_at_its_semicolons() {
        assert_eq!(
            statements("-- ; first\nVACUUM a;\n;/* ; */\nSELECT ';' AS \";\"; VACUUM b -- end"),
            [
                "-- ; first\nVACUUM a;",
                "/* ; */\nSELECT ';' AS \";\";",
                "VACUUM b -- end"
            ]
        );
        assert!(statements(" ; -- nothing\n").is_empty());
    }
}
