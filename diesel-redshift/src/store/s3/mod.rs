//! Amazon S3.

mod address;
mod answer;
mod builder;
mod delete;
mod list;
mod object;

use std::io::Read;
use std::sync::Arc;

use ureq::http::Method;

use self::address::Address;
pub use self::builder::S3StoreBuilder;
use self::object::Object;
use super::{Store, StoreError, check_body, check_object};
use crate::aws::S3Uri;
use crate::aws::client::{Client, Request};
use crate::error::InvalidValue;

/// Amazon S3, or any service that speaks its protocol (feature `s3`).
///
/// Credentials are searched for where Amazon's own tools look: `AWS_ACCESS_KEY_ID` and related
/// variables, the profile that `AWS_PROFILE` names in `~/.aws/credentials` and `~/.aws/config`
/// (keys, SSO, `credential_process`), web identity (EKS), the container's (ECS, EKS Pod Identity),
/// the instance's (EC2, IMDSv2). They are fetched when the first request needs them, renewed two
/// minutes before they expire, and fetched again once if S3 reports that they have expired. The
/// region is that of the builder, `AWS_REGION`, `AWS_DEFAULT_REGION` or the profile;
/// `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL` and the proxies of `HTTPS_PROXY`, `HTTP_PROXY`,
/// `ALL_PROXY` and `NO_PROXY` are honoured.
///
/// Every request is signed with the hash of its body. Lost connections and answers of 5xx and 429
/// are retried, up to five attempts in all unless [`S3StoreBuilder::attempts`] says otherwise,
/// after 0.1, 0.2, 0.4 … seconds less up to half of that at random. A broken read resumes where it
/// stopped, from the same version of the object, or ends in an error.
///
/// Clones share connections and credentials.
///
/// ```no_run
/// use diesel_redshift::{aws::Region, S3Uri};
/// use diesel_redshift::store::{S3Store, Store};
///
/// let store = S3Store::builder().region(Region::parse("eu-central-1")?).build()?;
/// store.put(&S3Uri::parse("s3://bucket/users.csv")?, b"1,Ada\n")?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct S3Store {
    client: Arc<Client>,
    address: Address,
}

impl S3Store {
    /// A store with the credentials and the region of the environment.
    ///
    /// # Errors
    ///
    /// As [`S3StoreBuilder::build`].
    pub fn from_env() -> Result<Self, InvalidValue> {
        Self::builder().build()
    }

    /// Starts building a store.
    pub fn builder() -> S3StoreBuilder {
        S3StoreBuilder::default()
    }

    fn request<'a>(&self, method: Method, location: &S3Uri, body: &'a [u8]) -> Request<'a> {
        Request {
            method,
            url: self.address.of(location.bucket(), location.key()),
            headers: Vec::new(),
            body,
        }
    }
}

impl Store for S3Store {
    fn put(&self, location: &S3Uri, body: &[u8]) -> Result<(), StoreError> {
        check_object(location)?;
        check_body(location, body)?;
        let request = self.request(Method::PUT, location, body);
        match self.client.send(&request) {
            Ok(_) => Ok(()),
            Err(error) => Err(answer::refused(location, self.address.region(), error)),
        }
    }

    fn get(&self, location: &S3Uri) -> Result<Box<dyn Read + Send>, StoreError> {
        check_object(location)?;
        Ok(Box::new(Object::open(self, location)?))
    }

    fn delete(&self, locations: &[S3Uri]) -> Result<(), StoreError> {
        delete::all(self, locations)
    }

    fn list(&self, prefix: &S3Uri) -> Result<Vec<S3Uri>, StoreError> {
        list::all(self, prefix)
    }
}
