//! The date and time functions that run on the compute nodes, unlike `now()` and
//! `CURRENT_TIMESTAMP`.

#![expect(
    clippy::type_complexity,
    reason = "the type of an expression spells it out, as Diesel's do"
)]

use diesel::expression::{AsExpression, Expression, TypedExpressionType};
use diesel::sql_types::{
    BigInt, Date, Double, Integer, Nullable, SqlType, Text, Time, Timestamp, Timestamptz,
    is_nullable,
};

use super::call::{Argument, Call, Keyword, name};
use super::date_part::{DateField, DatePart, PartCall, Quoted, part_name};
use crate::sql_types::Timetz;

/// `GETDATE()`: the time at which the statement began, in the session's time zone, to the second.
///
/// ```
/// use diesel::prelude::*;
/// use diesel_redshift::{Redshift, dsl::getdate};
/// # diesel::table! { users { id -> BigInt, seen -> Timestamp, } }
///
/// let query = users::table.filter(users::seen.lt(getdate())).select(users::id);
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&query).to_string(),
///     r#"SELECT "users"."id" FROM "users" WHERE ("users"."seen" < GETDATE()) -- binds: []"#,
/// );
/// ```
pub fn getdate() -> Keyword<name::Getdate, Timestamp> {
    Keyword::new()
}

/// `SYSDATE`: the time at which the transaction began, in the session's time zone, to the
/// microsecond.
///
/// Diesel's [`now`](diesel::dsl::now) is written like this too, since Redshift's
/// `CURRENT_TIMESTAMP`, the same moment, runs on the leader node only.
///
/// ```
/// use diesel::prelude::*;
/// use diesel_redshift::{Redshift, dsl::sysdate};
/// # diesel::table! { users { id -> BigInt, seen -> Timestamp, } }
///
/// let query = diesel::update(users::table).set(users::seen.eq(sysdate()));
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&query).to_string(),
///     r#"UPDATE "users" SET "seen" = SYSDATE -- binds: []"#,
/// );
/// let query = diesel::update(users::table).set(users::seen.eq(diesel::dsl::now));
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&query).to_string(),
///     r#"UPDATE "users" SET "seen" = SYSDATE -- binds: []"#,
/// );
/// ```
pub fn sysdate() -> Keyword<name::Sysdate, Timestamp> {
    Keyword::new()
}

/// `DATE`, `TIME`, `TIMETZ`, `TIMESTAMP` and `TIMESTAMPTZ`, and what `DATEADD` makes of each.
#[diagnostic::on_unimplemented(message = "`{Self}` is neither a date nor a time")]
pub trait AddDate: SqlType {
    crate::seal::sealed!(required);
    /// A date becomes a `TIMESTAMP`, the others stay what they are.
    type Sum: SqlType + TypedExpressionType;
}

/// What `DATE_TRUNC` takes: `DATE` and `TIMESTAMP`. For a `TIMESTAMPTZ` say with
/// [`convert_timezone_from`] in which zone to cut.
#[diagnostic::on_unimplemented(
    message = "`DATE_TRUNC` takes a `DATE` or a `TIMESTAMP`, not `{Self}`",
    note = "`convert_timezone` makes a `TIMESTAMP` of a `TIMESTAMPTZ`"
)]
pub trait TruncateDate: SqlType {
    crate::seal::sealed!(required);
    /// `TIMESTAMP`
    type Truncated: SqlType + TypedExpressionType;
}

macro_rules! dates {
    ($($sql_type:ty => $sum:ty,)*) => {$(
        impl AddDate for $sql_type { crate::seal::sealed!();
            type Sum = $sum;
        }
    )*};
}

dates! {
    Date => Timestamp,
    Time => Time,
    Timetz => Timetz,
    Timestamp => Timestamp,
    Timestamptz => Timestamptz,
}

impl<ST> AddDate for Nullable<ST>
where
    ST: AddDate<Sum: SqlType<IsNull = is_nullable::NotNull>>
        + SqlType<IsNull = is_nullable::NotNull>,
    Nullable<ST::Sum>: TypedExpressionType,
{
    crate::seal::sealed!();
    type Sum = Nullable<ST::Sum>;
}

impl TruncateDate for Date {
    crate::seal::sealed!();
    type Truncated = Timestamp;
}

impl TruncateDate for Timestamp {
    crate::seal::sealed!();
    type Truncated = Timestamp;
}

impl<ST> TruncateDate for Nullable<ST>
where
    ST: TruncateDate<Truncated: SqlType<IsNull = is_nullable::NotNull>>
        + SqlType<IsNull = is_nullable::NotNull>,
    Nullable<ST::Truncated>: TypedExpressionType,
{
    crate::seal::sealed!();
    type Truncated = Nullable<ST::Truncated>;
}

/// `DATEADD(part, count, date)`: the date that many units later, or earlier if the count is
/// negative.
///
/// A `DATE` becomes a `TIMESTAMP`. Where the day does not exist in the month, it is the month's
/// last.
///
/// ```
/// use diesel::prelude::*;
/// use diesel_redshift::{Redshift, dsl::{DatePart, dateadd, sysdate}};
/// # diesel::table! { users { id -> BigInt, seen -> Timestamp, } }
///
/// let query = users::table
///     .filter(users::seen.gt(dateadd(DatePart::Day, -7, sysdate())))
///     .select(users::id);
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&query).to_string(),
///     r#"SELECT "users"."id" FROM "users" WHERE ("users"."seen" > DATEADD(day, $1, SYSDATE)) -- binds: [-7]"#,
/// );
/// ```
pub fn dateadd<N, D>(
    part: DatePart,
    count: N,
    date: D,
) -> PartCall<part_name::Dateadd, DatePart, (N::Expression, D), <D::SqlType as AddDate>::Sum>
where
    N: AsExpression<Integer>,
    D: Expression,
    D::SqlType: AddDate,
{
    PartCall::new(part, (count.as_expression(), date))
}

/// `DATEDIFF(part, from, to)`: how many boundaries of the unit lie between the two. From 23:59 to
/// 00:01 it is one day.
///
/// A Rust date is given as `date.into_sql::<Date>()`, so that its SQL type is said: see
/// [`into_sql`](diesel::IntoSql::into_sql).
///
/// ```
/// use diesel::prelude::*;
/// use diesel_redshift::{Redshift, dsl::{DatePart, datediff, getdate}};
/// # diesel::table! { users { id -> BigInt, seen -> Timestamp, } }
///
/// let query = users::table.select(datediff(DatePart::Hour, users::seen, getdate()));
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&query).to_string(),
///     r#"SELECT DATEDIFF(hour, "users"."seen", GETDATE()) FROM "users" -- binds: []"#,
/// );
/// ```
pub fn datediff<A, B>(
    part: DatePart,
    from: A,
    to: B,
) -> PartCall<part_name::Datediff, DatePart, (A, B), <(A::Sql, B::Sql) as Difference>::Returns>
where
    A: Typed,
    B: Typed,
    (A::Sql, B::Sql): Difference,
{
    PartCall::new(part, (from, to))
}

/// An expression, whose SQL type is known.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an SQL expression",
    label = "its SQL type is not known",
    note = "give a Rust value its SQL type: `value.into_sql::<Timestamp>()`, by `diesel::IntoSql`"
)]
pub trait Typed {
    crate::seal::sealed!(required);

    /// Its SQL type.
    type Sql;
}

#[diagnostic::do_not_recommend]
impl<E: Expression> Typed for E {
    crate::seal::sealed!();

    type Sql = E::SqlType;
}

/// Two dates or times whose distance `DATEDIFF` can tell.
pub trait Difference {
    crate::seal::sealed!(required);

    /// `BIGINT`, nullable where one of them is.
    type Returns: SqlType + TypedExpressionType;
}

impl<A, B> Difference for (A, B)
where
    A: AddDate<
        IsNull: diesel::sql_types::OneIsNullable<
            B::IsNull,
            Out: diesel::sql_types::MaybeNullableType<BigInt>,
        >,
    >,
    B: AddDate,
{
    crate::seal::sealed!();

    type Returns = is_nullable::MaybeNullable<is_nullable::IsOneNullable<A, B>, BigInt>;
}

/// `DATE_TRUNC('part', date)`: the date with everything smaller than the unit set to its beginning.
///
/// ```
/// use diesel::prelude::*;
/// use diesel_redshift::{Redshift, dsl::{DatePart, date_trunc}};
/// # diesel::table! { users { id -> BigInt, seen -> Timestamp, } }
///
/// let query = users::table.select(date_trunc(DatePart::Month, users::seen));
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&query).to_string(),
///     r#"SELECT DATE_TRUNC('month', "users"."seen") FROM "users" -- binds: []"#,
/// );
/// ```
pub fn date_trunc<D>(
    part: DatePart,
    date: D,
) -> PartCall<part_name::DateTrunc, Quoted<DatePart>, (D,), <D::SqlType as TruncateDate>::Truncated>
where
    D: Expression,
    D::SqlType: TruncateDate,
{
    PartCall::new(Quoted(part), (date,))
}

/// `DATE_PART('part', date)`, which is `EXTRACT(part FROM date)`: one part as a number.
///
/// ```
/// use diesel::prelude::*;
/// use diesel_redshift::{Redshift, dsl::{DateField, date_part}};
/// # diesel::table! { users { id -> BigInt, seen -> Timestamp, } }
///
/// let query = users::table.filter(date_part(DateField::Year, users::seen).eq(2024.0)).select(users::id);
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&query).to_string(),
///     r#"SELECT "users"."id" FROM "users" WHERE (DATE_PART('year', "users"."seen") = $1) -- binds: [2024.0]"#,
/// );
/// ```
pub fn date_part<D>(
    field: DateField,
    date: D,
) -> PartCall<
    part_name::DatePartOf,
    Quoted<DateField>,
    (D,),
    is_nullable::MaybeNullable<is_nullable::IsSqlTypeNullable<D::SqlType>, Double>,
>
where
    D: Expression,
    D::SqlType: AddDate<IsNull: diesel::sql_types::MaybeNullableType<Double>>,
{
    PartCall::new(Quoted(field), (date,))
}

/// `CONVERT_TIMEZONE('to', timestamp)`: a time in UTC as the clocks in another zone show it.
///
/// Zones have names (`Europe/Berlin`), abbreviations (`EST`) or are POSIX (`NZST-12`). A
/// `TIMESTAMPTZ` becomes a `TIMESTAMP`.
///
/// ```
/// use diesel::prelude::*;
/// use diesel_redshift::{Redshift, dsl::convert_timezone};
/// # diesel::table! { users { id -> BigInt, seen -> Timestamp, } }
///
/// let query = users::table.select(convert_timezone("Europe/Berlin", users::seen));
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&query).to_string(),
///     r#"SELECT CONVERT_TIMEZONE($1, "users"."seen") FROM "users" -- binds: ["Europe/Berlin"]"#,
/// );
/// ```
pub fn convert_timezone<Z, T>(
    to: Z,
    timestamp: T,
) -> Call<name::ConvertTimezone, (Z::Expression, T), <T::SqlType as PointInTime>::Local>
where
    Z: AsExpression<Text>,
    T: Expression,
    T::SqlType: PointInTime,
{
    Call::new((to.as_expression(), timestamp))
}

/// `CONVERT_TIMEZONE('from', 'to', timestamp)`: a time on the clocks of one zone as those in
/// another show it.
///
/// ```
/// use diesel::prelude::*;
/// use diesel_redshift::{Redshift, dsl::convert_timezone_from};
/// # diesel::table! { users { id -> BigInt, seen -> Timestamp, } }
///
/// let query = users::table.select(convert_timezone_from("EST", "PST", users::seen));
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&query).to_string(),
///     r#"SELECT CONVERT_TIMEZONE($1, $2, "users"."seen") FROM "users" -- binds: ["EST", "PST"]"#,
/// );
/// ```
pub fn convert_timezone_from<A, B, T, ST>(
    from: A,
    to: B,
    timestamp: T,
) -> Call<name::ConvertTimezone, (A::Expression, B::Expression, T), ST::Returns>
where
    A: AsExpression<Text>,
    B: AsExpression<Text>,
    T: Expression<SqlType = ST>,
    ST: Argument<Timestamp, Timestamp>,
{
    Call::new((from.as_expression(), to.as_expression(), timestamp))
}

/// `TIMESTAMP` and `TIMESTAMPTZ`, and the `TIMESTAMP` that a zone makes of them.
#[diagnostic::on_unimplemented(message = "`{Self}` is neither `Timestamp` nor `Timestamptz`")]
pub trait PointInTime {
    crate::seal::sealed!(required);
    /// `TIMESTAMP`, nullable where the argument is.
    type Local: SqlType + TypedExpressionType;
}

macro_rules! instants {
    ($($sql_type:ty),*) => {$(
        impl PointInTime for $sql_type { crate::seal::sealed!();
            type Local = Timestamp;
        }

        impl PointInTime for Nullable<$sql_type> { crate::seal::sealed!();
            type Local = Nullable<Timestamp>;
        }
    )*};
}

instants!(Timestamp, Timestamptz);
