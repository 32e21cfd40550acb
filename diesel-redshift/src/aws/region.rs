//! AWS regions.

use std::fmt;
use std::str::FromStr;

use crate::error::InvalidValue;

/// An AWS region by its code: `eu-central-1`, `us-gov-west-1`.
///
/// Any code of that shape is accepted: Amazon's list of regions grows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Region(String);

impl Region {
    /// Parses a region's code.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] unless it consists of lower-case words and a number, joined by hyphens.
    pub fn parse(code: &str) -> Result<Self, InvalidValue> {
        let is_region = code.rsplit_once('-').is_some_and(|(words, number)| {
            words.contains('-')
                && words.split('-').all(|word| {
                    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase())
                })
                && (1..=2).contains(&number.len())
                && number.bytes().all(|byte| byte.is_ascii_digit())
        });
        if is_region {
            Ok(Self(code.to_owned()))
        } else {
            let begins_as_one = matches!(code.as_bytes(), [a, b, b'-', ..] if a.is_ascii_lowercase() && b.is_ascii_lowercase());
            Err(InvalidValue::shown_if(
                begins_as_one && code.len() <= 32,
                "REGION",
                code,
                "the code of an AWS region, such as `eu-central-1`",
            ))
        }
    }

    /// The region's code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Region {
    type Err = InvalidValue;

    fn from_str(code: &str) -> Result<Self, InvalidValue> {
        Self::parse(code)
    }
}

crate::sql::from_text!(Region);

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_codes() {
        for code in [
            "us-east-1",
            "us-gov-west-1",
            "ap-southeast-12",
            "us-isob-east-1",
        ] {
            assert_eq!(Region::parse(code).expect(code).as_str(), code);
        }
        for code in [
            "",
            "us-east",
            "us-1",
            "US-EAST-1",
            "us east 1",
            "us-east-1 ",
            "us-east-1-2",
            "us-east-one",
            "us--east-1",
            "us-east-1'",
            "-us-east-1",
            "us-east-",
        ] {
            assert!(Region::parse(code).is_err(), "{code:?}");
        }
    }
}
