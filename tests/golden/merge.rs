//! `MERGE`.

use diesel::prelude::*;
use diesel_redshift::dsl::getdate;
use diesel_redshift::merge::merge_into;

use crate::statements;

diesel::table! {
    visits (page, day) {
        page -> Text,
        day -> Date,
        hits -> BigInt,
        seen -> Nullable<Timestamp>,
    }
}

diesel::table! {
    #[sql_name = "Odd \"stage\""]
    warehouse.stage (page, day) {
        page -> Text,
        #[sql_name = "select"]
        day -> Date,
        hits -> BigInt,
        seen -> Nullable<Timestamp>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(visits, stage);

pub(crate) fn statements() -> crate::Statements {
    let merge = || {
        merge_into(visits::table)
            .using(stage::table)
            .on((visits::page, stage::page))
            .on((visits::day, stage::day))
    };
    statements! {
        "MERGE with UPDATE": merge().when_matched().set(visits::hits, visits::hits + stage::hits).set(visits::seen, getdate().nullable())
            .when_not_matched().insert(visits::page, stage::page).insert(visits::day, stage::day).insert(visits::hits, stage::hits);
        "MERGE with values": merge().when_matched().set(visits::hits, 7)
            .when_not_matched().insert(visits::page, "it's \\").insert(visits::day, stage::day).insert(visits::hits, -1);
        "MERGE with DELETE": merge_into(visits::table).using(stage::table).on((visits::page, stage::page))
            .when_matched().delete().when_not_matched().insert(visits::page, stage::page);
        "MERGE REMOVE DUPLICATES": merge().remove_duplicates();
    }
}
