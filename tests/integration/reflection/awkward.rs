// @generated automatically by Diesel CLI.

// The table has no primary key, and Diesel needs one: its first column stands in.
diesel::table! {
    #[sql_name = "2nd"]
    _2nd (_1st) {
        #[sql_name = "1st"]
        _1st -> Nullable<Int4>,
        #[sql_name = "größe"]
        gr_e -> Nullable<Float4>,
        #[sql_name = "gr e"]
        gr_e_ -> Nullable<Float4>,
        #[sql_name = "!!"]
        _unnamed -> Nullable<Int4>,
    }
}

diesel::table! {
    #[sql_name = "abstract"]
    abstract_ (type_) {
        #[sql_name = "type"]
        type_ -> Int4,
        #[sql_name = "async"]
        #[max_length = 10]
        async_ -> Nullable<Varchar>,
        #[sql_name = "self"]
        self_ -> Nullable<Date>,
        #[sql_name = "table"]
        table_ -> Nullable<Int4>,
        #[sql_name = "columns"]
        columns_ -> Nullable<Int8>,
        #[sql_name = "star"]
        star_ -> Nullable<Bool>,
        #[sql_name = "all_columns"]
        all_columns_ -> Nullable<Int4>,
        #[sql_name = "str"]
        #[max_length = 5]
        str_ -> Nullable<Varchar>,
        #[sql_name = "dsl"]
        dsl_ -> Nullable<Int4>,
        #[sql_name = "bool"]
        bool_ -> Nullable<Bool>,
    }
}

// The view has no primary key, and Diesel needs one: its first column stands in.
diesel::table! {
    bound (id) {
        id -> Nullable<Int8>,
        #[max_length = 65535]
        text -> Nullable<Varchar>,
    }
}

// The table has no primary key, and Diesel needs one: its first column stands in.
diesel::table! {
    composite (a) {
        a -> Nullable<Int8>,
        b -> Nullable<Int2>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use diesel_redshift::sql_types::*;

    every_type (id) {
        id -> Int8,
        small -> Nullable<Int2>,
        whole -> Nullable<Int4>,
        exact -> Nullable<Numeric>,
        single -> Nullable<Float4>,
        double -> Nullable<Float8>,
        is_it -> Nullable<Bool>,
        #[max_length = 3]
        fixed -> Nullable<Bpchar>,
        #[max_length = 65535]
        text -> Nullable<Varchar>,
        bytes -> Nullable<Binary>,
        document -> Nullable<Super>,
    }
}

// The view has no primary key, and Diesel needs one: its first column stands in.
diesel::table! {
    kept (id) {
        id -> Nullable<Int8>,
        exact -> Nullable<Numeric>,
    }
}

// The view has no primary key, and Diesel needs one: its first column stands in.
diesel::table! {
    use diesel::sql_types::*;
    use diesel_redshift::sql_types::*;

    late (id) {
        id -> Nullable<Int8>,
        document -> Nullable<Super>,
    }
}

diesel::table! {
    leaf (id) {
        id -> Int4,
        tree_id -> Nullable<Int4>,
        #[sql_name = "leaf"]
        leaf_ -> Nullable<Int4>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use diesel_redshift::sql_types::*;

    more_types (id) {
        id -> Int8,
        day -> Nullable<Date>,
        clock -> Nullable<Time>,
        clock_tz -> Nullable<Timetz>,
        moment -> Nullable<Timestamp>,
        moment_tz -> Nullable<Timestamptz>,
        months -> Nullable<IntervalYearToMonth>,
        seconds -> Nullable<IntervalDayToSecond>,
        shape -> Nullable<Geometry>,
        place -> Nullable<Geography>,
        sketch -> Nullable<HllSketch>,
    }
}

// The table has no primary key, and Diesel needs one: its first column stands in.
diesel::table! {
    /// A table
    /// of no key
    no_key (value) {
        /// What it is worth
        #[max_length = 20]
        value -> Nullable<Varchar>,
    }
}

// The table has no primary key, and Diesel needs one: its identity column stands in.
diesel::table! {
    numbered (id) {
        value -> Nullable<Int4>,
        id -> Int8,
    }
}

diesel::table! {
    #[sql_name = "order lines"]
    order_lines (order_id, line) {
        #[sql_name = "order id"]
        order_id -> Int8,
        line -> Int2,
        #[sql_name = "price in €"]
        price_in_ -> Nullable<Numeric>,
    }
}

// The table has no primary key, and Diesel needs one: its first column stands in.
diesel::table! {
    #[sql_name = "order-lines"]
    order_lines_ (a_quoted_name) {
        #[sql_name = r#"a "quoted" name"#]
        a_quoted_name -> Nullable<Int4>,
        #[sql_name = r#"back\slash"#]
        back_slash -> Nullable<Int4>,
        #[sql_name = "usize"]
        #[max_length = 7]
        usize_ -> Nullable<Varchar>,
        #[sql_name = "__x.2"]
        _x_2 -> Nullable<Int4>,
    }
}

diesel::table! {
    pair (b_id, a_id) {
        a_id -> Nullable<Int4>,
        b_id -> Nullable<Int4>,
    }
}

diesel::table! {
    tree (id) {
        id -> Int4,
        parent_id -> Nullable<Int4>,
    }
}

// The table has no primary key, and Diesel needs one: its unique key stands in.
diesel::table! {
    unique_key (name, code) {
        #[max_length = 20]
        code -> Nullable<Varchar>,
        #[max_length = 3]
        name -> Nullable<Bpchar>,
    }
}

diesel::joinable!(leaf -> tree (tree_id));

diesel::allow_tables_to_appear_in_same_query!(composite, order_lines,);
diesel::allow_tables_to_appear_in_same_query!(leaf, pair, tree,);
