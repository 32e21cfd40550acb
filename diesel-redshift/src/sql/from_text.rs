/// `TryFrom<&str>` and `TryFrom<String>` by `FromStr`, for types that are text with rules.
macro_rules! from_text {
    ($($type:ty),*) => {$(
        impl TryFrom<&str> for $type {
            type Error = $crate::error::InvalidValue;

            fn try_from(text: &str) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl TryFrom<String> for $type {
            type Error = $crate::error::InvalidValue;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }
    )*};
}

pub(crate) use from_text;
