//! Redshift's SQL, as far as the proxy has to understand it.

mod alter_table;
mod authorization;
mod column_type;
mod command;
mod create_as;
mod create_table;
mod cursor;
mod database;
mod definition;
pub(crate) mod external;
mod grant;
mod late_view;
pub(crate) mod lexer;
mod merge;
mod names;
mod portal;
mod procedure;
mod query_type;
mod quoting;
pub(crate) mod refuse;
mod reserved;
mod rewrite;
mod routine;
mod secrets;
mod set;
pub(crate) mod settings;
mod show;
mod statement;
mod token_tree;
#[cfg(debug_assertions)]
mod trace;
mod transaction;
pub(crate) mod type_modifiers;
mod user;
mod vacuum;

pub(crate) use authorization::Authorization;
pub(crate) use cursor::{Cursor, Name};
pub(crate) use definition::{Definition, Fill, Query};
pub(crate) use query_type::QueryType;
pub(crate) use quoting::{keep_case, quote_identifier, quote_literal};
pub(crate) use rewrite::{inlining, named_again};
pub(crate) use secrets::masked;
pub(crate) use statement::{Part, Statement, analyze, analyze_one};
pub(crate) use transaction::BEGIN;

#[cfg(test)]
mod tests {
    use super::analyze;

    /// Words in any order are refused or taken, and never more than that.
    #[test]
    fn nonsense_does_no_harm() {
        const WORDS: &str = "select from where group by having order limit offset qualify top 5 ( ) ( ) [ ] [0] , , . . :: * = + 'x' $1 a b.c \
            t.a.b #t \"Q\" as as with recursive insert into values update set delete using merge on when matched not then remove \
            duplicates union all except minus distinct over partition rows range window within listagg( percentile_cont( decode( \
            convert( ratio_to_report( first_value( ignore nulls extract( date_part( array( cast( numeric varbyte(5) sysdate show \
            columns table like create view materialized temp alter append grant role comment lateral at join approximate count( \
            case end null is interval unnest copy unload explain declare cursor for fetch";
        let words: Vec<&str> = WORDS.split_whitespace().collect();
        let mut seed = 1_u64;
        let mut next = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            usize::try_from(seed >> 33).unwrap_or(0) % below
        };
        let mut taken = 0;
        for _ in 0..20_000 {
            let mut sql =
                ["select ", "insert into t ", "create view v as ", ""][next(4)].to_owned();
            let mut open = 0;
            for _ in 0..next(14) {
                let word = words[next(words.len())];
                if word == ")" && open == 0 {
                    continue;
                }
                open += word.matches('(').count();
                open -= word.matches(')').count();
                sql.push_str(word);
                sql.push(' ');
            }
            sql.push_str(&")".repeat(open));
            taken += usize::from(analyze(&sql).is_ok());
        }
        assert!(taken > 1_000, "{taken} were taken");
    }
}
