//! What keeps a public trait to this crate: an item whose signature names a type that nobody else
//! can name.
//!
//! A trait whose hidden methods do work, or that is used as an object, has a private supertrait in
//! a module `sealed` instead.

#[derive(Debug)]
pub struct Seal;

/// Within a trait, `sealed!(required);`; within each of its implementations, `sealed!();`.
macro_rules! sealed {
    (required) => {
        #[doc(hidden)]
        fn sealed(_: $crate::seal::Seal)
        where
            Self: Sized;
    };
    () => {
        fn sealed(_: $crate::seal::Seal) {}
    };
}

pub(crate) use sealed;
