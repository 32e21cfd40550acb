//! What the derive macros make of structs.
#![allow(dead_code)]

use diesel::prelude::*;
use diesel_redshift::copy::{self, Csv};
use diesel_redshift::unload;
use diesel_redshift::{Error, IamRole, RedshiftCopy, RedshiftUnload, S3Uri};

use crate::Statements;
use crate::schema::{orders, users};

#[derive(Queryable, Selectable, Insertable, RedshiftCopy, RedshiftUnload)]
#[diesel(table_name = users)]
#[diesel(check_for_backend(diesel_redshift::Redshift))]
struct Plain {
    id: i64,
    name: String,
}

// Without `table_name`, Diesel's rule makes the table `orders`.
#[derive(RedshiftCopy, RedshiftUnload)]
struct Order<'a, T>
where
    T: Clone,
{
    #[diesel(skip_insertion, sql_type = diesel::sql_types::Nullable<diesel::sql_types::BigInt>)]
    id: Option<T>,
    #[diesel(column_name = country)]
    land: &'a str,
    #[diesel(embed)]
    sum: Amount,
}

#[derive(RedshiftCopy, RedshiftUnload)]
#[diesel(table_name = orders)]
struct Amount {
    #[diesel(column_name = "ordered_on")]
    on: chrono::NaiveDate,
    amount: bigdecimal::BigDecimal,
}

#[derive(RedshiftCopy, RedshiftUnload)]
#[diesel(table_name = "crate::schema::odd")]
struct Odd {
    quoted: String,
    #[diesel(column_name = select_)]
    r#type: String,
}

#[derive(RedshiftCopy, RedshiftUnload)]
#[diesel(table_name = users)]
#[redshift(location = "s3://bucket/users/", iam_role = "default")]
#[redshift(copy(format = csv(ignore_header = 1, fill_record, delimiter = ';')), unload(format = parquet))]
struct WithDefaults {
    #[redshift(order = 2, copy(json_path = "$.user.id"))]
    id: i64,
    #[redshift(order = 1)]
    name: String,
}

#[derive(RedshiftCopy, RedshiftUnload)]
#[diesel(table_name = users)]
#[redshift(format = fixed_width)]
struct FixedWidth {
    #[redshift(width = 8, unload(width = 20))]
    id: i64,
    #[redshift(width = 25)]
    name: String,
}

// Where a lifetime or a type of the outer struct goes into the embedded one.
#[derive(RedshiftCopy, RedshiftUnload)]
#[diesel(table_name = users)]
struct Named<'a, T> {
    name: &'a T,
}

#[derive(RedshiftCopy, RedshiftUnload)]
#[diesel(table_name = users)]
struct Outer<'a, T> {
    id: i64,
    #[diesel(embed)]
    named: Named<'a, T>,
}

// The fields are the caller's, all else is the macro's.
macro_rules! loaded {
    ($name:ident { $($field:ident: $ty:ty,)* }) => {
        #[derive(RedshiftCopy, RedshiftUnload)]
        #[diesel(table_name = users)]
        struct $name {
            $(#[redshift(width = 5)] $field: $ty,)*
        }
    };
}

loaded! {
    ByMacro {
        id: i64,
        name: String,
    }
}

mod other_names {
    #![allow(non_camel_case_types)]

    pub(super) use diesel_redshift as redshift;

    type str = String;
    type u32 = String;
    type Vec = i64;

    #[derive(redshift::RedshiftCopy, redshift::RedshiftUnload)]
    #[diesel(table_name = crate::schema::users)]
    #[redshift(crate = crate::derive::other_names::redshift)]
    #[redshift(location = "s3://bucket/users/", iam_role = "default")]
    pub(super) struct Shadowing {
        #[redshift(width = 5)]
        id: Vec,
        #[redshift(width = 5)]
        name: str,
    }
}

#[derive(RedshiftCopy, RedshiftUnload)]
#[diesel(table_name = users)]
struct Skipping {
    #[redshift(copy(skip))]
    id: i64,
    #[redshift(unload(skip))]
    name: String,
    #[redshift(skip)]
    #[diesel(select_expression = users::id)]
    neither: i64,
}

const FILES: S3Uri = S3Uri::from_static("s3://bucket/x/");

/// Any struct of a table can be loaded alike.
fn load<R: RedshiftCopy>() -> Result<String, Error> {
    R::copy_columns()
        .from(FILES)
        .iam_role(IamRole::Default)
        .format(Csv::new())
        .to_sql()
}

pub(crate) fn statements() -> Statements {
    let mut statements = crate::statements! {
        "UNLOAD of a struct":
            Plain::unload().filter(users::id.gt(1)).to(FILES).iam_role(IamRole::Default);
        "UNLOAD of generics, a renamed column and an embedded struct":
            Order::<i64>::unload().to(FILES).iam_role(IamRole::Default);
        "UNLOAD of a schema and of awkward names":
            Odd::unload().to(FILES).iam_role(IamRole::Default);
        "COPY with defaults and an order": WithDefaults::copy();
        "COPY with other than its defaults":
            WithDefaults::copy().from(S3Uri::from_static("s3://other/")).format(copy::Parquet::new());
        "UNLOAD with defaults and an order": WithDefaults::unload().partition_by((users::id,));
        "COPY of fixed widths": FixedWidth::copy().from(FILES).iam_role(IamRole::Default);
        "UNLOAD of fixed widths": FixedWidth::unload().to(FILES).iam_role(IamRole::Default);
        "UNLOAD of a skipping struct": Skipping::unload().to(FILES).iam_role(IamRole::Default);
        "UNLOAD of an embedded struct with parameters":
            Outer::<i64>::unload().to(FILES).iam_role(IamRole::Default);
        "COPY of fields that a macro was given": ByMacro::copy().from(FILES).iam_role(IamRole::Default);
        "UNLOAD of a crate by another name": other_names::Shadowing::unload();
        "UNLOAD of a boxed query":
            Plain::unload().into_boxed().limit(3).to(FILES).iam_role(IamRole::Default).format(unload::Csv::new());
    };
    statements.add("COPY of a struct", load::<Plain>());
    statements.add(
        "COPY of generics, a renamed column and an embedded struct",
        load::<Order<'_, i64>>(),
    );
    statements.add("COPY of a schema and of awkward names", load::<Odd>());
    statements.add(
        "COPY of an embedded struct with parameters",
        load::<Outer<'_, String>>(),
    );
    statements.add("COPY of a skipping struct", load::<Skipping>());
    statements
}

#[test]
fn columns_are_a_selection() {
    let query = users::table.select(Plain::columns());
    assert_eq!(
        diesel::debug_query::<diesel_redshift::Redshift, _>(&query).to_string(),
        r#"SELECT "users"."id", "users"."name" FROM "users" -- binds: []"#
    );
    assert_eq!(
        Order::<i64>::column_names(),
        ["country", "ordered_on", "amount"]
    );
    let _ = orders::table.select(Order::<i64>::columns());
}

#[test]
fn json_paths_are_the_columns_or_their_own() {
    assert_eq!(
        WithDefaults::json_paths().unwrap().to_json(),
        r#"{"jsonpaths":["$['name']","$['user']['id']"]}"#
    );
    assert_eq!(
        Order::<i64>::json_paths().unwrap().to_json(),
        r#"{"jsonpaths":["$['country']","$['ordered_on']","$['amount']"]}"#
    );
    assert!(Odd::json_paths().is_err(), "a name with a quote");
}
