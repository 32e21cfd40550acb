//! `ENCODE`: the compression of a column, and which types can have which.

use diesel::sql_types::{
    BigInt, Binary, Bool, Date, Double, Float, Integer, Nullable, Numeric, SmallInt, SqlType, Text,
    Time, Timestamp, Timestamptz, Uuid, is_nullable,
};

use crate::sql_types::{
    Geography, Geometry, HllSketch, IntervalDayToSecond, IntervalYearToMonth, Super, Timetz,
};

/// A compression of columns.
pub trait Encoding {
    crate::seal::sealed!(required);
    /// Its name in SQL.
    const NAME: &'static str;
}

/// A type whose columns can be compressed with `E`.
#[diagnostic::on_unimplemented(
    message = "a column of type `{Self}` cannot have ENCODE `{E}`",
    label = "not an encoding of `{Self}`",
    note = "Zstd suits all numbers, texts and times; Raw suits all types; Az64 is for integers, decimals, dates and times"
)]
pub trait Encodes<E> {
    crate::seal::sealed!(required);
}

impl<T, E> Encodes<E> for Nullable<T>
where
    T: Encodes<E> + SqlType<IsNull = is_nullable::NotNull>,
{
    crate::seal::sealed!();
}

macro_rules! encodings {
    ($($(#[$attribute:meta])* $encoding:ident $name:literal: $($sql_type:ty),*;)*) => {$(
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy)]
        pub struct $encoding;

        impl Encoding for $encoding { crate::seal::sealed!();
            const NAME: &'static str = $name;
        }

        $(impl Encodes<$encoding> for $sql_type { crate::seal::sealed!(); })*
    )*};
}

encodings! {
    /// `ENCODE raw`: no compression.
    Raw "raw": SmallInt, Integer, BigInt, Numeric, Float, Double, Bool, Text, Uuid, Binary, Date, Time, Timetz,
        Timestamp, Timestamptz, IntervalYearToMonth, IntervalDayToSecond, Super, Geometry, Geography, HllSketch;
    /// `ENCODE az64`: Amazon's own, for numbers and times.
    Az64 "az64": SmallInt, Integer, BigInt, Numeric, Date, Time, Timetz, Timestamp, Timestamptz;
    /// `ENCODE bytedict`: a dictionary of at most 256 values in a block.
    ByteDict "bytedict": SmallInt, Integer, BigInt, Numeric, Float, Double, Text, Uuid, Date, Timestamp, Timestamptz;
    /// `ENCODE delta`: differences of one byte.
    Delta "delta": SmallInt, Integer, BigInt, Numeric, Date, Timestamp;
    /// `ENCODE delta32k`: differences of two bytes.
    Delta32k "delta32k": Integer, BigInt, Numeric, Date, Timestamp;
    /// `ENCODE lzo`: for long texts.
    Lzo "lzo": SmallInt, Integer, BigInt, Numeric, Text, Uuid, Binary, Date, Timestamp, Timestamptz, Super;
    /// `ENCODE mostly8`: most values fit into one byte.
    Mostly8 "mostly8": SmallInt, Integer, BigInt, Numeric;
    /// `ENCODE mostly16`: most values fit into two bytes.
    Mostly16 "mostly16": Integer, BigInt, Numeric;
    /// `ENCODE mostly32`: most values fit into four bytes.
    Mostly32 "mostly32": BigInt, Numeric;
    /// `ENCODE runlength`: a value that repeats is stored once, with a count.
    RunLength "runlength": SmallInt, Integer, BigInt, Numeric, Float, Double, Bool, Text, Uuid, Date, Timestamp, Timestamptz;
    /// `ENCODE text255`: a dictionary of words, for `VARCHAR` only.
    Text255 "text255": Text, Uuid;
    /// `ENCODE text32k`: a dictionary of words, for `VARCHAR` only.
    Text32k "text32k": Text, Uuid;
    /// `ENCODE zstd`: Zstandard.
    Zstd "zstd": SmallInt, Integer, BigInt, Numeric, Float, Double, Bool, Text, Uuid, Date, Timestamp, Timestamptz, Super;
}

/// Those for a `VARCHAR` but not for a `CHAR`.
pub(super) const TEXT_ENCODINGS: [&str; 2] = [Text255::NAME, Text32k::NAME];
