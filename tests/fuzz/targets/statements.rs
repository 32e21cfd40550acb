//! What is read from text and becomes part of a COPY: locations, roles, credentials, options.
#![no_main]

use std::fmt::{Debug, Display};
use std::str::FromStr;

use diesel_redshift::copy::{Csv, EmrPath, JobName, JsonPath};
use diesel_redshift::{aws::Credentials, IamRole, aws::Region, aws::RoleArn, aws::RoleChain, S3Uri};
use diesel_redshift_fuzz::select;
use libfuzzer_sys::fuzz_target;

#[allow(dead_code, unused_imports)]
#[path = "../../../diesel-redshift/src/sql/lexer.rs"]
mod lexer;

use lexer::{Token, tokens};

diesel::table! {
    users (id) {
        id -> BigInt,
    }
}

/// What is printed reads back as the same thing.
fn printed<T: FromStr + Display>(bytes: &[u8])
where
    T::Err: Debug,
{
    let Some(value) = std::str::from_utf8(bytes)
        .ok()
        .and_then(|text| text.parse::<T>().ok())
    else {
        return;
    };
    let text = value.to_string();
    let again: T = text.parse().expect("what was printed");
    assert_eq!(again.to_string(), text);
}

fn emr(bytes: &[u8]) {
    let _ = std::str::from_utf8(bytes).map(EmrPath::parse);
}

/// The statement without its literals, which no text may change.
fn shape(sql: &str) -> String {
    tokens(sql)
        .map(|(token, text)| if token == Token::String { "''" } else { text })
        .collect()
}

fn uri_in_a_statement(bytes: &[u8]) {
    let Some(uri) = std::str::from_utf8(bytes)
        .ok()
        .and_then(|text| S3Uri::parse(text).ok())
    else {
        return;
    };
    let copy = diesel_redshift::copy(users::table)
        .from(uri)
        .iam_role(IamRole::Default)
        .format(Csv::new());
    assert_eq!(
        shape(&copy.to_sql().expect("a statement")),
        "COPY \"users\" (\"id\") FROM '' IAM_ROLE default FORMAT AS CSV"
    );
}

fn credentials_in_a_statement(bytes: &[u8]) {
    let Some(credentials) = std::str::from_utf8(bytes)
        .ok()
        .and_then(|text| text.parse::<Credentials>().ok())
    else {
        return;
    };
    let from = S3Uri::from_static("s3://bucket/key");
    let copy = diesel_redshift::copy(users::table)
        .from(from)
        .credentials(credentials)
        .format(Csv::new());
    assert_eq!(
        shape(&copy.to_sql().expect("a statement")),
        "COPY \"users\" (\"id\") FROM '' CREDENTIALS '' FORMAT AS CSV"
    );
}

fuzz_target!(|data: &[u8]| {
    select(
        &[
            printed::<S3Uri>,
            printed::<Region>,
            printed::<RoleArn>,
            printed::<RoleChain>,
            printed::<JobName>,
            printed::<JsonPath>,
            emr,
            uri_in_a_statement,
            credentials_in_a_statement,
        ],
        data,
    );
});
