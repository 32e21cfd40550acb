//! What Amazon's services have in common: locations in S3, regions, roles and keys.

mod authorization;
mod location_error;
mod region;
mod s3_uri;

pub use self::authorization::{
    AccessKey, Authorization, AuthorizationError, Credentials, IamRole, NoAuthorization, RoleArn,
    RoleChain,
};
pub use self::location_error::LocationError;
pub use self::region::Region;
pub use self::s3_uri::S3Uri;
