use std::io::Write;
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use crate::client::{Client, Failure, Target};
use crate::{place, sandbox};

fn refused(parameters: &[(&str, &str)]) -> Failure {
    match Client::connect_with(&Target::parse(&sandbox().url()), parameters) {
        Ok(_) => panic!("not refused: {parameters:?}"),
        Err(failure) => failure,
    }
}

#[test]
fn it_reports_itself_as_redshift() {
    let mut client = Client::connect(&sandbox().url()).expect("a connection");
    let get = |name: &str| client.parameters.get(name).map(String::as_str);
    assert_eq!(get("server_version"), Some("8.0.2"));
    assert_eq!(get("server_encoding"), Some("UNICODE"));
    assert_eq!(get("client_encoding"), Some("UTF8"));
    assert_eq!(get("datestyle"), Some("ISO, MDY"));
    assert_eq!(get("TimeZone"), Some("UTC"));
    assert_eq!(get("application_name"), Some("unset"));
    assert!(get("padb_version").is_some());
    for absent in [
        "standard_conforming_strings",
        "IntervalStyle",
        "DateStyle",
        "in_hot_standby",
        "server_version_num",
    ] {
        assert_eq!(get(absent), None, "{absent}");
    }
    assert!(client.value("SELECT version()").contains("Redshift 1.0"));
    assert_eq!(client.value("SHOW server_version"), "8.0.2");
    assert_eq!(client.value("SHOW search_path"), "$user,public");

    let client = Client::connect_with(&Target::parse(&sandbox().url()), &[]).expect("a connection");
    assert_eq!(client.parameters["client_encoding"], "UNICODE");
}

#[test]
fn a_wrong_login_is_refused() {
    let right = Target::parse(&sandbox().url());
    let with = |change: fn(&mut Target)| {
        let mut target = Target::parse(&sandbox().url());
        change(&mut target);
        Client::connect_with(&target, &[]).err().expect("an error")
    };
    let failure = with(|target| target.password = "wrong".to_owned());
    assert_eq!((&*failure.severity, &*failure.code), ("FATAL", "28000"));
    assert_eq!(
        failure.message,
        format!("password authentication failed for user \"{}\"", right.user)
    );
    assert_eq!(
        with(|target| target.user = "nobody'".to_owned()).code,
        "28000"
    );
    assert_eq!(
        with(|target| target.database = "nothing".to_owned()).code,
        "3D000"
    );
}

#[test]
fn settings_that_redshift_lacks_are_refused_at_the_start() {
    assert_eq!(refused(&[("extra_float_digits", "3")]).code, "22023");
    assert_eq!(
        refused(&[("options", "-c extra_float_digits=3")]).code,
        "22023"
    );
    assert_eq!(refused(&[("IntervalStyle", "postgres")]).code, "42704");
    assert_eq!(
        refused(&[("standard_conforming_strings", "on")]).code,
        "42704"
    );
    assert_eq!(
        refused(&[("options", "-c standard_conforming_strings=off")]).code,
        "42704"
    );
    assert_eq!(refused(&[("client_min_messages", "warning")]).code, "42501");
    assert_eq!(refused(&[("lc_monetary", "C")]).code, "42501");
}

#[test]
fn settings_that_redshift_has_are_taken() {
    let parameters = [
        (
            "options",
            "-c extra_float_digits=2 -c datestyle=ISO -c query_group=etl",
        ),
        ("application_name", "tests"),
        ("client_protocol_version", "2"),
        ("driver_version", "x"),
        ("statement_timeout", "60000"),
    ];
    let mut client =
        Client::connect_with(&Target::parse(&sandbox().url()), &parameters).expect("a connection");
    assert_eq!(client.value("SHOW extra_float_digits"), "2");
    assert_eq!(client.value("SHOW query_group"), "etl");
    assert_eq!(client.value("SHOW statement_timeout"), "60000");
    assert_eq!(client.parameters["application_name"], "tests");
    assert_eq!(client.parameters["server_protocol_version"], "0");
}

#[test]
fn users_made_by_sql_can_log_in() {
    let place = place();
    place
        .connect()
        .query("CREATE USER reader PASSWORD 'Secret12'");
    let mut target = Target::parse(&place.url);
    target.user = "reader".to_owned();
    assert!(Client::connect_with(&target, &[]).is_err());
    target.password = "Secret12".to_owned();
    let mut client = Client::connect_with(&target, &[]).expect("a connection");
    assert_eq!(client.value("SELECT current_user"), "reader");
    assert_eq!(
        client.error("CREATE USER other PASSWORD 'Secret12'").code,
        "42501"
    );
}

#[test]
fn a_query_can_be_cancelled() {
    let place = place();
    let mut client = place.connect();
    let mut packet = vec![0, 0, 0, 16, 4, 210, 22, 46];
    packet.extend_from_slice(&client.key);
    let address = Target::parse(&place.url).address;
    let canceller = thread::spawn(move || {
        thread::sleep(Duration::from_millis(200));
        TcpStream::connect(address)
            .expect("a socket")
            .write_all(&packet)
            .expect("a request");
    });
    let start = Instant::now();
    let failure = client.error("SELECT pg_sleep(20)");
    canceller.join().expect("the request was sent");
    assert!(start.elapsed() < Duration::from_secs(10));
    assert_eq!(failure.code, "57014");
    assert!(
        failure.message.starts_with("Query (")
            && failure.message.ends_with(") cancelled on user's request")
    );
    assert_eq!(client.value("SELECT 1"), "1");
}

#[test]
fn large_results_arrive_whole() {
    let mut client = place().connect();
    let sql = "SELECT i, repeat('x', i % 7) FROM generate_series(1, 200000) AS s(i)";
    let reply = client.query(sql).pop().expect("a reply");
    assert_eq!(reply.rows.len(), 200_000);
    assert_eq!(
        reply.rows[199_999],
        [Some("200000".to_owned()), Some("xxx".to_owned())]
    );
    assert_eq!(reply.tag, "SELECT");
    // A row that is larger than every buffer on its way.
    assert_eq!(client.value("SELECT repeat('y', 3000000)").len(), 3_000_000);
}
