//! The parameters of COPY.

use super::datetime::{DateFormat, TimeFormat};
use super::encoding::Encoding;
use super::format::Format;
use super::parameters::{CopyParameters, unknown};
use crate::parameters::Compression;
use crate::protocol::{SqlError, SqlResult};
use crate::s3::Access;
use crate::sql::{Authorization, Cursor};

#[derive(Clone, Debug)]
pub(super) struct Options {
    pub(super) access: Access,
    pub(super) format: Format,
    /// Whether columns of Parquet may go into SUPER.
    pub(super) serialize_to_json: bool,
    pub(super) delimiter: u8,
    pub(super) escape: bool,
    pub(super) remove_quotes: bool,
    pub(super) null: Vec<u8>,
    pub(super) empty_as_null: bool,
    pub(super) blanks_as_null: bool,
    pub(super) ignore_header: u64,
    pub(super) ignore_blank_lines: bool,
    pub(super) fill_record: bool,
    pub(super) truncate_columns: bool,
    pub(super) trim_blanks: bool,
    /// What stands in for an invalid byte, if anything does.
    pub(super) replacement: Option<u8>,
    pub(super) accept_any_date: bool,
    pub(super) date_format: DateFormat,
    pub(super) time_format: TimeFormat,
    pub(super) round_decimals: bool,
    pub(super) encoding: Encoding,
    pub(super) compression: Option<Compression>,
    pub(super) manifest: bool,
    /// The load fails when this many rows do; none if it never does.
    pub(super) max_error: Option<u64>,
    pub(super) no_load: bool,
    pub(super) explicit_ids: bool,
}

/// Reads everything after the source.
pub(super) fn parse(cursor: &mut Cursor<'_>) -> SqlResult<Options> {
    let mut authorization = Authorization::default();
    let mut given = CopyParameters::default();
    while !cursor.at_end() {
        if !authorization.accept(cursor)? && !given.accept(cursor)? {
            return Err(unknown(cursor));
        }
    }
    authorization.check()?;
    let region = given.parameters.region.take();
    let mut options = given.finish()?;
    if options.format == Format::Parquet && !authorization.is_role() {
        let text = "COPY from this file format only accepts IAM_ROLE credentials.";
        return Err(SqlError::internal(text).boxed(8001, text, "", 0));
    }
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
    fn defaults() {
        let options = parse("").expect("valid");
        assert_eq!(
            (options.format, options.delimiter, &*options.null),
            (Format::Text, b'|', &b"\\N"[..])
        );
        let options = parse("csv").expect("valid");
        assert_eq!(
            (options.format, options.delimiter),
            (Format::Csv(b'"'), b',')
        );
    }

    #[test]
    fn any_order_and_every_spelling() {
        let options = parse(
            "region 'eu-west-1' maxerror as 3 quote '''' format as csv compupdate preset statupdate delimiter '\\t' \
             null as '\\N' ignoreheader 2 gzip encoding utf8 comprows 1000 acceptinvchars as '^' timeformat 'auto'",
        )
        .expect("valid");
        assert_eq!(options.format, Format::Csv(b'\''));
        assert_eq!(options.delimiter, b'\t');
        assert_eq!(options.max_error, Some(3));
        assert_eq!(options.ignore_header, 2);
        assert_eq!(options.null, b"\\N");
        assert_eq!(options.replacement, Some(b'^'));
        assert_eq!(options.compression, Some(Compression::Gzip));
    }

    #[test]
    fn characters() {
        for (sql, byte) in [
            ("'\\001'", 1),
            ("'\\\\001'", 1),
            ("'\\\\t'", b'\t'),
            ("'|'", b'|'),
            ("'\\''", b'\''),
        ] {
            assert_eq!(
                parse(&format!("delimiter {sql}")).expect(sql).delimiter,
                byte,
                "{sql}"
            );
        }
        for sql in ["''", "'ab'", "'é'", "'\\n'", "1", "'\\\\999'"] {
            assert!(parse(&format!("delimiter {sql}")).is_err(), "{sql}");
        }
    }

    #[test]
    fn errors_name_the_token() {
        let error = |sql: &str| parse(sql).map(|_| ()).expect_err(sql);
        assert_eq!(
            error("csv nonsense 1").message,
            "syntax error at or near \"nonsense\""
        );
        assert!(error("format as orc").message.contains("ORC"));
        assert!(error("csv escape").message.contains("ESCAPE"));
        assert!(error("csv removequotes").message.contains("REMOVEQUOTES"));
        assert!(error("quote '%'").message.contains("QUOTE"));
        assert!(error("maxerror 100001").message.contains("MAXERROR"));
        assert!(error("comprows 999").message.contains("COMPROWS"));
        assert!(error("csv csv").message.contains("CSV"));
        assert!(error("gzip zstd").message.contains("ZSTD"));
        assert!(
            error("maxerror 1 ignoreallerrors")
                .message
                .contains("IGNOREALLERRORS")
        );
        assert!(error("null as 'a\nb'").message.contains("NULL"));
        assert!(error("dateformat 'AUTO'").message.contains("AUTO"));
    }
}
