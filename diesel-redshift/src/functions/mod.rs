//! The expressions that the functions of [`dsl`](crate::dsl) make.
//!
//! A query is written with [`dsl`](crate::dsl); the types here are for signatures that have to name
//! them.

mod aggregate;
mod call;
mod conditional;
mod date_and_time;
mod date_part;
mod json;
mod ordering;
mod percentile;

pub use self::aggregate::{
    ApproximateCountDistinct, ListAgg, Median, approximate_count_distinct, listagg, median,
};
pub use self::call::{Argument, Call, FunctionName, Keyword, name};
pub use self::conditional::{Decode, DecodeStart, coalesce, decode, nvl, nvl2};
pub use self::date_and_time::{
    AddDate, Difference, PointInTime, TruncateDate, Typed, convert_timezone, convert_timezone_from,
    date_part, date_trunc, dateadd, datediff, getdate, sysdate,
};
pub use self::date_part::{DateField, DatePart, PartCall, Quoted, part_name};
pub use self::json::{
    JsonExtractPathText, can_json_parse, get_array_length, is_valid_json, is_valid_json_array,
    json_array_length, json_extract_array_element_text, json_extract_path_text, json_parse,
    json_serialize, json_typeof,
};
pub use self::ordering::{Ordered, max, min};
pub use self::percentile::{
    ApproximateDiscrete, Continuous, Discrete, Percentile, PercentileFraction, PercentileKind,
    Percentiled, approximate_percentile_disc, percentile_cont, percentile_disc,
};
