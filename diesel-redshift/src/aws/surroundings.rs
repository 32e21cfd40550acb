//! The environment that reqsign works in: files, variables, commands and requests, all of them
//! synchronous.

use std::collections::HashMap;
use std::fs;
use std::future::Future;
use std::io::Read;
use std::path::PathBuf;
use std::pin::pin;
use std::process::{Command, Stdio};
use std::task::{Context as TaskContext, Poll, Waker};
use std::time::{Duration, Instant};

use bytes::Bytes;
use reqsign_core::{CommandExecute, CommandOutput, Context, Env, Error, FileRead, HttpSend};
use ureq::http::{Request, Response, Uri};

use super::http::{Http, read_small};

/// No credential file, answer or output is this long.
const LONGEST: u64 = 1024 * 1024;

/// A `credential_process` may ask its user for a code.
const PATIENCE: Duration = Duration::from_secs(120);

/// The environment in which a provider of credentials searches.
pub(crate) fn context(environment: impl Env + Clone, http: Http) -> Context {
    Context::new()
        .with_env(environment.clone())
        .with_file_read(Files)
        .with_command_execute(Commands)
        .with_http_send(Requests {
            http,
            security_token_service: environment.var("AWS_ENDPOINT_URL_STS"),
        })
}

/// Drives a future that completes when it is first polled, as all of reqsign's do in this
/// environment.
pub(crate) fn complete<T>(future: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    match pin!(future).poll(&mut TaskContext::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => Err(Error::unexpected(
            "a source of credentials waits for itself",
        )),
    }
}

/// The environment variables of the process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProcessEnvironment;

impl Env for ProcessEnvironment {
    fn var(&self, key: &str) -> Option<String> {
        std::env::var(key).ok()
    }

    fn vars(&self) -> HashMap<String, String> {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    fn home_dir(&self) -> Option<PathBuf> {
        std::env::home_dir()
    }
}

#[derive(Debug)]
struct Files;

impl FileRead for Files {
    async fn file_read(&self, path: &str) -> Result<Vec<u8>, Error> {
        let unreadable = |error: std::io::Error| Error::config_invalid(format!("{path}: {error}"));
        let mut content = Vec::new();
        let file = fs::File::open(path).map_err(unreadable)?;
        let read = file.take(LONGEST + 1).read_to_end(&mut content);
        if read.map_err(unreadable)? as u64 > LONGEST {
            return Err(Error::config_invalid(format!(
                "{path}: longer than {LONGEST} bytes"
            )));
        }
        Ok(content)
    }
}

#[derive(Debug)]
struct Requests {
    http: Http,
    /// What replaces `https://sts.….amazonaws.com`.
    security_token_service: Option<String>,
}

impl HttpSend for Requests {
    async fn http_send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Error> {
        let (mut head, body) = request.into_parts();
        if let Some(endpoint) = &self.security_token_service
            && head.uri.host().is_some_and(|host| host.starts_with("sts."))
        {
            head.uri = Uri::try_from(endpoint.as_str())
                .map_err(|error| Error::config_invalid(format!("AWS_ENDPOINT_URL_STS: {error}")))?;
        }
        let host = head.uri.host().unwrap_or_default().to_owned();
        let failed = |error: ureq::Error| Error::unexpected(format!("{host}: {error}"));
        // ureq counts the bytes itself.
        head.headers.remove(ureq::http::header::CONTENT_LENGTH);
        let mut response = self.http.send(head, &body).map_err(failed)?;
        let body = read_small(&mut response, LONGEST).map_err(failed)?;
        Ok(response.map(|_| Bytes::from(body)))
    }
}

#[derive(Debug)]
struct Commands;

impl CommandExecute for Commands {
    /// Leaves the words to the shell, which handles quotes. The command's standard error is this
    /// process's.
    async fn command_execute<'a>(
        &'a self,
        program: &'a str,
        arguments: &'a [&'a str],
    ) -> Result<CommandOutput, Error> {
        let mut line = program.to_owned();
        for argument in arguments {
            line.push(' ');
            line.push_str(argument);
        }
        run(&line, PATIENCE)
            .map_err(|error| Error::config_invalid(format!("credential_process: {error}")))
    }
}

fn run(line: &str, patience: Duration) -> std::io::Result<CommandOutput> {
    let mut child = Command::new("sh")
        .args(["-c", line])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let output = child.stdout.take();
    let reading = std::thread::spawn(move || {
        let mut text = Vec::new();
        if let Some(output) = output {
            let _ = output.take(LONGEST).read_to_end(&mut text);
        }
        text
    });
    let end = Instant::now() + patience;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if Instant::now() >= end {
            child.kill()?;
            child.wait()?;
            return Err(std::io::Error::new(
                std::io::ErrorKind::TimedOut,
                format!("it did not end within {} s", patience.as_secs_f64()),
            ));
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    Ok(CommandOutput {
        status: status.code().unwrap_or(-1),
        stdout: reading.join().unwrap_or_default(),
        stderr: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_has_its_words_quoted_and_its_end() {
        let output = run("printf '%s|' \"a  b\" c", PATIENCE).expect("it runs");
        assert_eq!((output.status, &*output.stdout), (0, &b"a  b|c|"[..]));
        assert_eq!(run("exit 3", PATIENCE).expect("it runs").status, 3);
        let error = run("exec sleep 30", Duration::from_millis(50)).expect_err("it sleeps");
        assert_eq!(error.to_string(), "it did not end within 0.05 s");
    }
}
