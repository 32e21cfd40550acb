//! Where structs of the derive macros may stand: in macros that are given all or a part, among other names, with parameters.
#![allow(dead_code)]

use diesel::prelude::*;
use diesel_redshift::ddl::RedshiftTable;
use diesel_redshift::{RedshiftCopy, RedshiftUnload};

use crate::schema::users;

const FULL_TABLE: &str = r#"CREATE TABLE "users" ("id" BIGINT IDENTITY(1, 2) NOT NULL, "name" VARCHAR(20) ENCODE zstd NOT NULL) DISTSTYLE KEY DISTKEY("id") COMPOUND SORTKEY("name")"#;

// Whatever a macro may be given, it is given, and passes it on in the compiler's invisible groups.
macro_rules! given_all {
    (
        $(#[$meta:meta])*
        $visibility:vis struct $name:ident of $table:path, from $location:literal by $role:expr, width $width:literal, $bytes:literal bytes;
        $first:ident: $first_type:ty, $second:ident as $column:ident: $second_type:ty, at $path:literal
    ) => {
        $(#[$meta])*
        #[diesel(table_name = $table)]
        #[redshift(location = $location, iam_role = $role)]
        #[redshift(dist = auto, sort = compound($column))]
        $visibility struct $name {
            /// The key.
            #[redshift(order = 2, width = $width, identity(1, 2), dist_key)]
            $first: $first_type,
            #[diesel(column_name = $column)]
            #[redshift(order = 1, width = $width, copy(json_path = $path), varchar = $bytes, encode = zstd)]
            $second: $second_type,
        }
    };
}

given_all! {
    /// A user.
    #[derive(RedshiftCopy, RedshiftUnload)]
    pub(crate) struct Given of crate::schema::users, from "s3://bucket/users/" by "default", width 9, 20 bytes;
    id: i64, called as name: String, at "$.called"
}

#[test]
fn a_macro_may_be_given_all_of_it() {
    assert_eq!(
        Given::copy().to_sql().unwrap(),
        r#"COPY "users" ("name", "id") FROM 's3://bucket/users/' IAM_ROLE default"#
    );
    assert_eq!(
        Given::json_paths().unwrap().to_json(),
        r#"{"jsonpaths":["$['called']","$['id']"]}"#
    );
    assert!(
        Given::unload()
            .to_sql()
            .unwrap()
            .contains(r#"SELECT "users"."name", "users"."id" FROM"#)
    );
}

// The table is the macro's, and the fields the caller's; one of the macro's own stands between them.
macro_rules! table_of {
    ($name:ident { $first:ident: $first_type:ty, } { $($field:ident: $ty:ty,)* }) => {
        #[derive(RedshiftTable)]
        #[diesel(table_name = users)]
        #[redshift(sort = compound(name))]
        struct $name {
            /// The key.
            #[redshift(identity(1, 2), dist_key)]
            $first: $first_type,
            $(#[redshift(varchar = 20, encode = zstd)] $field: $ty,)*
        }
    };
}

table_of! { OfMacro { id: i64, } { name: String, } }

#[derive(RedshiftTable)]
#[diesel(table_name = users)]
#[redshift(sort = compound(name))]
struct Key<'a, T: 'a, const N: usize> {
    #[redshift(identity(1, 2), dist_key)]
    r#id: [&'a T; N],
}

#[derive(RedshiftTable)]
#[diesel(table_name = users)]
struct WithParameters<'a, T, const N: usize>
where
    T: Clone + 'a,
{
    #[diesel(embed)]
    key: Key<'a, T, N>,
    #[redshift(varchar = 20, encode = zstd)]
    r#name: T,
}

mod other_names {
    #![allow(non_camel_case_types, non_snake_case)]

    pub(super) use diesel_redshift as redshift;

    type Option = i64;
    type Result = i64;
    type Vec = i64;
    type str = String;
    type u32 = String;

    fn None() {}
    fn Some() {}
    fn Ok() {}

    #[derive(redshift::RedshiftCopy, redshift::RedshiftUnload, redshift::ddl::RedshiftTable)]
    #[diesel(table_name = "crate::schema::users")]
    #[redshift(crate = "crate::derive_anywhere::other_names::redshift")]
    #[redshift(location = "s3://bucket/users/", iam_role = "default", format = fixed_width)]
    #[redshift(sort = compound(name))]
    pub(super) struct Shadowing {
        /// The key.
        #[redshift(width = 5, identity(1, 2), dist_key)]
        id: Vec,
        #[redshift(width = 5, varchar = 20, encode = zstd)]
        name: str,
    }

    // What a struct has of its own is not what the derives mean.
    impl Shadowing {
        fn define() {}
        fn column_names() {}
        fn columns() {}
        fn comments() {}
        fn push_column_names() {}
        fn push_json_paths() {}
        fn push_widths() {}
        fn table() {}
        fn create_table() {}
        fn copy() {}
        fn selection() {}
        fn query() {}
        fn unload() {}
    }
}

#[test]
fn tables_are_defined_wherever_the_struct_stands() {
    let shadowing = <other_names::Shadowing as RedshiftTable>::create_table();
    for sql in [
        OfMacro::create_table().to_sql(),
        WithParameters::<'_, String, 3>::create_table().to_sql(),
        shadowing.to_sql(),
    ] {
        assert_eq!(sql.unwrap(), FULL_TABLE);
    }
    let comments = <other_names::Shadowing as RedshiftTable>::comments();
    assert_eq!((comments.len(), OfMacro::comments().len()), (1, 1));
}

#[test]
fn statements_are_made_among_other_names() {
    let copy = <other_names::Shadowing as RedshiftCopy>::copy();
    assert_eq!(
        copy.to_sql().unwrap(),
        r#"COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE default FIXEDWIDTH 'id:5,name:5'"#
    );
    let unload = <other_names::Shadowing as RedshiftUnload>::unload();
    assert!(unload.to_sql().unwrap().contains("FIXEDWIDTH"));
}

diesel::table! {
    r#type (r#move) {
        r#move -> BigInt,
        #[sql_name = "select"]
        chosen -> Nullable<Text>,
    }
}

/// The struct is of a function, and all names are keywords.
#[test]
fn names_may_be_raw_and_structs_local() {
    #[derive(Insertable, RedshiftCopy, RedshiftUnload, RedshiftTable)]
    #[diesel(table_name = r#type)]
    struct Local {
        r#move: i64,
        #[diesel(column_name = chosen)]
        #[redshift(varchar = 9)]
        r#in: Option<String>,
    }

    assert_eq!(Local::column_names(), ["move", "select"]);
    assert_eq!(
        Local::create_table().to_sql().unwrap(),
        r#"CREATE TABLE "type" ("move" BIGINT NOT NULL, "select" VARCHAR(9))"#
    );
}
