//! The files in the store, and what they hold.

use std::error::Error;
use std::io::Write;

use bigdecimal::BigDecimal;
use flate2::Compression;
use flate2::write::GzEncoder;
use redshift_sandbox::Store;

const USERS_1: &str = "id,name,note,joined_on
1,Ada,\"two lines:
the second, with a comma\",2024-01-15
2,O'Brien \\ Sons,\"says \"\"hi\"\", twice\",2024-02-29
3,Naïve 🦀,,
";

const USERS_2: &str = "id,name,note,joined_on
4,Tess,$1 -- /* not a comment */ ;,2025-07-01
5,\"  spaces  \",\\N is no NULL here,2025-12-31
";

const LATE_USER: &str = "6,Late,,2026-01-02\n";

const ORDERS: &str = "1\tlamp\t19.99\t2026-01-05 09:30:00
1\tdesk\\\tlarge\t250.00\t2026-01-06 10:00:00.5
2\tbolts\\\\nuts\t0.25\t2026-01-07 00:00:00
";

/// Puts the seed files into the store.
///
/// # Errors
///
/// When the store's folder cannot be written.
pub(crate) fn put(store: &Store) -> Result<(), Box<dyn Error + Send + Sync>> {
    store.put("s3://acme-seeds/2026/users_1.csv", USERS_1)?;
    store.put("s3://acme-seeds/2026/users_2.csv", USERS_2)?;
    store.put("s3://acme-seeds/late/user.csv", LATE_USER)?;
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(ORDERS.as_bytes())?;
    store.put("s3://acme-seeds/2026/orders.tsv.gz", gzip.finish()?)?;
    Ok(())
}

/// The notes of the seeded users, by id.
pub(crate) fn notes() -> Vec<Option<String>> {
    [
        Some("two lines:\nthe second, with a comma"),
        Some("says \"hi\", twice"),
        None,
        Some("$1 -- /* not a comment */ ;"),
        Some("\\N is no NULL here"),
    ]
    .map(|note| note.map(str::to_owned))
    .to_vec()
}

/// Who ordered how often and for how much, by name.
pub(crate) fn totals() -> Vec<(String, i64, Option<BigDecimal>)> {
    [("Ada", 2, 26_999), ("O'Brien \\ Sons", 1, 25)]
        .map(|(name, orders, cents)| {
            (
                name.to_owned(),
                orders,
                Some(BigDecimal::new(cents.into(), 2)),
            )
        })
        .to_vec()
}
