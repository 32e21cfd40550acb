//! The table, in both.

diesel::table! {
    orders (id) {
        id -> BigInt,
        #[max_length = 100]
        city -> Text,
        amount -> Numeric,
        ordered_on -> Date,
    }
}
