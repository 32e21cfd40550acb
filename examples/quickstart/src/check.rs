//! A check that is told, and ends the program when it does not hold.

use std::error::Error;
use std::fmt::Debug;

/// Tells that `found` is what was `expected`.
///
/// # Errors
///
/// When it is not.
pub(crate) fn check<T>(
    what: &str,
    found: T,
    expected: T,
) -> Result<(), Box<dyn Error + Send + Sync>>
where
    T: Debug + PartialEq,
{
    if found != expected {
        return Err(
            format!("not so: {what}\n  expected {expected:?}\n  found    {found:?}").into(),
        );
    }
    println!("   ✓ {what}");
    Ok(())
}
