//! The arguments of the program.

use std::ffi::OsString;

use redshift_sandbox::{AccessKey, Builder, Permissions, Sandbox, Tls};

pub(crate) const HELP: &str = "\
A local stand-in for Amazon Redshift, with S3.

Usage: redshift-sandbox [OPTION]...

Where things are
  --port N             listen for SQL on this port of 127.0.0.1; a free one otherwise
  --s3-port N          serve S3 over HTTP on this port of 127.0.0.1; a free one otherwise
  --store FOLDER       keep the objects in this folder: s3://bucket/key is FOLDER/bucket/key
  --data FOLDER        keep everything in this folder and go on with it at the next start; otherwise all is gone at the
                       end, except what is in a --store of its own

Who there is
  --user NAME          the first user, a superuser (awsuser)
  --password PASSWORD  its password (Sandbox1)
  --role ARN           a role that COPY and UNLOAD can assume; `default` is that of IAM_ROLE default
  --key ID:SECRET[:TOKEN]
                       an access key, for COPY and UNLOAD and for S3
  --read PREFIX        the role or key before may list and read below this, such as s3://bucket/in/
  --write PREFIX       the role or key before may list, write and delete below this
                       A role or key without --read and --write may do everything. With the first --role or --key, only
                       those exist that are given; without any, every role and key of the right form may do everything.
  --region BUCKET=NAME the bucket lies in this region, not in us-east-1, which is the cluster's

How it behaves
  --tls offered|required|refused|other-host|expired
                       what happens when a client asks for TLS (offered); the last two show a certificate that
                       sslmode=verify-full has to refuse
  --log                write every statement to standard error, without the secrets in it

  --help               show this text
  --version            show the version

It prints the URL of the database `dev`, and variables for the environment of an application. Ctrl-C or SIGTERM stops it;
it leaves nothing behind but --store and --data, even when it is killed.

PostgreSQL does the work behind it: the one in the folder $REDSHIFT_SANDBOX_PG_BIN, an installed one (13 or newer), or a
bundled one.
";

/// What the program is asked to do.
pub(crate) enum Request {
    Help,
    Version,
    Start(Box<Arguments>),
}

/// What a sandbox is started with, and told of.
pub(crate) struct Arguments {
    pub(crate) builder: Builder,
    pub(crate) roles: Vec<(String, Permissions)>,
    pub(crate) keys: Vec<(AccessKey, Permissions)>,
    pub(crate) regions: Vec<(String, String)>,
}

enum Identity {
    Role(String),
    Key(AccessKey),
}

pub(crate) fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Request, String> {
    let mut arguments = arguments.map(|argument| {
        argument
            .into_string()
            .map_err(|argument| format!("{} is not UTF-8", argument.display()))
    });
    let mut builder = Sandbox::builder();
    let (mut user, mut password) = (None, None);
    let mut identities: Vec<(Identity, Option<Permissions>)> = Vec::new();
    let mut regions = Vec::new();
    let mut seen = Vec::new();
    while let Some(argument) = arguments.next() {
        let argument = argument?;
        let (name, given) = match argument.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
            _ => (argument.as_str(), None),
        };
        match name {
            "--help" | "-h" => return Ok(Request::Help),
            "--version" | "-V" => return Ok(Request::Version),
            _ => {}
        }
        if !matches!(name, "--role" | "--key" | "--read" | "--write" | "--region") {
            if seen.iter().any(|before| before == name) {
                return Err(format!("{name} is given twice"));
            }
            seen.push(name.to_owned());
        }
        let mut value = || match given.clone() {
            Some(value) => Ok(value),
            None => arguments
                .next()
                .unwrap_or_else(|| Err(format!("{name} needs a value"))),
        };
        match name {
            "--port" => builder = builder.port(port(&value()?)?),
            "--s3-port" => builder = builder.s3_port(port(&value()?)?),
            "--store" => builder = builder.store(folder(name, value()?)?),
            "--data" => builder = builder.data(folder(name, value()?)?),
            "--user" => user = Some(filled(name, value()?)?),
            "--password" => password = Some(filled(name, value()?)?),
            "--role" => identities.push((Identity::Role(role(value()?)?), None)),
            "--key" => identities.push((Identity::Key(key(&value()?)?), None)),
            "--read" | "--write" => {
                let prefix = prefix(name, value()?)?;
                let (_, permissions) = identities.last_mut().ok_or_else(|| {
                    format!("{name} comes after the --role or --key that it is for")
                })?;
                let before = permissions.take().unwrap_or_default();
                *permissions = Some(if name == "--read" {
                    before.read(prefix)
                } else {
                    before.write(prefix)
                });
            }
            "--region" => regions.push(region(&value()?)?),
            "--tls" => builder = builder.tls(tls(&value()?)?),
            "--log" if given.is_some() => return Err("--log takes no value".to_owned()),
            "--log" => builder = builder.log_statements(true),
            _ => return Err(format!("unknown argument `{argument}`")),
        }
    }
    if user.is_some() || password.is_some() {
        builder = builder.user(
            user.unwrap_or_else(|| "awsuser".to_owned()),
            password.unwrap_or_else(|| "Sandbox1".to_owned()),
        );
    }
    let (mut roles, mut keys) = (Vec::new(), Vec::new());
    for (identity, permissions) in identities {
        let permissions = permissions.unwrap_or_else(Permissions::all);
        match identity {
            Identity::Role(role) => roles.push((role, permissions)),
            Identity::Key(key) => keys.push((key, permissions)),
        }
    }
    Ok(Request::Start(Box::new(Arguments {
        builder,
        roles,
        keys,
        regions,
    })))
}

fn port(text: &str) -> Result<u16, String> {
    text.parse()
        .map_err(|_| format!("`{text}` is no port: it is a number from 0 to 65535"))
}

fn filled(name: &str, text: String) -> Result<String, String> {
    if text.is_empty() {
        return Err(format!("{name} cannot be empty"));
    }
    Ok(text)
}

fn folder(name: &str, text: String) -> Result<String, String> {
    if text.starts_with("--") {
        // The value was forgotten.
        return Err(format!("{name} needs a folder, and `{text}` is an option"));
    }
    filled(name, text)
}

fn role(text: String) -> Result<String, String> {
    if text == "default" || text.starts_with("arn:") && text.contains(":role/") {
        return Ok(text);
    }
    Err(format!(
        "`{text}` is no role: it is written arn:aws:iam::<12 digits>:role/<name>, or default"
    ))
}

fn key(text: &str) -> Result<AccessKey, String> {
    // What is wrong with it is not shown: it is a secret.
    let mut parts = text.splitn(3, ':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(id), Some(secret), token) if !id.is_empty() && !secret.is_empty() => {
            let key = AccessKey::new(id, secret);
            Ok(match token {
                Some(token) => key.token(token),
                None => key,
            })
        }
        _ => Err("--key is written ID:SECRET or ID:SECRET:TOKEN".to_owned()),
    }
}

fn prefix(name: &str, text: String) -> Result<String, String> {
    if text.starts_with("s3://") {
        Ok(text)
    } else {
        Err(format!(
            "{name} takes a location that starts with s3://, not `{text}`"
        ))
    }
}

fn region(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((bucket, region)) if !bucket.is_empty() && !region.is_empty() => {
            Ok((bucket.to_owned(), region.to_owned()))
        }
        _ => Err(format!("--region is written BUCKET=NAME, not `{text}`")),
    }
}

fn tls(text: &str) -> Result<Tls, String> {
    Ok(match text {
        "offered" => Tls::Offered,
        "required" => Tls::Required,
        "refused" => Tls::Refused,
        "other-host" => Tls::OtherHost,
        "expired" => Tls::Expired,
        _ => {
            return Err(format!(
                "--tls can be offered, required, refused, other-host or expired, not `{text}`"
            ));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<Arguments, String> {
        match parse(arguments.iter().map(OsString::from))? {
            Request::Start(arguments) => Ok(*arguments),
            _ => Err("help".to_owned()),
        }
    }

    #[test]
    fn permissions_belong_to_the_role_or_key_before() {
        let arguments = parsed(&[
            "--role",
            "arn:aws:iam::012345678901:role/A",
            "--read=s3://b/in/",
            "--write",
            "s3://b/out/",
            "--key=ID:SECRET:TOKEN",
            "--region",
            "b=eu-west-1",
            "--log",
        ])
        .unwrap_or_else(|problem| panic!("{problem}"));
        assert_eq!(
            arguments.roles,
            [(
                "arn:aws:iam::012345678901:role/A".to_owned(),
                Permissions::new().read("s3://b/in/").write("s3://b/out/")
            )]
        );
        assert_eq!(
            arguments.keys,
            [(
                AccessKey::new("ID", "SECRET").token("TOKEN"),
                Permissions::all()
            )]
        );
        assert_eq!(
            arguments.regions,
            [("b".to_owned(), "eu-west-1".to_owned())]
        );
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (arguments, told) in [
            (&["--port", "x"][..], "`x` is no port"),
            (&["--port", "65536"], "`65536` is no port"),
            (&["--port"], "--port needs a value"),
            (&["--port", "1", "--port=2"], "--port is given twice"),
            (&["--store", "--log"], "--store needs a folder"),
            (&["--data="], "--data cannot be empty"),
            (&["--read", "s3://b"], "--read comes after the --role"),
            (&["--role", "Loader"], "`Loader` is no role"),
            (
                &["--role", "default", "--write", "b"],
                "--write takes a location",
            ),
            (&["--region", "b"], "--region is written BUCKET=NAME"),
            (&["--tls", "maybe"], "--tls can be"),
            (&["--log=yes"], "--log takes no value"),
            (&["store"], "unknown argument `store`"),
            (&["--stroe", "x"], "unknown argument `--stroe`"),
        ] {
            let problem = parsed(arguments).err().unwrap_or_default();
            assert!(problem.contains(told), "{arguments:?}: {problem}");
        }
        let problem = parsed(&["--key", "hush"]).err().unwrap_or_default();
        assert!(!problem.contains("hush"), "{problem}");
    }
}
