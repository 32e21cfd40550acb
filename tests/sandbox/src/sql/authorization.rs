//! How COPY and UNLOAD say who they are. What that one may do is S3's matter.

use super::cursor::Cursor;
use crate::protocol::{SqlError, SqlResult};
use crate::s3::Identity;

/// The parts that were given so far.
#[derive(Clone, Default)]
pub(crate) struct Authorization {
    iam_role: bool,
    key: bool,
    secret: bool,
    token: bool,
    credentials: bool,
    credentials_role: bool,
    roles: Vec<String>,
    key_id: String,
    secret_key: String,
    session_token: Option<String>,
}

impl Authorization {
    /// Reads one part if one is next.
    pub(crate) fn accept(&mut self, cursor: &mut Cursor<'_>) -> SqlResult<bool> {
        if cursor.accept("iam_role") {
            once(&mut self.iam_role, "IAM_ROLE")?;
            if !cursor.accept("default") {
                let (arns, _) = cursor.literal()?;
                self.roles = check_roles(&arns)?;
            }
        } else if cursor.accept("access_key_id") {
            once(&mut self.key, "ACCESS_KEY_ID")?;
            self.key_id = not_empty(cursor)?;
        } else if cursor.accept("secret_access_key") {
            once(&mut self.secret, "SECRET_ACCESS_KEY")?;
            self.secret_key = not_empty(cursor)?;
        } else if cursor.accept("session_token") {
            once(&mut self.token, "SESSION_TOKEN")?;
            self.session_token = Some(not_empty(cursor)?);
        } else if cursor.is("credentials") || cursor.is("with") && cursor.is_at(1, "credentials") {
            cursor.accept("with");
            cursor.expect("credentials")?;
            cursor.accept("as");
            once(&mut self.credentials, "CREDENTIALS")?;
            let (text, _) = cursor.literal()?;
            self.credentials(&text)?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// Reads `name=value;…`.
    fn credentials(&mut self, text: &str) -> SqlResult<()> {
        let (mut key, mut secret) = (false, false);
        for pair in text.split(';') {
            let Some((name, value)) = pair.split_once('=') else {
                return Err(invalid_credentials());
            };
            if value.is_empty() || value.contains(char::is_whitespace) {
                return Err(invalid_credentials());
            }
            match name {
                "aws_iam_role" => {
                    self.roles = check_roles(value)?;
                    self.credentials_role = true;
                }
                "aws_access_key_id" => {
                    self.key_id = value.to_owned();
                    key = true;
                }
                "aws_secret_access_key" => {
                    self.secret_key = value.to_owned();
                    secret = true;
                }
                "token" => self.session_token = Some(value.to_owned()),
                "master_symmetric_key" => {
                    return Err(SqlError::not_imitated("master_symmetric_key"));
                }
                _ => return Err(invalid_credentials()),
            }
        }
        let valid = if self.credentials_role {
            !(key || secret || self.session_token.is_some())
        } else {
            key && secret
        };
        if valid {
            Ok(())
        } else {
            Err(invalid_credentials())
        }
    }

    /// Who it is, once [`Authorization::check`] has passed.
    pub(crate) fn identity(self) -> Identity {
        if !self.is_role() {
            Identity::Key {
                id: self.key_id,
                secret: self.secret_key,
                token: self.session_token,
            }
        } else if self.roles.is_empty() {
            Identity::DefaultRole
        } else {
            Identity::Roles(self.roles)
        }
    }

    /// Whether a role was given, not keys.
    pub(crate) fn is_role(&self) -> bool {
        self.iam_role || self.credentials_role
    }

    /// Whether it is the text of CREDENTIALS.
    pub(crate) fn is_text(&self) -> bool {
        self.credentials
    }

    /// Exactly one whole form has to have been given.
    pub(crate) fn check(&self) -> SqlResult<()> {
        let keys = self.key || self.secret || self.token;
        let forms = [self.iam_role, keys, self.credentials]
            .iter()
            .filter(|given| **given)
            .count();
        if forms == 0 {
            return Err(SqlError::internal("No credentials were given")
                .hint("Add IAM_ROLE default, IAM_ROLE 'arn:…', or ACCESS_KEY_ID '…' SECRET_ACCESS_KEY '…'."));
        }
        if forms > 1 {
            return Err(SqlError::new(
                "42601",
                "IAM_ROLE, ACCESS_KEY_ID with SECRET_ACCESS_KEY, and CREDENTIALS exclude each other",
            ));
        }
        if keys && !(self.key && self.secret) {
            return Err(SqlError::new(
                "42601",
                "ACCESS_KEY_ID and SECRET_ACCESS_KEY have to be given together",
            ));
        }
        Ok(())
    }
}

fn once(given: &mut bool, option: &str) -> SqlResult<()> {
    if std::mem::replace(given, true) {
        return Err(SqlError::new(
            "42601",
            format!("conflicting or redundant options: {option}"),
        ));
    }
    Ok(())
}

fn not_empty(cursor: &mut Cursor<'_>) -> SqlResult<String> {
    let (value, _) = cursor.literal()?;
    if value.is_empty() {
        Err(invalid_credentials())
    } else {
        Ok(value)
    }
}

fn invalid_credentials() -> SqlError {
    SqlError::internal(
        "Invalid credentials. Must be of the format: credentials 'aws_iam_role=...' or \
         'aws_access_key_id=...;aws_secret_access_key=...[;token=...]'",
    )
}

/// One ARN, or a chain of them separated by commas without spaces.
fn check_roles(arns: &str) -> SqlResult<Vec<String>> {
    let mut rest = arns;
    let mut roles = Vec::new();
    loop {
        // A role's name may hold a comma.
        let end = rest.find(",arn:").unwrap_or(rest.len());
        if !is_role(&rest[..end]) {
            return Err(SqlError::internal(format!("Invalid IAM role ARN: {}", &rest[..end]))
                .hint("A role is written arn:<partition>:iam::<12 digits>:role/<name>; a chain has commas and no spaces."));
        }
        roles.push(rest[..end].to_owned());
        match rest.get(end + 1..) {
            Some(next) => rest = next,
            None => break,
        }
    }
    if roles.len() > 10 {
        return Err(SqlError::internal("A chain can hold 10 IAM roles at most"));
    }
    Ok(roles)
}

fn is_role(arn: &str) -> bool {
    let parts: Vec<_> = arn.splitn(6, ':').collect();
    let [arn, partition, service, region, account, resource] = parts[..] else {
        return false;
    };
    let Some(name) = resource
        .strip_prefix("role/")
        .and_then(|path| path.rsplit('/').next())
    else {
        return false;
    };
    arn == "arn"
        && partition.starts_with("aws")
        && service == "iam"
        && region.is_empty()
        && account.len() == 12
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && (1..=64).contains(&name.len())
        && resource
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+=,.@_-/".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::lexer::tokens;

    fn check(sql: &str) -> SqlResult<()> {
        let tokens = tokens(sql)?;
        let mut cursor = Cursor::new(sql, &tokens);
        let mut authorization = Authorization::default();
        while authorization.accept(&mut cursor)? {}
        cursor.expect_end()?;
        authorization.check()
    }

    #[test]
    fn every_form_is_taken() {
        for sql in [
            "iam_role default",
            "IAM_ROLE 'arn:aws:iam::012345678901:role/MyRole'",
            "IAM_ROLE 'arn:aws-cn:iam::012345678901:role/service-role/A,arn:aws:iam::012345678901:role/B'",
            "ACCESS_KEY_ID 'a' SECRET_ACCESS_KEY 'b'",
            "ACCESS_KEY_ID 'a' SECRET_ACCESS_KEY 'b' SESSION_TOKEN 'c'",
            "credentials 'aws_iam_role=arn:aws:iam::012345678901:role/MyRole'",
            "with credentials as 'aws_access_key_id=a;aws_secret_access_key=b;token=c'",
        ] {
            assert_eq!(check(sql), Ok(()), "{sql}");
        }
    }

    #[test]
    fn broken_forms_are_refused() {
        for sql in [
            "",
            "iam_role default access_key_id 'a' secret_access_key 'b'",
            "iam_role default iam_role default",
            "iam_role default credentials 'aws_iam_role=arn:aws:iam::012345678901:role/MyRole'",
            "access_key_id 'a'",
            "session_token 'a'",
            "iam_role 'arn:aws:iam::01234567890:role/short'",
            "iam_role 'arn:aws:iam::012345678901:user/x'",
            "iam_role 'arn:aws:iam::012345678901:role/a b'",
            "iam_role 'arn:aws:iam::012345678901:role/a, arn:aws:iam::012345678901:role/b'",
            "iam_role ''",
            "credentials 'aws_access_key_id=a'",
            "credentials 'nonsense'",
        ] {
            assert!(check(sql).is_err(), "{sql}");
        }
    }
}
