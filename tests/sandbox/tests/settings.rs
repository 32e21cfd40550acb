//! SET and SHOW.

use crate::place;

#[test]
fn numbers_keep_their_sign_and_have_no_unit() {
    let mut client = place().connect();
    client.query("SET extra_float_digits TO -5");
    assert_eq!(client.value("SHOW extra_float_digits"), "-5");
    client.query("SET extra_float_digits = -6");
    assert_eq!(client.value("SHOW extra_float_digits"), "-6");
    assert_eq!(
        client.error("SET extra_float_digits TO -16").message,
        "-16 is outside the valid range for parameter \"extra_float_digits\" (-15 .. 2)"
    );
    client.query("SET statement_timeout TO 90000");
    assert_eq!(client.value("SHOW statement_timeout"), "90000");
    assert_eq!(
        client.value("SELECT setting FROM pg_settings WHERE name = 'statement_timeout'"),
        "90000"
    );
}

#[test]
fn functions_know_the_same_settings() {
    let mut client = place().connect();
    client.query("SET query_group TO 'etl'; SET statement_timeout TO 90000");
    assert_eq!(
        client.rows("SELECT current_setting('query_group'), current_setting('Statement_Timeout'), current_setting('server_version')"),
        [["etl", "90000", "8.0.2"]]
    );
    client.query("SELECT set_config('query_group', 'other', false)");
    assert_eq!(client.value("SHOW query_group"), "other");
    let sql = "SELECT current_setting('standard_conforming_strings')";
    assert_eq!(client.error(sql).code, "42704");
    assert_eq!(
        client.value("SELECT current_user_id = usesysid FROM pg_user WHERE usename = current_user"),
        "t"
    );
}
