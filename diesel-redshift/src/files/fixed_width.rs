//! The widths of `FIXEDWIDTH`, which COPY and UNLOAD share.

use crate::error::InvalidValue;
use crate::sql::StatementText;

const OPTION: &str = "FIXEDWIDTH";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Widths(Vec<(String, u32)>);

impl Widths {
    pub(crate) fn new<L: Into<String>>(widths: impl IntoIterator<Item = (L, u32)>) -> Self {
        Self(
            widths
                .into_iter()
                .map(|(label, width)| (label.into(), width))
                .collect(),
        )
    }

    /// Writes `FIXEDWIDTH 'label:width,…'`.
    pub(crate) fn push(&self, text: &mut StatementText) -> Result<(), InvalidValue> {
        let mut spec = String::new();
        for (label, width) in &self.0 {
            if label.is_empty() || label.contains([':', ',', '\'']) {
                return Err(InvalidValue::new(
                    OPTION,
                    format!("{label:?}"),
                    "labels that are not empty and have no `:`, `,` and `'`",
                ));
            }
            if *width == 0 || i32::try_from(*width).is_err() {
                return Err(InvalidValue::new(
                    OPTION,
                    format!("{label}:{width}"),
                    "widths of 1 to 2147483647 characters",
                ));
            }
            if !spec.is_empty() {
                spec.push(',');
            }
            spec.push_str(label);
            spec.push(':');
            spec.push_str(itoa::Buffer::new().format(*width));
        }
        if spec.is_empty() {
            return Err(InvalidValue::new(OPTION, "''", "one width or more"));
        }
        text.push(" FIXEDWIDTH ");
        text.literal(OPTION, &spec)
    }

    pub(crate) fn check_columns(&self, columns: usize) -> Result<(), InvalidValue> {
        if self.0.len() == columns {
            Ok(())
        } else {
            Err(InvalidValue::new(
                OPTION,
                format!("{} widths", self.0.len()),
                format!("one for each of the {columns} columns"),
            ))
        }
    }
}
