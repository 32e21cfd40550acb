//! What limits the results of calls have, by those of their arguments.

use super::{CHAR, NUMERIC, TEXT, VARCHAR};
use crate::sql::column_type::MAX;

/// The bytes of a text, or the digits of a number before and behind the point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Limit {
    pub(super) whole: i64,
    pub(super) scale: i64,
}

const MOST_DIGITS: i64 = 38;

impl Limit {
    fn number(precision: i64, scale: i64) -> Self {
        let whole = precision - scale;
        Self { whole, scale }
    }

    pub(super) fn precision(self) -> i64 {
        self.whole + self.scale
    }

    /// What fits both.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            whole: self.whole.max(other.whole),
            scale: self.scale.max(other.scale),
        }
    }

    /// A number of more than 38 digits loses some behind the point, but not the first four.
    pub(super) fn capped(self) -> Self {
        let precision = self.precision();
        if precision <= MOST_DIGITS {
            return self;
        }
        let scale = (MOST_DIGITS + self.scale - precision).max(self.scale.min(4));
        Self::number(MOST_DIGITS, scale)
    }

    pub(super) fn of_type(oid: i64, modifier: i64) -> Option<Self> {
        match oid {
            TEXT | VARCHAR | CHAR if modifier >= 4 => Some(Self {
                whole: modifier - 4,
                scale: 0,
            }),
            NUMERIC if modifier >= 4 => {
                Some(Self::number((modifier - 4) >> 16, (modifier - 4) & 0x7ff))
            }
            _ => None,
        }
    }

    pub(super) fn of_whole_number(oid: i64) -> Option<Self> {
        let digits = match oid {
            20 => 19,
            21 => 5,
            23 => 10,
            _ => return None,
        };
        Some(Self::number(digits, 0))
    }

    /// The text of a number has a sign, a point and a 0 before it.
    pub(super) fn with_signs(self) -> Self {
        let whole = self.precision() + 3;
        Self { whole, scale: 0 }
    }

    /// How long a value of another type is as text.
    pub(super) fn of_text(oid: i64) -> Option<Self> {
        let whole = match oid {
            16 => 5,
            18 => 1,
            19 => 64,
            20 => 20,
            21 => 6,
            23 => 11,
            26 => 10,
            700 => 15,
            701 => 24,
            1082 => 13,
            1083 => 15,
            1114 => 29,
            1184 => 35,
            1266 => 21,
            _ => return None,
        };
        Some(Self { whole, scale: 0 })
    }

    /// Of a NUMERIC in the bytes in which PostgreSQL keeps it: groups of four digits, and where the point is.
    pub(super) fn of_number(value: &[u8]) -> Option<Self> {
        let (head, rest) = value.split_first_chunk::<2>()?;
        let head = u16::from_ne_bytes(*head);
        let (scale, weight, rest) = match head & 0xc000 {
            0x8000 => {
                let weight = i64::from(head & 0x3f) - i64::from(head & 0x40);
                (head >> 7 & 0x3f, weight, rest)
            }
            0xc000 => return None,
            _ => {
                let (weight, rest) = rest.split_first_chunk::<2>()?;
                (head & 0x3fff, i64::from(i16::from_ne_bytes(*weight)), rest)
            }
        };
        let first = rest
            .first_chunk::<2>()
            .map_or(0, |group| i16::from_ne_bytes(*group));
        let digits = i64::from(first.checked_ilog10().map_or(0, |log| log + 1));
        let whole = if weight < 0 { 0 } else { weight * 4 + digits };
        Some(Self {
            whole,
            scale: scale.into(),
        })
    }
}

/// How a function's result is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// By its first argument.
    First,
    /// By the longest or largest of its arguments.
    Longest,
    /// All of its arguments one after another.
    Joined,
    Length(i64),
    /// As many digits as there can be, with the scale of the argument.
    Widest,
    Add,
    Multiply,
    Divide,
}

impl Rule {
    pub(super) fn of(function: &str, is_number: bool) -> Option<Self> {
        Some(match function {
            "upper" | "lower" | "initcap" | "btrim" | "ltrim" | "rtrim" | "substr"
            | "substring" | "left" | "right" | "reverse" | "split_part" | "regexp_substr"
            | "max" | "min" | "any_value" | "first_value" | "last_value" | "nth_value"
            | "round" | "trunc" | "abs" | "numeric_abs" | "numeric_uminus" | "numeric_uplus"
            | "ceil" | "ceiling" | "floor" | "text" | "varchar" | "bpchar" => Self::First,
            "lag" | "lead" | "mod" | "numeric_mod" => Self::Longest,
            "textcat" | "concat" => Self::Joined,
            "chr" => Self::Length(4),
            "md5" => Self::Length(32),
            "sha" | "sha1" | "func_sha1" => Self::Length(40),
            "sum" | "avg" if is_number => Self::Widest,
            "numeric_add" | "numeric_sub" => Self::Add,
            "numeric_mul" => Self::Multiply,
            "numeric_div" => Self::Divide,
            _ => return None,
        })
    }

    pub(super) fn result(self, arguments: &[Option<Limit>]) -> Option<Limit> {
        let first = || arguments.first().copied().flatten();
        let both = || match arguments {
            [Some(one), Some(other)] => Some((*one, *other)),
            _ => None,
        };
        match self {
            Self::First => first(),
            Self::Longest => both().map_or_else(first, |(one, other)| Some(one.or(other))),
            Self::Length(whole) => Some(Limit { whole, scale: 0 }),
            Self::Joined => {
                let (one, other) = both()?;
                let whole = one.whole.saturating_add(other.whole).min(MAX);
                Some(Limit { whole, scale: 0 })
            }
            Self::Widest => first().map(|limit| Limit::number(MOST_DIGITS, limit.scale)),
            Self::Add => both().map(|(one, other)| {
                let Limit { whole, scale } = one.or(other);
                let whole = whole + 1;
                Limit { whole, scale }.capped()
            }),
            Self::Multiply => both().map(|(one, other)| {
                let precision = one.precision() + other.precision() + 1;
                Limit::number(precision, one.scale + other.scale).capped()
            }),
            Self::Divide => both().map(|(one, other)| {
                let scale = (one.scale + other.precision() - other.scale + 1).max(4);
                let precision = one.whole + other.scale + scale;
                Limit::number(precision, scale).capped()
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_on_decimals() {
        let limits = [Some(Limit::number(10, 2)), Some(Limit::number(5, 3))];
        for (rule, precision, scale) in [
            (Rule::Add, 12, 3),
            (Rule::Multiply, 16, 5),
            (Rule::Divide, 16, 5),
            (Rule::Widest, 38, 2),
        ] {
            let limit = rule.result(&limits).expect("a limit");
            assert_eq!(
                (limit.precision(), limit.scale),
                (precision, scale),
                "{rule:?}"
            );
        }
        let wide = [Some(Limit::number(38, 10)); 2];
        let limit = Rule::Multiply.result(&wide).expect("a limit");
        assert_eq!((limit.precision(), limit.scale), (38, 4));
    }

    #[test]
    fn a_text_for_each_type_has_room() {
        for oid in [
            16, 18, 19, 20, 21, 23, 26, 700, 701, 1082, 1083, 1114, 1184, 1266,
        ] {
            assert!(Limit::of_text(oid).is_some());
        }
        assert_eq!(Limit::of_text(4000), None);
    }
}
