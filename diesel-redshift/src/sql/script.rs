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
    use proptest::prelude::*;

    use super::*;

    /// A statement without its end, of pieces in which a semicolon is none.
    fn statement() -> impl Strategy<Value = String> {
        const PIECES: [&str; 20] = [
            "';'",
            r"'\';'",
            "'a'';'",
            "\";\"",
            "\"\"\";\"",
            "$$;$$",
            "$a$;$$;$a$",
            "/* ; /* ; */ ; */",
            "-- ;\n",
            "-- ;\r",
            "1$$;$$",
            r"B'\'",
            r"E'\';'",
            "N';'",
            "a$b",
            "$1",
            "(",
            ")",
            "BEGIN",
            ".5",
        ];
        proptest::collection::vec(proptest::sample::select(&PIECES[..]), 1..8)
            .prop_map(|pieces| format!("x {} y", pieces.join(" ")))
    }

    proptest! {
        #[test]
        fn a_statement_ends_at_its_own_semicolon(
            written in proptest::collection::vec(statement(), 1..5),
            end in "[;\n ]{0,3}",
        ) {
            let script = written.join(";\n") + &end;
            let found: Vec<_> = statements(&script)
                .into_iter()
                .map(|statement| statement.trim_end_matches(';').trim_end())
                .collect();
            prop_assert_eq!(found, written);
        }
    }

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
