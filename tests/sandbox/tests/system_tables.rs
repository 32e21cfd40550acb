use crate::place;

#[test]
fn loads_and_unloads_are_recorded() {
    let place = place();
    let mut client = place.connect();
    client.query("CREATE TABLE t (a INT, b VARCHAR(3))");
    let uri = place.put("data.csv", "1,abc\n2,abcd\n");
    client.error(&format!("COPY t FROM '{uri}' IAM_ROLE default CSV"));
    let row = client.rows(
        "SELECT query_id = pg_last_query_id(), session_id = pg_backend_pid(), trim(database_name), trim(file_name), \
         line_number, trim(column_name), trim(column_type), trim(column_length), position, error_code, \
         trim(error_message) FROM sys_load_error_detail",
    );
    assert_eq!(
        row,
        [[
            "t",
            "t",
            &place.name,
            &uri,
            "2",
            "b",
            "varchar",
            "3",
            "2",
            "1204",
            "String length exceeds DDL length"
        ]]
    );
    // The columns are padded, as on the service.
    assert_eq!(
        client.value("SELECT octet_length(filename) FROM stl_load_errors"),
        "256"
    );
    client.query(&format!(
        "COPY t FROM '{uri}' IAM_ROLE default CSV MAXERROR 2"
    ));
    assert_eq!(
        client.rows("SELECT status, table_name, loaded_rows, error_count, file_format FROM sys_load_history ORDER BY query_id"),
        [["aborted", "t", "0", "1", "csv"], ["completed", "t", "1", "1", "csv"]]
    );
    assert_eq!(
        client.rows("SELECT trim(filename), lines_scanned, errors FROM stl_load_commits WHERE query = pg_last_copy_id()"),
        [[uri.as_str(), "2", "1"]]
    );
    let to = place.uri("out_");
    client.query(&format!(
        "UNLOAD ('SELECT * FROM t') TO '{to}' IAM_ROLE default CSV PARALLEL OFF"
    ));
    assert_eq!(
        client.rows(
            "SELECT trim(path), line_count FROM stl_unload_log WHERE query = pg_last_unload_id()"
        ),
        [[format!("{to}000"), "1".to_owned()]]
    );
    assert_eq!(
        client.rows("SELECT unloaded_rows, unloaded_files_count FROM sys_unload_history"),
        [["1", "1"]]
    );
}

#[test]
fn another_user_may_load_and_read_the_errors() {
    let place = place();
    let mut owner = place.connect();
    owner.query(
        "CREATE USER loader PASSWORD 'Secret12'; CREATE TABLE t (a INT); GRANT ALL ON t TO loader",
    );
    let mut target = crate::client::Target::parse(&place.url);
    (target.user, target.password) = ("loader".to_owned(), "Secret12".to_owned());
    let mut client = crate::client::Client::connect_with(&target, &[]).expect("a connection");
    client.query(&format!(
        "COPY t FROM '{}' IAM_ROLE default",
        place.put("good", "1\n")
    ));
    let bad = place.put("bad", "x\n");
    client.error(&format!("COPY t FROM '{bad}' IAM_ROLE default"));
    assert_eq!(
        client.value("SELECT count(*) FROM stl_load_errors WHERE query = pg_last_copy_id()"),
        "1"
    );
    client.query("CREATE TABLE mine (a INT) DISTKEY (a)");
    owner.query("DROP TABLE mine; REVOKE ALL ON t FROM loader");
    assert_eq!(
        client
            .error(&format!("COPY t FROM '{bad}' IAM_ROLE default"))
            .code,
        "42501"
    );
}
