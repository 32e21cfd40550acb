//! Where the binds of a query are gathered: one buffer for all values, in the text format.

use std::fmt::{self, Write};

use diesel::query_builder::{BindCollector, MoveableBindCollector};
use diesel::result::{Error, QueryResult};
use diesel::serialize::{IsNull, Output, ToSql};
use diesel::sql_types::HasSqlType;

use crate::backend::{Redshift, RedshiftTypeMetadata};
use crate::sql::literal;
use crate::types::oid;

/// What a [`ToSql`] implementation hands over: a value in Redshift's text format.
///
/// An implementation of its own passes text with [`Output::set_value`], as a `&str` that it borrows
/// or a `String` that it made:
///
/// ```
/// use diesel::serialize::{self, IsNull, Output, ToSql};
/// use diesel::sql_types::Text;
/// use diesel_redshift::Redshift;
///
/// #[derive(Debug)]
/// enum Colour {
///     Red,
///     Blue,
/// }
///
/// impl ToSql<Text, Redshift> for Colour {
///     fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
///         out.set_value(match self {
///             Colour::Red => "red",
///             Colour::Blue => "blue",
///         });
///         Ok(IsNull::No)
///     }
/// }
/// ```
#[derive(Clone)]
pub struct BindValue<'a>(Repr<'a>);

#[derive(Clone)]
enum Repr<'a> {
    Text(&'a str),
    Owned(String),
    InlineText(InlineText),
    Hex(&'a [u8]),
}

impl fmt::Debug for BindValue<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = Vec::new();
        self.write_to(&mut bytes);
        write!(formatter, "{:?}", String::from_utf8_lossy(&bytes))
    }
}

impl<'a> From<&'a str> for BindValue<'a> {
    fn from(text: &'a str) -> Self {
        Self(Repr::Text(text))
    }
}

impl From<String> for BindValue<'_> {
    fn from(text: String) -> Self {
        Self(Repr::Owned(text))
    }
}

impl<'a> From<&'a [u8]> for BindValue<'a> {
    /// Bytes become hex digits, the text form of `VARBYTE`.
    fn from(bytes: &'a [u8]) -> Self {
        Self(Repr::Hex(bytes))
    }
}

impl From<InlineText> for BindValue<'_> {
    fn from(text: InlineText) -> Self {
        Self(Repr::InlineText(text))
    }
}

impl BindValue<'_> {
    /// Whether a NUL may stand in it: numbers, dates and digits have none.
    fn may_hold_nul(&self) -> bool {
        matches!(self.0, Repr::Text(_) | Repr::Owned(_))
    }

    #[inline]
    fn write_to(&self, bytes: &mut Vec<u8>) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        match &self.0 {
            Repr::Text(text) => bytes.extend_from_slice(text.as_bytes()),
            Repr::Owned(text) => bytes.extend_from_slice(text.as_bytes()),
            Repr::InlineText(short) => bytes.extend_from_slice(short.as_bytes()),
            Repr::Hex(raw) => bytes.extend(raw.iter().flat_map(|byte| {
                [
                    DIGITS[usize::from(byte >> 4)],
                    DIGITS[usize::from(byte & 15)],
                ]
            })),
        }
    }
}

/// A text of at most 62 bytes that needs no allocation: numbers, dates and times.
#[derive(Clone, Copy)]
pub(crate) struct InlineText {
    len: u8,
    bytes: [u8; Self::CAPACITY],
}

impl InlineText {
    const CAPACITY: usize = 62;

    pub(crate) const fn new() -> Self {
        Self {
            len: 0,
            bytes: [0; Self::CAPACITY],
        }
    }

    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// Adds bytes of ASCII, of a number that the compiler knows.
    #[inline]
    pub(crate) fn push_ascii<const N: usize>(&mut self, text: &[u8; N]) -> fmt::Result {
        debug_assert!(text.is_ascii());
        let start = usize::from(self.len);
        let end = start + N;
        self.bytes
            .get_mut(start..end)
            .ok_or(fmt::Error)?
            .copy_from_slice(text);
        self.len = u8::try_from(end).map_err(|_| fmt::Error)?;
        Ok(())
    }
}

impl Write for InlineText {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let start = usize::from(self.len);
        let end = start + text.len();
        self.bytes
            .get_mut(start..end)
            .ok_or(fmt::Error)?
            .copy_from_slice(text.as_bytes());
        self.len = u8::try_from(end).map_err(|_| fmt::Error)?;
        Ok(())
    }
}

#[derive(Debug, Clone, Copy)]
struct Bind {
    /// Where the value starts in the buffer; `None` is SQL's `NULL`.
    start: Option<usize>,
    end: usize,
    oid: u32,
}

/// The binds of one query in the text format.
///
/// All values stand in one buffer, each followed by a NUL as libpq wants them, so a bind costs no
/// allocation.
#[derive(Debug, Clone, Default)]
pub struct RedshiftBindCollector {
    bytes: Vec<u8>,
    binds: Vec<Bind>,
    /// The values that the query's text holds in a parameter's place, such as that of `LIMIT`: `=`,
    /// the text and a NUL, or `-` and a NUL for `NULL`.
    literals: Vec<u8>,
}

impl RedshiftBindCollector {
    /// A collector without binds.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many binds there are.
    pub fn len(&self) -> usize {
        self.binds.len()
    }

    /// Whether there is no bind.
    pub fn is_empty(&self) -> bool {
        self.binds.is_empty()
    }

    /// Forgets all binds, and keeps the memory for the next ones.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.binds.clear();
        self.literals.clear();
    }

    /// How many bytes the texts have together.
    pub(crate) fn size(&self) -> usize {
        self.bytes.len()
    }

    /// The type of each bind and its text, without the trailing NUL; `None` is `NULL`.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (u32, Option<&[u8]>)> {
        self.binds.iter().map(|bind| {
            (
                bind.oid,
                bind.start.map(|start| &self.bytes[start..bind.end]),
            )
        })
    }

    /// The text of each bind with its trailing NUL.
    pub(crate) fn terminated(&self) -> impl ExactSizeIterator<Item = Option<&[u8]>> {
        self.binds
            .iter()
            .map(|bind| bind.start.map(|start| &self.bytes[start..=bind.end]))
    }

    /// The type to declare to the server for each bind.
    pub(crate) fn parameter_types(&self) -> Vec<u32> {
        let declared = |oid| oid::parameter(oid).map_or(oid, |parameter| parameter.oid);
        self.binds.iter().map(|bind| declared(bind.oid)).collect()
    }

    /// The type of each bind.
    pub(crate) fn types(&self) -> Vec<u32> {
        self.binds.iter().map(|bind| bind.oid).collect()
    }

    /// The values that the text holds in a parameter's place: with the query's type they say the
    /// text.
    pub(crate) fn literals(&self) -> &[u8] {
        &self.literals
    }

    /// These binds as values that the text holds.
    pub(crate) fn as_literals(&self) -> Self {
        let mut literals = self.literals.clone();
        for value in self.terminated() {
            // The first byte tells NULL from any text.
            match value {
                Some(value) => {
                    literals.push(b'=');
                    literals.extend_from_slice(value);
                }
                None => literals.extend_from_slice(b"-\0"),
            }
        }
        Self {
            literals,
            ..Self::default()
        }
    }
}

impl<'a> BindCollector<'a, Redshift> for RedshiftBindCollector {
    type Buffer = BindValue<'a>;

    fn push_bound_value<T, U>(&mut self, bind: &'a U, metadata_lookup: &mut ()) -> QueryResult<()>
    where
        Redshift: HasSqlType<T>,
        U: ToSql<T, Redshift> + ?Sized + 'a,
    {
        let oid = <Redshift as HasSqlType<T>>::metadata(metadata_lookup).oid;
        let mut output = Output::new(BindValue::from(""), metadata_lookup);
        let is_null = bind
            .to_sql(&mut output)
            .map_err(Error::SerializationError)?;
        let start = self.bytes.len();
        let start = match is_null {
            IsNull::Yes => None,
            IsNull::No => {
                let value = output.into_inner();
                value.write_to(&mut self.bytes);
                let text = &self.bytes[start..];
                if value.may_hold_nul() && text.contains(&0) {
                    let at = text.iter().take_while(|byte| **byte != 0).count();
                    self.bytes.truncate(start);
                    return Err(Error::SerializationError(Box::new(literal::nul_at(at))));
                }
                self.bytes.push(0);
                Some(start)
            }
        };
        self.binds.push(Bind {
            start,
            end: self.bytes.len().saturating_sub(1),
            oid,
        });
        Ok(())
    }

    fn push_null_value(&mut self, metadata: RedshiftTypeMetadata) -> QueryResult<()> {
        self.binds.push(Bind {
            start: None,
            end: 0,
            oid: metadata.oid,
        });
        Ok(())
    }
}

impl MoveableBindCollector<Redshift> for RedshiftBindCollector {
    type BindData = Self;

    fn moveable(&self) -> Self {
        self.clone()
    }

    fn append_bind_data(&mut self, from: &Self) {
        let offset = self.bytes.len();
        self.bytes.extend_from_slice(&from.bytes);
        self.binds.extend(from.binds.iter().map(|bind| Bind {
            start: bind.start.map(|start| start + offset),
            end: bind.end + offset,
            oid: bind.oid,
        }));
        self.literals.extend_from_slice(&from.literals);
    }

    fn push_debug_binds<'a, 'b>(bind_data: &Self, f: &'a mut Vec<Box<dyn fmt::Debug + 'b>>) {
        f.extend(bind_data.iter().map(|(_, text)| {
            let text = text.map(|text| String::from_utf8_lossy(text).into_owned());
            Box::new(text) as Box<dyn fmt::Debug>
        }));
    }
}

#[cfg(test)]
mod tests {
    use diesel::sql_types::{Integer, Nullable, Text};
    use proptest::prelude::*;

    use super::*;

    fn collected() -> RedshiftBindCollector {
        let mut binds = RedshiftBindCollector::new();
        binds
            .push_bound_value::<Text, _>("one", &mut ())
            .expect("text");
        binds
            .push_bound_value::<Nullable<Integer>, _>(&None::<i32>, &mut ())
            .expect("null");
        binds
            .push_bound_value::<Integer, _>(&-3, &mut ())
            .expect("integer");
        binds
    }

    #[test]
    fn values_share_one_buffer() {
        let binds = collected();
        let texts: Vec<_> = binds.iter().collect();
        assert_eq!(
            texts,
            [
                (1043, Some(&b"one"[..])),
                (23, None),
                (23, Some(&b"-3"[..]))
            ]
        );
        let terminated: Vec<_> = binds.terminated().collect();
        assert_eq!(terminated, [Some(&b"one\0"[..]), None, Some(&b"-3\0"[..])]);
    }

    #[test]
    fn appended_binds_keep_their_values() {
        let mut binds = collected();
        binds.append_bind_data(&collected().moveable());
        let texts: Vec<_> = binds.iter().map(|(_, text)| text).collect();
        assert_eq!(texts[..3], texts[3..]);
    }

    proptest! {
        /// Queries whose texts hold other values are other statements.
        #[test]
        fn literals_are_the_same_only_if_the_values_are(
            a in proptest::collection::vec(proptest::option::of("[\x01=a-]{0,2}"), 0..3),
            b in proptest::collection::vec(proptest::option::of("[\x01=a-]{0,2}"), 0..3),
        ) {
            let literals = |values: &[Option<String>]| {
                let mut binds = RedshiftBindCollector::new();
                for value in values {
                    binds
                        .push_bound_value::<Nullable<Text>, _>(value, &mut ())
                        .expect("text");
                }
                binds.as_literals().literals().to_vec()
            };
            prop_assert_eq!(a == b, literals(&a) == literals(&b));
        }
    }

    #[test]
    fn null_is_no_text() {
        let mut null = RedshiftBindCollector::new();
        null.push_bound_value::<Nullable<Text>, _>(&None::<String>, &mut ())
            .expect("null");
        for text in ["", "\u{1}", "-", "="] {
            let mut binds = RedshiftBindCollector::new();
            binds
                .push_bound_value::<Nullable<Text>, _>(&Some(text), &mut ())
                .expect("text");
            assert_ne!(
                binds.as_literals().literals(),
                null.as_literals().literals()
            );
        }
    }

    #[test]
    fn nul_is_refused_before_anything_is_sent() {
        let mut binds = RedshiftBindCollector::new();
        let error = binds
            .push_bound_value::<Text, _>("a\0b", &mut ())
            .expect_err("NUL");
        assert!(error.to_string().contains("NUL character"), "{error}");
        assert!(binds.is_empty());
    }
}
