//! Any text, anywhere, arrives as it was given and cannot leave its literal: at one level of quoting and, in the
//! query of an UNLOAD, at two. An independent tokenizer reads the statements back.

use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_redshift::copy::{Csv, FixedWidth, Json, S3Manifest};
use diesel_redshift::unload::{self as to};
use diesel_redshift::{IamRole, S3Uri, copy, unload};
use proptest::prelude::*;
use sqlparser::dialect::RedshiftSqlDialect;
use sqlparser::tokenizer::{Token, Tokenizer};

use crate::schema::users;

/// The literals of `sql`, and its other words.
fn read_back(sql: &str) -> (Vec<String>, Vec<String>) {
    let tokens = Tokenizer::new(&RedshiftSqlDialect {}, sql)
        .tokenize()
        .expect("tokens");
    let mut literals = Vec::new();
    let mut words = Vec::new();
    for token in tokens {
        match token {
            Token::SingleQuotedString(text) => literals.push(text),
            Token::Whitespace(_) => {}
            token => words.push(token.to_string()),
        }
    }
    (literals, words)
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[^\0]*",
        r"['\\$;/*\-, a-zé🦀]*",
        Just(r"\'".to_owned()),
        Just("$$".to_owned()),
        Just("$1".to_owned()),
    ]
}

fn line() -> impl Strategy<Value = String> {
    text().prop_map(|text| text.replace(['\n', '\r'], " "))
}

proptest! {
    #[test]
    fn locations(key in text(), more in text()) {
        let key: String = key.chars().take(200).collect();
        let more: String = more.chars().take(50).collect();
        let location = S3Uri::new("bucket", &key).unwrap();
        prop_assert_eq!(location.key(), &key);
        let location = location.join(&more).unwrap();
        // What a single object is read from is no folder.
        let location = location.join("_").unwrap();
        let expected = format!("s3://bucket/{key}{more}_");
        prop_assert_eq!(location.as_str(), &expected);

        let sql = copy(users::table)
            .from(location.clone())
            .iam_role(IamRole::Default)
            .format(Json::paths(location.clone()))
            .to_sql()
            .unwrap();
        let (literals, words) = read_back(&sql);
        prop_assert_eq!(literals, [expected.clone(), expected.clone()]);
        prop_assert_eq!(words.join(" "), r#"COPY "users" ( "id" , "name" ) FROM IAM_ROLE default FORMAT AS JSON"#);

        let sql = unload(users::table.select(users::id))
            .to(location)
            .iam_role(IamRole::Default)
            .to_sql()
            .unwrap();
        let (literals, words) = read_back(&sql);
        prop_assert_eq!(&literals[1..], [expected]);
        prop_assert_eq!(words.join(" "), "UNLOAD ( ) TO IAM_ROLE default");
    }

    #[test]
    fn options_of_copy(null in line(), date in line(), label in line()) {
        prop_assume!(null != r"\N");
        let upper = date.to_ascii_uppercase();
        prop_assume!(!date.trim().is_empty() && !upper.contains("TZ") && !upper.contains("OF"));
        let label = format!("l{}", label.replace([':', ',', '\''], " "));
        let from = || {
            copy(users::table)
                .from(S3Manifest::at(S3Uri::from_static("s3://bucket/x")))
                .iam_role(IamRole::Default)
        };
        let sql = from().format(Csv::new().null_as(&*null).date_format(&*date)).to_sql().unwrap();
        let (literals, words) = read_back(&sql);
        prop_assert_eq!(&literals[1..], [null, date]);
        prop_assert!(words.join(" ").ends_with("FORMAT AS CSV MANIFEST NULL AS DATEFORMAT"));

        let sql = from().format(FixedWidth::new([(&*label, 1), (&*label, 22)])).to_sql().unwrap();
        let (literals, _) = read_back(&sql);
        prop_assert_eq!(&literals[1], &format!("{label}:1,{label}:22"));
    }

    #[test]
    fn options_of_unload(null in line(), extension in text()) {
        let extension = format!(".{extension}");
        let sql = unload(users::table)
            .to(S3Uri::from_static("s3://bucket/x"))
            .iam_role(IamRole::Default)
            .format(to::Csv::new().null_as(&*null))
            .extension(&*extension)
            .to_sql()
            .unwrap();
        let (literals, words) = read_back(&sql);
        prop_assert_eq!(&literals[2..], [null, extension]);
        prop_assert_eq!(words.join(" "), "UNLOAD ( ) TO IAM_ROLE default FORMAT AS CSV NULL AS EXTENSION");
    }

    #[test]
    fn values_in_the_query_of_an_unload(name in text(), other in text(), limited: bool) {
        let query = users::table
            .select(users::id)
            .filter(users::name.eq(&name))
            .filter(users::name.ne(&other))
            .into_boxed();
        let query = if limited { query.limit(5) } else { query };
        let sql = unload(query)
            .to(S3Uri::from_static("s3://bucket/x"))
            .iam_role(IamRole::Default)
            .to_sql()
            .unwrap();
        let (outer, words) = read_back(&sql);
        prop_assert_eq!(words.join(" "), "UNLOAD ( ) TO IAM_ROLE default");
        let (inner, words) = read_back(&outer[0]);
        prop_assert_eq!(inner, [name, other]);
        let select = r#"SELECT "users" . "id" FROM "users" WHERE ( ( "users" . "name" = ) AND ( "users" . "name" <> ) )"#;
        if limited {
            prop_assert_eq!(words.join(" "), format!(r#"SELECT * FROM ( {select} LIMIT 5 ) AS "unload""#));
        } else {
            prop_assert_eq!(words.join(" "), select);
        }
    }

    #[test]
    fn values_in_sql_of_an_unload(name in text()) {
        let query = diesel::sql_query("SELECT id FROM users WHERE name = $1 AND '$1' <> name")
            .bind::<Text, _>(&name);
        let sql = unload(query)
            .to(S3Uri::from_static("s3://bucket/x"))
            .iam_role(IamRole::Default)
            .to_sql()
            .unwrap();
        let (outer, _) = read_back(&sql);
        let (inner, _) = read_back(&outer[0]);
        prop_assert_eq!(inner, [name.as_str(), "$1"]);
    }
}
