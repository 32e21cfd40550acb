//! JSON in text, and the way into a SUPER.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Integer, Nullable, Text};
use diesel_redshift::dsl::{
    can_json_parse, get_array_length, is_valid_json, is_valid_json_array, json_array_length,
    json_extract_array_element_text, json_extract_path_text, json_parse, json_serialize,
    json_typeof,
};
use diesel_redshift::{RedshiftConnection, data_types::Json, expression::SuperExpressionMethods};
use diesel_redshift_tests::World;
use serde_json::{Value, json};

diesel::table! {
    use diesel::sql_types::*;
    use diesel_redshift::sql_types::*;

    events (id) {
        id -> Integer,
        json -> Text,
        body -> Nullable<Super>,
    }
}

fn world() -> (World, RedshiftConnection) {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute(
        "CREATE TABLE events (id INTEGER NOT NULL, json VARCHAR(1000) NOT NULL, body SUPER)",
    )
    .unwrap();
    let texts = [
        r#"{"user": {"na\"me": "O'Brien", "tags": ["x", {"y": [1, 2]}]}, "n": 5}"#,
        r#"[1, "two", null]"#,
        "{",
    ];
    for (id, text) in (1..).zip(texts) {
        let body = (id < 3).then(|| Json(serde_json::from_str::<Value>(text).unwrap()));
        diesel::insert_into(events::table)
            .values((
                events::id.eq(id),
                events::json.eq(text),
                events::body.eq(body),
            ))
            .execute(&mut conn)
            .unwrap();
    }
    (world, conn)
}

#[test]
fn text_is_tested_for_json() {
    let (_world, mut conn) = world();
    let rows: Vec<(bool, bool, bool)> = events::table
        .select((
            is_valid_json(events::json),
            is_valid_json_array(events::json),
            can_json_parse(events::json),
        ))
        .order(events::id)
        .load(&mut conn)
        .unwrap();
    assert_eq!(
        rows,
        [
            (true, false, true),
            (false, true, true),
            (false, false, false)
        ]
    );
}

#[test]
fn parts_of_json_in_text() {
    let (_world, mut conn) = world();
    let found: Vec<Option<String>> = events::table
        .select(json_extract_path_text(events::json, ["user", "na\"me"]).null_if_invalid())
        .order(events::id)
        .load(&mut conn)
        .unwrap();
    assert_eq!(found, [Some("O'Brien".to_owned()), None, None]);
    let error = events::table
        .select(json_extract_path_text(events::json, ["user"]))
        .load::<Option<String>>(&mut conn)
        .unwrap_err();
    assert!(error.to_string().contains("JSON parsing error"), "{error}");
    let element: (Option<String>, Option<String>, i32) = events::table
        .find(2)
        .select((
            json_extract_array_element_text(events::json, 1),
            json_extract_array_element_text(events::json, 9),
            json_array_length(events::json),
        ))
        .get_result(&mut conn)
        .unwrap();
    assert_eq!(element, (Some("two".to_owned()), None, 3));
}

#[test]
fn super_there_and_back() {
    let (_world, mut conn) = world();
    let parsed: Json<Value> = events::table
        .find(1)
        .select(json_parse(events::json))
        .get_result(&mut conn)
        .unwrap();
    assert_eq!(parsed.0["user"]["tags"][1], json!({"y": [1, 2]}));
    let rows: Vec<(Option<String>, Option<String>, Option<i32>)> = events::table
        .select((
            json_serialize(events::body),
            json_typeof(events::body),
            get_array_length(events::body),
        ))
        .filter(events::id.ge(2))
        .order(events::id)
        .load(&mut conn)
        .unwrap();
    let array = (
        Some(r#"[1,"two",null]"#.to_owned()),
        Some("array".to_owned()),
        Some(3),
    );
    assert_eq!(rows, [array, (None, None, None)]);
    let refused = events::table
        .select(json_parse(events::json))
        .load::<Json<Value>>(&mut conn);
    assert!(refused.is_err());
}

#[test]
fn navigation() {
    let (_world, mut conn) = world();
    let name = events::body.attribute("user").attribute("na\"me");
    let found: Vec<i32> = events::table
        .filter(name.clone().cast::<Nullable<Text>>().eq("O'Brien"))
        .select(events::id)
        .load(&mut conn)
        .unwrap();
    assert_eq!(found, [1]);
    let deep = events::body
        .attribute("user")
        .attribute("tags")
        .element(1)
        .attribute("y")
        .element(0);
    let rows: Vec<(Option<Json<Value>>, Option<i32>, Option<Json<Value>>)> = events::table
        .select((
            name,
            deep.cast::<Nullable<Integer>>(),
            events::body.element(1),
        ))
        .order(events::id)
        .load(&mut conn)
        .unwrap();
    let json = |value: Value| Some(Json(value));
    assert_eq!(
        rows,
        [
            (json(json!("O'Brien")), Some(1), None),
            (None, None, json(json!("two"))),
            (None, None, None)
        ]
    );
}

/// As the documentation of `SuperExpressionMethods` says.
#[test]
fn elements_are_rows_of_a_query_in_sql() {
    #[derive(QueryableByName, Debug, PartialEq)]
    struct Element {
        #[diesel(sql_type = Integer)]
        id: i32,
        #[diesel(sql_type = Nullable<diesel_redshift::sql_types::Super>)]
        element: Option<Json<Value>>,
    }

    let (_world, mut conn) = world();
    let rows: Vec<Element> = diesel::sql_query(
        "SELECT e.id, element FROM events AS e, e.body AS element AT position WHERE e.id = $1 ORDER BY position",
    )
    .bind::<Integer, _>(2)
    .load(&mut conn)
    .unwrap();
    let element = |value| Element {
        id: 2,
        element: Some(Json(value)),
    };
    assert_eq!(
        rows,
        [
            element(json!(1)),
            element(json!("two")),
            element(json!(null))
        ]
    );
}
