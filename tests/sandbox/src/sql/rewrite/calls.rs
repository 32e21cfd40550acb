//! Calls that PostgreSQL writes in another way.

use std::ops::Range;

use super::Rewriter;
use crate::protocol::{SqlError, SqlResult};
use crate::sql::lexer::{Kind, value_of};
use crate::sql::structure::Structure;
use crate::sql::{quote_literal, settings};

const WHOLE_PARTITION: &str = "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING";

/// What can follow the arguments of an aggregate.
struct Aggregate {
    arguments: Vec<Range<usize>>,
    distinct: bool,
    /// What stands behind `WITHIN GROUP (ORDER BY`.
    order: Option<Range<usize>>,
    /// What stands in the parentheses of OVER.
    over: Option<Range<usize>>,
    end: usize,
}

impl Rewriter<'_> {
    /// Writes the call that begins here, if it is written in another way; returns where it ends.
    pub(super) fn call(&self, out: &mut String, at: usize) -> SqlResult<Option<usize>> {
        let name = self.structure.text(at).to_ascii_lowercase();
        let renamed = match &*name {
            "nvl" => "coalesce",
            "json_serialize" => "pg_catalog.json_serialize",
            "array" if !self.structure.is_any(at + 2, &["select", "with"]) => {
                return self.build(out, at, "array").map(Some);
            }
            "object" => return self.build(out, at, "object").map(Some),
            "cast" => return self.cast(out, at),
            "date_part" | "pgdate_part" => return self.date_part(out, at).map(Some),
            "extract" => return self.extract(out, at).map(Some),
            "listagg" => return self.listagg(out, at).map(Some),
            "percentile_cont" | "percentile_disc" => {
                return self.percentile(out, at, &name).map(Some);
            }
            "ratio_to_report" => return self.ratio_to_report(out, at).map(Some),
            "nvl2" => return self.nvl2(out, at).map(Some),
            "decode" => return self.decode(out, at).map(Some),
            "convert" => return self.convert(out, at).map(Some),
            "set_config" if self.structure.is_kind(at + 2, Kind::Text) => {
                let name = settings::engine_name(&value_of(self.structure.text(at + 2))?)?;
                self.gap(out, at);
                out.push_str(&format!("set_config({}", quote_literal(&name)));
                return Ok(Some(at + 3));
            }
            "current_setting" => return self.current_setting(out, at),
            "first_value" | "last_value" => return self.ignoring_nulls(out, at, &name),
            _ => return Ok(None),
        };
        self.gap(out, at);
        out.push_str(renamed);
        Ok(Some(at + 1))
    }

    /// `ARRAY(…)` and `OBJECT(…)`, which make a SUPER.
    fn build(&self, out: &mut String, at: usize, kind: &str) -> SqlResult<usize> {
        let close = self.structure.close(at + 1);
        let arguments = self.moved(at + 2..close)?;
        self.gap(out, at);
        out.push_str(&format!(
            "pg_sandbox.\"{kind}\"(pg_engine.json_build_{kind}({arguments}))"
        ));
        Ok(close + 1)
    }

    fn aggregate(&self, at: usize) -> SqlResult<Aggregate> {
        let structure = self.structure;
        let close = structure.close(at + 1);
        let distinct = structure.is(at + 2, "distinct");
        let start = at + 2 + usize::from(distinct);
        let mut end = close + 1;
        let mut order = None;
        if structure.are(end, &["within", "group"]) && structure.is_kind(end + 2, Kind::Open) {
            if !structure.are(end + 3, &["order", "by"]) {
                return Err(SqlError::syntax(structure.text(end + 3)));
            }
            let close = structure.close(end + 2);
            order = Some(end + 5..close);
            end = close + 1;
        }
        let mut over = None;
        if structure.is(end, "over") && structure.is_kind(end + 1, Kind::Open) {
            let close = structure.close(end + 1);
            let partition = end + 2..close;
            let other = structure.find(partition.clone(), |at| {
                structure.is_any(at, &["order", "rows"])
            });
            if let Some(other) = other {
                return Err(SqlError::syntax(structure.text(other)));
            }
            over = Some(partition);
            end = close + 1;
        }
        Ok(Aggregate {
            arguments: structure.split(start..close),
            distinct,
            order,
            over,
            end,
        })
    }

    /// The window of a whole partition, in an order.
    fn window(&self, partition: &Range<usize>, order: Option<&str>) -> SqlResult<String> {
        let order = order.map_or(String::new(), |order| format!(" ORDER BY {order}"));
        let partition = self.moved(partition.clone())?;
        Ok(format!("OVER ({partition}{order} {WHOLE_PARTITION})"))
    }

    fn listagg(&self, out: &mut String, at: usize) -> SqlResult<usize> {
        let aggregate = self.aggregate(at)?;
        let [value, delimiter @ ..] = &aggregate.arguments[..] else {
            return Ok(aggregate.end);
        };
        let delimiter = match delimiter {
            [] => "''".to_owned(),
            [delimiter] => self.moved(delimiter.clone())?,
            [_, more, ..] => return Err(SqlError::syntax(self.structure.text(more.start - 1))),
        };
        let value = self.moved(value.clone())?;
        let order = aggregate.order.map(|order| self.moved(order)).transpose()?;
        self.gap(out, at);
        match &aggregate.over {
            Some(partition) => {
                let schema = if aggregate.distinct {
                    "pg_sandbox"
                } else {
                    "pg_catalog"
                };
                let window = self.window(partition, order.as_deref())?;
                out.push_str(&format!("{schema}.listagg({value}, {delimiter}) {window}"));
            }
            None => {
                let order = order.map_or(String::new(), |order| format!(" ORDER BY {order}"));
                // Told apart and put in order as what they are, not as texts.
                out.push_str(&if aggregate.distinct {
                    format!("pg_sandbox.listagg(pg_engine.array_agg(DISTINCT {value}{order}), {delimiter})")
                } else {
                    format!("listagg(pg_sandbox.listagg({value}), {delimiter}{order})")
                });
            }
        }
        Ok(aggregate.end)
    }

    fn percentile(&self, out: &mut String, at: usize, name: &str) -> SqlResult<usize> {
        let structure = self.structure;
        let aggregate = self.aggregate(at)?;
        let (Some(order), [fraction]) = (&aggregate.order, &aggregate.arguments[..]) else {
            return Err(SqlError::syntax(
                structure.text(structure.close(at + 1) + 1),
            ));
        };
        if let Some(comma) = structure.find(order.clone(), |at| structure.is_kind(at, Kind::Comma))
        {
            return Err(SqlError::syntax(structure.text(comma)));
        }
        let sorts = |at: usize| structure.is_any(at, &["asc", "desc", "nulls"]);
        let value_end = structure.find(order.clone(), sorts).unwrap_or(order.end);
        let value = self.moved(order.start..value_end)?;
        let order = self.moved(order.clone())?;
        let fraction = self.moved(fraction.clone())?;
        let values = match &aggregate.over {
            Some(partition) => format!(
                "pg_engine.array_agg({value}) FILTER (WHERE ({value}) IS NOT NULL) {}",
                self.window(partition, Some(&order))?
            ),
            None => format!(
                "pg_engine.array_agg({value} ORDER BY {order}) FILTER (WHERE ({value}) IS NOT NULL)"
            ),
        };
        self.gap(out, at);
        out.push_str(&format!("pg_sandbox.{name}({fraction}, {values})"));
        Ok(aggregate.end)
    }

    fn ratio_to_report(&self, out: &mut String, at: usize) -> SqlResult<usize> {
        let aggregate = self.aggregate(at)?;
        let (Some(partition), [value]) = (&aggregate.over, &aggregate.arguments[..]) else {
            let end = self.structure.text(aggregate.end);
            return Err(SqlError::syntax(end));
        };
        let value = self.moved(value.clone())?;
        let partition = self.moved(partition.clone())?;
        self.gap(out, at);
        out.push_str(&format!(
            "pg_sandbox.ratio_to_report({value}, sum({value}) OVER ({partition}))"
        ));
        Ok(aggregate.end)
    }

    /// `NVL2(value, otherwise, if NULL)`
    fn nvl2(&self, out: &mut String, at: usize) -> SqlResult<usize> {
        let structure = self.structure;
        let close = structure.close(at + 1);
        let [value, present, absent] = &structure.split(at + 2..close)[..] else {
            return Err(SqlError::syntax(structure.text(close)));
        };
        let value = self.moved(value.clone())?;
        let present = self.moved(present.clone())?;
        let absent = self.moved(absent.clone())?;
        self.gap(out, at);
        out.push_str(&format!(
            "CASE WHEN ({value}) IS NOT NULL THEN {present} ELSE {absent} END"
        ));
        Ok(close + 1)
    }

    /// `DECODE(value, search, result, …[, default])`, for which NULL is equal to NULL.
    fn decode(&self, out: &mut String, at: usize) -> SqlResult<usize> {
        let structure = self.structure;
        let close = structure.close(at + 1);
        let mut arguments = Vec::new();
        for argument in structure.split(at + 2..close) {
            arguments.push(self.moved(argument)?);
        }
        let [value, rest @ ..] = &arguments[..] else {
            return Ok(close + 1);
        };
        if rest.len() < 2 {
            return Err(SqlError::syntax(structure.text(close)));
        }
        self.gap(out, at);
        out.push_str("CASE");
        for pair in rest.chunks(2) {
            match pair {
                [search, result] => out.push_str(&format!(
                    " WHEN ({value}) IS NOT DISTINCT FROM ({search}) THEN {result}"
                )),
                default => out.push_str(&format!(" ELSE {}", default.concat())),
            }
        }
        out.push_str(" END");
        Ok(close + 1)
    }

    /// `FIRST_VALUE(value IGNORE NULLS)`, where the two words can also stand behind the parentheses.
    fn ignoring_nulls(&self, out: &mut String, at: usize, name: &str) -> SqlResult<Option<usize>> {
        let structure = self.structure;
        let close = structure.close(at + 1);
        let ignores = |at: usize| structure.are(at, &["ignore", "nulls"]);
        let (value_end, end) = if ignores(close - 2) {
            (close - 2, close + 1)
        } else if ignores(close + 1) {
            (close, close + 3)
        } else {
            return Ok(None);
        };
        let value = self.moved(at + 2..value_end)?;
        self.gap(out, at);
        out.push_str(&format!("pg_sandbox.{name}({value})"));
        Ok(Some(end))
    }

    /// `DATE_PART(part, value)`, with or without quotes.
    fn date_part(&self, out: &mut String, at: usize) -> SqlResult<usize> {
        let structure = self.structure;
        let part = at + 2;
        self.gap(out, at);
        out.push_str("pg_sandbox.pgdate_part");
        self.token(out, at + 1);
        if structure.is_kind(part + 1, Kind::Comma)
            && let Some(name) = part_name(structure, part)?
        {
            out.push_str(&name);
            return Ok(part + 1);
        }
        Ok(part)
    }

    /// `EXTRACT(part FROM value)`
    fn extract(&self, out: &mut String, at: usize) -> SqlResult<usize> {
        let structure = self.structure;
        let (part, close) = (at + 2, structure.close(at + 1));
        let Some(name) = part_name(structure, part)?.filter(|_| structure.is(part + 1, "from"))
        else {
            return Err(SqlError::syntax(structure.text(part + 1)));
        };
        let value = self.moved(part + 2..close)?;
        self.gap(out, at);
        out.push_str(&format!("pg_sandbox.date_part({name}, {value})"));
        Ok(close + 1)
    }

    /// `CURRENT_SETTING('name')`, by the name that PostgreSQL knows.
    fn current_setting(&self, out: &mut String, at: usize) -> SqlResult<Option<usize>> {
        let structure = self.structure;
        let close = structure.close(at + 1);
        if close != at + 3 || !structure.is_kind(at + 2, Kind::Text) {
            return Ok(None);
        }
        let value = settings::value(&value_of(structure.text(at + 2))?)?;
        self.gap(out, at);
        out.push_str(&value);
        Ok(Some(close + 1))
    }

    /// `CONVERT(type, value)`
    fn convert(&self, out: &mut String, at: usize) -> SqlResult<usize> {
        let structure = self.structure;
        let close = structure.close(at + 1);
        let [new_type, value] = &structure.split(at + 2..close)[..] else {
            return Err(SqlError::syntax(structure.text(close)));
        };
        let mut written = String::new();
        let end = self.value_type(&mut written, new_type.start)?;
        self.emit(&mut written, end..new_type.end)?;
        let new_type = match written.trim_start().to_owned() {
            plain if ["numeric", "decimal"].contains(&&*plain.to_ascii_lowercase()) => {
                format!("{plain}(18,0)")
            }
            new_type => new_type,
        };
        let value = self.moved(value.clone())?;
        self.gap(out, at);
        out.push_str(&format!("CAST({value} AS {new_type})"));
        Ok(close + 1)
    }
}

/// A part of a date as a literal, by the name that PostgreSQL knows.
fn part_name(structure: &Structure<'_>, at: usize) -> SqlResult<Option<String>> {
    let name = match structure.kind(at) {
        Some(Kind::Word) => structure.text(at).to_ascii_lowercase(),
        Some(Kind::Text) => value_of(structure.text(at))?.to_ascii_lowercase(),
        _ => return Ok(None),
    };
    let name = match &*name {
        "dayofweek" | "weekday" | "dw" => "dow",
        "dayofyear" | "yearday" | "dy" => "doy",
        "isodow" | "isoyear" | "julian" => {
            let message = format!("timestamp units \"{name}\" not recognized");
            return Err(SqlError::new("22023", message));
        }
        name => name,
    };
    Ok(Some(quote_literal(name)))
}
