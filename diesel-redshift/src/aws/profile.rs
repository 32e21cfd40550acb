//! What a profile of `~/.aws/config` says besides its keys.

use std::collections::BTreeMap;
use std::path::PathBuf;

use reqsign_core::Env;

/// The section of one profile, and that of the SSO session that it names.
#[derive(Debug, Default)]
pub(crate) struct Profile {
    values: BTreeMap<String, String>,
    session: BTreeMap<String, String>,
}

impl Profile {
    /// Reads the profile `name`, else the one that `AWS_PROFILE` names, else `default`. What does
    /// not exist is empty.
    pub(crate) fn read(environment: &dyn Env, name: Option<&str>) -> Self {
        let path = match environment.var("AWS_CONFIG_FILE") {
            Some(path) => match (path.strip_prefix("~/"), environment.home_dir()) {
                (Some(rest), Some(home)) => home.join(rest),
                _ => PathBuf::from(path),
            },
            None => match environment.home_dir() {
                Some(home) => home.join(".aws").join("config"),
                None => return Self::default(),
            },
        };
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let name = match name {
            Some(name) => name.to_owned(),
            None => environment
                .var("AWS_PROFILE")
                .unwrap_or_else(|| "default".to_owned()),
        };
        Self::of(&text, &name)
    }

    fn of(text: &str, name: &str) -> Self {
        let values = match section(text, &format!("profile {name}")) {
            found if found.is_empty() && name == "default" => section(text, name),
            found => found,
        };
        let session = values
            .get("sso_session")
            .map(|session| section(text, &format!("sso-session {session}")))
            .unwrap_or_default();
        Self { values, session }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.values
            .get(name)
            .or_else(|| self.session.get(name))
            .map(String::as_str)
    }
}

/// The settings of one section, without the indented ones, which belong to another setting.
fn section(text: &str, name: &str) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    let mut inside = false;
    for line in text.lines() {
        if let Some(rest) = line.trim_end().strip_prefix('[') {
            let header = rest.split(']').next().unwrap_or_default();
            inside = header.split_whitespace().eq(name.split_whitespace());
        } else if inside
            && !line.starts_with(char::is_whitespace)
            && !line.starts_with(['#', ';'])
            && let Some((key, value)) = line.split_once('=')
        {
            values.insert(key.trim().to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_has_its_settings_and_its_session() {
        let text = "[default]\nregion = eu-west-1\n\n[profile  load]\n# region = no\ns3 =\n  region = no\nREGION=eu-central-1\n\
                    sso_session = corp\nsso_account_id = 012345678901\n[sso-session corp]\nsso_region = us-east-1\n";
        assert_eq!(
            Profile::of(text, "default").get("region"),
            Some("eu-west-1")
        );
        let load = Profile::of(text, "load");
        assert_eq!(load.get("region"), Some("eu-central-1"));
        assert_eq!(load.get("sso_region"), Some("us-east-1"));
        assert_eq!(Profile::of(text, "other").get("region"), None);
        assert_eq!(Profile::of("region = x\n[", "default").get("region"), None);
    }
}
