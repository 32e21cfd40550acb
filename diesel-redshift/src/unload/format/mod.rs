//! The data formats that UNLOAD writes. Each type has only the options that are valid for it.

mod self_describing;
mod text;

use std::sync::Arc;

use crate::error::InvalidValue;
use crate::sql::{Slot, StatementText, slots};

pub use self::self_describing::{Json, Parquet};
pub use self::text::{Csv, DefaultFormat, Delimited, FixedWidth, FixedWidthColumns};

/// A data format that UNLOAD writes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a format of UNLOAD",
    note = "UNLOAD writes `Csv`, `Delimited`, `FixedWidth`, `Json` and `Parquet` of `diesel_redshift::unload`; COPY has formats of its own"
)]
pub trait UnloadFormat: sealed::UnloadFormat {}

/// A format whose files can start with a header: text and CSV.
#[diagnostic::on_unimplemented(
    message = "HEADER is not allowed when an UNLOAD writes the format `{Self}`",
    note = "only delimited text and CSV have headers"
)]
pub trait HeaderFormat: UnloadFormat {}

/// A format whose files can be compressed: all but Parquet.
#[diagnostic::on_unimplemented(
    message = "no compression can be named when an UNLOAD writes the format `{Self}`",
    note = "Redshift compresses PARQUET files itself, with Snappy"
)]
pub trait CompressedFormat: UnloadFormat {}

/// The properties of a format, named like the traits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FormatKind {
    HeaderFormat,
    CompressedFormat,
}

/// What UNLOAD allows with a format, for statements whose format is chosen at run time.
#[derive(Debug)]
pub struct FormatRules {
    /// Its name in SQL.
    pub(super) name: &'static str,
    kinds: &'static [FormatKind],
}

impl FormatRules {
    pub(super) fn is(&self, kind: FormatKind) -> bool {
        self.kinds.contains(&kind)
    }

    /// Whether the names of the columns have to differ.
    pub(super) fn names_are_keys(&self) -> bool {
        self.name == <Json as sealed::KnownFormat>::RULES.name
    }

    /// Whether it can hold the types that only text and CSV can.
    pub(super) fn holds_text_only_types(&self) -> bool {
        self.is(FormatKind::HeaderFormat)
    }
}

macro_rules! formats {
    ($($format:ident $name:literal: $($kind:ident)*,)*) => {$(
        impl UnloadFormat for $format {}
        $(impl $kind for $format {})*

        impl sealed::KnownFormat for $format {
            const RULES: &'static FormatRules = &FormatRules {
                name: $name,
                kinds: &[$(FormatKind::$kind),*],
            };
        }

        slots! { $format }
    )*};
}

// One table for the compiler and for statements whose format is chosen at run time.
formats! {
    DefaultFormat "the default format": HeaderFormat CompressedFormat,
    Delimited "delimited text": HeaderFormat CompressedFormat,
    Csv "FORMAT AS CSV": HeaderFormat CompressedFormat,
    FixedWidth "FIXEDWIDTH": CompressedFormat,
    Json "FORMAT AS JSON": CompressedFormat,
    Parquet "FORMAT AS PARQUET":,
}

impl<F: UnloadFormat + 'static> Slot<F> for BoxedFormat {
    crate::seal::sealed!();

    type Filled = Self;

    fn fill(format: F) -> Self {
        Self(Arc::new(format))
    }
}

/// A format chosen at run time, for a [boxed](super::UnloadStatement::boxed) UNLOAD.
#[derive(Debug, Clone)]
pub struct BoxedFormat(Arc<dyn sealed::UnloadFormat>);

impl UnloadFormat for BoxedFormat {}
impl HeaderFormat for BoxedFormat {}
impl CompressedFormat for BoxedFormat {}

impl sealed::UnloadFormat for BoxedFormat {
    fn rules(&self) -> &'static FormatRules {
        self.0.rules()
    }

    fn push_format(&self, text: &mut StatementText) -> Result<(), InvalidValue> {
        self.0.push_format(text)
    }

    fn push_format_options(&self, text: &mut StatementText) -> Result<(), InvalidValue> {
        self.0.push_format_options(text)
    }

    fn check_columns(&self, columns: usize) -> Result<(), InvalidValue> {
        self.0.check_columns(columns)
    }
}

pub(super) mod sealed {
    use super::*;

    /// A format whose rules are known from its type.
    pub(crate) trait KnownFormat {
        #[doc(hidden)]
        const RULES: &'static FormatRules;
    }

    pub trait UnloadFormat: std::fmt::Debug + Send + Sync {
        #[doc(hidden)]
        fn rules(&self) -> &'static FormatRules;

        /// Writes `FORMAT AS …`.
        #[doc(hidden)]
        fn push_format(&self, text: &mut StatementText) -> Result<(), InvalidValue> {
            let _ = text;
            Ok(())
        }

        /// Writes the format's other options.
        #[doc(hidden)]
        fn push_format_options(&self, text: &mut StatementText) -> Result<(), InvalidValue> {
            let _ = text;
            Ok(())
        }

        /// Refuses a number of columns that the format cannot write.
        #[doc(hidden)]
        fn check_columns(&self, columns: usize) -> Result<(), InvalidValue> {
            let _ = columns;
            Ok(())
        }
    }
}
