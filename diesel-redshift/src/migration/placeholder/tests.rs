use proptest::prelude::*;

use super::*;

fn values() -> Values {
    let mut values = Values::default();
    values.set("bucket", "it's-\\".to_owned());
    values.set("n", "1".to_owned());
    values
}

#[test]
fn values_are_quoted_where_they_stand() {
    for (sql, filled) in [
        ("FROM 's3://${bucket}/a'", r"FROM 's3://it''s-\\/a'"),
        ("FROM ${bucket} x", r"FROM 'it''s-\\' x"),
        ("a${n}b${n}", "a'1'b'1'"),
        ("'${n}${n}'", "'11'"),
        (
            "-- ${gone}\n/* ${gone} */ \"${gone}\" $$ ${gone} $$",
            "-- ${gone}\n/* ${gone} */ \"${gone}\" $$ ${gone} $$",
        ),
        (r"'\${bucket}' '\\${n}'", r"'\${bucket}' '\\1'"),
        (r"-\${n}", r"-\'1'"),
        ("'$${ ${ ${1} ${a-b} $1'", "'$${ ${ ${1} ${a-b} $1'"),
    ] {
        assert_eq!(values().fill("m", sql).as_deref(), Ok(filled), "{sql}");
    }
}

#[test]
fn in_the_query_of_an_unload_values_are_escaped_once_per_level() {
    let mut values = values();
    values.set("name", r"O'Brien\".to_owned());
    for (sql, filled) in [
        (
            "UNLOAD ('SELECT a WHERE name = ''${name}''') TO 's3://${bucket}/'",
            r"UNLOAD ('SELECT a WHERE name = ''O''''Brien\\\\''') TO 's3://it''s-\\/'",
        ),
        (
            "unload /* a */ ( 'SELECT ${name}, ${n}' )",
            r"unload /* a */ ( 'SELECT ''O''''Brien\\\\'', ''1''' )",
        ),
        (
            r"UNLOAD ('SELECT \'${name}\'')",
            r"UNLOAD ('SELECT \'O''''Brien\\\\\'')",
        ),
        (
            r"UNLOAD ('SELECT \047${name}\047')",
            r"UNLOAD ('SELECT \047O''''Brien\\\\\047')",
        ),
        (
            "UNLOAD ('SELECT a WHERE name = '''\n -- go on\n '${name}''')",
            "UNLOAD ('SELECT a WHERE name = '''\n -- go on\n 'O''''Brien\\\\\\\\''')",
        ),
        (
            r"UNLOAD ('SELECT \${name} ''\\${name}'' $\{name}')",
            r"UNLOAD ('SELECT \${name} ''\\${name}'' $\{name}')",
        ),
        (
            "UNLOAD ('SELECT \"${name}\" -- ${name}')",
            "UNLOAD ('SELECT \"${name}\" -- ${name}')",
        ),
        (
            "my.unload('SELECT ${name}')",
            r"my.unload('SELECT O''Brien\\')",
        ),
    ] {
        assert_eq!(values.fill("m", sql).as_deref(), Ok(filled), "{sql}");
    }
}

#[test]
fn the_query_of_an_unload_may_stand_in_dollars() {
    let mut values = values();
    values.set("dollars", "a$$b".to_owned());
    values.set("dollar", "a$".to_owned());
    for (sql, filled) in [
        (
            "UNLOAD ($$SELECT a WHERE name = '${bucket}' AND n = ${n}$$) TO 's3://${n}/'",
            r"UNLOAD ($$SELECT a WHERE name = 'it''s-\\' AND n = '1'$$) TO 's3://1/'",
        ),
        (
            "unload($q$SELECT '${dollars}', '${dollar}$$' -- ${n}\n$q$)",
            "unload($q$SELECT 'a$$b', 'a$$$' -- ${n}\n$q$)",
        ),
        (
            "CREATE PROCEDURE p() AS $$ SELECT '${n}' $$ LANGUAGE plpgsql",
            "CREATE PROCEDURE p() AS $$ SELECT '${n}' $$ LANGUAGE plpgsql",
        ),
    ] {
        assert_eq!(values.fill("m", sql).as_deref(), Ok(filled), "{sql}");
    }
    for sql in [
        "UNLOAD ($$SELECT '${dollars}'$$)",
        "UNLOAD ($$SELECT '${dollar}$')$$)",
        "UNLOAD ($$SELECT \"a\" WHERE b = ${dollars}$$)",
    ] {
        let error = values.fill("m", sql).expect_err(sql).to_string();
        assert!(error.contains("the value of ${dollar"), "{error}");
        assert!(!error.contains("a$"), "{error}");
    }
    assert!(matches!(
        values.fill("m", "UNLOAD ($$SELECT '${gone}'$$)"),
        Err(MigrationError::MissingValue { .. })
    ));
}

#[test]
fn in_quotes_within_any_other_literal_only_harmless_values_stand() {
    for sql in [
        "EXECUTE 'SELECT ''${bucket}'''",
        "EXECUTE 'SELECT '''\n'${bucket}'''",
        r"UNLOAD ('SELECT f(''a \\''${bucket}\\'''')')",
    ] {
        let error = values().fill("001_seed", sql).expect_err(sql);
        assert!(
            matches!(error, MigrationError::NestedValue { .. }),
            "{error}"
        );
        assert!(!error.to_string().contains("it's"), "{error}");
    }
    for (sql, filled) in [
        ("EXECUTE 'SELECT ''${n}'''", "EXECUTE 'SELECT ''1'''"),
        (
            "COMMENT ON TABLE t IS 'it''s ${bucket}'",
            r"COMMENT ON TABLE t IS 'it''s it''s-\\'",
        ),
        (
            "JSON_PARSE('{\"a\": \"${n}\"}')",
            "JSON_PARSE('{\"a\": \"1\"}')",
        ),
    ] {
        assert_eq!(values().fill("m", sql).as_deref(), Ok(filled), "{sql}");
    }
}

#[test]
fn a_missing_value_names_the_placeholder() {
    let error = values()
        .fill("001_seed", "'${prefix}'")
        .expect_err("missing");
    assert_eq!(
        error.to_string(),
        "the migration 001_seed has the placeholder ${prefix}, and no value is set for it: call \
         .value(\"prefix\", …)"
    );
}

#[test]
fn nul_is_refused() {
    let mut values = Values::default();
    values.set("x", "\0".to_owned());
    assert!(values.fill("m", "'${x}'").is_err());
}

proptest! {
    #[test]
    fn no_value_leaves_its_literal(value in "[^\0]*") {
        let mut values = Values::default();
        values.set("x", value);
        for sql in ["'${x}',", "${x},"] {
            let filled = values.fill("m", sql).expect("fills");
            let kinds: Vec<_> = tokens(&filled).map(|(token, _)| token).collect();
            prop_assert_eq!(kinds, [Token::String, Token::Symbol]);
        }
    }

        #[test]
        fn no_value_leaves_its_literal_in_dollars(value in r"[$'\\ab]{0,6}|[^\x00]*") {
            let mut values = Values::default();
            values.set("x", value.clone());
            for open in ["$$", "$a$", "$ab$"] {
                let sql = format!("UNLOAD({open}'${{x}}',${{x}}{open})");
                let Ok(filled) = values.fill("m", &sql) else {
                    prop_assert!(value.contains('$'), "{value:?} is refused");
                    continue;
                };
                let kinds: Vec<_> = tokens(&filled).map(|(token, _)| token).collect();
                prop_assert_eq!(kinds, [Token::Word, Token::Symbol, Token::DollarQuoted, Token::Symbol]);
                let query = &filled[7 + open.len()..filled.len() - 1 - open.len()];
                let literal = literal::string(&value).expect("no NUL");
                prop_assert_eq!(query, format!("{literal},{literal}"));
            }
        }

    #[test]
    fn no_value_leaves_its_literal_in_a_query(value in "[^\0]*") {
        let mut values = Values::default();
        values.set("x", value.clone());
        for sql in ["UNLOAD('''${x}'',')", "UNLOAD('${x},')"] {
            let filled = values.fill("m", sql).expect("fills");
            let literal = tokens(&filled).nth(2).expect("the query").1;
            let query: String = literal::characters(literal).map(|(_, character)| character).collect();
            prop_assert_eq!(query, format!("{},", literal::string(&value).expect("no NUL")));
        }
    }
}
