// @generated automatically by Diesel CLI.

diesel::table! {
    logs (level, line) {
        #[max_length = 9]
        line -> Nullable<Varchar>,
        #[max_length = 1]
        level -> Nullable<Bpchar>,
    }
}
