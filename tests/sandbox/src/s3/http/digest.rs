//! Hashes and checksums, and how they are spelled.

use md5::{Digest, Md5};

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    hex(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref())
}

pub(super) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let number = group
            .iter()
            .fold(0_u32, |number, byte| number << 8 | u32::from(*byte))
            << (8 * (3 - group.len()));
        for at in 0..4 {
            text.push(if at <= group.len() {
                char::from(LETTERS[(number >> (18 - 6 * at) & 63) as usize])
            } else {
                '='
            });
        }
    }
    text
}

/// A cyclic redundancy check of S3's: all of them are reflected, begin with ones and end inverted.
struct Crc {
    table: [u64; 256],
    value: u64,
    bytes: usize,
}

impl Crc {
    fn new(polynomial: u64, bytes: usize) -> Self {
        let mut table = [0; 256];
        for (entry, byte) in table.iter_mut().zip(0_u64..) {
            *entry = (0..8).fold(byte, |value, _| {
                (value >> 1) ^ if value & 1 == 1 { polynomial } else { 0 }
            });
        }
        Self {
            table,
            value: u64::MAX >> (64 - 8 * bytes),
            bytes,
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        for byte in bytes {
            let at = (self.value ^ u64::from(*byte)) & 0xff;
            self.value = (self.value >> 8) ^ self.table[at as usize];
        }
    }

    fn finish(&self) -> Vec<u8> {
        (!self.value).to_be_bytes()[8 - self.bytes..].to_vec()
    }
}

enum State {
    Crc(Box<Crc>),
    Ring(ring::digest::Context),
    Md5(Md5),
}

/// A checksum that a request comes with.
pub(super) struct Checksum(State);

impl Checksum {
    /// By the end of its header's name, `x-amz-checksum-…`; none if S3 has no such.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(Self(match name {
            "crc32" => State::Crc(Box::new(Crc::new(0xedb8_8320, 4))),
            "crc32c" => State::Crc(Box::new(Crc::new(0x82f6_3b78, 4))),
            "crc64nvme" => State::Crc(Box::new(Crc::new(0x9a6c_9329_ac4b_c9b5, 8))),
            "sha1" => State::Ring(ring::digest::Context::new(
                &ring::digest::SHA1_FOR_LEGACY_USE_ONLY,
            )),
            "sha256" => State::Ring(ring::digest::Context::new(&ring::digest::SHA256)),
            "md5" => State::Md5(Md5::new()),
            _ => return None,
        }))
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            State::Crc(crc) => crc.update(bytes),
            State::Ring(context) => context.update(bytes),
            State::Md5(digest) => digest.update(bytes),
        }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        match self.0 {
            State::Crc(crc) => crc.finish(),
            State::Ring(context) => context.finish().as_ref().to_vec(),
            State::Md5(digest) => digest.finalize().to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_have_their_check_values() {
        // The check values of the catalogue of CRC algorithms, and of the hashes' standards.
        for (name, expected) in [
            ("crc32", "cbf43926"),
            ("crc32c", "e3069283"),
            ("crc64nvme", "ae8b14860a799888"),
            ("sha1", "f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
            ("md5", "25f9e794323b453885f5181f1b624d0b"),
        ] {
            let mut checksum = Checksum::named(name).expect(name);
            checksum.update(b"1234");
            checksum.update(b"56789");
            assert_eq!(hex(&checksum.finish()), expected, "{name}");
        }
        assert!(Checksum::named("adler").is_none());
    }

    #[test]
    fn base64_pads() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v")] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }
}
