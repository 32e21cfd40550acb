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
