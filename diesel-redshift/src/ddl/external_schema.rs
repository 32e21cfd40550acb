//! `CREATE EXTERNAL SCHEMA`.

use std::fmt;

use super::definition::{Definition, definition};
use crate::aws::{IamRole, Region};
use crate::error::{Error, InvalidValue};
use crate::sql::{Secrets, StatementText};

/// Where an external schema's tables are.
#[derive(Clone)]
enum Source {
    DataCatalog {
        database: String,
        creates: bool,
    },
    Kinesis,
    Federated {
        engine: &'static str,
        database: String,
        schema: Option<String>,
        host: String,
        port: Option<u16>,
        secret_arn: String,
    },
}

/// A [`create_external_schema`] without its source.
#[must_use = "an external schema needs a source"]
#[derive(Debug, Clone)]
pub struct ExternalSchemaStart {
    name: String,
}

/// `CREATE EXTERNAL SCHEMA`; see [`create_external_schema`].
#[derive(Clone)]
#[must_use = "a statement runs with .execute(…)"]
pub struct CreateExternalSchema {
    name: String,
    if_not_exists: bool,
    source: Source,
    role: IamRole,
    region: Option<Region>,
    /// An option that the source does not have.
    misplaced: Option<InvalidValue>,
}

/// A password that was given as the name of a secret, or within the host, is not shown.
impl fmt::Debug for CreateExternalSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CreateExternalSchema")
            .field(&self.to_sql().unwrap_or_default())
            .finish()
    }
}

/// `CREATE EXTERNAL SCHEMA "lake" FROM …`: a schema whose tables are elsewhere: files described by
/// Glue's data catalog, streams of Kinesis, or tables of a PostgreSQL or MySQL.
/// [`drop_schema`](super::drop_schema) drops it, but not the data it shows.
///
/// ```
/// use diesel_redshift::IamRole;
/// use diesel_redshift::ddl::create_external_schema;
///
/// let role: IamRole = "arn:aws:iam::123456789012:role/Spectrum".parse()?;
/// let lake = create_external_schema("lake")
///     .from_data_catalog("events", role.clone())
///     .create_database()
///     .if_not_exists();
/// assert_eq!(
///     lake.to_sql()?,
///     "CREATE EXTERNAL SCHEMA IF NOT EXISTS \"lake\" FROM DATA CATALOG DATABASE 'events' \
///      IAM_ROLE 'arn:aws:iam::123456789012:role/Spectrum' CREATE EXTERNAL DATABASE IF NOT EXISTS"
/// );
/// let secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop";
/// assert_eq!(
///     create_external_schema("shop")
///         .from_postgres("shop", "db.example.com", secret, role)
///         .source_schema("public")
///         .port(5433)
///         .to_sql()?,
///     "CREATE EXTERNAL SCHEMA \"shop\" FROM POSTGRES DATABASE 'shop' SCHEMA 'public' URI 'db.example.com' PORT 5433 \
///      IAM_ROLE 'arn:aws:iam::123456789012:role/Spectrum' \
///      SECRET_ARN 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop'"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn create_external_schema(name: impl Into<String>) -> ExternalSchemaStart {
    ExternalSchemaStart { name: name.into() }
}

impl ExternalSchemaStart {
    fn of(self, source: Source, role: IamRole) -> CreateExternalSchema {
        CreateExternalSchema {
            name: self.name,
            if_not_exists: false,
            source,
            role,
            region: None,
            misplaced: None,
        }
    }

    /// `FROM DATA CATALOG DATABASE 'database'`: the tables of a database in Glue's data catalog,
    /// whose data is in S3.
    pub fn from_data_catalog(
        self,
        database: impl Into<String>,
        role: IamRole,
    ) -> CreateExternalSchema {
        let source = Source::DataCatalog {
            database: database.into(),
            creates: false,
        };
        self.of(source, role)
    }

    /// `FROM KINESIS`: the streams of Kinesis Data Streams, read by materialized views.
    pub fn from_kinesis(self, role: IamRole) -> CreateExternalSchema {
        self.of(Source::Kinesis, role)
    }

    /// `FROM POSTGRES DATABASE 'database' URI 'host' … SECRET_ARN '…'`: the tables of a PostgreSQL
    /// on RDS or Aurora. The ARN names the secret in Secrets Manager that contains user and
    /// password.
    pub fn from_postgres(
        self,
        database: impl Into<String>,
        host: impl Into<String>,
        secret_arn: impl Into<String>,
        role: IamRole,
    ) -> CreateExternalSchema {
        let source = Source::Federated {
            engine: "POSTGRES",
            database: database.into(),
            schema: None,
            host: host.into(),
            port: None,
            secret_arn: secret_arn.into(),
        };
        self.of(source, role)
    }

    /// `FROM MYSQL DATABASE 'database' URI 'host' … SECRET_ARN '…'`: the tables of a MySQL on RDS
    /// or Aurora.
    pub fn from_mysql(
        self,
        database: impl Into<String>,
        host: impl Into<String>,
        secret_arn: impl Into<String>,
        role: IamRole,
    ) -> CreateExternalSchema {
        let source = Source::Federated {
            engine: "MYSQL",
            database: database.into(),
            schema: None,
            host: host.into(),
            port: None,
            secret_arn: secret_arn.into(),
        };
        self.of(source, role)
    }
}

impl CreateExternalSchema {
    /// `IF NOT EXISTS`: an existing schema of this name is left as it is.
    pub fn if_not_exists(mut self) -> Self {
        self.if_not_exists = true;
        self
    }

    /// `REGION '…'`: the region of the data catalog or the streams, if it is not the cluster's.
    /// Only for these.
    pub fn region(mut self, region: Region) -> Self {
        match &self.source {
            Source::Federated { .. } => {
                self.misplace("REGION", "one of a data catalog or of Kinesis");
            }
            _ => self.region = Some(region),
        }
        self
    }

    /// `CREATE EXTERNAL DATABASE IF NOT EXISTS`: creates the database in the data catalog. Only for
    /// a data catalog.
    pub fn create_database(mut self) -> Self {
        match &mut self.source {
            Source::DataCatalog { creates, .. } => *creates = true,
            _ => self.misplace("CREATE EXTERNAL DATABASE", "one of a data catalog"),
        }
        self
    }

    /// `SCHEMA 'schema'`: the schema of a PostgreSQL. Default: `public`. Only for a PostgreSQL.
    pub fn source_schema(mut self, name: impl Into<String>) -> Self {
        match &mut self.source {
            Source::Federated {
                engine: "POSTGRES",
                schema,
                ..
            } => *schema = Some(name.into()),
            _ => self.misplace("SCHEMA", "one of a PostgreSQL"),
        }
        self
    }

    /// `PORT n`: the port of a PostgreSQL or MySQL. Default: 5432 and 3306.
    pub fn port(mut self, number: u16) -> Self {
        match &mut self.source {
            Source::Federated { port, .. } => *port = Some(number),
            _ => self.misplace("PORT", "one of a PostgreSQL or MySQL"),
        }
        self
    }

    fn misplace(&mut self, option: &'static str, expected: &'static str) {
        let source = match &self.source {
            Source::DataCatalog { .. } => "DATA CATALOG",
            Source::Kinesis => "KINESIS",
            Source::Federated { engine, .. } => engine,
        };
        self.misplaced = Some(InvalidValue::new(
            option,
            format!("one of {source}"),
            expected,
        ));
    }
}

impl Definition for CreateExternalSchema {
    crate::seal::sealed!();
    fn text(&self) -> Result<String, Error> {
        if let Some(misplaced) = &self.misplaced {
            return Err(Error::from(misplaced.clone()));
        }
        let mut text = StatementText::new(Secrets::Hidden);
        text.push("CREATE EXTERNAL SCHEMA ");
        text.push(if self.if_not_exists {
            "IF NOT EXISTS "
        } else {
            ""
        });
        text.identifier(&self.name)
            .map_err(|error| error.of_text("identifier", &self.name))?;
        let mut secret = None;
        let mut creates_database = false;
        match &self.source {
            Source::DataCatalog { database, creates } => {
                text.push(" FROM DATA CATALOG DATABASE ");
                push_name(&mut text, "DATABASE", database)?;
                creates_database = *creates;
            }
            Source::Kinesis => text.push(" FROM KINESIS"),
            Source::Federated {
                engine,
                database,
                schema,
                host,
                port,
                secret_arn,
            } => {
                text.push(" FROM ");
                text.push(engine);
                text.push(" DATABASE ");
                push_name(&mut text, "DATABASE", database)?;
                if let Some(schema) = schema {
                    text.push(" SCHEMA ");
                    push_name(&mut text, "SCHEMA", schema)?;
                }
                text.push(" URI ");
                push_host(&mut text, host)?;
                if let Some(port) = port {
                    if *port == 0 {
                        return Err(Error::from(InvalidValue::new("PORT", "0", "1 to 65535")));
                    }
                    text.push(" PORT ");
                    text.integer(*port);
                }
                secret = Some(secret_arn);
            }
        }
        if let Some(region) = &self.region {
            text.push(" REGION ");
            text.literal("REGION", region.as_str())?;
        }
        match &self.role {
            IamRole::Default => text.push(" IAM_ROLE default"),
            chain @ IamRole::Chain(_) => {
                text.push(" IAM_ROLE ");
                text.literal("IAM_ROLE", &chain.to_string())?;
            }
        }
        if let Some(secret) = secret {
            text.push(" SECRET_ARN ");
            push_secret_arn(&mut text, secret)?;
        }
        text.flag("CREATE EXTERNAL DATABASE IF NOT EXISTS", creates_database);
        Ok(text.finish())
    }
}

definition!(CreateExternalSchema);

fn push_name(
    text: &mut StatementText,
    option: &'static str,
    name: &str,
) -> Result<(), InvalidValue> {
    if name.trim().is_empty() {
        return Err(InvalidValue::new(option, format!("{name:?}"), "a name"));
    }
    text.literal(option, name)
}

/// An invalid host may be a URL that contains a password.
fn push_host(text: &mut StatementText, host: &str) -> Result<(), InvalidValue> {
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    if host.is_empty() || !host.bytes().all(is_host) {
        return Err(InvalidValue::hidden(
            "URI",
            "the name of a host: letters, digits, `-`, `.` and `_`",
        ));
    }
    text.literal("URI", host)
}

/// An invalid ARN may be the secret itself.
fn push_secret_arn(text: &mut StatementText, arn: &str) -> Result<(), InvalidValue> {
    let parts: Vec<_> = arn.split(':').collect();
    let is_plain = |part: &str| {
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_/+=.@".contains(&byte);
        !part.is_empty() && part.bytes().all(is_name)
    };
    let is_arn = matches!(parts[..], ["arn", _, "secretsmanager", _, _, "secret", _])
        && parts.iter().all(|part| is_plain(part));
    if !is_arn {
        return Err(InvalidValue::hidden(
            "SECRET_ARN",
            "`arn:aws:secretsmanager:region:account:secret:name`",
        ));
    }
    text.literal("SECRET_ARN", arn)
}
