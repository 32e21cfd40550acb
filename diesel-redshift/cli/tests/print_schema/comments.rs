// @generated automatically by Diesel CLI.

diesel::table! {
    /// People
    users (id) {
        id -> Int8,
        #[max_length = 20]
        name -> Nullable<Varchar>,
    }
}
