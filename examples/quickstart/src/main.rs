//! The main job of diesel-redshift on a local Redshift.
fn main() {}
