//! Errors and notices, as Redshift writes them and as PostgreSQL sends them.

use std::fmt::Write;

use super::backend;

/// An error that the sandbox itself gives to the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SqlError {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) detail: Option<String>,
    pub(crate) hint: Option<String>,
    /// What a message of severity INFO tells before the error.
    pub(crate) info: Option<String>,
}

pub(crate) type SqlResult<T> = Result<T, SqlError>;

impl SqlError {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            detail: None,
            hint: None,
            info: None,
        }
    }

    /// What the compute nodes cannot do.
    pub(crate) fn on_tables(what: String) -> Self {
        let message =
            "Specified types or functions (one per INFO message) not supported on Redshift tables.";
        Self {
            info: Some(what),
            ..Self::unsupported(message)
        }
    }

    pub(crate) fn syntax(near: &str) -> Self {
        if near.is_empty() {
            return Self::new("42601", "syntax error at end of input");
        }
        Self::new("42601", format!("syntax error at or near \"{near}\""))
    }

    /// Redshift lacks it.
    pub(crate) fn unsupported(message: impl Into<String>) -> Self {
        Self::new("0A000", message)
    }

    /// Redshift has it; the sandbox does not imitate it.
    pub(crate) fn not_imitated(what: &str) -> Self {
        Self::new(
            "0A000",
            format!("{what} is not supported by the sandbox yet"),
        )
    }

    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new("XX000", message)
    }

    pub(crate) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The DETAIL that Redshift's compute nodes send.
    pub(crate) fn boxed(self, code: i32, error: &str, context: &str, query: i32) -> Self {
        let mut text = String::new();
        let line = "-----------------------------------------------";
        let _ = write!(
            text,
            "\n  {line}\n  error:  {error}\n  code:      {code}\n  context:   {context}\n  query:     {query}\n  \
             location:  sandbox\n  process:   padbmaster [pid={}]\n  {line}\n",
            std::process::id()
        );
        self.detail(text)
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>, severity: &str) {
        if let Some(info) = &self.info {
            backend::notice(out, "INFO", "00000", info);
        }
        backend::fields(
            out,
            b'E',
            &[
                (b'S', severity),
                (b'V', severity),
                (b'C', self.code),
                (b'M', &self.message),
                (b'D', self.detail.as_deref().unwrap_or_default()),
                (b'H', self.hint.as_deref().unwrap_or_default()),
            ],
        );
    }
}

/// An error or a notice that PostgreSQL sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct ServerMessage {
    fields: Vec<(u8, String)>,
}

impl ServerMessage {
    pub(crate) fn parse(body: &[u8]) -> Self {
        let fields = body
            .split(|byte| *byte == 0)
            .filter_map(|field| field.split_first())
            .map(|(kind, text)| (*kind, String::from_utf8_lossy(text).into_owned()))
            .collect();
        Self { fields }
    }

    fn field(&self, kind: u8) -> &str {
        self.fields
            .iter()
            .find(|(found, _)| *found == kind)
            .map_or("", |(_, text)| text)
    }

    pub(crate) fn code(&self) -> &str {
        self.field(b'C')
    }

    pub(crate) fn message(&self) -> &str {
        self.field(b'M')
    }

    /// Which functions of PL/pgSQL it went through.
    pub(crate) fn context(&self) -> &str {
        self.field(b'W')
    }

    pub(crate) fn detail(&self) -> &str {
        self.field(b'D')
    }

    pub(crate) fn column(&self) -> &str {
        self.field(b'c')
    }

    pub(crate) fn set(&mut self, kind: u8, text: impl Into<String>) {
        let text = text.into();
        match self.fields.iter_mut().find(|(found, _)| *found == kind) {
            Some(field) => field.1 = text,
            None => self.fields.push((kind, text)),
        }
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>, tag: u8) {
        let fields: Vec<_> = self
            .fields
            .iter()
            .map(|(kind, text)| (*kind, text.as_str()))
            .collect();
        backend::fields(out, tag, &fields);
    }
}
