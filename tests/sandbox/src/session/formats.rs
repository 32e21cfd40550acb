//! Binary values, as far as it is known what they are on Redshift.

use std::rc::Rc;

use super::Session;
use super::client::violation;
use super::description::Description;
use super::types::{INTERVAL_DAY_TO_SECOND, INTERVAL_YEAR_TO_MONTH, redshift_oid};
use crate::engine::{Failure, Types};
use crate::protocol::{Reader, ServerMessage, SqlError, frontend};

/// BOOLEAN, "char", name, INT8, INT2, INT4, text, oid, FLOAT4, FLOAT8, CHAR, VARCHAR, TIMESTAMP, TIMESTAMPTZ and TIMETZ;
/// and the intervals with fields, which rows have in Redshift's form.
const KNOWN: [u32; 17] = [
    16,
    18,
    19,
    20,
    21,
    23,
    25,
    26,
    700,
    701,
    1042,
    1043,
    1114,
    1184,
    INTERVAL_YEAR_TO_MONTH,
    INTERVAL_DAY_TO_SECOND,
    1266,
];

/// Which parts of a Bind message are binary.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Formats {
    parameters: Vec<i16>,
    results: Vec<i16>,
}

impl Formats {
    /// Reads the whole message after the names.
    pub(super) fn read(reader: &mut Reader<'_>) -> std::io::Result<(Self, u16)> {
        let codes_of_parameters = codes(reader)?;
        let count = reader.i16()? as u16;
        let mut parameters = Vec::with_capacity(count.into());
        for at in 0..usize::from(count) {
            let length = reader.i32()?;
            reader.bytes(usize::try_from(length).unwrap_or(0))?;
            // NULL has no form.
            parameters.push(i16::from(
                length >= 0 && is_binary(&codes_of_parameters, at),
            ));
        }
        let results = codes(reader)?;
        Ok((
            Self {
                parameters,
                results,
            },
            count,
        ))
    }

    pub(super) fn results(&self) -> Rc<[i16]> {
        self.results.as_slice().into()
    }

    fn is_text(&self) -> bool {
        let mut codes = self.parameters.iter().chain(&self.results);
        codes.all(|code| *code == 0)
    }
}

fn codes(reader: &mut Reader<'_>) -> std::io::Result<Vec<i16>> {
    let count = reader.i16()?;
    (0..count).map(|_| reader.i16()).collect()
}

/// Whether the value at this place is binary: one code stands for all.
pub(super) fn is_binary(codes: &[i16], at: usize) -> bool {
    match codes {
        [all] => *all == 1,
        codes => codes.get(at) == Some(&1),
    }
}

fn refuse(codes: &[i16], types: impl Iterator<Item = u32>) -> Result<(), Failure> {
    for (at, oid) in types.enumerate() {
        if is_binary(codes, at) && !KNOWN.contains(&oid) {
            return Err(SqlError::unsupported(format!(
                "The binary format of type {} is not PostgreSQL's on Redshift: use the text format",
                name(oid)
            ))
            .into());
        }
    }
    Ok(())
}

fn name(oid: u32) -> String {
    match oid {
        1082 => "date".to_owned(),
        1083 => "time".to_owned(),
        1186 => "interval".to_owned(),
        1700 => "numeric".to_owned(),
        other => Types::name(other).map_or_else(|| format!("number {other}"), str::to_owned),
    }
}

impl Session<'_> {
    /// Refuses to bind a statement of PostgreSQL's with binary values that Redshift would send in another form.
    pub(super) fn check_formats(
        &mut self,
        statement: &str,
        formats: &Formats,
    ) -> Result<(), Failure> {
        if formats.is_text() {
            return Ok(());
        }
        let Some(described) = self.described(statement)? else {
            return Ok(());
        };
        let types = self.shared.engine.types();
        let parameters = described.parameters.iter().map(|oid| types.redshift(*oid));
        let columns = described.columns.iter();
        let results = columns.map(|(oid, modifier)| redshift_oid(*oid, 0, *modifier, types));
        refuse(&formats.parameters, parameters)?;
        refuse(&formats.results, results)
    }

    /// What PostgreSQL tells of a statement. It is asked once; none if it has refused the statement, as the client has been told.
    fn described(&mut self, statement: &str) -> Result<Option<Rc<Description>>, Failure> {
        self.flush_engine()?;
        if self.skipping {
            return Ok(None);
        }
        let text = self.texts.get(statement).cloned();
        if let Some(described) = text.as_ref().and_then(|text| text.description.get()) {
            return Ok(Some(Rc::clone(described)));
        }
        let mut out = Vec::new();
        frontend::describe_statement(&mut out, statement);
        frontend::flush(&mut out);
        self.engine.send(&out)?;
        let mut described = Description::default();
        loop {
            let head = self.engine.wait()?;
            let body = self.engine.inbox.body(head);
            match head.tag {
                b't' => described.read_parameters(body).map_err(violation)?,
                b'T' => described.read_columns(body).map_err(violation)?,
                b'E' => {
                    let message = ServerMessage::parse(body);
                    self.engine.inbox.consume(head.total);
                    message.write(&mut self.client.out, b'E');
                    self.skipping = true;
                    return Ok(None);
                }
                _ => {}
            }
            self.engine.inbox.consume(head.total);
            if matches!(head.tag, b'T' | b'n') {
                break;
            }
        }
        let described = Rc::new(described);
        if let Some(text) = text {
            let _ = text.description.set(Rc::clone(&described));
        }
        Ok(Some(described))
    }
}
