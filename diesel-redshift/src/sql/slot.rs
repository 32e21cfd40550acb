/// Where a statement holds one of its parts, such as its format: by the part's own type, or boxed.
///
/// Of a statement that is not boxed, whatever the slot holds gives way to the new part and its
/// type. Of a boxed one the type stays, so that the part can be chosen at run time.
pub trait Slot<P> {
    crate::seal::sealed!(required);

    /// What the slot holds once it is filled with a `P`.
    type Filled;

    #[doc(hidden)]
    fn fill(part: P) -> Self::Filled;
}

/// Implements [`Slot`] for parts whose types give way.
macro_rules! slots {
    ($($held:ty)*) => {$(
        impl<P> $crate::sql::Slot<P> for $held {
            crate::seal::sealed!();

            type Filled = P;

            fn fill(part: P) -> P {
                part
            }
        }
    )*};
}

pub(crate) use slots;
