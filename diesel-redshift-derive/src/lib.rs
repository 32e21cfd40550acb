//! Derive macros of `diesel-redshift`.
