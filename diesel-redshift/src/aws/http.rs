//! Requests over HTTP and TLS: time limits, proxies, and answers read with a limit.

use std::time::Duration;

use ureq::http::{Method, Request, Response, Uri, request};
use ureq::{Agent, Body, Error, Proxy};

/// How long to wait for an idle peer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TimeLimits {
    /// To resolve the address, connect and negotiate TLS.
    pub(crate) connect: Duration,
    /// From the last byte of a request to the end of the answer's head.
    pub(crate) answer: Duration,
    /// For the next bytes, in either direction.
    pub(crate) idle: Duration,
    /// From the first step to the end of the answer; `None` where a body may be long. A peer that
    /// sends a byte now and then is never idle.
    pub(crate) whole: Option<Duration>,
}

/// The scheme, and the host with its port, of `https://host` or `http://host:port`; `None` for
/// anything else, which must not be shown: it may contain a password.
pub(crate) fn endpoint(url: &str) -> Option<(String, String)> {
    // The parser would ignore what follows a `#`.
    if url.contains(['@', '#']) {
        return None;
    }
    let uri: Uri = url.parse().ok()?;
    let scheme @ ("http" | "https") = uri.scheme_str()? else {
        return None;
    };
    let is_plain = matches!(uri.path(), "" | "/") && uri.query().is_none();
    is_plain.then_some((scheme.to_owned(), uri.authority()?.to_string()))
}

#[derive(Debug, Clone)]
pub(crate) struct Http(Agent);

impl Http {
    /// A client that uses the proxy named by `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and
    /// `NO_PROXY`.
    pub(crate) fn new(limits: TimeLimits) -> Self {
        Self::through(Proxy::try_from_env(), limits)
    }

    /// A client for addresses of this machine's own network, such as `169.254.169.254`.
    pub(crate) fn without_proxy(limits: TimeLimits) -> Self {
        Self::through(None, limits)
    }

    fn through(proxy: Option<Proxy>, limits: TimeLimits) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // A signature is valid for one host: a redirect is an answer like any other.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(proxy)
            .user_agent(concat!("diesel-redshift/", env!("CARGO_PKG_VERSION")))
            .max_idle_connections(64)
            .max_idle_connections_per_host(32)
            .timeout_resolve(Some(limits.connect))
            .timeout_connect(Some(limits.connect))
            .timeout_recv_response(Some(limits.answer))
            .timeout_per_read(Some(limits.idle))
            .timeout_per_write(Some(limits.idle))
            .timeout_global(limits.whole)
            .build();
        Self(config.new_agent())
    }

    /// Sends a request, once.
    pub(crate) fn send(&self, head: request::Parts, body: &[u8]) -> Result<Response<Body>, Error> {
        if body.is_empty() && matches!(head.method, Method::GET | Method::DELETE | Method::HEAD) {
            self.0.run(Request::from_parts(head, ()))
        } else {
            self.0.run(Request::from_parts(head, body))
        }
    }
}

/// Reads a small body whole.
pub(crate) fn read_small(response: &mut Response<Body>, most: u64) -> Result<Vec<u8>, Error> {
    response.body_mut().with_config().limit(most).read_to_vec()
}

/// Whether the connection failed, so that a new one may succeed.
pub(crate) fn is_lost(error: &Error) -> bool {
    match error {
        Error::Io(error) => !matches!(
            error.kind(),
            // An untrusted certificate, among others.
            std::io::ErrorKind::InvalidData | std::io::ErrorKind::InvalidInput
        ),
        Error::Timeout(_)
        | Error::HostNotFound
        | Error::ConnectionFailed
        | Error::ConnectProxyFailed(_)
        | Error::Protocol(_)
        | Error::BodyStalled => true,
        _ => false,
    }
}
