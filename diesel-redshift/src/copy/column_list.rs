//! The columns that a COPY fills.

use std::borrow::Cow;
use std::marker::PhantomData;

use diesel::query_source::SizeRestrictedColumn;

/// Columns in order; all of the table's by default.
#[derive(Debug, Clone, Default)]
pub(super) struct ColumnList {
    pub(super) names: Vec<Cow<'static, str>>,
    /// The byte limits of those with a known `#[max_length]`: what the files contain is only known
    /// of rows that are written for them.
    #[cfg_attr(not(feature = "stage"), allow(dead_code))]
    pub(super) max_lengths: Vec<(&'static str, usize)>,
}

impl<N: Into<Cow<'static, str>>> FromIterator<N> for ColumnList {
    fn from_iter<I: IntoIterator<Item = N>>(names: I) -> Self {
        Self {
            names: names.into_iter().map(Into::into).collect(),
            max_lengths: Vec::new(),
        }
    }
}

/// Whether a column has a `#[max_length]`, asked where the column is known by name, as in the
/// derive.
///
/// A generic column cannot be asked: `(&MaxLength::<users::name>::OF).max_length()` is the method
/// of [`Limited`] if the column has one, since the compiler tries that first, and else that of
/// [`Unlimited`].
#[doc(hidden)]
#[derive(Debug)]
pub struct MaxLength<C>(PhantomData<C>);

impl<C> MaxLength<C> {
    #[doc(hidden)]
    pub const OF: Self = Self(PhantomData);
}

#[doc(hidden)]
pub trait Limited {
    fn max_length(&self) -> Option<(&'static str, usize)>;
}

impl<C: SizeRestrictedColumn> Limited for MaxLength<C> {
    fn max_length(&self) -> Option<(&'static str, usize)> {
        Some((C::NAME, C::MAX_LENGTH))
    }
}

#[doc(hidden)]
pub trait Unlimited {
    fn max_length(&self) -> Option<(&'static str, usize)>;
}

impl<C> Unlimited for &MaxLength<C> {
    fn max_length(&self) -> Option<(&'static str, usize)> {
        None
    }
}
