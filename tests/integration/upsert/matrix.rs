//! Each action with each way to the stage, with keys that are right, twice, or NULL.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::BigInt;
use diesel_redshift::store::FolderStore;
use diesel_redshift::upsert::{Rows, Upsert, UpsertAction, UpsertInto};
use diesel_redshift::{IamRole, Redshift, S3Uri};
use diesel_redshift_tests::{ROLE, sandbox};

use super::*;

diesel::table! {
    items (id) {
        id -> BigInt,
        name -> Text,
        hits -> BigInt,
        gone -> Nullable<Bool>,
        at -> Nullable<Integer>,
    }
}

/// A key that can be NULL, though its type cannot.
#[derive(Debug, Clone, Copy, AsExpression, FromSqlRow)]
#[diesel(sql_type = BigInt)]
struct Id(Option<i64>);

impl ToSql<BigInt, Redshift> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
        match &self.0 {
            Some(id) => ToSql::<BigInt, Redshift>::to_sql(id, out),
            None => Ok(IsNull::Yes),
        }
    }
}

#[derive(Insertable, Clone, Debug)]
#[diesel(table_name = items, treat_none_as_default_value = false)]
struct Item {
    id: Id,
    name: &'static str,
    hits: i64,
    gone: Option<bool>,
    at: Option<i32>,
}

fn item(id: i64, name: &'static str, hits: i64, at: Option<i32>) -> Item {
    Item {
        id: Id(Some(id)),
        name,
        hits,
        gone: None,
        at,
    }
}

fn gone(item: Item, gone: bool) -> Item {
    Item {
        gone: Some(gone),
        ..item
    }
}

type Start<'r> = UpsertInto<Rows<'r, Item>, items::table, (items::id,)>;
type Complete<'r, A> = Upsert<Rows<'r, Item>, items::table, (items::id,), A>;
type Found = Vec<(i64, String, i64)>;

fn start(rows: &[Item]) -> Start<'_> {
    upsert(rows).into(items::table).key((items::id,))
}

struct Target {
    world: World,
    conn: RedshiftConnection,
    /// Whether the rows come through files.
    by_copy: bool,
}

impl Target {
    fn new(by_copy: bool) -> Self {
        let world = World::new();
        let mut conn = world.connect();
        conn.batch_execute(
            "CREATE TABLE items (id BIGINT, name VARCHAR(20) NOT NULL, hits BIGINT NOT NULL, gone BOOLEAN, at INTEGER);
             INSERT INTO items VALUES (1, 'one', 10, NULL, 5), (2, 'two', 20, NULL, NULL)",
        )
        .unwrap();
        Self {
            world,
            conn,
            by_copy,
        }
    }

    fn run<A: UpsertAction>(&mut self, upsert: Complete<'_, A>) -> Result<UpsertOutcome, Error> {
        if !self.by_copy {
            return upsert.execute(&mut self.conn);
        }
        let store = FolderStore::new(sandbox().store().path());
        let folder = S3Uri::parse(&self.world.uri("stage/")).unwrap();
        let role: IamRole = ROLE.parse().unwrap();
        let upsert = upsert
            .through(&store, folder)
            .iam_role(role)
            .insert_up_to(0);
        upsert.execute(&mut self.conn)
    }

    fn rows(&mut self) -> Found {
        items::table
            .select((items::id, items::name, items::hits))
            .order(items::id)
            .load(&mut self.conn)
            .unwrap()
    }

    /// What is there afterwards, and that nothing else is.
    #[track_caller]
    fn assert(
        &mut self,
        outcome: Result<UpsertOutcome, Error>,
        counts: (u64, u64, u64, u64),
        rows: &[(i64, &str, i64)],
    ) {
        let outcome = outcome.unwrap();
        let found = (
            outcome.staged,
            outcome.updated,
            outcome.inserted,
            outcome.deleted,
        );
        assert_eq!(found, counts);
        let rows: Found = rows
            .iter()
            .map(|(id, name, hits)| (*id, (*name).to_owned(), *hits))
            .collect();
        assert_eq!(self.rows(), rows);
        self.assert_clean();
    }

    #[track_caller]
    fn assert_refused(&mut self, outcome: Result<UpsertOutcome, Error>, message: &str) {
        assert_eq!(outcome.unwrap_err().to_string(), message);
        let before = [(1, "one".to_owned(), 10), (2, "two".to_owned(), 20)];
        assert_eq!(self.rows(), before);
        self.assert_clean();
    }

    #[track_caller]
    fn assert_clean(&mut self) {
        assert!(self.world.list("").is_empty());
        assert_no_stage(&mut self.conn);
    }
}

const TWO: (i64, &str, i64) = (2, "two", 20);
const THREE: (i64, &str, i64) = (3, "three", 3);

#[test]
fn each_action_does_what_it_says() {
    let rows = [
        gone(item(1, "ONE", 1, Some(6)), true),
        gone(item(3, "three", 3, None), false),
    ];
    for by_copy in [false, true] {
        let mut at = Target::new(by_copy);
        let outcome = at.run(start(&rows).update_all());
        at.assert(outcome, (2, 1, 1, 0), &[(1, "ONE", 1), TWO, THREE]);

        let mut at = Target::new(by_copy);
        let hits = items::hits.eq(items::hits + incoming(items::hits));
        let outcome = at.run(start(&rows).set(hits));
        at.assert(outcome, (2, 1, 1, 0), &[(1, "one", 11), TWO, THREE]);

        let mut at = Target::new(by_copy);
        let outcome = at.run(start(&rows).keep_existing());
        at.assert(outcome, (2, 0, 1, 0), &[(1, "one", 10), TWO, THREE]);

        let mut at = Target::new(by_copy);
        let outcome = at.run(start(&rows).replace());
        at.assert(outcome, (2, 1, 1, 0), &[(1, "ONE", 1), TWO, THREE]);

        let mut at = Target::new(by_copy);
        let outcome = at.run(start(&rows).update_all().delete_when(incoming(items::gone)));
        at.assert(outcome, (2, 0, 1, 1), &[TWO, THREE]);
        let outcome = at.run(start(&rows).replace().delete_when(incoming(items::gone)));
        at.assert(outcome, (2, 1, 0, 0), &[TWO, THREE]);
    }
}

/// Runs a test for each action, each on a target of its own.
macro_rules! for_each_action {
    ($rows:expr, |$upsert:ident, $at:ident| $test:expr) => {
        for by_copy in [false, true] {
            for_each_action! { $rows, by_copy, |$upsert, $at| $test,
                |start| start.update_all();
                |start| start.set(items::name.eq(incoming(items::name)));
                |start| start.keep_existing();
                |start| start.replace();
                |start| start.update_all().delete_when(incoming(items::gone));
            }
        }
    };
    ($rows:expr, $by_copy:ident, |$upsert:ident, $at:ident| $test:expr, $(|$start:ident| $action:expr;)*) => {$({
        let mut target = Target::new($by_copy);
        let $at = &mut target;
        let $start = start($rows);
        let $upsert = $action;
        $test;
    })*};
}

#[test]
fn a_key_that_comes_twice_is_refused_by_each_action() {
    const TWICE: &str = "invalid key (\"id\") of an upsert: (3) in 2 rows; expected each key once; or choose one row by `latest_by`";
    // Also where both are flagged, and equal in all columns.
    let rows = [
        item(1, "ONE", 1, None),
        gone(item(3, "a", 1, None), true),
        gone(item(3, "a", 1, None), true),
    ];
    for_each_action!(&rows, |upsert, at| {
        let outcome = at.run(upsert);
        at.assert_refused(outcome, TWICE);
    });
}

#[test]
fn a_key_that_is_null_is_refused_by_each_action() {
    const NULL: &str =
        "invalid key (\"id\") of an upsert: (NULL); expected no NULL, which equals nothing";
    let keyless = Item {
        id: Id(None),
        ..gone(item(0, "x", 1, Some(1)), true)
    };
    let rows = [item(1, "ONE", 1, Some(6)), keyless.clone(), keyless];
    for_each_action!(&rows, |upsert, at| {
        let outcome = at.run(upsert);
        at.assert_refused(outcome, NULL);
        let outcome = at.run(upsert.latest_by(items::at));
        at.assert_refused(outcome, NULL);
    });
}

/// Of equal rows any is the latest, but only one; the one that is there is not newer than an equal one.
#[test]
fn the_latest_is_chosen_among_nulls_and_ties() {
    let rows = [
        item(1, "same", 1, Some(5)),
        item(1, "null", 1, None),
        item(2, "null", 2, None),
        item(3, "first", 3, Some(2)),
        item(3, "second", 3, Some(2)),
        item(4, "null", 4, None),
        item(4, "none", 4, None),
    ];
    for by_copy in [false, true] {
        let mut at = Target::new(by_copy);
        let outcome = at
            .run(start(&rows).update_all().latest_by(items::at))
            .unwrap();
        assert_eq!(counts(outcome), (7, 2, 2));
        let found = at.rows();
        assert_eq!(found[0].1, "same");
        // Neither knows when it was: the new one counts.
        assert_eq!(found[1].1, "null");
        let ids: Vec<_> = found.iter().map(|row| row.0).collect();
        assert_eq!(ids, [1, 2, 3, 4]);
        at.assert_clean();
        // What is older, or does not know its time, is no reason to delete either.
        let old = [
            gone(item(1, "old", 1, Some(4)), true),
            gone(item(3, "old", 1, None), true),
        ];
        let upsert = start(&old)
            .update_all()
            .delete_when(incoming(items::gone))
            .latest_by(items::at);
        assert_eq!(at.run(upsert).unwrap().deleted, 0);
        assert_eq!(at.rows(), found);
    }
}

/// Rows of other keys are left alone, however the condition is written.
#[test]
fn a_condition_with_or_deletes_only_rows_whose_key_came() {
    use diesel::dsl::sql;
    use diesel::sql_types::Bool;

    let rows = [gone(item(1, "ONE", 1, None), true)];
    for by_copy in [false, true] {
        let mut at = Target::new(by_copy);
        let condition = incoming(items::gone).or(incoming(items::hits).eq(1));
        let outcome = at.run(start(&rows).update_all().delete_when(condition));
        at.assert(outcome, (1, 0, 0, 1), &[TWO]);

        let mut at = Target::new(by_copy);
        let condition = sql::<Bool>("diesel_redshift_stage.gone OR diesel_redshift_stage.hits = 1");
        let outcome = at.run(start(&rows).update_all().delete_when(condition));
        at.assert(outcome, (1, 0, 0, 1), &[TWO]);
    }
}

/// Redshift enforces no key, so a table can have a row twice.
#[test]
fn a_target_with_a_key_twice_is_counted_right() {
    let rows = [item(1, "ONE", 1, None), item(3, "three", 3, None)];
    for by_copy in [false, true] {
        let again = |at: &mut Target| {
            at.conn
                .batch_execute("INSERT INTO items VALUES (1, 'uno', 11, NULL, NULL)")
                .unwrap();
        };
        let mut at = Target::new(by_copy);
        again(&mut at);
        let outcome = at.run(start(&rows).update_all());
        let one = (1, "ONE", 1);
        at.assert(outcome, (2, 2, 1, 0), &[one, one, TWO, THREE]);

        let mut at = Target::new(by_copy);
        again(&mut at);
        let outcome = at.run(start(&rows).replace());
        at.assert(outcome, (2, 2, 1, 0), &[one, TWO, THREE]);

        let mut at = Target::new(by_copy);
        again(&mut at);
        let outcome = at.run(start(&rows).keep_existing());
        assert_eq!(counts(outcome.unwrap()), (2, 0, 1));
        assert_eq!(at.rows().len(), 4);
    }
}
