//! What Amazon's services have in common: locations in S3, regions, roles and keys.

mod authorization;
mod region;
mod s3_uri;

pub use self::authorization::{
    AccessKey, Authorization, Credentials, IamRole, NoAuthorization, RoleArn, RoleChain,
};
pub use self::region::Region;
pub use self::s3_uri::S3Uri;
