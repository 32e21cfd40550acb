//! Types that PostgreSQL lacks. Their numbers are its own choice, and Redshift's are constants of the service.

use super::connection::Connection;
use super::run;
use crate::Error;

pub(crate) const HLLSKETCH: u32 = 2935;
pub(crate) const GEOMETRY: u32 = 3000;
pub(crate) const GEOGRAPHY: u32 = 3001;
pub(crate) const SUPER: u32 = 4000;
pub(crate) const VARBYTE: u32 = 6551;

/// What each type is called in the catalog, and its number on Redshift.
const NAMES: [(&str, u32); 5] = [
    ("pg_catalog.super", SUPER),
    ("pg_sandbox.hex", VARBYTE),
    ("pg_catalog.geometry", GEOMETRY),
    ("pg_catalog.geography", GEOGRAPHY),
    ("pg_catalog.hllsketch", HLLSKETCH),
];

/// PostgreSQL's number of each type and Redshift's, the same in every database.
#[derive(Clone, Debug, Default)]
pub(crate) struct Types(Vec<(u32, u32)>);

impl Types {
    /// Asks PostgreSQL.
    pub(super) fn of(connection: &mut Connection) -> Result<Self, Error> {
        let names = NAMES.map(|(name, _)| format!("'{name}'::regtype::oid"));
        let answer = run(connection, &format!("SELECT {}", names.join(", ")))?;
        let found = answer.rows.into_iter().flatten().flatten();
        Ok(Self(
            found
                .filter_map(|oid| oid.parse().ok())
                .zip(NAMES.map(|(_, number)| number))
                .collect(),
        ))
    }

    /// What a type is called, by Redshift's number of it.
    pub(crate) fn name(oid: u32) -> Option<&'static str> {
        Some(match oid {
            SUPER => "super",
            VARBYTE => "varbyte",
            GEOMETRY => "geometry",
            GEOGRAPHY => "geography",
            HLLSKETCH => "hllsketch",
            _ => return None,
        })
    }

    /// Redshift's number of a type.
    pub(crate) fn redshift(&self, oid: u32) -> u32 {
        let found = self.0.iter().find(|(engine, _)| *engine == oid);
        found.map_or(oid, |(_, redshift)| *redshift)
    }

    /// PostgreSQL's number of a type.
    pub(crate) fn engine(&self, oid: u32) -> u32 {
        let found = self.0.iter().find(|(_, redshift)| *redshift == oid);
        found.map_or(oid, |(engine, _)| *engine)
    }
}
