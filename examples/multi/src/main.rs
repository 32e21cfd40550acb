//! Prints the totals of each city: `multi redshift://…` or `multi postgresql://…`, and the day from which on.

use std::env;
use std::error::Error;

use multi::connection::AnyConnection;
use multi::orders;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [url, since] = &arguments[..] else {
        return Err("usage: multi redshift://…|postgresql://… YYYY-MM-DD".into());
    };
    let mut conn = AnyConnection::open(url)?;
    for (city, count, amount) in orders::totals(&mut conn, since.parse()?)? {
        println!("{city}\t{count}\t{}", amount.unwrap_or_default());
    }
    Ok(())
}
