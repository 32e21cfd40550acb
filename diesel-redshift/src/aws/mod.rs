//! What Amazon's services have in common: locations in S3, regions, roles and keys; by feature also requests, signed with
//! the application's own credentials.

mod authorization;
#[cfg(feature = "s3")]
mod backoff;
#[cfg(feature = "s3")]
pub(crate) mod client;
#[cfg(feature = "s3")]
pub(crate) mod credentials;
#[cfg(feature = "s3")]
pub(crate) mod http;
#[cfg(feature = "s3")]
pub(crate) mod profile;
mod region;
mod s3_uri;
#[cfg(feature = "s3")]
pub(crate) mod surroundings;
#[cfg(feature = "s3")]
pub(crate) mod xml;

pub(crate) use self::authorization::AuthorizationKind;
pub use self::authorization::{
    AccessKey, Authorization, AuthorizationSlot, BoxedAuthorization, Credentials, IamRole,
    IntoIamRole, NoAuthorization, RoleArn, RoleChain,
};
pub use self::region::Region;
pub(crate) use self::s3_uri::or_placeholder;
pub use self::s3_uri::{IntoS3Uri, S3Uri};
