//! From the first packet to ReadyForQuery.

use std::collections::{HashMap, VecDeque};
use std::io::{Read, Write};

use super::client::violation;
use super::pipeline::Pipeline;
use super::{Client, PortTls, Recorder, Session, Shared, password, wording};
use crate::engine::{Connection, Failure, os};
use crate::protocol::{Reader, SqlError, SqlResult, backend, frontend};
use crate::s3::S3;
use crate::sql::settings;

/// What drivers of Amazon's send about themselves.
const IGNORED: [&str; 9] = [
    "client_protocol_version",
    "driver_version",
    "os_version",
    "plugin_name",
    "idp_type",
    "provider_name",
    "driver_discovery_version",
    "identity_namespace",
    "token_type",
];

/// Goes through the start of a connection; none if it ended there.
pub(super) fn begin<'a>(
    mut client: Client,
    shared: &'a Shared,
    tls: &PortTls,
) -> Option<Session<'a>> {
    match try_begin(&mut client, shared, tls) {
        Ok(Some(started)) => Some(Session {
            shared,
            client,
            engine: started.connection,
            user: started.user,
            database: started.database,
            log: None,
            to_engine: Vec::new(),
            expected: VecDeque::new(),
            skipping: false,
            pipeline: Pipeline::default(),
            prepared: HashMap::new(),
            portals: HashMap::new(),
            texts: HashMap::new(),
            portal_texts: HashMap::new(),
            changed: HashMap::new(),
            locked: None,
            begins: false,
            cursor_open: false,
            intervals: None,
            cut: None,
            ending: None,
            s3: S3::closed(shared),
            recorder: started.recorder,
            external_data: Vec::new(),
            settings_changed: true,
            watches_case: true,
            query: 0,
        }),
        Ok(None) | Err(Failure::ClientGone) => None,
        Err(failure) => {
            match failure {
                Failure::Server(mut message) => {
                    wording::redshift_error(&mut message, 0, "", "");
                    message.write(&mut client.out, b'E');
                }
                Failure::Refused(error) => error.write(&mut client.out, "FATAL"),
                Failure::Lost(error) => {
                    SqlError::new("57P03", format!("the server is gone: {error}"))
                        .write(&mut client.out, "FATAL")
                }
                Failure::ClientGone => {}
            }
            let _ = client.flush();
            None
        }
    }
}

struct Started {
    connection: Connection,
    user: String,
    database: String,
    recorder: Recorder,
}

fn try_begin(
    client: &mut Client,
    shared: &Shared,
    tls: &PortTls,
) -> Result<Option<Started>, Failure> {
    let parameters = loop {
        let Some(packet) = client.first_packet()? else {
            return Ok(None);
        };
        let mut reader = Reader(&packet);
        match reader.i32().map_err(violation)? {
            frontend::SSL_REQUEST if !client.is_tls() && tls.tls.is_some() => {
                if let Some(config) = &tls.tls {
                    client.start_tls(config)?;
                }
            }
            frontend::SSL_REQUEST | frontend::GSS_REQUEST => {
                client.out.push(b'N');
                client.flush()?;
            }
            frontend::CANCEL_REQUEST => {
                let mut stream = os::connect(shared.engine.socket())?;
                let length = i32::try_from(packet.len() + 4).unwrap_or(16);
                stream.write_all(&length.to_be_bytes())?;
                stream.write_all(&packet)?;
                // Until the server has told the session: what comes next is not to be hit.
                let _ = stream.read_to_end(&mut Vec::new());
                shared.cancels.ask(packet.get(4..).unwrap_or_default());
                return Ok(None);
            }
            frontend::PROTOCOL_3 => break parameters(reader)?,
            version => {
                let message = format!(
                    "unsupported frontend protocol {}.{}: server supports 3.0",
                    version >> 16,
                    version & 0xffff
                );
                return Err(SqlError::new("0A000", message).into());
            }
        }
    };
    let get = |name: &str| {
        parameters
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.clone())
    };
    let user = get("user").filter(|user| !user.is_empty());
    let user =
        user.ok_or_else(|| SqlError::new("28000", "no user name specified in startup packet"))?;
    let database = get("database")
        .filter(|database| !database.is_empty())
        .unwrap_or_else(|| user.clone());
    if tls.tls_only && !client.is_tls() {
        let address = client.address();
        return Err(SqlError::new(
            "28000",
            format!(
                "no pg_hba.conf entry for host \"{address}\", user \"{user}\", database \"{database}\", SSL off"
            ),
        )
        .into());
    }
    let settings = settings_of(&parameters)?;
    let Some(user) = authenticate(client, shared, user, &database)? else {
        return Ok(None);
    };

    let own = [("user", user.as_str()), ("database", database.as_str())];
    let passed = settings
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let connection = Connection::connect(shared.engine.socket(), own.into_iter().chain(passed))?;
    report(client, &connection, &parameters);
    backend::backend_key_data(&mut client.out, &connection.key);
    backend::ready_for_query(&mut client.out, b'I');
    client.flush()?;
    Ok(Some(Started {
        recorder: Recorder::new(&user, &database, &settings),
        connection,
        user,
        database,
    }))
}

fn parameters(mut reader: Reader<'_>) -> Result<Vec<(String, String)>, Failure> {
    let mut parameters = Vec::new();
    loop {
        let name = reader.text().map_err(violation)?;
        if name.is_empty() {
            return Ok(parameters);
        }
        parameters.push((
            name.to_owned(),
            reader.text().map_err(violation)?.to_owned(),
        ));
    }
}

/// Who the client is in the database, if it knows the password.
fn authenticate(
    client: &mut Client,
    shared: &Shared,
    user: String,
    database: &str,
) -> Result<Option<String>, Failure> {
    let salt = password::salt();
    backend::authentication_md5(&mut client.out, salt);
    client.flush()?;
    let Some((head, body)) = client.message()? else {
        return Ok(None);
    };
    if head.tag != b'p' {
        return Err(SqlError::new("08P01", "expected password response").into());
    }
    let answer = Reader(&body).text().map_err(violation)?;
    let unavailable = |error: crate::Error| {
        SqlError::new(
            "57P03",
            format!("the database system is not available: {error}"),
        )
    };
    if ["IAM:", "IAMA:", "IAMR:"]
        .iter()
        .any(|kind| user.starts_with(kind))
    {
        let given = shared.log_ins.of(&user).into_iter().find(|given| {
            password::matches(&password::kept(&given.password, &user), salt, answer)
                && given
                    .database
                    .as_deref()
                    .is_none_or(|only| only == database)
        });
        if let Some(given) = given {
            let is_there = shared.engine.has_user(&given.user).map_err(unavailable)?;
            if !is_there && given.creates {
                shared
                    .engine
                    .create_user(&given.user)
                    .map_err(unavailable)?;
            }
            if is_there || given.creates {
                return Ok(Some(given.user));
            }
        }
    } else {
        let stored = shared.engine.password_of(&user).map_err(unavailable)?;
        if stored.is_some_and(|stored| password::matches(&stored, salt, answer)) {
            return Ok(Some(user));
        }
    }
    Err(SqlError::new(
        "28000",
        format!("password authentication failed for user \"{user}\""),
    )
    .into())
}

/// The settings to start PostgreSQL's session with; an error for those that Redshift refuses.
fn settings_of(parameters: &[(String, String)]) -> SqlResult<Vec<(String, String)>> {
    let mut settings: Vec<(String, String)> = Vec::new();
    let mut add = |name: &str, value: &str| {
        let engine_name = settings::engine_name(name)?;
        settings::check_value(name, value)?;
        settings.retain(|(found, _)| *found != engine_name);
        settings.push((engine_name, value.to_owned()));
        Ok(())
    };
    for (name, value) in parameters {
        if matches!(&**name, "user" | "database" | "options")
            || name.starts_with("_pq_.")
            || IGNORED.contains(&&**name)
        {
            continue;
        }
        if name == "replication" {
            return Err(SqlError::unsupported(
                "replication connections are not supported",
            ));
        }
        add(name, value)?;
    }
    if let Some((_, options)) = parameters.iter().find(|(name, _)| name == "options") {
        for (name, value) in parse_options(options)? {
            add(&name, &value)?;
        }
    }
    Ok(settings)
}

/// `-c name=value --name=value …`, where a backslash keeps a space.
fn parse_options(options: &str) -> SqlResult<Vec<(String, String)>> {
    let mut words = vec![String::new()];
    let mut characters = options.chars();
    while let Some(character) = characters.next() {
        match (character, words.last_mut()) {
            ('\\', Some(word)) => word.extend(characters.next()),
            (blank, _) if blank.is_whitespace() => words.push(String::new()),
            (other, Some(word)) => word.push(other),
            (_, None) => {}
        }
    }
    let mut settings = Vec::new();
    let mut words = words.into_iter().filter(|word| !word.is_empty());
    while let Some(word) = words.next() {
        let assignment = if word == "-c" {
            words.next().unwrap_or_default()
        } else if let Some(rest) = word.strip_prefix("--").or_else(|| word.strip_prefix("-c")) {
            rest.to_owned()
        } else {
            return Err(SqlError::new(
                "42601",
                format!("invalid command-line argument for server process: {word}"),
            ));
        };
        let (name, value) = assignment
            .split_once('=')
            .ok_or_else(|| SqlError::new("42601", format!("-c {assignment} requires a value")))?;
        settings.push((name.replace('-', "_"), value.to_owned()));
    }
    Ok(settings)
}

/// Redshift's name for a parameter that the server reports; none if Redshift does not report it.
pub(super) fn reported_name(name: &str) -> Option<&str> {
    match name {
        "DateStyle" => Some("datestyle"),
        "TimeZone"
        | "client_encoding"
        | "integer_datetimes"
        | "is_superuser"
        | "session_authorization"
        | "application_name" => Some(name),
        _ => None,
    }
}

fn report(client: &mut Client, connection: &Connection, parameters: &[(String, String)]) {
    let out = &mut client.out;
    backend::authentication_ok(out);
    let asked_encoding = parameters.iter().any(|(name, _)| name == "client_encoding");
    for (name, value) in &connection.parameters {
        let Some(name) = reported_name(name) else {
            continue;
        };
        let value = match name {
            "client_encoding" if !asked_encoding => "UNICODE",
            "application_name" if value.is_empty() => "unset",
            _ => value,
        };
        backend::parameter_status(out, name, value);
    }
    for (name, value) in [
        ("server_version", "8.0.2"),
        ("server_encoding", "UNICODE"),
        ("timezone_abbreviations", "Default"),
        ("case_sensitive", "off"),
        ("padb_version", "1.0.0"),
        ("padb_revision", "sandbox"),
        ("max_numeric_precision", "38"),
        ("max_varchar_size", "65535"),
        ("datashare_enabled", "off"),
        ("server_protocol_version", "0"),
    ] {
        backend::parameter_status(out, name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_taken_apart() {
        let options =
            parse_options(r"-c extra_float_digits=2 -cdatestyle=ISO,\ MDY --statement-timeout=5")
                .expect("valid");
        let pairs: Vec<_> = options
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(
            pairs,
            [
                ("extra_float_digits", "2"),
                ("datestyle", "ISO, MDY"),
                ("statement_timeout", "5")
            ]
        );
        assert!(parse_options("-x").is_err());
    }

    #[test]
    fn refused_settings_are_refused_in_options_too() {
        let parameters = |options: &str| vec![("options".to_owned(), options.to_owned())];
        assert_eq!(
            settings_of(&parameters("-c standard_conforming_strings=on"))
                .expect_err("refused")
                .code,
            "42704"
        );
        assert_eq!(
            settings_of(&parameters("-c extra_float_digits=3"))
                .expect_err("refused")
                .code,
            "22023"
        );
        assert!(settings_of(&parameters("-c extra_float_digits=2")).is_ok());
    }
}
