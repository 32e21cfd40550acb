//! Connecting part by part, and to what is no Redshift.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::ConnectionError;
use diesel::sql_types::Text;
use diesel_redshift::{RedshiftConnection, RedshiftConnectionManager};
use diesel_redshift_tests::{engine, sandbox};
use redshift_sandbox::Sandbox;

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Text)]
    answer: String,
}

fn ask(conn: &mut RedshiftConnection, sql: &str) -> String {
    diesel::sql_query(sql)
        .get_result::<Answer>(conn)
        .unwrap()
        .answer
}

#[test]
fn a_server_that_is_postgresql_is_refused() {
    let url = sandbox().engine_url("dev");
    let Err(ConnectionError::BadConnection(error)) = RedshiftConnection::establish(&url) else {
        panic!("it is no Redshift");
    };
    assert!(
        error.contains("PostgreSQL") && error.contains("accept_postgresql"),
        "{error}"
    );
    let mut conn = engine(sandbox());
    assert!(ask(&mut conn, "SELECT version() AS answer").starts_with("PostgreSQL"));
}

#[test]
fn a_builder_connects_with_what_it_is_told() {
    let password = r"it's P@ss/w0rd \ %?";
    let sandbox = Sandbox::builder().user("ada", password).start().unwrap();
    let (login, rest) = sandbox
        .tls_url()
        .split_once('@')
        .map(|(login, rest)| (login.to_owned(), rest.to_owned()))
        .unwrap();
    assert!(login.starts_with("postgresql://"), "{login}");
    let (address, parameters) = rest.split_once("/dev?").unwrap();
    let port = address.rsplit_once(':').unwrap().1.parse().unwrap();
    let bundle = parameters.split_once("sslrootcert=").unwrap().1;
    let bundle = bundle.split('&').next().unwrap().replace("%2F", "/");
    let builder = RedshiftConnection::builder()
        .host("localhost")
        .port(port)
        .user("ada")
        .database("dev")
        .verified_tls_by(bundle)
        .connect_timeout(Duration::from_secs(5))
        .setting("query_group", "it's nightly");
    let mut conn = builder.clone().password(password).establish().unwrap();
    assert_eq!(
        ask(&mut conn, "SELECT current_user::varchar AS answer"),
        "ada"
    );
    let group = "SELECT current_setting('query_group')::varchar AS answer";
    assert_eq!(ask(&mut conn, group), "it's nightly");

    let manager = RedshiftConnectionManager::of(builder.clone().password(password));
    let pool = diesel::r2d2::Pool::builder()
        .max_size(1)
        .build(manager)
        .unwrap();
    assert_eq!(ask(&mut pool.get().unwrap(), group), "it's nightly");

    let refused = builder.clone().password("wrong").establish();
    assert!(matches!(refused, Err(ConnectionError::BadConnection(_))));
    // The sandbox's authority is none that this machine trusts.
    let refused = builder
        .clone()
        .password(password)
        .verified_tls()
        .establish();
    let Err(ConnectionError::BadConnection(error)) = refused else {
        panic!("a stranger is trusted");
    };
    assert!(error.contains("certificate"), "{error}");
    let silent = builder
        .clone()
        .password(password)
        .response_timeout(Duration::from_millis(100));
    let error = silent
        .establish()
        .unwrap()
        .batch_execute("SELECT pg_sleep(5)")
        .unwrap_err();
    assert!(error.to_string().contains("100"), "{error}");
    let unknown = builder
        .password(password)
        .setting("no_such_setting", "x")
        .establish();
    assert!(matches!(
        unknown,
        Err(ConnectionError::CouldntSetupConfiguration(_))
    ));
}
