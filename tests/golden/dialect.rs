//! Queries in Redshift's dialect: its functions and clauses, and what Diesel writes for it.

use diesel::dsl::{count, exists, frame, now, row_number, sum};
use diesel::prelude::*;
use diesel::query_builder::QueryFragment;
use diesel::sql_types::{Nullable, Text};
use diesel_redshift::Redshift;
use diesel_redshift::dsl::*;
use diesel_redshift::expression::{AliasExpressionMethods, QualifyDsl, SuperExpressionMethods};

diesel::table! {
    use diesel::sql_types::*;
    use diesel_redshift::sql_types::*;

    events (id) {
        id -> BigInt,
        who -> Integer,
        name -> Nullable<Text>,
        at -> Timestamp,
        instant -> Timestamptz,
        price -> Numeric,
        body -> Super,
        json -> Text,
    }
}

diesel::table! {
    staging (id) {
        id -> BigInt,
        name -> Nullable<Text>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(events, staging);

/// The SQL alone, without the values of its parameters.
fn sql(query: &impl QueryFragment<Redshift>) -> Result<String, diesel_redshift::Error> {
    let shown = diesel::debug_query::<Redshift, _>(query).to_string();
    let end = shown.rfind(" -- binds: ").unwrap_or(shown.len());
    Ok(shown[..end].to_owned())
}

macro_rules! queries {
    ($($title:literal: $query:expr;)*) => {{
        let mut statements = crate::Statements::default();
        $(statements.add($title, sql(&$query));)*
        statements
    }};
}

pub(crate) fn statements() -> crate::Statements {
    let ids = events::table.select(events::id);
    queries! {
        "ILIKE": ids.filter(ilike(events::name, "a%").or(not_ilike(events::name, "b%")));
        "SIMILAR TO": ids.filter(similar_to(events::name, "a|b").and(not_similar_to(events::name, "c")));
        "regular expressions": ids.filter(regexp_matches(events::name, "^a").or(regexp_not_matches(events::name, "b")));
        "NULLS FIRST and LAST": ids.order((nulls_first(events::name.asc()), nulls_last(events::who.desc())));
        "GETDATE, SYSDATE, now": ids.filter(events::at.gt(getdate()).or(events::at.lt(sysdate())).or(events::at.eq(now)));
        "DATEADD, DATEDIFF": ids.filter(dateadd(DatePart::Month, -1, events::at).lt(now)).select(datediff(DatePart::Microsecond, events::at, getdate()));
        "DATE_TRUNC, DATE_PART": events::table.select((date_trunc(DatePart::Quarter, events::at), date_part(DateField::DayOfYear, events::instant)));
        "CONVERT_TIMEZONE": events::table.select((convert_timezone("Europe/Oslo", events::instant), convert_timezone_from("UTC", "EST", events::at)));
        "NVL, NVL2": events::table.select((nvl(events::name, "x"), nvl2(events::name, events::who, 0)));
        "DECODE": events::table.select(decode(events::who).when(1, "one".into_sql::<Text>()).when(2, "two").otherwise("many"));
        "DECODE without a default": events::table.select(decode(events::name).when(None::<&str>, events::who).or_null());
        "LISTAGG": events::table.group_by(events::who).select((events::who, listagg(events::name, "', \\").distinct().within_group((events::name.asc(), events::id))));
        "LISTAGG as a window function": events::table.select(listagg(events::name, "").within_group(events::id).partition_by(events::who));
        "LISTAGG without an order": events::table.select(listagg(events::name, "|"));
        "MEDIAN": events::table.select(median(events::price));
        "MEDIAN as a window function": events::table.select(median(events::price).partition_by(events::who));
        "PERCENTILE_CONT": events::table.group_by(events::who).select(percentile_cont(0.25).within_group(events::price));
        "PERCENTILE_DISC as a window function": events::table.select(percentile_disc(1.0).within_group_desc(events::at).partition_by(events::who));
        "APPROXIMATE PERCENTILE_DISC": events::table.select(approximate_percentile_disc(0.5).within_group(events::at));
        "COALESCE": events::table.select(coalesce(events::name, Some("x")));
        "GROUP BY an expression": events::table.group_by(group_key(nvl(events::name, "it's"))).select((group_key(nvl(events::name, "it's")), count(events::id)));
        "APPROXIMATE COUNT": events::table.select(approximate_count_distinct(events::who));
        "JSON in text": events::table.select((is_valid_json(events::json), is_valid_json_array(events::json), can_json_parse(events::json), json_array_length(events::json)));
        "paths of JSON in text": events::table.select((json_extract_path_text(events::json, ["a", "b"]), json_extract_path_text(events::json, ["c"]).null_if_invalid(), json_extract_array_element_text(events::json, 2)));
        "SUPER": events::table.select((json_parse(events::json), json_serialize(events::body), json_typeof(events::body), get_array_length(events::body)));
        "navigation into a SUPER": ids.filter(events::body.attribute("a").attribute("we\"ird").element(0).cast::<Nullable<Text>>().eq("x"));
        "QUALIFY": ids.filter(events::who.gt(1)).order(events::id).limit(9).qualify(row_number().partition_by(events::who).window_order(events::at.desc()).eq(1));
        "QUALIFY after a table": events::table.select(events::id).qualify(row_number().partition_by(events::who).window_order(events::at).eq(1));
        "QUALIFY after HAVING": events::table.group_by(events::who).having(count(events::id).gt(1)).select(events::who).into_boxed().qualify(row_number().window_order(events::who).le(3));
        "frames": events::table.select(sum(events::who).partition_by(events::name).window_order(events::id).frame_by(frame::Rows.frame_between(3.preceding(), frame::CurrentRow)));
        "UPDATE … FROM": update_from(events::table, staging::table).set((events::name.eq(staging::name), events::at.eq(now))).filter(events::id.eq(staging::id)).filter(events::who.gt(3));
        "UPDATE … FROM, the condition first": update_from(events::table, staging::table).filter(events::id.eq(staging::id)).set(events::name.eq(staging::name)).set(events::who.eq(7));
        "DELETE … USING": delete_using(events::table, staging::table).filter(events::id.eq(staging::id)).filter(events::who.gt(3));
        "names of columns": events::table.inner_join(staging::table.on(staging::id.eq(events::id))).select((events::name.alias("event"), staging::name.alias("it\"s"), events::who));
        "INSERT of rows": diesel::insert_into(staging::table).values(&vec![(staging::id.eq(1), Some(staging::name.eq("a"))), (staging::id.eq(2), None)]);
        "INSERT … SELECT": events::table.select((events::id, events::name)).insert_into(staging::table);
        "INSERT … DEFAULT VALUES": diesel::insert_into(staging::table).default_values();
        "DELETE with a subquery": diesel::delete(staging::table.filter(exists(events::table.filter(events::id.eq(staging::id)))));
        "set operations": ids.union(staging::table.select(staging::id)).intersect(ids).except(ids);
    }
}

/// Both of the modules that a query's functions come from.
mod both {
    pub(super) use diesel::dsl::*;
    pub(super) use diesel_redshift::dsl::*;
}

#[test]
fn names_of_diesel_and_redshift_go_together() {
    // A name that both had would be ambiguous here. `json_array_length` and `json_typeof` are: Diesel's, PostgreSQL's functions of its
    // type `json`, have to be told from Redshift's by a `use` of their own.
    #[allow(unused_imports)]
    use both::{
        DateField, DatePart, approximate_count_distinct, approximate_percentile_disc,
        can_json_parse, coalesce, convert_timezone, convert_timezone_from, date_part, date_trunc,
        dateadd, datediff, decode, delete_using, get_array_length, getdate, group_key, ilike,
        is_valid_json, is_valid_json_array, json_extract_array_element_text,
        json_extract_path_text, json_parse, json_serialize, listagg, max, median, min, not_ilike,
        not_similar_to, nulls_first, nulls_last, nvl, nvl2, percentile_cont, percentile_disc,
        regexp_matches, regexp_not_matches, similar_to, sysdate, update_from,
    };
}
