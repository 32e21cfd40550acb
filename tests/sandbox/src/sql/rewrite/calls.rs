//! Calls that PostgreSQL writes in another way.

use std::ops::Range;

use super::Rewriter;
use crate::protocol::{SqlError, SqlResult};
use crate::sql::lexer::{Kind, value_of};
use crate::sql::token_tree::TokenTree;
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
        let name = self.tree.text(at).to_ascii_lowercase();
        let renamed = match &*name {
            "nvl" => "coalesce",
            // The names that columns have.
            "dateadd" => "date_add",
            "datediff" => "date_diff",
            "json_serialize" => "pg_catalog.json_serialize",
            "array" if !self.tree.is_any(at + 2, &["select", "with"]) => {
                return self.build(out, at, "array").map(Some);
            }
            "object" => return self.build(out, at, "object").map(Some),
            "cast" => return self.cast(out, at),
            "date_part" | "datepart" | "pgdate_part" => return self.date_part(out, at).map(Some),
            "extract" => return self.extract(out, at).map(Some),
            "listagg" => return self.listagg(out, at).map(Some),
            "percentile_cont" | "percentile_disc" => {
                return self.percentile(out, at, &name).map(Some);
            }
            "ratio_to_report" => return self.ratio_to_report(out, at).map(Some),
            "nvl2" => return self.nvl2(out, at).map(Some),
            "decode" => return self.decode(out, at).map(Some),
            "convert" => return self.convert(out, at).map(Some),
            "set_config" if self.tree.is_kind(at + 2, Kind::Text) => {
                let name = settings::engine_name(&value_of(self.tree.text(at + 2))?)?;
                self.blanks_before(out, at);
                out.push_str(&format!("set_config({}", quote_literal(&name)));
                return Ok(Some(at + 3));
            }
            "current_setting" => return self.current_setting(out, at),
            "first_value" | "last_value" => return self.ignoring_nulls(out, at, &name),
            _ => return Ok(None),
        };
        self.blanks_before(out, at);
        out.push_str(renamed);
        Ok(Some(at + 1))
    }

    /// `ARRAY(…)` and `OBJECT(…)`, which make a SUPER.
    fn build(&self, out: &mut String, at: usize, kind: &str) -> SqlResult<usize> {
        let close = self.tree.close(at + 1);
        let arguments = self.rewritten(at + 2..close)?;
        let mut types = String::new();
        for argument in self.tree.split(at + 2..close) {
            // What can be of a type that no SUPER holds.
            let is_open = argument.len() > 1 || self.tree.is_kind(argument.start, Kind::Word);
            if is_open
                && !self
                    .tree
                    .is_any(argument.start, &["array", "object", "null"])
            {
                types.push_str(&format!(
                    ", pg_engine.pg_typeof({})",
                    self.rewritten(argument)?
                ));
            }
        }
        self.blanks_before(out, at);
        out.push_str(&format!(
            "pg_sandbox.\"{kind}\"(pg_engine.json_build_{kind}({arguments}){types})"
        ));
        Ok(close + 1)
    }

    fn aggregate(&self, at: usize) -> SqlResult<Aggregate> {
        let tree = self.tree;
        let close = tree.close(at + 1);
        let distinct = tree.is(at + 2, "distinct");
        let start = at + 2 + usize::from(distinct);
        let mut end = close + 1;
        let mut order = None;
        if tree.are(end, &["within", "group"]) && tree.is_kind(end + 2, Kind::Open) {
            if !tree.are(end + 3, &["order", "by"]) {
                return Err(SqlError::syntax(tree.text(end + 3)));
            }
            let close = tree.close(end + 2);
            order = Some(end + 5..close);
            end = close + 1;
        }
        let mut over = None;
        if tree.is(end, "over") && tree.is_kind(end + 1, Kind::Open) {
            let close = tree.close(end + 1);
            let partition = end + 2..close;
            let other = tree.find(partition.clone(), |at| tree.is_any(at, &["order", "rows"]));
            if let Some(other) = other {
                return Err(SqlError::syntax(tree.text(other)));
            }
            over = Some(partition);
            end = close + 1;
        }
        Ok(Aggregate {
            arguments: tree.split(start..close),
            distinct,
            order,
            over,
            end,
        })
    }

    /// The window of a whole partition, in an order.
    fn window(&self, partition: &Range<usize>, order: Option<&str>) -> SqlResult<String> {
        let order = order.map_or(String::new(), |order| format!(" ORDER BY {order}"));
        let partition = self.rewritten(partition.clone())?;
        Ok(format!("OVER ({partition}{order} {WHOLE_PARTITION})"))
    }

    fn listagg(&self, out: &mut String, at: usize) -> SqlResult<usize> {
        let aggregate = self.aggregate(at)?;
        let [value, delimiter @ ..] = &aggregate.arguments[..] else {
            return Ok(aggregate.end);
        };
        let delimiter = match delimiter {
            [] => "''".to_owned(),
            [delimiter] => self.rewritten(delimiter.clone())?,
            [_, more, ..] => return Err(SqlError::syntax(self.tree.text(more.start - 1))),
        };
        let value = self.rewritten(value.clone())?;
        let order = aggregate
            .order
            .map(|order| self.rewritten(order))
            .transpose()?;
        self.blanks_before(out, at);
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
        let tree = self.tree;
        let aggregate = self.aggregate(at)?;
        let (Some(order), [fraction]) = (&aggregate.order, &aggregate.arguments[..]) else {
            return Err(SqlError::syntax(tree.text(tree.close(at + 1) + 1)));
        };
        if let Some(comma) = tree.find(order.clone(), |at| tree.is_kind(at, Kind::Comma)) {
            return Err(SqlError::syntax(tree.text(comma)));
        }
        let sorts = |at: usize| tree.is_any(at, &["asc", "desc", "nulls"]);
        let value_end = tree.find(order.clone(), sorts).unwrap_or(order.end);
        let value = self.rewritten(order.start..value_end)?;
        let order = self.rewritten(order.clone())?;
        let fraction = self.rewritten(fraction.clone())?;
        let values = match &aggregate.over {
            Some(partition) => {
                let window = self.window(partition, Some(&order))?;
                format!("pg_engine.array_agg({value}) {window}")
            }
            None => format!("pg_engine.array_agg({value} ORDER BY {order})"),
        };
        self.blanks_before(out, at);
        out.push_str(&format!(
            "pg_sandbox.{name}({fraction}, pg_engine.array_remove({values}, NULL))"
        ));
        Ok(aggregate.end)
    }

    fn ratio_to_report(&self, out: &mut String, at: usize) -> SqlResult<usize> {
        let aggregate = self.aggregate(at)?;
        let (Some(partition), [value]) = (&aggregate.over, &aggregate.arguments[..]) else {
            let end = self.tree.text(aggregate.end);
            return Err(SqlError::syntax(end));
        };
        let value = self.rewritten(value.clone())?;
        let partition = self.rewritten(partition.clone())?;
        self.blanks_before(out, at);
        out.push_str(&format!(
            "pg_sandbox.ratio_to_report({value}, sum({value}) OVER ({partition}))"
        ));
        Ok(aggregate.end)
    }

    /// `NVL2(value, otherwise, if NULL)`
    fn nvl2(&self, out: &mut String, at: usize) -> SqlResult<usize> {
        let tree = self.tree;
        let close = tree.close(at + 1);
        let [value, present, absent] = &tree.split(at + 2..close)[..] else {
            return Err(SqlError::syntax(tree.text(close)));
        };
        let value = self.rewritten(value.clone())?;
        let present = self.rewritten(present.clone())?;
        let absent = self.rewritten(absent.clone())?;
        self.blanks_before(out, at);
        out.push_str(&format!(
            "CASE WHEN ({value}) IS NOT NULL THEN {present} ELSE {absent} END"
        ));
        Ok(close + 1)
    }

    /// `DECODE(value, search, result, …[, default])`, for which NULL is equal to NULL.
    fn decode(&self, out: &mut String, at: usize) -> SqlResult<usize> {
        let tree = self.tree;
        let close = tree.close(at + 1);
        let mut arguments = Vec::new();
        for argument in tree.split(at + 2..close) {
            arguments.push(self.rewritten(argument)?);
        }
        let [value, rest @ ..] = &arguments[..] else {
            return Ok(close + 1);
        };
        if rest.len() < 2 {
            return Err(SqlError::syntax(tree.text(close)));
        }
        self.blanks_before(out, at);
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
        let tree = self.tree;
        let close = tree.close(at + 1);
        let ignores = |at: usize| tree.are(at, &["ignore", "nulls"]);
        let (value_end, end) = if ignores(close - 2) {
            (close - 2, close + 1)
        } else if ignores(close + 1) {
            (close, close + 3)
        } else {
            return Ok(None);
        };
        let value = self.rewritten(at + 2..value_end)?;
        self.blanks_before(out, at);
        out.push_str(&format!("pg_sandbox.{name}({value})"));
        Ok(Some(end))
    }

    /// `DATE_PART(part, value)`, with or without quotes.
    fn date_part(&self, out: &mut String, at: usize) -> SqlResult<usize> {
        let tree = self.tree;
        let part = at + 2;
        self.blanks_before(out, at);
        out.push_str("pg_sandbox.pgdate_part");
        self.token(out, at + 1);
        if tree.is_kind(part + 1, Kind::Comma)
            && let Some(name) = part_name(tree, part)?
        {
            out.push_str(&name);
            return Ok(part + 1);
        }
        Ok(part)
    }

    /// `EXTRACT(part FROM value)`
    fn extract(&self, out: &mut String, at: usize) -> SqlResult<usize> {
        let tree = self.tree;
        let (part, close) = (at + 2, tree.close(at + 1));
        let Some(name) = part_name(tree, part)?.filter(|_| tree.is(part + 1, "from")) else {
            return Err(SqlError::syntax(tree.text(part + 1)));
        };
        let value = self.rewritten(part + 2..close)?;
        self.blanks_before(out, at);
        out.push_str(&format!("pg_sandbox.date_part({name}, {value})"));
        Ok(close + 1)
    }

    /// `CURRENT_SETTING('name')`, by the name that PostgreSQL knows.
    fn current_setting(&self, out: &mut String, at: usize) -> SqlResult<Option<usize>> {
        let tree = self.tree;
        let close = tree.close(at + 1);
        if close != at + 3 || !tree.is_kind(at + 2, Kind::Text) {
            return Ok(None);
        }
        let value = settings::value(&value_of(tree.text(at + 2))?)?;
        self.blanks_before(out, at);
        out.push_str(&value);
        Ok(Some(close + 1))
    }

    /// `CONVERT(type, value)`
    fn convert(&self, out: &mut String, at: usize) -> SqlResult<usize> {
        let tree = self.tree;
        let close = tree.close(at + 1);
        let [new_type, value] = &tree.split(at + 2..close)[..] else {
            return Err(SqlError::syntax(tree.text(close)));
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
        let value = self.rewritten(value.clone())?;
        self.blanks_before(out, at);
        out.push_str(&format!("CAST({value} AS {new_type})"));
        Ok(close + 1)
    }
}

/// A part of a date as a literal, by the name that PostgreSQL knows.
fn part_name(tree: &TokenTree<'_>, at: usize) -> SqlResult<Option<String>> {
    let name = match tree.kind(at) {
        Some(Kind::Word) => tree.text(at).to_ascii_lowercase(),
        Some(Kind::Text) => value_of(tree.text(at))?.to_ascii_lowercase(),
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
