//! `s3://bucket/key`, and the file that stands for it.

use std::path::{Component, Path, PathBuf};

use crate::Error;

/// Ends the name of an object's file where a folder of the same name has to exist as well: S3 has `a` next to `a/b`.
const BESIDE_FOLDER: &str = "%object";

/// The name of a file or folder is at most 255 bytes long on the usual file systems.
const LONGEST_NAME: usize = 240;

/// A bucket and a key, or the beginning of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Location {
    pub(crate) bucket: String,
    pub(crate) key: String,
}

impl Location {
    pub(crate) fn parse(uri: &str) -> Result<Self, Error> {
        let refuse = |reason| Error::Location {
            uri: uri.to_owned(),
            reason,
        };
        let rest = uri
            .strip_prefix("s3://")
            .ok_or_else(|| refuse("it does not start with s3://"))?;
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err(refuse("it names no bucket"));
        }
        if !bucket
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
            || !bucket.starts_with(|first: char| first.is_ascii_alphanumeric())
        {
            return Err(refuse(
                "a bucket's name holds letters, digits, dots and hyphens only",
            ));
        }
        if key.split('/').any(|segment| segment == "..") {
            return Err(refuse("its key would leave the bucket's folder"));
        }
        if key.len() > 1024 {
            return Err(refuse("its key is longer than 1024 bytes"));
        }
        if key
            .split('/')
            .any(|segment| encode(segment).len() > LONGEST_NAME)
        {
            return Err(refuse(
                "a part of its key is too long for the name of a file",
            ));
        }
        Ok(Self {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
        })
    }

    pub(crate) fn parse_object(uri: &str) -> Result<Self, Error> {
        let location = Self::parse(uri)?;
        if location.key.is_empty() {
            return Err(Error::Location {
                uri: uri.to_owned(),
                reason: "it names no key",
            });
        }
        Ok(location)
    }

    pub(crate) fn uri(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.key)
    }

    /// The places where the object's file may be, the one to write to first.
    pub(crate) fn candidates(&self, root: &Path) -> Vec<PathBuf> {
        let bucket = root.join(&self.bucket);
        let encoded: PathBuf = self.key.split('/').map(encode).collect();
        let mut beside = encoded.clone().into_os_string();
        beside.push(BESIDE_FOLDER);
        let mut candidates = vec![bucket.join(encoded), bucket.join(beside)];
        // A file that a person put there has the name that the person gave it.
        let plain = Path::new(&self.key);
        if plain
            .components()
            .all(|part| matches!(part, Component::Normal(_)))
            && !self.key.contains('\0')
        {
            candidates.push(bucket.join(plain));
        }
        candidates
    }

    /// The folder below which every key with this prefix lies.
    pub(crate) fn folder_of_prefix(&self, root: &Path) -> PathBuf {
        let mut path = root.join(&self.bucket);
        if let Some((folders, _)) = self.key.rsplit_once('/') {
            path.extend(folders.split('/').map(encode));
        }
        path
    }
}

/// Where the object goes when a folder has its name.
pub(crate) fn beside_folder(path: &Path) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(BESIDE_FOLDER);
    path.into()
}

/// One part of a key as the name of a file or folder.
fn encode(segment: &str) -> String {
    match segment {
        "" => return "%".to_owned(),
        "." => return "%2E".to_owned(),
        _ => {}
    }
    let mut name = String::with_capacity(segment.len());
    for character in segment.chars() {
        match character {
            '%' | '\\' | '\0'..='\x1f' | '\x7f' => {
                name.push_str(&format!("%{:02X}", u32::from(character)))
            }
            _ => name.push(character),
        }
    }
    name
}

/// The part of a key that a file's or folder's name stands for.
pub(crate) fn decode(name: &str) -> String {
    if name == "%" {
        return String::new();
    }
    let name = name.strip_suffix(BESIDE_FOLDER).unwrap_or(name);
    let mut segment = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(at) = rest.find('%') {
        segment.push_str(&rest[..at]);
        let digits = rest
            .get(at + 1..at + 3)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match digits {
            Some(byte) if byte.is_ascii() => {
                segment.push(char::from(byte));
                rest = &rest[at + 3..];
            }
            _ => {
                segment.push('%');
                rest = &rest[at + 1..];
            }
        }
    }
    segment.push_str(rest);
    segment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_leaves_the_folder() {
        for uri in [
            "s3://",
            "s3:///key",
            "s3://../key",
            "s3://b/../c",
            "s3://b/a/../../c",
            "s3://b/..",
            "/etc/passwd",
            "s3://.b/k",
        ] {
            assert!(Location::parse(uri).is_err(), "{uri}");
        }
    }

    #[test]
    fn keys_survive_the_file_system() {
        for key in [
            "a",
            "a b",
            "50%",
            "%41",
            "a//b",
            "a/./b",
            "dir/",
            "täglich/😀.csv",
            "a\\b",
            "a\nb",
            "x%object",
        ] {
            let encoded: Vec<_> = key.split('/').map(encode).collect();
            let decoded: Vec<_> = encoded.iter().map(|name| decode(name)).collect();
            assert_eq!(decoded.join("/"), key);
            assert!(
                encoded
                    .iter()
                    .all(|name| !name.is_empty() && name != "." && name != "..")
            );
        }
    }

    #[test]
    fn a_key_without_odd_characters_is_the_path() {
        let location = Location::parse("s3://bucket-name/dir/file-name.csv").expect("valid");
        assert_eq!(
            location.candidates(Path::new("/store"))[0],
            Path::new("/store/bucket-name/dir/file-name.csv")
        );
    }
}
