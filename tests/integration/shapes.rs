//! GEOMETRY, GEOGRAPHY and HLLSKETCH: there and back, as binds, as literals, in files and as NULL.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_redshift::copy::Csv as CsvFiles;
use diesel_redshift::sql_types::{Geography, Geometry, HllSketch};
use diesel_redshift::unload::Csv;
use diesel_redshift::{
    IamRole, RedshiftConnection, S3Uri, copy, data_types::Ewkb, data_types::Sketch, unload,
};
use diesel_redshift_tests::World;
use proptest::prelude::*;

use crate::any_values::holds_for_any;

diesel::table! {
    use diesel::sql_types::*;
    use diesel_redshift::sql_types::*;

    shapes (id) {
        id -> Integer,
        plane -> Nullable<Geometry>,
        earth -> Nullable<Geography>,
        visitors -> Nullable<HllSketch>,
    }
}

#[derive(Debug, Clone, PartialEq, Insertable, Queryable, Selectable)]
#[diesel(table_name = shapes)]
struct Row {
    id: i32,
    plane: Option<Ewkb>,
    earth: Option<Ewkb>,
    visitors: Option<Sketch>,
}

fn world() -> (World, RedshiftConnection) {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute(
        "CREATE TABLE shapes (id INTEGER NOT NULL, plane GEOMETRY, earth GEOGRAPHY, visitors HLLSKETCH)",
    )
    .unwrap();
    (world, conn)
}

/// A line, in a reference system if one is given.
fn line(points: &[(f64, f64)], srid: Option<u32>) -> Ewkb {
    let mut bytes = vec![1];
    let has_srid = if srid.is_some() { 0x2000_0000 } else { 0 };
    bytes.extend(u32::to_le_bytes(2 | has_srid));
    bytes.extend(srid.into_iter().flat_map(u32::to_le_bytes));
    bytes.extend(u32::try_from(points.len()).unwrap().to_le_bytes());
    for (x, y) in points {
        bytes.extend(x.to_le_bytes());
        bytes.extend(y.to_le_bytes());
    }
    Ewkb::new(bytes)
}

fn sketch(counts: &[u8]) -> Sketch {
    let indices: Vec<_> = (0..counts.len()).collect();
    Sketch::new(
        format!(r#"{{"logm":15,"sparse":{{"indices":{indices:?},"values":{counts:?}}}}}"#)
            .replace(' ', ""),
    )
}

fn one() -> Row {
    let points = [(1.0, -2.5), (f64::MIN_POSITIVE, 1e300)];
    Row {
        id: 1,
        plane: Some(line(&points, None)),
        earth: Some(line(&points, Some(4326))),
        visitors: Some(sketch(&[1, 2, 3])),
    }
}

fn load(conn: &mut RedshiftConnection) -> Vec<Row> {
    shapes::table
        .select(Row::as_select())
        .order(shapes::id)
        .load(conn)
        .unwrap()
}

/// Has the table hold what the files do.
fn load_instead(conn: &mut RedshiftConnection, files: S3Uri) {
    diesel::delete(shapes::table).execute(conn).unwrap();
    copy(shapes::table)
        .from(files)
        .iam_role(IamRole::Default)
        .format(CsvFiles::new())
        .execute(conn)
        .unwrap();
}

#[test]
fn rows_come_back_as_they_went() {
    let (_world, mut conn) = world();
    let nothing = Row {
        id: 2,
        plane: None,
        earth: None,
        visitors: None,
    };
    let dense = Row {
        id: 3,
        visitors: Some(Sketch::new("AAECAwQ=")),
        ..nothing.clone()
    };
    let rows = vec![one(), nothing, dense];
    diesel::insert_into(shapes::table)
        .values(&rows)
        .execute(&mut conn)
        .unwrap();
    assert_eq!(load(&mut conn), rows);
    diesel::update(shapes::table)
        .set((
            shapes::plane.eq(one().plane),
            shapes::earth.eq(one().earth),
            shapes::visitors.eq(one().visitors),
        ))
        .execute(&mut conn)
        .unwrap();
    let loaded = load(&mut conn);
    assert_eq!(loaded, [1, 2, 3].map(|id| Row { id, ..one() }));
}

#[test]
fn a_value_alone_in_a_query() {
    let (_world, mut conn) = world();
    let Row {
        plane,
        earth,
        visitors,
        ..
    } = one();
    let read: (Option<Ewkb>, Option<Ewkb>, Option<Sketch>, Option<Ewkb>) = diesel::select((
        plane
            .clone()
            .into_sql::<diesel::sql_types::Nullable<Geometry>>(),
        earth
            .clone()
            .into_sql::<diesel::sql_types::Nullable<Geography>>(),
        visitors
            .clone()
            .into_sql::<diesel::sql_types::Nullable<HllSketch>>(),
        None::<Ewkb>.into_sql::<diesel::sql_types::Nullable<Geometry>>(),
    ))
    .get_result(&mut conn)
    .unwrap();
    assert_eq!(read, (plane, earth, visitors, None));
}

#[test]
fn what_is_no_shape_is_refused() {
    let (_world, mut conn) = world();
    for bytes in [vec![], vec![1], vec![0; 21], vec![255; 30]] {
        let insert = diesel::insert_into(shapes::table).values((
            shapes::id.eq(1),
            shapes::plane.eq(Some(Ewkb::new(bytes.clone()))),
        ));
        assert!(insert.execute(&mut conn).is_err(), "{bytes:?}");
    }
}

#[test]
fn through_files() {
    let (world, mut conn) = world();
    let rows = vec![
        one(),
        Row {
            id: 2,
            plane: None,
            earth: None,
            visitors: None,
        },
    ];
    diesel::insert_into(shapes::table)
        .values(&rows)
        .execute(&mut conn)
        .unwrap();
    let files = S3Uri::parse(&world.uri("out/")).unwrap();
    unload(shapes::table)
        .to(files.clone())
        .iam_role(IamRole::Default)
        .format(Csv::new())
        .execute(&mut conn)
        .unwrap();
    load_instead(&mut conn, files);
    assert_eq!(load(&mut conn), rows);

    // A value in the statement is a literal.
    let files = S3Uri::parse(&world.uri("literals/")).unwrap();
    let Row {
        plane,
        earth,
        visitors,
        ..
    } = one();
    unload(shapes::table.filter(shapes::id.eq(1)).select((
        shapes::id,
        plane.unwrap().into_sql::<Geometry>(),
        earth.unwrap().into_sql::<Geography>(),
        visitors.unwrap().into_sql::<HllSketch>(),
    )))
    .to(files.clone())
    .iam_role(IamRole::Default)
    .format(Csv::new())
    .execute(&mut conn)
    .unwrap();
    load_instead(&mut conn, files);
    assert_eq!(load(&mut conn), [one()]);
}

prop_compose! {
    fn any_row()(
        plane in proptest::option::of(proptest::collection::vec(any::<(f64, f64)>(), 0..20)),
        srid: Option<u32>,
        earth in proptest::option::of(proptest::collection::vec((-180.0..180.0, -90.0..90.0), 0..20)),
        visitors in proptest::option::of(proptest::collection::vec(any::<u8>(), 0..50)),
    ) -> Row {
        Row {
            id: 0,
            plane: plane.map(|points| line(&points, srid)),
            earth: earth.map(|points| line(&points, Some(4326))),
            visitors: visitors.map(|counts| sketch(&counts)),
        }
    }
}

#[test]
fn any_row_comes_back_as_it_went() {
    let (_world, mut conn) = world();
    let rows = proptest::collection::vec(any_row(), 1..40);
    holds_for_any(8, &mut conn, rows, |conn, mut rows| {
        for (id, row) in (1..).zip(&mut rows) {
            row.id = id;
        }
        diesel::delete(shapes::table).execute(conn).unwrap();
        diesel::insert_into(shapes::table)
            .values(&rows)
            .execute(conn)
            .unwrap();
        prop_assert_eq!(load(conn), rows);
        Ok(())
    });
}
