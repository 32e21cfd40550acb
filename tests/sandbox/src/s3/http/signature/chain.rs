//! Signatures of the parts of a body, each of which covers the one before it.

use ring::hmac;

use super::check;
use crate::Error;
use crate::s3::http::digest::sha256;

/// With which the parts of a body are signed.
pub(in crate::s3::http) struct Chain {
    pub(super) key: hmac::Key,
    pub(super) date: String,
    pub(super) scope: String,
    pub(super) previous: String,
}

impl Chain {
    /// In the place of one that was used.
    pub(in crate::s3::http) fn spent() -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, b""),
            date: String::new(),
            scope: String::new(),
            previous: String::new(),
        }
    }

    /// A part of the body, by the hash of its bytes.
    pub(in crate::s3::http) fn chunk(&mut self, hash: &str, signature: &str) -> Result<(), Error> {
        let text = format!(
            "AWS4-HMAC-SHA256-PAYLOAD\n{}\n{}\n{}\n{}\n{hash}",
            self.date,
            self.scope,
            self.previous,
            sha256(b"")
        );
        check(&self.key, &text, signature)?;
        signature.clone_into(&mut self.previous);
        Ok(())
    }

    /// The headers after the body, each as `name:value` and a line feed.
    pub(in crate::s3::http) fn trailer(&self, headers: &str, signature: &str) -> Result<(), Error> {
        let text = format!(
            "AWS4-HMAC-SHA256-TRAILER\n{}\n{}\n{}\n{}",
            self.date,
            self.scope,
            self.previous,
            sha256(headers.as_bytes())
        );
        check(&self.key, &text, signature)
    }
}
