use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use super::RoleArn;
use super::role_arn::{no_arn, refusal, starts_with};
use crate::error::InvalidValue;

/// Roles that each assume the next; the last one reaches the data.
///
/// Only the first has to be attached to the cluster. A chain has 1 to 10 roles.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RoleChain(pub(super) Cow<'static, str>);

/// What separates two roles. A role's name may contain a comma, but only here does an ARN follow
/// it.
const LINK: &str = ",arn:";

/// How many roles a text chains, or why it is not a chain.
pub(super) const fn links(chain: &str) -> Result<usize, &'static str> {
    let mut roles = 0;
    let mut rest = chain.as_bytes();
    loop {
        let mut end = rest;
        while !end.is_empty() && !starts_with(end, LINK.as_bytes()) {
            end = end.split_at(1).1;
        }
        let (arn, tail) = rest.split_at(rest.len() - end.len());
        if let Some(reason) = refusal(arn) {
            return Err(reason);
        }
        roles += 1;
        match tail {
            [] => return Ok(roles),
            [_, next @ ..] => rest = next,
        }
    }
}

fn wrong_length(roles: usize) -> InvalidValue {
    InvalidValue::new(
        "IAM_ROLE",
        format!("a chain of {roles} roles"),
        "1 to 10 roles",
    )
}

impl RoleChain {
    /// Chains `roles` in this order.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] unless there are 1 to 10.
    pub fn new(roles: impl IntoIterator<Item = RoleArn>) -> Result<Self, InvalidValue> {
        let roles: Vec<_> = roles.into_iter().map(|RoleArn(arn)| arn).collect();
        match roles.len() {
            1..=10 => Ok(Self(roles.join(",").into())),
            roles => Err(wrong_length(roles)),
        }
    }

    /// The ARNs, joined by commas.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The roles, the first of which is attached to the cluster.
    pub fn roles(&self) -> impl Iterator<Item = RoleArn> {
        let mut rest = Some(&*self.0);
        std::iter::from_fn(move || {
            let text = rest?;
            let (arn, tail) = match text.find(LINK) {
                Some(at) => (&text[..at], Some(&text[at + 1..])),
                None => (text, None),
            };
            rest = tail;
            Some(RoleArn(Cow::Owned(arn.to_owned())))
        })
    }
}

impl From<RoleArn> for RoleChain {
    fn from(RoleArn(arn): RoleArn) -> Self {
        Self(arn)
    }
}

impl FromStr for RoleChain {
    type Err = InvalidValue;

    /// Parses `arn,arn,…`, without spaces.
    fn from_str(chain: &str) -> Result<Self, InvalidValue> {
        match links(chain) {
            Ok(1..=10) => Ok(Self(Cow::Owned(chain.to_owned()))),
            Ok(roles) => Err(wrong_length(roles)),
            Err(reason) => Err(no_arn(chain, reason)),
        }
    }
}

crate::sql::from_text!(RoleChain);

impl fmt::Display for RoleChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::IamRole;
    use super::*;

    #[test]
    fn chains_are_split_where_an_arn_follows() {
        let one = "arn:aws:iam::012345678901:role/a,b,";
        let two = "arn:aws:iam::012345678902:role/c";
        let chain: RoleChain = format!("{one},{two}").parse().expect("a chain");
        let roles: Vec<_> = chain.roles().map(|role| role.to_string()).collect();
        assert_eq!(roles, [one, two]);
        let rebuilt = RoleChain::new(chain.roles()).expect("two roles");
        assert_eq!(rebuilt, chain);

        assert!(format!("{one}, {two}").parse::<RoleChain>().is_err());
        assert!(
            format!("{two},").parse::<RoleChain>().is_ok(),
            "a name may end in a comma"
        );
        let eleven = [two; 11].join(",");
        assert_eq!(eleven.parse::<IamRole>(), Err(wrong_length(11)));
        assert_eq!(IamRole::chain([]), Err(wrong_length(0)));
    }
}
