//! What Redshift would refuse does not compile, and the message says why.
//!
//! After a change that is meant, `TRYBUILD=overwrite cargo test -p diesel-redshift-compile-fail` writes the
//! messages anew.

#[test]
fn refused_by_the_compiler() {
    // The programs are checked and never linked, so they need no libpq; without this, the build script of
    // `pq-sys` would look for an installed one.
    std::env::set_var("PQ_LIB_DIR", env!("CARGO_MANIFEST_DIR"));
    trybuild::TestCases::new().compile_fail("*/*.rs");
}
