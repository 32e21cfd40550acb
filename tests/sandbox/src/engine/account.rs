//! The user that PostgreSQL runs as.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::os;
use crate::Error;

/// PostgreSQL refuses to run as root, so a sandbox that is root gives it to somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Account {
    Own,
    Other { user: u32, group: u32 },
}

impl Account {
    pub(super) fn choose() -> Result<Self, Error> {
        if !os::is_root() {
            return Ok(Self::Own);
        }
        let accounts =
            fs::read_to_string("/etc/passwd").map_err(Error::io("cannot read", "/etc/passwd"))?;
        ["postgres", "nobody"].into_iter().find_map(|name| find(&accounts, name)).ok_or_else(|| {
            Error::NoEngine(
                "PostgreSQL does not run as root, and this machine has neither a user `postgres` nor `nobody`: \
                 start the sandbox as another user"
                    .to_owned(),
            )
        })
    }

    pub(super) fn apply(self, command: &mut Command) {
        if let Self::Other { user, group } = self {
            os::run_as(command, user, group);
        }
    }

    pub(super) fn own(self, path: &Path) -> Result<(), Error> {
        match self {
            Self::Own => Ok(()),
            Self::Other { user, group } => {
                os::give(path, user, group).map_err(Error::io("cannot change the owner of", path))
            }
        }
    }
}

fn find(accounts: &str, name: &str) -> Option<Account> {
    let fields = accounts
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>())
        .find(|fields| fields[0] == name)?;
    Some(Account::Other {
        user: fields.get(2)?.parse().ok()?,
        group: fields.get(3)?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_list_of_accounts() {
        let accounts = "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65533:n:/:/bin/false\n";
        assert_eq!(
            find(accounts, "nobody"),
            Some(Account::Other {
                user: 65534,
                group: 65533
            })
        );
        assert_eq!(find(accounts, "postgres"), None);
    }
}
