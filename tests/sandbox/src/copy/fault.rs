//! What is wrong with a row.

use std::borrow::Cow;

/// One of Redshift's load error codes, and the reason in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) code: i32,
    pub(super) reason: Cow<'static, str>,
}

impl Fault {
    pub(super) fn new(code: i32, reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            reason: reason.into(),
        }
    }

    pub(super) fn invalid_json() -> Self {
        Self::new(1216, "Invalid JSON: the document is not well-formed")
    }

    pub(super) fn not_an_object() -> Self {
        Self::new(1216, "Invalid JSONPath format: Member is not an object.")
    }

    pub(super) fn not_in_array() -> Self {
        Self::new(
            1216,
            "Invalid JSONPath format: Not an array or index out of range.",
        )
    }

    /// What a text of a Parquet file is told that its column cannot hold.
    pub(super) fn too_long(column: &str, defined: usize, found: usize) -> Self {
        Self::new(
            15007,
            format!(
                "The length of the data column {column} is longer than the length defined in the table. Table: \
                 {defined}, Data: {found}"
            ),
        )
    }

    pub(super) fn long_string(longest: usize) -> Self {
        Self::new(
            1224,
            format!("String value exceeds the max size of {longest} bytes"),
        )
    }

    /// Text that is no UTF-8 from `at` on.
    pub(super) fn invalid_text(value: &[u8], at: usize) -> Self {
        let bytes: Vec<_> = value[at..]
            .iter()
            .take(4)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Self::new(
            1220,
            format!(
                "String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: {} (error 4)",
                bytes.join(" ")
            ),
        )
    }

    pub(super) fn stray_zero() -> Self {
        Self::new(
            1218,
            "NULL AS '\\0' is given, and the field holds a zero byte among others",
        )
    }

    pub(super) fn extra_columns() -> Self {
        Self::new(1202, "Extra column(s) found")
    }

    pub(super) fn missing_columns() -> Self {
        Self::new(1214, "Delimiter not found")
    }

    pub(super) fn missing_value() -> Self {
        Self::new(1213, "Missing data for not-null field")
    }

    pub(super) fn invalid_digit(value: &[u8], at: usize, type_name: &str) -> Self {
        let found = String::from_utf8_lossy(&value[at..])
            .chars()
            .next()
            .map(String::from)
            .unwrap_or_default();
        Self::new(
            1207,
            format!("Invalid digit, Value '{found}', Pos {at}, Type: {type_name}"),
        )
    }

    pub(super) fn overflow(value: &[u8], type_name: &str) -> Self {
        Self::new(
            1222,
            format!(
                "Overflow, Value '{}', Type: {type_name}",
                String::from_utf8_lossy(value)
            ),
        )
    }
}
