//! Locations of data: objects and prefixes in Amazon S3.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::error::InvalidValue;

/// An object or a prefix in Amazon S3: `s3://bucket/key`.
///
/// COPY reads every object whose key starts with this one: `users.csv` also reads `users.csv.bak`,
/// so a folder ends in `/`. UNLOAD prefixes the names of its files with it.
///
/// ```
/// use diesel_redshift::S3Uri;
///
/// let folder = S3Uri::parse("s3://bucket/users/")?;
/// assert_eq!(folder.bucket(), "bucket");
/// assert_eq!(folder.join("2026.csv")?.to_string(), "s3://bucket/users/2026.csv");
/// assert!(S3Uri::parse("s3:///users.csv").is_err());
/// # Ok::<(), diesel_redshift::error::InvalidValue>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct S3Uri {
    uri: Cow<'static, str>,
    bucket_len: usize,
}

const SCHEME: &str = "s3://";

impl S3Uri {
    /// Parses `s3://bucket/key`.
    ///
    /// The bucket has 3 to 255 letters, digits, dots, hyphens and underscores (newer ones at most
    /// 63). The key has at most 1024 bytes, is used as written, without any decoding, and may be
    /// empty.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] says which part is wrong.
    pub fn parse(uri: &str) -> Result<Self, InvalidValue> {
        match bucket_len(uri) {
            Ok(bucket_len) => Ok(Self {
                uri: Cow::Owned(uri.to_owned()),
                bucket_len,
            }),
            Err(reason) => Err(no_uri(uri, reason)),
        }
    }

    /// A URI from a literal, usable in a constant.
    ///
    /// ```
    /// use diesel_redshift::S3Uri;
    ///
    /// const SEEDS: S3Uri = S3Uri::from_static("s3://my-seeds/users/");
    /// assert_eq!(SEEDS.bucket(), "my-seeds");
    /// ```
    ///
    /// # Panics
    ///
    /// If [`S3Uri::parse`] would refuse it; in a constant, that is a compile error.
    pub const fn from_static(uri: &'static str) -> Self {
        match bucket_len(uri) {
            Ok(bucket_len) => Self {
                uri: Cow::Borrowed(uri),
                bucket_len,
            },
            Err(reason) => panic!("{}", reason),
        }
    }

    /// The location of `key` in `bucket`.
    ///
    /// # Errors
    ///
    /// As [`S3Uri::parse`].
    pub fn new(bucket: &str, key: &str) -> Result<Self, InvalidValue> {
        if bucket.contains('/') {
            return Err(InvalidValue::hidden(
                "S3 bucket",
                "3 to 255 letters, digits, `.`, `-` and `_`, without `/`",
            ));
        }
        Self::parse(&format!("{SCHEME}{bucket}/{key}"))
    }

    /// The same location with `suffix` at the end of its key; no `/` is added.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] if the key becomes longer than 1024 bytes or `suffix` contains a NUL.
    pub fn join(&self, suffix: &str) -> Result<Self, InvalidValue> {
        let separator = if self.uri.len() == SCHEME.len() + self.bucket_len {
            "/"
        } else {
            ""
        };
        Self::parse(&format!("{}{separator}{suffix}", self.uri))
    }

    /// The bucket's name.
    pub fn bucket(&self) -> &str {
        &self.uri[SCHEME.len()..][..self.bucket_len]
    }

    /// The object's key, or the prefix, without a leading `/`.
    pub fn key(&self) -> &str {
        let path = &self.uri[SCHEME.len() + self.bucket_len..];
        path.strip_prefix('/').unwrap_or(path)
    }

    /// Refuses a bucket or a folder for an option that reads a single object.
    pub(crate) fn check_object(&self, option: &'static str) -> Result<(), InvalidValue> {
        let key = self.key();
        if key.is_empty() || key.ends_with('/') {
            return Err(InvalidValue::new(
                option,
                format!("{:?}", self.as_str()),
                "the whole location of one object, such as `s3://bucket/folder/file`",
            ));
        }
        Ok(())
    }

    /// The whole URI.
    pub fn as_str(&self) -> &str {
        &self.uri
    }
}

/// What can be used as a location in S3: an [`S3Uri`], or its text.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a location in S3",
    note = "it takes an `S3Uri`, or a text such as \"s3://bucket/key\""
)]
pub trait IntoS3Uri {
    crate::seal::sealed!(required);
    /// The location.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] if a text is not a valid location.
    fn into_s3_uri(self) -> Result<S3Uri, InvalidValue>;
}

/// The location, or a placeholder if the text is invalid: the error is returned before anything is
/// sent.
pub(crate) fn or_placeholder(given: impl IntoS3Uri) -> (S3Uri, Option<InvalidValue>) {
    match given.into_s3_uri() {
        Ok(uri) => (uri, None),
        Err(error) => (S3Uri::from_static("s3://invalid/invalid"), Some(error)),
    }
}

impl IntoS3Uri for S3Uri {
    crate::seal::sealed!();
    fn into_s3_uri(self) -> Result<S3Uri, InvalidValue> {
        Ok(self)
    }
}

impl IntoS3Uri for &S3Uri {
    crate::seal::sealed!();
    fn into_s3_uri(self) -> Result<S3Uri, InvalidValue> {
        Ok(self.clone())
    }
}

impl IntoS3Uri for &str {
    crate::seal::sealed!();
    fn into_s3_uri(self) -> Result<S3Uri, InvalidValue> {
        S3Uri::parse(self)
    }
}

impl IntoS3Uri for String {
    crate::seal::sealed!();
    fn into_s3_uri(self) -> Result<S3Uri, InvalidValue> {
        S3Uri::parse(&self)
    }
}

impl IntoS3Uri for &String {
    crate::seal::sealed!();
    fn into_s3_uri(self) -> Result<S3Uri, InvalidValue> {
        S3Uri::parse(self)
    }
}

fn no_uri(given: &str, reason: &'static str) -> InvalidValue {
    // Other programs put keys before the bucket's name: `s3://id:secret@bucket/key`.
    let is_sure = given.strip_prefix(SCHEME).is_some_and(|rest| {
        let bucket = rest.split('/').next().unwrap_or_default();
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        !rest.contains('@') && !bucket.is_empty() && bucket.bytes().all(is_name)
    });
    InvalidValue::shown_if(
        is_sure,
        "S3 location",
        given,
        format!("`s3://bucket/key`, but {reason}"),
    )
}

/// The length of the bucket's name in an S3 URI, or why the text is invalid.
const fn bucket_len(uri: &str) -> Result<usize, &'static str> {
    let [b's', b'3', b':', b'/', b'/', rest @ ..] = uri.as_bytes() else {
        return Err("it does not start with `s3://`");
    };
    let mut rest = rest;
    let mut bucket_len = 0;
    while let [byte, tail @ ..] = rest {
        match byte {
            b'/' => break,
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => bucket_len += 1,
            _ => return Err("a bucket's name has only letters, digits, `.`, `-` and `_`"),
        }
        rest = tail;
    }
    match bucket_len {
        0 => return Err("it names no bucket"),
        1 | 2 | 256.. => return Err("a bucket's name has 3 to 255 characters"),
        _ => {}
    }
    if rest.len() > 1025 {
        return Err("a key has at most 1024 bytes");
    }
    while let [byte, tail @ ..] = rest {
        if *byte == 0 {
            return Err("a key cannot hold a NUL character");
        }
        rest = tail;
    }
    Ok(bucket_len)
}

impl FromStr for S3Uri {
    type Err = InvalidValue;

    fn from_str(uri: &str) -> Result<Self, InvalidValue> {
        Self::parse(uri)
    }
}

crate::sql::from_text!(S3Uri);

impl fmt::Display for S3Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.uri)
    }
}

impl fmt::Debug for S3Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("S3Uri").field(&self.uri).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_is_split_into_bucket_and_key() {
        for (uri, bucket, key) in [
            ("s3://bucket/key.csv", "bucket", "key.csv"),
            ("s3://my.bucket-1/a/b/", "my.bucket-1", "a/b/"),
            ("s3://bucket//twice", "bucket", "/twice"),
            ("s3://bucket/", "bucket", ""),
            ("s3://bucket", "bucket", ""),
            (
                "s3://bucket/it's \\ 🦀 %20?x#y",
                "bucket",
                "it's \\ 🦀 %20?x#y",
            ),
        ] {
            let parsed = S3Uri::parse(uri).expect(uri);
            assert_eq!((parsed.bucket(), parsed.key()), (bucket, key));
            let rebuilt = S3Uri::new(bucket, key).expect(uri);
            assert_eq!((rebuilt.bucket(), rebuilt.key()), (bucket, key));
        }
    }

    #[test]
    fn what_is_no_uri_is_named() {
        let long = format!("s3://bucket/{}", "k".repeat(1025));
        for (uri, reason) in [
            ("", "does not start with `s3://`"),
            ("bucket/key", "does not start with `s3://`"),
            ("https://bucket/key", "does not start with `s3://`"),
            ("S3://bucket/key", "does not start with `s3://`"),
            (" s3://bucket/key", "does not start with `s3://`"),
            ("s3://", "names no bucket"),
            ("s3:///key", "names no bucket"),
            ("s3://ab/key", "3 to 255"),
            ("s3://buck et/key", "only letters"),
            ("s3://bücket/key", "only letters"),
            ("s3://bucket\0/key", "only letters"),
            ("s3://bucket'/key", "only letters"),
            ("s3://bucket/k\0ey", "NUL"),
            (&long, "1024 bytes"),
        ] {
            let error = S3Uri::parse(uri).expect_err(uri).to_string();
            assert!(error.contains(reason), "{uri:?}: {error}");
        }
        assert!(S3Uri::new("a/b/c", "key").is_err());
        assert!(S3Uri::parse(&long[..long.len() - 1]).is_ok());
        let joined = S3Uri::parse("s3://bucket").and_then(|uri| uri.join("key"));
        assert_eq!(joined.expect("joins").as_str(), "s3://bucket/key");
    }
}
