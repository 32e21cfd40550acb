//! Statements about users, roles and groups.

use diesel_redshift::ddl::*;

use crate::statements;

fn user(name: &str) -> Grantee {
    Grantee::User(name.to_owned())
}

fn role(name: &str) -> Grantee {
    Grantee::Role(name.to_owned())
}

pub(crate) fn statements() -> crate::Statements {
    statements! {
        "CREATE USER": create_user("ada").password("Secret1x");
        "CREATE USER PASSWORD DISABLE": create_user("O'Brien \"x\"").password_disable();
        "CREATE USER with all options": create_user("ada").password_disable().create_db().no_superuser()
            .syslog_access(SyslogAccess::Unrestricted).in_group("staff").in_group("select")
            .valid_until("2027-01-31 12:00").connection_limit(0).session_timeout(60);
        "CREATE USER as superuser": create_user("root2").password("sha256|Secret1x").superuser();
        "ALTER USER": alter_user("ada").password("md5153c434b4b77c89e6b94f12c5393af5b").no_create_db()
            .syslog_access(SyslogAccess::Restricted).valid_until("infinity").connection_unlimited().session_timeout(1_728_000);
        "ALTER USER RENAME": rename_user("ada", "the \"countess\"");
        "DROP USER": drop_user("ada");
        "DROP USER IF EXISTS": drop_user("ada").if_exists();
        "CREATE ROLE": create_role("analysts");
        "ALTER ROLE RENAME": rename_role("analysts", "readers");
        "ALTER ROLE OWNER": role_owner_to("analysts", "ada");
        "DROP ROLE": drop_role("analysts");
        "DROP ROLE FORCE": drop_role_force("analysts");
        "GRANT ROLE to a user": grant_role("analysts", user("ada"));
        "GRANT ROLE to a role": grant_role("analysts", role("staff"));
        "GRANT ROLE WITH ADMIN OPTION": grant_role_with_admin_option("analysts", user("ada"));
        "REVOKE ROLE": revoke_role("analysts", role("staff"));
        "REVOKE ADMIN OPTION": revoke_admin_option("analysts", user("ada"));
        "CREATE GROUP": create_group("staff");
        "ALTER GROUP ADD USER": alter_group("staff").add_user("ada");
        "ALTER GROUP DROP USER": alter_group("staff").drop_user("ada");
        "ALTER GROUP RENAME": alter_group("staff").rename_to("people");
        "DROP GROUP": drop_group("staff");
    }
}
