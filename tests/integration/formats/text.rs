//! CSV, delimited files and fixed widths.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_redshift::copy::{self as load, DateFormat, TimeFormat};
use diesel_redshift::{Error, IamRole, copy, unload, unload as write};

use super::{ALL, LINES, NONE, ROWS, differences, next, number, round_trip, t, u, uri, world};

#[test]
fn csv() {
    let (world, mut conn) = world(&[ROWS, LINES]);
    let marker = "\u{1}NULL";
    macro_rules! reading {
        ($format:expr) => {
            $format
                .null_as(marker)
                .date_format(DateFormat::Auto)
                .time_format(TimeFormat::Auto)
        };
    }
    let found = round_trip!(world, conn,
        unload format(write::Csv::new().null_as(marker)),
        copy format(reading!(load::Csv::new())));
    assert_eq!(found, NONE);
    let found = round_trip!(world, conn,
        unload format(write::Csv::new().null_as(marker)).header().gzip(),
        copy format(reading!(load::Csv::new()).ignore_header(1)).gzip());
    assert_eq!(found, NONE);
    let found = round_trip!(world, conn,
        unload format(write::Csv::new().null_as(marker).delimiter('\t')).bzip2().parallel_off(),
        copy format(reading!(load::Csv::new().delimiter('\t'))).bzip2());
    assert_eq!(found, NONE);
    let found = round_trip!(world, conn,
        unload format(write::Csv::new().null_as(marker).delimiter('^')).zstd(),
        copy format(reading!(load::Csv::new().delimiter('^'))).zstd());
    assert_eq!(found, NONE);
    // A text like the marker becomes NULL.
    let found = round_trip!(world, conn,
        unload format(write::Csv::new().null_as("plain")),
        copy format(load::Csv::new().null_as("plain").date_format("auto").time_format("auto")));
    assert_eq!(found, ["1", "1"]);
    // Without one, NULL and the empty text look alike to COPY: both are empty texts, or both are NULL.
    let found = round_trip!(world, conn,
        unload format(write::Csv::new()),
        copy format(load::Csv::new().date_format("auto").time_format("auto")));
    assert_eq!(found, ["7", "7", "9", "9"]);
    let found = round_trip!(world, conn,
        unload format(write::Csv::new()),
        copy format(load::Csv::new().empty_as_null().date_format("auto").time_format("auto")));
    assert_eq!(found, ["2", "2", "7", "7"]);
}

#[test]
fn a_quote_is_doubled_or_another() {
    let (world, mut conn) = world(&[]);
    world.put("quoted.csv", "1;%a;%%b\n%;\"c\"\n2;%%;\n%3%;%;%;%\n%\n");
    conn.batch_execute("CREATE TABLE q (id INT, a VARCHAR(9), b VARCHAR(9))")
        .unwrap();
    diesel::table! { q (id) { id -> Integer, a -> Nullable<Text>, b -> Nullable<Text>, } }
    copy(q::table)
        .from(uri(&world, "quoted.csv"))
        .iam_role(IamRole::Default)
        .format(load::Csv::new().quote('%').delimiter(';'))
        .execute(&mut conn)
        .unwrap();
    let rows: Vec<(i32, Option<String>, Option<String>)> =
        q::table.order(q::id).load(&mut conn).unwrap();
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        rows,
        [
            (1, text("a;%b\n"), text("\"c\"")),
            (2, text(""), text("")),
            (3, text(";"), text("\n"))
        ]
    );
}

#[test]
fn delimited() {
    let (world, mut conn) = world(&[ROWS, LINES]);
    let marker = "@NULL@";
    macro_rules! reading {
        ($format:expr) => {
            $format
                .null_as(marker)
                .date_format(DateFormat::Auto)
                .time_format(TimeFormat::Auto)
        };
    }
    let found = round_trip!(world, conn,
        unload format(write::Delimited::new().escape().null_as(marker)),
        copy format(reading!(load::Delimited::new().escape())));
    assert_eq!(found, NONE);
    let found = round_trip!(world, conn,
        unload format(write::Delimited::new().escape().add_quotes().null_as(marker)).gzip().header(),
        copy format(reading!(load::Delimited::new().escape().remove_quotes()).ignore_header(1)).gzip());
    assert_eq!(found, NONE);
    let found = round_trip!(world, conn,
        unload format(write::Delimited::new().escape().delimiter('\t').null_as(marker)).bzip2(),
        copy format(reading!(load::Delimited::new().escape().delimiter('\t'))).bzip2());
    assert_eq!(found, NONE);
    let found = round_trip!(world, conn,
        unload format(write::Delimited::new().escape().delimiter('\u{1}').null_as(marker)).zstd(),
        copy format(reading!(load::Delimited::new().escape().delimiter('\u{1}'))).zstd());
    assert_eq!(found, NONE);
    // The default marker of COPY means NULL with its backslash escaped, too, so a text that looks like it is lost.
    let found = round_trip!(world, conn,
        unload format(write::Delimited::new().escape().null_as("\\N")),
        copy format(load::Delimited::new().escape().date_format("auto").time_format("auto")));
    assert_eq!(found, ["7", "7"]);
}

#[test]
fn delimited_without_escape() {
    let (world, mut conn) = world(&[ROWS]);
    // A delimiter that stands in no value, and quotes around those that have it.
    let found = round_trip!(world, conn,
        unload format(write::Delimited::new().delimiter('\u{2}').null_as("@NULL@")),
        copy format(load::Delimited::new().delimiter('\u{2}').null_as("@NULL@").date_format("auto").time_format("auto")));
    assert_eq!(found, NONE);
    let tame = "id, s, l, r, f, p, n, b, d, tm, tt, ts, tz, v";
    conn.batch_execute("UPDATE t SET v = 'a|b', c = 'c', j = NULL WHERE id IN (1, 4)")
        .unwrap();
    conn.batch_execute("UPDATE t SET j = JSON_PARSE('1')")
        .unwrap();
    let found = round_trip!(world, conn, tame,
        unload format(write::Delimited::new().add_quotes().null_as("@NULL@")),
        copy format(load::Delimited::new().remove_quotes().null_as("@NULL@").date_format("auto").time_format("auto")));
    assert_eq!(found, NONE);
    // Without quotes the delimiter within a value makes a field too many.
    let files = uri(&world, "bare/");
    unload(t::table)
        .to(files.clone())
        .iam_role(IamRole::Default)
        .format(write::Delimited::new())
        .execute(&mut conn)
        .unwrap();
    let error = copy(u::table)
        .from(files)
        .iam_role(IamRole::Default)
        .format(
            load::Delimited::new()
                .date_format("auto")
                .time_format("auto"),
        )
        .execute(&mut conn)
        .unwrap_err();
    let Error::Load(error) = error else {
        panic!("{error:?}");
    };
    assert_eq!(error.rows()[0].code, 1202);
}

#[test]
fn fixed_width() {
    let (world, mut conn) = world(&[ROWS]);
    let widths = [
        ("id", 4),
        ("s", 6),
        ("l", 20),
        ("r", 24),
        ("f", 24),
        ("p", 40),
        ("n", 20),
        ("b", 6),
        ("d", 13),
        ("tm", 15),
        ("tt", 21),
        ("ts", 30),
        ("tz", 35),
        ("c", 9),
        ("v", 40),
        ("j", 60),
    ];
    macro_rules! reading {
        () => {
            load::FixedWidth::new(widths)
                .null_as("<null>")
                .trim_blanks()
                .date_format(DateFormat::Auto)
                .time_format(TimeFormat::Auto)
        };
    }
    let found = round_trip!(world, conn,
        unload format(write::FixedWidth::new(widths).null_as("<null>")),
        copy format(reading!()));
    assert_eq!(found, NONE);
    let found = round_trip!(world, conn,
        unload format(write::FixedWidth::new(widths).null_as("<null>")).gzip(),
        copy format(reading!()).gzip());
    assert_eq!(found, NONE);
    let found = round_trip!(world, conn,
        unload format(write::FixedWidth::new(widths).null_as("<null>")).zstd(),
        copy format(reading!()).zstd());
    assert_eq!(found, NONE);
    // Blanks at the end are the padding's, or all padding is the value's.
    conn.batch_execute("UPDATE t SET v = 'trailing  ' WHERE id = 1")
        .unwrap();
    let found = round_trip!(world, conn,
        unload format(write::FixedWidth::new(widths).null_as("<null>")).bzip2(),
        copy format(reading!()).bzip2());
    assert_eq!(found, ["1", "1"]);
    let error = unload(t::table)
        .to(uri(&world, "narrow"))
        .iam_role(IamRole::Default)
        .format(write::FixedWidth::new(
            widths.map(|(name, width)| (name, width - 1)),
        ))
        .execute(&mut conn)
        .unwrap_err();
    assert!(error.to_string().contains("too narrow"), "{error}");
}
