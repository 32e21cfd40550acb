/// `Debug` for statements whose parts have none: their name. [`diesel::debug_query`] shows their
/// SQL.
macro_rules! debug_name {
    ($($name:ident $(<$($parameter:tt $(: $bound:path)?),+>)?)*) => {$(
        impl $(<$($parameter $(: $bound)?),+>)? std::fmt::Debug for $name $(<$($parameter),+>)? {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )*};
}

pub(crate) use debug_name;
