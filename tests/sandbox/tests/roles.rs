//! Users, groups and roles: how they are called, and what cannot be dropped.

use crate::place;

#[test]
fn each_is_called_what_it_is() {
    let place = place();
    let mut client = place.connect();
    let name = format!("{}_it", place.name);
    for (kind, create) in [("user", "PASSWORD 'Secret12'"), ("group", ""), ("role", "")] {
        client.query(&format!("CREATE {kind} {name} {create}"));
        let failure = client.error(&format!("create {kind} {name} {create}"));
        assert_eq!(
            (&*failure.code, failure.message),
            ("42710", format!("{kind} \"{name}\" already exists"))
        );
        client.query(&format!("CREATE TABLE of_{kind} (a INT)"));
        let to = if kind == "user" { "" } else { kind };
        client.query(&format!("GRANT SELECT ON of_{kind} TO {to} {name}"));
        let failure = client.error(&format!("DROP {kind} {name}"));
        assert_eq!(
            (&*failure.code, failure.message),
            (
                "55006",
                format!(
                    "{kind} \"{name}\" can't be dropped because the {kind} has a privilege on some object"
                )
            )
        );
        client.query(&format!("DROP TABLE of_{kind}; DROP {kind} {name}"));
        let failure = client.error(&format!("DROP {kind} {name}"));
        assert_eq!(
            (&*failure.code, failure.message),
            ("42704", format!("{kind} \"{name}\" does not exist"))
        );
    }
}

#[test]
fn a_role_that_is_granted_is_dropped_by_force_only() {
    let place = place();
    let mut client = place.connect();
    let [one, two, user] = ["one", "two", "user"].map(|name| format!("{}_{name}", place.name));
    client.query(&format!(
        "CREATE ROLE {one}; CREATE ROLE {two}; CREATE USER {user} PASSWORD 'Secret12'; GRANT ROLE {one} TO ROLE {two}"
    ));
    let on_role = "cannot drop this role since it depends on another role";
    assert_eq!(client.error(&format!("DROP ROLE {two}")).message, on_role);
    client.query(&format!("GRANT ROLE {one} TO {user}"));
    let on_user = "cannot drop this role since it has been granted on a user";
    for end in ["", "RESTRICT"] {
        let failure = client.error(&format!("DROP ROLE {one} {end}"));
        assert_eq!(failure.message, on_user);
    }
    client.query(&format!(
        "DROP ROLE {two} FORCE; DROP ROLE {one} FORCE; DROP USER {user}"
    ));
}
