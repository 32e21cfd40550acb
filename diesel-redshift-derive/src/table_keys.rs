//! What `RedshiftTable` is told of the table as a whole: distribution, order, primary key.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::parse::ParseStream;
use syn::token::Paren;
use syn::{Ident, LitInt, Result, Token};

use crate::table::{arguments, unknown, value};

/// What all columns together say of the table.
#[derive(Default)]
pub(crate) struct Keys {
    dist: Option<TokenStream>,
    sort: Option<TokenStream>,
    no_backup: bool,
    sort_columns: Vec<(u32, Ident)>,
    primary_key: Vec<Ident>,
}

impl Keys {
    /// What stands at the struct.
    pub(crate) fn set(
        &mut self,
        name: &Ident,
        input: ParseStream<'_>,
        table: &syn::Path,
    ) -> Result<()> {
        let span = name.span();
        match name.to_string().as_str() {
            "dist" => {
                let style: Ident = value(input)?;
                if !["auto", "even", "all"].iter().any(|known| style == known) {
                    return Err(syn::Error::new(
                        style.span(),
                        "expected auto, even or all; the column of a distribution by key has `#[redshift(dist_key)]`",
                    ));
                }
                let method = format_ident!("dist_{style}", span = style.span());
                if self
                    .dist
                    .replace(quote_spanned! { span=> .#method() })
                    .is_some()
                {
                    return Err(syn::Error::new(span, "`dist` is told twice"));
                }
            }
            "sort" => {
                input.parse::<Token![=]>()?;
                let kind: Ident = input.parse()?;
                let sort = if kind == "auto" {
                    quote_spanned! { span=> .sort_auto() }
                } else if (kind == "compound" || kind == "interleaved") && input.peek(Paren) {
                    let columns: Vec<Ident> = arguments(input)?;
                    let method = if kind == "compound" {
                        format_ident!("sort_key", span = kind.span())
                    } else {
                        format_ident!("interleaved_sort_key", span = kind.span())
                    };
                    quote_spanned! { kind.span()=> .#method((#(#table::#columns,)*)) }
                } else {
                    return Err(syn::Error::new(
                        kind.span(),
                        "expected auto, compound(column, …) or interleaved(column, …)",
                    ));
                };
                if self.sort.replace(sort).is_some() {
                    return Err(syn::Error::new(span, "`sort` is told twice"));
                }
            }
            "backup" => {
                let no: Ident = value(input)?;
                if no != "no" {
                    return Err(syn::Error::new(
                        no.span(),
                        "expected no; a table has backups otherwise",
                    ));
                }
                self.no_backup = true;
            }
            _ => {
                return Err(unknown(
                    name,
                    "the struct",
                    "`dist = even`, `sort = interleaved(a, b)`, `backup = no` and `comment = \"…\"`",
                ));
            }
        }
        Ok(())
    }

    /// What stands at a field and is the table's.
    pub(crate) fn set_of_column(
        &mut self,
        name: &Ident,
        input: ParseStream<'_>,
        column: &Ident,
        table: &syn::Path,
    ) -> Result<bool> {
        match name.to_string().as_str() {
            "dist_key" => {
                let call = quote_spanned! { name.span()=> .dist_key(#table::#column) };
                if self.dist.replace(call).is_some() {
                    return Err(syn::Error::new(
                        name.span(),
                        "the distribution is told already: a table has one column that is the `dist_key`, or a `dist`",
                    ));
                }
            }
            "sort_key" => {
                let number: LitInt = value(input)?;
                let at = number.base10_parse()?;
                if self.sort_columns.iter().any(|(other, _)| *other == at) {
                    return Err(syn::Error::new(
                        number.span(),
                        format!(
                            "another field is `sort_key = {at}` already; the numbers order the columns"
                        ),
                    ));
                }
                if self.sort_columns.iter().any(|(_, other)| other == column) {
                    return Err(syn::Error::new(name.span(), "`sort_key` is told twice"));
                }
                self.sort_columns.push((at, column.clone()));
            }
            "primary_key" => self.primary_key.push(column.clone()),
            _ => return Ok(false),
        }
        Ok(true)
    }

    pub(crate) fn steps(mut self, table: &syn::Path, create: &Ident) -> Result<Vec<TokenStream>> {
        let mut calls = Vec::new();
        if !self.primary_key.is_empty() {
            let columns = &self.primary_key;
            calls.push(quote! { .primary_key((#(#table::#columns,)*)) });
        }
        calls.extend(self.dist);
        if let Some((_, first)) = self.sort_columns.first() {
            if self.sort.is_some() {
                return Err(syn::Error::new(
                    first.span(),
                    "the order is told already by `sort`",
                ));
            }
            self.sort_columns.sort_by_key(|(at, _)| *at);
            let columns = self.sort_columns.iter().map(|(_, column)| column);
            self.sort = Some(quote! { .sort_key((#(#table::#columns,)*)) });
        }
        calls.extend(self.sort);
        if self.no_backup {
            calls.push(quote! { .no_backup() });
        }
        if calls.is_empty() {
            return Ok(Vec::new());
        }
        Ok(vec![quote! { let #create = #create #(#calls)*; }])
    }
}
