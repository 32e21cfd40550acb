//! Which roles and keys exist, what they may touch, and where buckets lie.

use std::collections::HashMap;

use crate::Error;

/// The region of the cluster, and of every bucket that is not told to lie elsewhere.
pub(crate) const REGION: &str = "us-east-1";

/// The key that every sandbox knows until it is told of others.
pub(crate) const KEY_ID: &str = "AKIAREDSHIFTSANDBOX0";
pub(crate) const SECRET_KEY: &str = "RedshiftSandboxSecretKeyOfFortyCharacters";

/// What a role or a key may touch, by the beginnings of locations: nothing at first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    read: Vec<String>,
    write: Vec<String>,
    actions: Vec<String>,
}

impl Permissions {
    /// Nothing at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// Everything.
    pub fn all() -> Self {
        Self::new().read("s3://").write("s3://").action("*")
    }

    /// Objects below this may be listed and read.
    pub fn read(mut self, prefix: impl Into<String>) -> Self {
        self.read.push(prefix.into());
        self
    }

    /// Objects below this may be listed, written and deleted.
    pub fn write(mut self, prefix: impl Into<String>) -> Self {
        self.write.push(prefix.into());
        self
    }

    /// This action may be called, such as `redshift:GetClusterCredentials`; `*` is every one.
    pub fn action(mut self, action: impl Into<String>) -> Self {
        self.actions.push(action.into());
        self
    }

    pub(super) fn has_action(&self, action: &str) -> bool {
        self.actions
            .iter()
            .any(|allowed| allowed == "*" || allowed == action)
    }

    pub(super) fn allow(&self, action: Action, uri: &str) -> Result<(), Error> {
        let covered =
            |prefixes: &[String]| prefixes.iter().any(|prefix| uri.starts_with(&**prefix));
        let allowed = match action {
            Action::Read => covered(&self.read),
            Action::Write => covered(&self.write),
            Action::List => covered(&self.read) || covered(&self.write),
        };
        if allowed {
            Ok(())
        } else {
            Err(Error::access_denied())
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    List,
    Read,
    Write,
}

/// Who a statement or a request says it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Identity {
    #[default]
    DefaultRole,
    /// One role after another, of which the last does the work.
    Roles(Vec<String>),
    Key {
        id: String,
        secret: String,
        token: Option<String>,
    },
}

/// An access key that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessKey {
    pub(super) id: String,
    pub(super) secret: String,
    pub(super) token: Option<String>,
    pub(super) expired: bool,
}

impl AccessKey {
    /// A long-term key.
    pub fn new(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            secret: secret.into(),
            token: None,
            expired: false,
        }
    }

    /// A temporary key, which is good only with its session token.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// A temporary key whose time is over.
    pub fn expired(mut self) -> Self {
        self.expired = true;
        self
    }
}

/// What the sandbox was told. Until it is told of a role or a key, every role and every key may do everything.
#[derive(Debug, Default)]
pub(crate) struct Identities {
    told: bool,
    roles: HashMap<String, Permissions>,
    keys: HashMap<String, (AccessKey, Permissions)>,
    regions: HashMap<String, String>,
}

impl Identities {
    pub(crate) fn add_role(&mut self, arn: &str, permissions: Permissions) {
        self.told = true;
        self.roles.insert(arn.to_owned(), permissions);
    }

    pub(crate) fn add_key(&mut self, key: AccessKey, permissions: Permissions) {
        self.told = true;
        self.keys.insert(key.id.clone(), (key, permissions));
    }

    pub(crate) fn put_bucket(&mut self, bucket: &str, region: &str) {
        self.regions.insert(bucket.to_owned(), region.to_owned());
    }

    pub(crate) fn region_of(&self, bucket: &str) -> &str {
        self.regions.get(bucket).map_or(REGION, |region| region)
    }

    /// The key by which a request is signed.
    pub(super) fn key(&self, id: &str) -> Result<(AccessKey, Permissions), Error> {
        if !self.told && id == KEY_ID {
            return Ok((AccessKey::new(KEY_ID, SECRET_KEY), Permissions::all()));
        }
        self.keys.get(id).cloned().ok_or_else(unknown_key)
    }

    pub(super) fn permissions_of(&self, identity: &Identity) -> Result<Permissions, Error> {
        if !self.told {
            return Ok(Permissions::all());
        }
        let default = ["default".to_owned()];
        let roles = match identity {
            Identity::DefaultRole => &default[..],
            Identity::Roles(roles) => roles,
            Identity::Key { id, secret, token } => {
                let (key, permissions) = self.keys.get(id).ok_or_else(unknown_key)?;
                if key.secret != *secret {
                    return Err(wrong_signature());
                }
                check_token(key, token.as_deref())?;
                return Ok(permissions.clone());
            }
        };
        let mut assumer = "arn:aws:redshift:us-east-1:012345678901:dbuser:sandbox/awsuser";
        let mut permissions = Permissions::new();
        for role in roles {
            permissions = self.roles.get(role).cloned().ok_or_else(|| Error::Role {
                user: assumer.to_owned(),
                role: role.clone(),
            })?;
            assumer = role;
        }
        Ok(permissions)
    }
}

pub(super) fn unknown_key() -> Error {
    Error::s3(
        403,
        "InvalidAccessKeyId",
        "The AWS Access Key Id you provided does not exist in our records.",
    )
}

pub(super) fn wrong_signature() -> Error {
    Error::s3(
        403,
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. Check your key and signing \
         method.",
    )
}

pub(super) fn check_token(key: &AccessKey, token: Option<&str>) -> Result<(), Error> {
    if key.token.as_deref() != token {
        return Err(Error::s3(
            400,
            "InvalidToken",
            "The provided token is malformed or otherwise invalid.",
        ));
    }
    if key.expired {
        return Err(Error::s3(
            400,
            "ExpiredToken",
            "The provided token has expired.",
        ));
    }
    Ok(())
}
