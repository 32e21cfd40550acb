//! What Amazon's services share: locations in S3, regions, roles and keys; with some features also
//! requests, signed with the application's own credentials.

mod authorization;
#[cfg(any(feature = "s3", feature = "iam"))]
mod backoff;
#[cfg(any(feature = "s3", feature = "iam"))]
#[cfg_attr(not(feature = "s3"), allow(dead_code))]
pub(crate) mod client;
#[cfg(any(feature = "s3", feature = "iam"))]
pub(crate) mod credentials;
#[cfg(any(feature = "s3", feature = "iam"))]
pub(crate) mod http;
#[cfg(feature = "iam")]
pub(crate) mod log_in;
#[cfg(any(feature = "s3", feature = "iam"))]
pub(crate) mod profile;
mod region;
mod s3_uri;
#[cfg(any(feature = "s3", feature = "iam"))]
pub(crate) mod surroundings;
#[cfg(any(feature = "s3", feature = "iam"))]
#[cfg_attr(not(feature = "s3"), allow(dead_code))]
pub(crate) mod xml;

pub use self::authorization::{
    AccessKey, Authorization, BoxedAuthorization, Credentials, IamRole, IntoIamRole,
    NoAuthorization, RoleArn, RoleChain,
};
pub(crate) use self::authorization::{AuthorizationKind, role_or_default};
pub use self::region::Region;
pub(crate) use self::s3_uri::or_placeholder;
pub use self::s3_uri::{IntoS3Uri, S3Uri};
