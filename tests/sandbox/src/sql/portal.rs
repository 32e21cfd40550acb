//! DECLARE and FETCH.

use super::cursor::Cursor;
use super::statement::Statement;
use crate::protocol::SqlResult;

/// `DECLARE name CURSOR [WITHOUT HOLD] FOR query`
pub(super) fn declare(
    mut cursor: Cursor<'_>,
    plain: impl Fn() -> SqlResult<Statement>,
) -> SqlResult<Statement> {
    cursor.expect("declare")?;
    cursor.name()?;
    cursor.accept_all(&["no", "scroll"]);
    cursor.expect("cursor")?;
    cursor.accept_all(&["without", "hold"]);
    cursor.expect("for")?;
    plain()
}

/// `FETCH [NEXT | ALL | FORWARD [number | ALL]] FROM name`: a cursor goes forward only.
pub(super) fn fetch(
    mut cursor: Cursor<'_>,
    plain: impl Fn() -> SqlResult<Statement>,
) -> SqlResult<Statement> {
    const BACK: [&str; 7] = [
        "backward", "prior", "first", "last", "absolute", "relative", "-",
    ];
    cursor.expect("fetch")?;
    cursor.accept("forward");
    if BACK.contains(&&*cursor.text().to_ascii_lowercase()) {
        return Err(cursor.unexpected());
    }
    plain()
}
