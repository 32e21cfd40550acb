//! Reading an object, which resumes where a connection broke off.

use std::io::{self, Read};

use ureq::http::{Method, Response};
use ureq::{Body, BodyReader};

use super::{S3Store, answer};
use crate::aws::S3Uri;
use crate::aws::client::Request;
use crate::error::{StoreError, StoreErrorKind};

/// One more break is tolerated for this many received bytes.
const BYTES_A_BREAK: u64 = 8 * 1024 * 1024;

pub(super) struct Object {
    store: S3Store,
    location: S3Uri,
    /// The version being read.
    tag: Option<String>,
    length: u64,
    /// How many bytes have been read.
    at: u64,
    body: Option<BodyReader<'static>>,
    breaks: u64,
}

impl Object {
    pub(super) fn open(store: &S3Store, location: &S3Uri) -> Result<Self, StoreError> {
        let request = store.request(Method::GET, location, &[]);
        let response = send(store, location, &request)?;
        let Some(length) = number(&response, "content-length").filter(|_| response.status() == 200)
        else {
            return Err(answer::not_understood(
                location,
                &response,
                "does not tell the object's length",
            ));
        };
        Ok(Self {
            store: store.clone(),
            location: location.clone(),
            tag: header(&response, "etag"),
            length,
            at: 0,
            body: Some(response.into_body().into_reader()),
            breaks: 0,
        })
    }

    /// Requests the missing rest.
    fn resume(&mut self) -> Result<(), StoreError> {
        let Some(tag) = &self.tag else {
            return Err(
                self.incomplete("its version is unknown, so the rest may be that of another")
            );
        };
        let mut request = self.store.request(Method::GET, &self.location, &[]);
        let range = format!("bytes={}-{}", self.at, self.length - 1);
        request.headers.push(("range", range));
        request.headers.push(("if-match", tag.clone()));
        let response = send(&self.store, &self.location, &request)?;
        if self.tag != header(&response, "etag") {
            return Err(self.incomplete("the object was replaced while it was read"));
        }
        let range = format!("bytes {}-{}/{}", self.at, self.length - 1, self.length);
        if response.status() != 206
            || header(&response, "content-range") != Some(range)
            || number(&response, "content-length") != Some(self.length - self.at)
        {
            return Err(answer::not_understood(
                &self.location,
                &response,
                "is not the rest of the object",
            ));
        }
        self.body = Some(response.into_body().into_reader());
        Ok(())
    }

    fn incomplete(&self, why: &str) -> StoreError {
        StoreError::new(
            StoreErrorKind::Incomplete,
            &self.location,
            format!("{} of {} bytes came, then {why}", self.at, self.length),
        )
    }

    /// Whether another break is tolerated.
    fn may_go_on(&mut self) -> bool {
        self.breaks += 1;
        let attempts = u64::from(self.store.client.attempts());
        self.breaks < attempts + self.at / BYTES_A_BREAK
    }
}

impl Read for Object {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.at < self.length && !into.is_empty() {
            let Some(body) = &mut self.body else {
                self.resume()?;
                continue;
            };
            let why = match body.read(into) {
                Ok(0) => "its answer ended".to_owned(),
                Ok(read) => {
                    self.at += read as u64;
                    if self.at > self.length {
                        return Err(self.incomplete("more came").into());
                    }
                    return Ok(read);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => error.to_string(),
            };
            self.body = None;
            if !self.may_go_on() {
                return Err(self.incomplete(&why).into());
            }
        }
        if let Some(body) = &mut self.body
            && self.at == self.length
            && !into.is_empty()
        {
            // Reading to the end returns the connection to the pool.
            let _ = body.read(&mut [0]);
            self.body = None;
        }
        Ok(0)
    }
}

fn send(
    store: &S3Store,
    location: &S3Uri,
    request: &Request<'_>,
) -> Result<Response<Body>, StoreError> {
    store
        .client
        .send(request)
        .map_err(|error| answer::refused(location, store.address.region(), error))
}

fn header(response: &Response<Body>, name: &str) -> Option<String> {
    Some(response.headers().get(name)?.to_str().ok()?.to_owned())
}

fn number(response: &Response<Body>, name: &str) -> Option<u64> {
    header(response, name)?.parse().ok()
}
