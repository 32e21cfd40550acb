//! Roles, keys and regions that the sandbox is told of.

use redshift_sandbox::{AccessKey, Permissions, Sandbox};

use crate::client::Client;
use crate::{place, sandbox};

const LOADER: &str = "arn:aws:iam::012345678901:role/Loader";
const WRITER: &str = "arn:aws:iam::012345678901:role/Writer";

#[test]
fn only_what_was_told_may_be_done() {
    let sandbox = Sandbox::start().expect("a sandbox");
    sandbox.add_role(LOADER, Permissions::new().read("s3://data/in/"));
    sandbox.add_role(WRITER, Permissions::new().write("s3://data/out/"));
    sandbox.add_key(
        AccessKey::new("AKIDLONG", "long"),
        Permissions::new().read("s3://data/in/"),
    );
    sandbox.add_key(
        AccessKey::new("ASIASHORT", "short").token("t"),
        Permissions::all(),
    );
    sandbox.add_key(
        AccessKey::new("ASIAOVER", "over").token("t").expired(),
        Permissions::all(),
    );
    let put = |uri: &str| sandbox.store().put(uri, "1\n").expect("put");
    put("s3://data/in/a.csv");
    put("s3://data/secret/a.csv");
    let mut client = Client::connect(&sandbox.url()).expect("a connection");
    client.query("CREATE TABLE t (a int)");
    let copy = |folder: &str, who: &str| format!("COPY t FROM 's3://data/{folder}/' {who} CSV");
    let unload =
        |who: &str| format!("UNLOAD ('SELECT 1 AS a') TO 's3://data/out/' {who} ALLOWOVERWRITE");
    let role = |arn: &str| format!("IAM_ROLE '{arn}'");
    let key = |id: &str, secret: &str| format!("ACCESS_KEY_ID '{id}' SECRET_ACCESS_KEY '{secret}'");
    for allowed in [
        copy("in", &role(LOADER)),
        copy("in", &role(&format!("{WRITER},{LOADER}"))),
        copy("in", &format!("CREDENTIALS 'aws_iam_role={LOADER}'")),
        copy("in", &key("AKIDLONG", "long")),
        copy(
            "in",
            "CREDENTIALS 'aws_access_key_id=ASIASHORT;aws_secret_access_key=short;token=t'",
        ),
        copy(
            "in",
            &format!("{} SESSION_TOKEN 't'", key("ASIASHORT", "short")),
        ),
        unload(&role(WRITER)),
    ] {
        client.query(&allowed);
    }
    let denied = "S3ServiceException:Access Denied,Status 403,Error AccessDenied";
    for (statement, text) in [
        (copy("secret", &role(LOADER)), denied),
        (copy("in", &role(WRITER)), denied),
        (copy("in", &role(&format!("{LOADER},{WRITER}"))), denied),
        (unload(&role(LOADER)), denied),
        (copy("secret", &key("AKIDLONG", "long")), denied),
        (
            copy("in", &role("arn:aws:iam::012345678901:role/Nobody")),
            "not authorized to assume IAM Role arn:aws:iam::012345678901:role/Nobody",
        ),
        (
            copy("in", "IAM_ROLE default"),
            "not authorized to assume IAM Role default",
        ),
        (
            copy("in", &key("AKIDNOBODY", "x")),
            "Error InvalidAccessKeyId",
        ),
        (
            copy("in", &key("AKIDLONG", "wrong")),
            "Error SignatureDoesNotMatch",
        ),
        (copy("in", &key("ASIASHORT", "short")), "Error InvalidToken"),
        (
            copy(
                "in",
                &format!("{} SESSION_TOKEN 't'", key("ASIAOVER", "over")),
            ),
            "Error ExpiredToken",
        ),
    ] {
        let failure = client.error(&statement);
        assert_eq!(failure.code, "XX000");
        assert!(
            failure.message.contains(text),
            "{statement}: {}",
            failure.message
        );
        assert!(
            failure.detail.contains("code:      8001"),
            "{}",
            failure.detail
        );
    }
    assert_eq!(client.value("SELECT count(*) FROM t"), "6");
}

#[test]
fn a_bucket_in_another_region_needs_its_region() {
    let place = place();
    sandbox().set_region(&place.name, "eu-west-1");
    let mut client = place.connect();
    client.query("CREATE TABLE t (a int)");
    let uri = place.put("a.csv", "1\n");
    let copy = |option: &str| format!("COPY t FROM '{uri}' IAM_ROLE default CSV {option}");
    for option in ["", "REGION 'us-west-2'"] {
        let message = client.error(&copy(option)).message;
        assert!(
            message.contains("must be addressed using the specified endpoint"),
            "{message}"
        );
    }
    client.query(&copy("REGION AS 'eu-west-1'"));
    let unload = format!(
        "UNLOAD ('SELECT 1') TO '{}' IAM_ROLE default",
        place.uri("out/")
    );
    assert!(client.error(&unload).message.contains("PermanentRedirect"));
    client.query(&format!("{unload} REGION 'eu-west-1'"));
}
