use super::options::{FormatOptions, setters};
use super::{FormatRules, sealed};
use crate::error::InvalidValue;
use crate::sql::StatementText;

macro_rules! columnar {
    ($(#[$doc:meta])* $format:ident, $keyword:literal) => {
        $(#[$doc])*
        ///
        /// The columns of the file are assigned to those of the COPY by position, so there must be
        /// equally many. The files must be in S3 in the cluster's own region, and Redshift accepts
        /// no access keys for them.
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub struct $format {
            serialize_to_json: bool,
            options: FormatOptions,
        }

        impl $format {
            /// The format with Redshift's defaults.
            pub fn new() -> Self {
                Self::default()
            }

            /// `SERIALIZETOJSON`: loads nested values as JSON; a SUPER column needs it.
            pub fn serialize_to_json(mut self) -> Self {
                self.serialize_to_json = true;
                self
            }

            setters! { fill_record accept_inv_chars }
        }

        impl sealed::CopyFormat for $format {
            fn rules(&self) -> &'static FormatRules {
                <Self as sealed::KnownFormat>::RULES
            }

            fn push_format(&self, text: &mut StatementText) -> Result<(), InvalidValue> {
                text.push(concat!(" FORMAT AS ", $keyword));
                text.flag("SERIALIZETOJSON", self.serialize_to_json);
                Ok(())
            }

            fn push_format_options(&self, text: &mut StatementText) -> Result<(), InvalidValue> {
                self.options.push(text)
            }
        }
    };
}

columnar! {
    /// Parquet files: `FORMAT AS PARQUET`.
    Parquet, "PARQUET"
}

columnar! {
    /// ORC files: `FORMAT AS ORC`.
    Orc, "ORC"
}
