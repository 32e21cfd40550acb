//! Derive macros of `diesel-redshift`.
//!
//! Use them through that crate, which re-exports and documents them beside the traits that they implement.

mod attributes;
mod columns;
mod copy;
mod defaults;
mod model;
mod unload;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Implements `diesel_redshift::RedshiftCopy`: `User::copy()` starts a COPY into the columns of the struct.
///
/// It reads Diesel's attributes `#[diesel(table_name = …)]`, `#[diesel(column_name = …)]`, `#[diesel(embed)]` and
/// `#[diesel(skip_insertion)]`, and `#[redshift(…)]`.
#[proc_macro_derive(RedshiftCopy, attributes(diesel, redshift))]
pub fn derive_copy(input: TokenStream) -> TokenStream {
    expand(parse_macro_input!(input as DeriveInput), copy::derive)
}

/// Implements `diesel_redshift::RedshiftUnload`: `User::unload()` starts an UNLOAD of the columns of the struct.
///
/// It reads Diesel's attributes `#[diesel(table_name = …)]`, `#[diesel(column_name = …)]` and
/// `#[diesel(embed)]`, and `#[redshift(…)]`.
#[proc_macro_derive(RedshiftUnload, attributes(diesel, redshift))]
pub fn derive_unload(input: TokenStream) -> TokenStream {
    expand(parse_macro_input!(input as DeriveInput), unload::derive)
}

fn expand(
    input: DeriveInput,
    derive: fn(&DeriveInput) -> syn::Result<proc_macro2::TokenStream>,
) -> TokenStream {
    derive(&input)
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}
