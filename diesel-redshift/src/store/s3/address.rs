//! The addresses of buckets and objects.

/// The endpoint of S3 in a region, and how buckets are named there.
#[derive(Debug, Clone)]
pub(super) struct Address {
    pub(super) scheme: String,
    pub(super) host: String,
    pub(super) region: String,
    /// The bucket's name in the path instead of the host.
    pub(super) path_style: bool,
}

impl Address {
    /// Amazon's own endpoint in a region.
    pub(super) fn of_region(region: &str) -> Self {
        Self {
            scheme: "https".to_owned(),
            host: format!("s3.{region}.{}", domain(region)),
            region: region.to_owned(),
            path_style: false,
        }
    }

    pub(super) fn region(&self) -> &str {
        &self.region
    }

    /// The URL of an object, or, with an empty key, of its bucket.
    pub(super) fn of(&self, bucket: &str, key: &str) -> String {
        let Self { scheme, host, .. } = self;
        let key = encode(key, true);
        if self.path_style || !is_host_name(bucket) {
            format!("{scheme}://{host}/{bucket}/{key}")
        } else {
            format!("{scheme}://{bucket}.{host}/{key}")
        }
    }
}

/// Whether certificates for `*.s3.region.amazonaws.com` cover the bucket: a dot would begin another
/// level.
fn is_host_name(bucket: &str) -> bool {
    bucket.len() <= 63
        && bucket
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !bucket.starts_with('-')
        && !bucket.ends_with('-')
}

/// The domain of the partition that a region belongs to.
fn domain(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "amazonaws.com.cn",
        _ if region.starts_with("us-iso-") => "c2s.ic.gov",
        _ if region.starts_with("us-isob-") => "sc2s.sgov.gov",
        _ if region.starts_with("us-isof-") => "csp.hci.ic.gov",
        _ if region.starts_with("eu-isoe-") => "cloud.adc-e.uk",
        _ if region.starts_with("eusc-") => "amazonaws.eu",
        _ => "amazonaws.com",
    }
}

/// Encodes for a path, which keeps its slashes, or for a query, as signature version 4 requires.
pub(super) fn encode(text: &str, keep_slashes: bool) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            b'/' if keep_slashes => encoded.push('/'),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// Decodes a key of a list; `None` if it is not percent-encoded UTF-8.
pub(super) fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, tail @ ..] = rest {
        rest = tail;
        bytes.push(match byte {
            b'%' => {
                let [high, low, tail @ ..] = rest else {
                    return None;
                };
                rest = tail;
                let digit = |byte: &u8| char::from(*byte).to_digit(16);
                u8::try_from(digit(high)? * 16 + digit(low)?).ok()?
            }
            b'+' => b' ',
            byte => *byte,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_hosts_where_certificates_allow_it() {
        let address = Address::of_region("eu-central-1");
        for (bucket, key, url) in [
            (
                "bucket",
                "a b+ü/%~.csv",
                "https://bucket.s3.eu-central-1.amazonaws.com/a%20b%2B%C3%BC/%25~.csv",
            ),
            (
                "bucket",
                "",
                "https://bucket.s3.eu-central-1.amazonaws.com/",
            ),
            (
                "my.bucket",
                "/k",
                "https://s3.eu-central-1.amazonaws.com/my.bucket//k",
            ),
            (
                "My_Bucket",
                "k",
                "https://s3.eu-central-1.amazonaws.com/My_Bucket/k",
            ),
        ] {
            assert_eq!(address.of(bucket, key), url);
        }
        assert_eq!(
            Address::of_region("cn-north-1").of("bucket", "k"),
            "https://bucket.s3.cn-north-1.amazonaws.com.cn/k"
        );
    }

    #[test]
    fn keys_come_back_from_a_list() {
        for key in ["a b+c", "ü/😀", "%41", "a\nb", "~._-"] {
            assert_eq!(decode(&encode(key, false)).as_deref(), Some(key));
        }
        assert_eq!(decode("a+b").as_deref(), Some("a b"));
        for wrong in ["%", "%4", "%zz", "%ff"] {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
    }
}
