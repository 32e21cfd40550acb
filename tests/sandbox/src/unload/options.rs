//! The parameters of UNLOAD.

use super::format::Format;
use super::parameters::{UnloadParameters, unknown};
use crate::parameters::Compression;
use crate::protocol::{SqlError, SqlResult};
use crate::s3::Access;
use crate::sql::{Authorization, Cursor};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manifest {
    No,
    Plain,
    Verbose,
}

#[derive(Clone, Debug)]
pub(super) struct Options {
    pub(super) access: Access,
    pub(super) format: Format,
    pub(super) header: bool,
    pub(super) delimiter: u8,
    pub(super) add_quotes: bool,
    pub(super) escape: bool,
    pub(super) null: Vec<u8>,
    pub(super) compression: Option<Compression>,
    pub(super) manifest: Manifest,
    pub(super) parallel: bool,
    pub(super) allow_overwrite: bool,
    pub(super) clean_path: bool,
    pub(super) max_file_size: u64,
    pub(super) row_group_size: u64,
    pub(super) extension: Option<String>,
    /// The columns that make the folders.
    pub(super) partition_by: Vec<String>,
    /// Whether these columns stay in the files.
    pub(super) include: bool,
}

/// Reads everything after the destination.
pub(super) fn parse(cursor: &mut Cursor<'_>) -> SqlResult<Options> {
    let mut authorization = Authorization::default();
    let mut given = UnloadParameters::default();
    while !cursor.at_end() {
        if !authorization.accept(cursor)? && !given.accept(cursor)? {
            return Err(unknown(cursor));
        }
    }
    authorization.check()?;
    if given.has("kms_key_id") && authorization.is_text() {
        return Err(SqlError::unsupported(
            "KMS_KEY_ID argument is not supported with CREDENTIALS",
        ));
    }
    let region = given.parameters.region.take();
    let mut options = given.finish()?;
    options.access = Access {
        identity: authorization.identity(),
        region,
    };
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::lexer::tokens;

    fn parse(sql: &str) -> SqlResult<Options> {
        let sql = format!("{sql} IAM_ROLE default");
        let tokens = tokens(&sql)?;
        super::parse(&mut Cursor::new(&sql, &tokens))
    }

    #[test]
    fn defaults_and_spellings() {
        let options = parse("").expect("valid");
        assert_eq!(
            (
                options.format,
                options.delimiter,
                options.parallel,
                &*options.null
            ),
            (Format::Text, b'|', true, &b""[..])
        );
        let options =
            parse("format csv parallel off header manifest verbose maxfilesize 0.5 gb null as '\\N' extension 'csv.gz' gzip")
                .expect("valid");
        assert_eq!(
            (options.format, options.delimiter, options.parallel),
            (Format::Csv, b',', false)
        );
        assert_eq!(options.manifest, Manifest::Verbose);
        assert_eq!(options.max_file_size, 512 * 1024 * 1024);
        assert_eq!(options.null, b"\\N");
        assert!(parse("parallel").expect("valid").parallel);
        for (sql, megabytes) in [
            ("", 6336),
            ("maxfilesize 200 mb", 192),
            ("maxfilesize 5", 32),
        ] {
            let options = parse(&format!("parquet rowgroupsize as 64 mb {sql}")).expect("valid");
            assert_eq!(options.max_file_size, megabytes << 20, "{sql}");
            assert_eq!(options.row_group_size, 64 << 20);
        }
        assert!(
            parse("parallel true maxfilesize as 5")
                .expect("valid")
                .parallel
        );
    }

    #[test]
    fn errors_name_the_option() {
        let error = |sql: &str| parse(sql).map(|_| ()).expect_err(sql).message;
        assert_eq!(error("nonsense"), "syntax error at or near \"nonsense\"");
        assert_eq!(error("verbose"), "syntax error at or near \"verbose\"");
        assert!(error("csv addquotes").contains("ADDQUOTES"));
        assert!(error("csv escape").contains("ESCAPE"));
        assert!(error("allowoverwrite cleanpath").contains("CLEANPATH"));
        assert!(error("gzip zstd").contains("ZSTD"));
        assert!(error("encrypted master_symmetric_key 'x'").contains("MASTER_SYMMETRIC_KEY"));
        assert!(error("kms_key_id 'x'").contains("without ENCRYPTED"));
        assert!(error("encrypted auto kms_key_id 'x'").contains("with ENCRYPTED AUTO"));
        assert!(error("encrypted kms_key_id ''").contains("KMS_KEY_ID"));
        for sql in [
            "encrypted",
            "parquet encrypted auto",
            "kms_key_id 'x' encrypted",
        ] {
            assert!(parse(sql).is_ok(), "{sql}");
        }
        assert!(
            error("rowgroupsize 32").contains("ROWGROUPSIZE argument is not supported for TEXT")
        );
        assert!(error("parquet rowgroupsize 31").contains("ROWGROUPSIZE"));
        assert!(error("parquet rowgroupsize 1 gb").contains("ROWGROUPSIZE"));
        assert!(error("partition by (a, a)").contains("more than once"));
        assert!(error("json header").contains("HEADER"));
        assert!(error("json csv").contains("CSV"));
        assert!(error("fixedwidth 'a:1' delimiter ','").contains("DELIMITER"));
        assert!(error("fixedwidth 'a:0'").contains("FIXEDWIDTH"));
        assert!(error("fixedwidth 'a'").contains("FIXEDWIDTH"));
        assert!(error("maxfilesize 4").contains("MAXFILESIZE"));
        assert!(error("maxfilesize 6.3 gb").contains("MAXFILESIZE"));
    }
}
