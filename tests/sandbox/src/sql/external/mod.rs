//! External schemas, tables and partitions.

mod files;

use super::column_type::column_type;
use super::cursor::{Cursor, Name};
use super::definition::Definition;
use super::lexer::{self, Kind};
use super::names::Names;
use super::token_tree::TokenTree;
use super::{quote_identifier, quote_literal};
use crate::protocol::{SqlError, SqlResult};
use files::Files;

fn definition(
    table: Name,
    sql: String,
    tag: &'static str,
    alone: Option<&'static str>,
) -> Definition {
    Definition {
        table,
        if_not_exists: false,
        sql,
        query: None,
        records: Vec::new(),
        tag,
        alone,
    }
}

/// Reads what follows `CREATE EXTERNAL`.
pub(super) fn create(mut cursor: Cursor<'_>) -> SqlResult<Definition> {
    if cursor.accept("schema") {
        return schema(cursor);
    }
    if cursor.accept("table") {
        return table(cursor);
    }
    Err(SqlError::not_imitated(&format!(
        "CREATE EXTERNAL {}",
        cursor.text().to_ascii_uppercase()
    )))
}

/// `[IF NOT EXISTS] name FROM {DATA CATALOG | …} …`
fn schema(mut cursor: Cursor<'_>) -> SqlResult<Definition> {
    let if_not_exists = cursor.accept_all(&["if", "not", "exists"]);
    let name = cursor.name()?;
    cursor.expect("from")?;
    let (kind, source) = if cursor.accept_all(&["data", "catalog"]) {
        (1, "DATA CATALOG")
    } else if cursor.accept_all(&["hive", "metastore"]) {
        (2, "HIVE METASTORE")
    } else if cursor.accept("postgres") {
        (3, "POSTGRES")
    } else if cursor.accept("redshift") {
        (4, "REDSHIFT")
    } else if cursor.accept("kinesis") {
        (6, "KINESIS")
    } else if cursor.accept("mysql") {
        (7, "MYSQL")
    } else if cursor.is("msk") || cursor.is("kafka") {
        return Err(SqlError::not_imitated(&format!(
            "CREATE EXTERNAL SCHEMA FROM {}",
            cursor.text().to_ascii_uppercase()
        )));
    } else {
        return Err(cursor.unexpected());
    };
    let (mut database, mut role, mut options) = (String::new(), None, Vec::new());
    while !cursor.at_end() {
        if cursor.accept_all(&["create", "external", "database", "if", "not", "exists"]) {
            continue;
        }
        let option = cursor.word()?;
        match &*option {
            "database" => database = cursor.literal()?.0,
            "schema" | "region" | "uri" | "secret_arn" | "catalog_id" | "catalog_role"
            | "authentication_arn" | "cluster_arn" => {
                options.push((option.to_ascii_uppercase(), cursor.literal()?.0));
            }
            "port" => options.push(("PORT".to_owned(), cursor.integer()?.to_string())),
            "iam_role" => {
                let value = if cursor.accept("default") {
                    "default".to_owned()
                } else {
                    cursor.literal()?.0
                };
                options.push(("IAM_ROLE".to_owned(), value.clone()));
                role = Some(value);
            }
            _ => {
                cursor.at -= 1;
                return Err(cursor.unexpected());
            }
        }
    }
    let authorized = match role.as_deref() {
        Some("default") => "IAM_ROLE default".to_owned(),
        Some(role) => format!("IAM_ROLE {}", quote_literal(role)),
        None => {
            return Err(SqlError::unsupported(
                "IAM_ROLE is needed for an external schema",
            ));
        }
    };
    let has_database = !database.is_empty();
    if !has_database && kind != 6 {
        return Err(SqlError::unsupported(format!(
            "DATABASE is needed for an external schema from {source}"
        )));
    }
    let options = serde_json::Map::from_iter(
        options
            .into_iter()
            .map(|(name, value)| (name, serde_json::Value::from(value))),
    );
    let sql = format!(
        "SELECT pg_sandbox.create_external_schema({}, {if_not_exists}, {kind}, '{source}', {}, {}, {})",
        quote_literal(&name),
        quote_literal(&database),
        quote_literal(&serde_json::Value::from(options).to_string()),
        quote_literal(&authorized)
    );
    let table = Name {
        database: None,
        schema: None,
        name,
        is_new: true,
    };
    Ok(definition(table, sql, "CREATE SCHEMA", None))
}

/// `schema.name ( column type, … ) [PARTITIONED BY ( … )] [ROW FORMAT …] STORED AS … LOCATION '…' [TABLE PROPERTIES ( … )]`
fn table(mut cursor: Cursor<'_>) -> SqlResult<Definition> {
    let name = cursor.qualified_name()?;
    let Some(schema) = name.schema.clone() else {
        return Err(SqlError::unsupported(
            "The name of an external table needs its external schema",
        ));
    };
    let mut columns = columns(&mut cursor, &name, false)?;
    if cursor.accept_all(&["partitioned", "by"]) {
        columns.extend(self::columns(&mut cursor, &name, true)?);
    }
    let mut files = Files::default();
    if cursor.accept_all(&["row", "format"]) {
        row_format(&mut cursor, &mut files)?;
    }
    cursor.expect("stored")?;
    cursor.expect("as")?;
    files.stored_as = cursor.word()?;
    match &*files.stored_as {
        "parquet" | "textfile" | "orc" | "avro" | "rcfile" | "sequencefile" => {}
        "inputformat" => {
            return Err(SqlError::not_imitated("STORED AS INPUTFORMAT"));
        }
        _ => {
            cursor.at -= 1;
            return Err(cursor.unexpected());
        }
    }
    cursor.expect("location")?;
    let (location, _) = cursor.literal()?;
    if !location.starts_with("s3://") {
        return Err(SqlError::internal(format!("Invalid S3 URI: '{location}'")));
    }
    if cursor.accept_all(&["table", "properties"]) {
        files.table_properties = properties(&mut cursor)?;
    }
    if cursor.is("as") {
        return Err(SqlError::not_imitated("CREATE EXTERNAL TABLE AS"));
    }
    cursor.expect_end()?;
    let reader = files.reader()?;
    let (input, output, serde) = files.classes();
    let json = |pairs: &[(String, String)]| {
        let pairs = pairs.iter().cloned();
        let pairs = pairs.map(|(name, value)| (name, serde_json::Value::from(value)));
        quote_literal(&serde_json::Value::from(serde_json::Map::from_iter(pairs)).to_string())
    };
    let mut parameters = files.table_properties.clone();
    parameters.push(("EXTERNAL".to_owned(), "TRUE".to_owned()));
    let sql = format!(
        "SELECT pg_sandbox.create_external_table({}, {}, ARRAY[{}], {}, {}, '{}', '{input}', '{output}', {}, {}, {})",
        quote_literal(&schema),
        quote_literal(&name.name),
        columns.join(", "),
        quote_literal(&location),
        reader.as_deref().map_or("NULL".to_owned(), quote_literal),
        files.stored_as.to_ascii_uppercase(),
        quote_literal(&serde),
        json(&files.properties),
        json(&parameters),
    );
    let what = "CREATE EXTERNAL TABLE";
    Ok(definition(name, sql, what, Some(what)))
}

/// Arrays of a column's name, the data catalog's word for its type, PostgreSQL's, and its place in the partitions' key.
fn columns(cursor: &mut Cursor<'_>, table: &Name, is_key: bool) -> SqlResult<Vec<String>> {
    cursor.expect_kind(Kind::Open)?;
    let mut columns = Vec::new();
    loop {
        let name = cursor.name()?;
        let nested = ["struct", "array", "map"];
        if let Some(nested) = nested.iter().find(|nested| cursor.is(nested)) {
            return Err(SqlError::not_imitated(&format!(
                "An external column of type {}",
                nested.to_ascii_uppercase()
            )));
        }
        let kind = column_type(cursor, &table.name, &name)?;
        let external = match &*kind {
            "integer" => "int".to_owned(),
            "real" => "float".to_owned(),
            "double precision" => "double".to_owned(),
            "smallint" | "bigint" | "boolean" | "date" | "timestamp" => kind.clone(),
            sized if sized.starts_with("varchar") || sized.starts_with("char") => kind.clone(),
            sized if sized.starts_with("numeric") => sized.replace("numeric", "decimal"),
            other => {
                return Err(SqlError::unsupported(format!(
                    "An external column cannot have the type {other}"
                )));
            }
        };
        let place = if is_key { columns.len() + 1 } else { 0 };
        columns.push(format!(
            "ARRAY[{}, '{external}', '{kind}', '{place}']",
            quote_literal(&name)
        ));
        if !cursor.accept_kind(Kind::Comma) {
            break;
        }
    }
    cursor.expect_kind(Kind::Close)?;
    Ok(columns)
}

fn row_format(cursor: &mut Cursor<'_>, files: &mut Files) -> SqlResult<()> {
    if cursor.accept("delimited") {
        if cursor.accept_all(&["fields", "terminated", "by"]) {
            files.delimiter = Some(cursor.literal()?.0);
        }
        if cursor.accept_all(&["lines", "terminated", "by"]) && cursor.literal()?.0 != "\n" {
            return Err(SqlError::not_imitated(
                "LINES TERMINATED BY another character than a newline",
            ));
        }
        return Ok(());
    }
    cursor.expect("serde")?;
    files.serde = Some(cursor.literal()?.0);
    if cursor.accept_all(&["with", "serdeproperties"]) {
        files.properties = properties(cursor)?;
    }
    Ok(())
}

/// `( 'name' = 'value', … )`
fn properties(cursor: &mut Cursor<'_>) -> SqlResult<Vec<(String, String)>> {
    cursor.expect_kind(Kind::Open)?;
    let mut properties = Vec::new();
    loop {
        let (name, _) = cursor.literal()?;
        equals(cursor)?;
        properties.push((name, cursor.literal()?.0));
        if !cursor.accept_kind(Kind::Comma) {
            break;
        }
    }
    cursor.expect_kind(Kind::Close)?;
    Ok(properties)
}

fn equals(cursor: &mut Cursor<'_>) -> SqlResult<()> {
    if cursor.text() != "=" {
        return Err(cursor.unexpected());
    }
    cursor.advance();
    Ok(())
}

/// Reads `ADD [IF NOT EXISTS] PARTITION … LOCATION …` or `DROP PARTITION …` behind the name of a table, if it is there.
pub(super) fn partition(mut cursor: Cursor<'_>) -> SqlResult<Option<Definition>> {
    let name = cursor.qualified_name()?;
    let adds = cursor.is("add");
    if !adds && !cursor.is("drop") {
        return Ok(None);
    }
    cursor.advance();
    let if_not_exists = adds && cursor.accept_all(&["if", "not", "exists"]);
    if !(cursor.is("partition") && cursor.is_kind_at(1, Kind::Open)) {
        return Ok(None);
    }
    let Some(schema) = name.schema.clone() else {
        return Err(SqlError::unsupported(
            "The name of an external table needs its external schema",
        ));
    };
    let mut calls = Vec::new();
    while cursor.accept("partition") {
        cursor.expect_kind(Kind::Open)?;
        let (mut names, mut values) = (Vec::new(), Vec::new());
        loop {
            names.push(quote_literal(&cursor.name()?));
            equals(&mut cursor)?;
            let value = match cursor.peek().map(|token| token.kind) {
                Some(Kind::Text) => cursor.literal()?.0,
                _ => cursor.integer()?.to_string(),
            };
            values.push(quote_literal(&value));
            if !cursor.accept_kind(Kind::Comma) {
                break;
            }
        }
        cursor.expect_kind(Kind::Close)?;
        let place = if adds {
            cursor.expect("location")?;
            quote_literal(&cursor.literal()?.0)
        } else {
            "NULL".to_owned()
        };
        calls.push(format!(
            "pg_sandbox.change_external_partition({}, {}, ARRAY[{}], ARRAY[{}], {place}, {if_not_exists})",
            quote_literal(&schema),
            quote_literal(&name.name),
            names.join(", "),
            values.join(", ")
        ));
    }
    cursor.expect_end()?;
    let sql = format!("SELECT {}", calls.join(", "));
    let what = "ALTER TABLE … PARTITION";
    Ok(Some(definition(name, sql, "ALTER TABLE", Some(what))))
}

/// What a `DROP` drops that may be external.
pub(crate) struct Drop {
    pub(crate) is_schema: bool,
    /// With what the data catalog has of it.
    pub(crate) with_database: bool,
    pub(crate) name: Name,
}

/// Reads `DROP {TABLE | SCHEMA} [IF EXISTS] name`, if it is that.
pub(crate) fn dropped(sql: &str) -> Option<Drop> {
    let tokens = lexer::tokens(sql).ok()?;
    let mut cursor = Cursor::new(sql, &tokens);
    cursor.expect("drop").ok()?;
    let is_schema = cursor.accept("schema");
    if !is_schema && !cursor.accept("table") {
        return None;
    }
    cursor.accept_all(&["if", "exists"]);
    let name = cursor.qualified_name().ok()?;
    let with_database = is_schema && cursor.accept_all(&["drop", "external", "database"]);
    let _ = cursor.accept("cascade") || cursor.accept("restrict");
    cursor.at_end().then_some(Drop {
        is_schema,
        with_database,
        name,
    })
}

/// The table that a TRUNCATE empties.
pub(crate) fn truncated(sql: &str) -> Option<Name> {
    let tokens = lexer::tokens(sql).ok()?;
    let mut cursor = Cursor::new(sql, &tokens);
    cursor.expect("truncate").ok()?;
    cursor.accept("table");
    cursor.qualified_name().ok()
}

/// The names with a schema in a GRANT, VACUUM or ANALYZE.
pub(crate) fn qualified(sql: &str) -> Vec<Name> {
    let Ok(tokens) = lexer::tokens(sql) else {
        return Vec::new();
    };
    let mut cursor = Cursor::new(sql, &tokens);
    let mut names = Vec::new();
    while !cursor.at_end() {
        match cursor.qualified_name() {
            Ok(name) if name.schema.is_some() => names.push(name),
            Ok(_) => {}
            Err(_) => {
                cursor.advance();
            }
        }
    }
    names
}

/// The tables and views that a statement names, each with what stands before it.
pub(crate) fn tables_of(sql: &str) -> Vec<Vec<String>> {
    let Ok(tokens) = lexer::tokens(sql) else {
        return Vec::new();
    };
    let Ok(tree) = TokenTree::new(sql, &tokens) else {
        return Vec::new();
    };
    Names::of(&tree).tables().map(<[String]>::to_vec).collect()
}

/// A table for the rows of an external one.
pub(crate) fn data_table(name: &str) -> Name {
    Name {
        database: None,
        schema: Some("pg_external".to_owned()),
        name: name.to_owned(),
        is_new: false,
    }
}

/// `"name" type, …`
pub(crate) fn column_list<'a>(columns: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let columns = columns.map(|(name, kind)| format!("{} {kind}", quote_identifier(name)));
    columns.collect::<Vec<_>>().join(", ")
}
