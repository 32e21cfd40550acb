//! `RedshiftTable`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::token::Paren;
use syn::{
    Attribute, Data, DeriveInput, Expr, ExprLit, Fields, Ident, Lit, LitInt, Result, Token,
    parenthesized,
};

use crate::attributes::{
    DieselSetting, diesel_settings, each_setting, is_of_statement, skip_value,
};
use crate::model::{column_name, table};

/// The settings of the columns and the table, which the other derives leave alone.
pub(crate) const SETTINGS: &[&str] = &[
    "varchar",
    "char",
    "decimal",
    "varbyte",
    "encode",
    "identity",
    "identity_by_default",
    "default",
    "case_insensitive",
    "dist_key",
    "sort_key",
    "primary_key",
    "dist",
    "sort",
    "backup",
];

const ENCODINGS: &[(&str, &str)] = &[
    ("raw", "Raw"),
    ("az64", "Az64"),
    ("bytedict", "ByteDict"),
    ("delta", "Delta"),
    ("delta32k", "Delta32k"),
    ("lzo", "Lzo"),
    ("mostly8", "Mostly8"),
    ("mostly16", "Mostly16"),
    ("mostly32", "Mostly32"),
    ("runlength", "RunLength"),
    ("text255", "Text255"),
    ("text32k", "Text32k"),
    ("zstd", "Zstd"),
];

/// What all columns together say of the table.
#[derive(Default)]
struct Keys {
    dist: Option<TokenStream>,
    sort: Option<TokenStream>,
    no_backup: bool,
    sort_columns: Vec<(u32, Ident)>,
    primary_key: Vec<Ident>,
}

pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Struct(data) = &input.data else {
        return Err(not_named(&input.ident));
    };
    let Fields::Named(fields) = &data.fields else {
        return Err(not_named(&input.ident));
    };
    let table = table(input)?;
    let mut keys = Keys::default();
    settings(&input.attrs, |name, input| keys.set(name, input, &table))?;
    let mut steps = Vec::new();
    let mut comments = Vec::new();
    if let Some(text) = documentation(&input.attrs) {
        comments.push(quote! {
            comments.push(::diesel_redshift::ddl::comment_on_table(#table::table, ::std::option::Option::Some(#text)));
        });
    }
    for field in &fields.named {
        let Some(ident) = &field.ident else { continue };
        let mut column = ident.clone();
        let mut embed = false;
        for DieselSetting { name, value } in diesel_settings(&field.attrs)? {
            match name.to_string().as_str() {
                "column_name" => column = column_name(&value)?,
                "embed" => embed = true,
                _ => {}
            }
        }
        if embed {
            let ty = &field.ty;
            steps.push(quote_spanned! { ident.span()=>
                let create = <#ty as ::diesel_redshift::ddl::RedshiftTable>::define(create);
            });
            comments.push(quote_spanned! { ident.span()=>
                comments.extend(<#ty as ::diesel_redshift::ddl::RedshiftTable>::comments());
            });
            continue;
        }
        if let Some(text) = documentation(&field.attrs) {
            comments.push(quote_spanned! { column.span()=>
                comments.push(::diesel_redshift::ddl::comment_on_column(
                    #table::table, #table::#column, ::std::option::Option::Some(#text),
                ));
            });
        }
        let mut calls = Vec::new();
        settings(&field.attrs, |name, input| {
            match keys.set_of_column(name, input, &column, &table)? {
                true => {}
                false => calls.push(call(name, input)?),
            }
            Ok(())
        })?;
        if !calls.is_empty() {
            steps.push(quote_spanned! { column.span()=>
                let create = create.column(#table::#column, |column| column #(#calls)*);
            });
        }
    }
    steps.extend(keys.steps(&table)?);

    let name = &input.ident;
    let (impl_generics, type_generics, where_clause) = input.generics.split_for_impl();
    Ok(quote! {
        #[automatically_derived]
        #[allow(unused_qualifications)]
        impl #impl_generics ::diesel_redshift::ddl::RedshiftTable for #name #type_generics #where_clause {
            type Table = #table::table;

            fn create_table() -> ::diesel_redshift::ddl::CreateTable<#table::table> {
                Self::define(::diesel_redshift::ddl::create_table(#table::table))
            }

            fn comments() -> ::std::vec::Vec<::diesel_redshift::ddl::Comment> {
                #[allow(unused_mut)]
                let mut comments = ::std::vec::Vec::new();
                #(#comments)*
                comments
            }

            fn define(
                create: ::diesel_redshift::ddl::CreateTable<#table::table>,
            ) -> ::diesel_redshift::ddl::CreateTable<#table::table> {
                #[allow(unused_imports)]
                use ::diesel_redshift::ddl::Distributed as _;
                #(#steps)*
                create
            }
        }
    })
}

/// The text of the doc comments.
fn documentation(attributes: &[Attribute]) -> Option<String> {
    let mut lines = Vec::new();
    for attribute in attributes {
        if let syn::Meta::NameValue(meta) = &attribute.meta
            && meta.path.is_ident("doc")
            && let Expr::Lit(ExprLit {
                lit: Lit::Str(line),
                ..
            }) = &meta.value
        {
            lines.push(line.value().trim().to_owned());
        }
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn not_named(name: &Ident) -> syn::Error {
    syn::Error::new(
        name.span(),
        "`RedshiftTable` can only be derived for structs with named fields",
    )
}

/// Each setting of `#[redshift(…)]` that is not one of COPY or UNLOAD.
fn settings(
    attributes: &[Attribute],
    mut each: impl FnMut(&Ident, ParseStream<'_>) -> Result<()>,
) -> Result<()> {
    for attribute in attributes {
        if !attribute.path().is_ident("redshift") {
            continue;
        }
        attribute.parse_args_with(|input: ParseStream<'_>| {
            each_setting(input, |input| {
                let name = Ident::parse_any(input)?;
                if is_of_statement(&name) {
                    return skip_value(input);
                }
                each(&name, input)
            })
        })?;
    }
    Ok(())
}

fn value<T: syn::parse::Parse>(input: ParseStream<'_>) -> Result<T> {
    input.parse::<Token![=]>()?;
    input.parse()
}

fn arguments<T: syn::parse::Parse>(input: ParseStream<'_>) -> Result<Vec<T>> {
    let nested;
    parenthesized!(nested in input);
    Ok(Punctuated::<T, Token![,]>::parse_terminated(&nested)?
        .into_iter()
        .collect())
}

/// The method of the column's definition that a setting stands for.
fn call(name: &Ident, input: ParseStream<'_>) -> Result<TokenStream> {
    let span = name.span();
    Ok(match name.to_string().as_str() {
        "varchar" if !input.peek(Token![=]) => quote_spanned! { span=> .varchar_of_max_length() },
        "varchar" | "char" | "varbyte" => {
            let bytes: LitInt = value(input)?;
            quote_spanned! { span=> .#name(#bytes) }
        }
        "decimal" => {
            let digits: Vec<LitInt> = arguments(input)?;
            quote_spanned! { span=> .decimal(#(#digits),*) }
        }
        "identity" | "identity_by_default" => {
            let numbers: Vec<Expr> = arguments(input)?;
            quote_spanned! { span=> .#name(#(#numbers),*) }
        }
        "encode" => {
            let encoding: Ident = value(input)?;
            let known = ENCODINGS.iter().find(|(name, _)| encoding == name);
            let Some((_, ty)) = known else {
                let names: Vec<_> = ENCODINGS.iter().map(|(name, _)| *name).collect();
                return Err(syn::Error::new(
                    encoding.span(),
                    format!(
                        "Redshift has no ENCODE {encoding}; it has {}",
                        names.join(", ")
                    ),
                ));
            };
            let ty = format_ident!("{ty}", span = encoding.span());
            quote_spanned! { encoding.span()=> .encode(::diesel_redshift::ddl::#ty) }
        }
        "default" => {
            let default: Expr = match value(input)? {
                Expr::Lit(ExprLit {
                    lit: Lit::Str(text),
                    ..
                }) => text.parse()?,
                expression => expression,
            };
            quote_spanned! { span=> .default({
                #[allow(unused_imports)]
                use ::diesel_redshift::dsl::*;
                #default
            }) }
        }
        "case_insensitive" => quote_spanned! { span=> .case_insensitive() },
        _ => {
            return Err(unknown(
                name,
                "a field",
                "`varchar = 100`, `char = 2`, `decimal(12, 2)`, `varbyte = 16`, `encode = zstd`, \
             `identity(1, 1)`, `identity_by_default(1, 1)`, `default = getdate()`, `case_insensitive`, `dist_key`, `sort_key = 1` \
             and `primary_key`",
            ));
        }
    })
}

fn unknown(name: &Ident, place: &str, known: &str) -> syn::Error {
    syn::Error::new(
        name.span(),
        format!("`redshift` has no setting `{name}` for {place} of a table; it has {known}"),
    )
}

impl Keys {
    /// What stands at the struct.
    fn set(&mut self, name: &Ident, input: ParseStream<'_>, table: &syn::Path) -> Result<()> {
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
                self.dist = Some(quote_spanned! { span=> .#method() });
            }
            "sort" => {
                input.parse::<Token![=]>()?;
                let kind: Ident = input.parse()?;
                self.sort = Some(if kind == "auto" {
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
                });
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
                    "`dist = even`, `sort = interleaved(a, b)` and `backup = no`",
                ));
            }
        }
        Ok(())
    }

    /// What stands at a field and is the table's.
    fn set_of_column(
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
                self.sort_columns.push((at, column.clone()));
            }
            "primary_key" => self.primary_key.push(column.clone()),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn steps(mut self, table: &syn::Path) -> Result<Vec<TokenStream>> {
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
        Ok(vec![quote! { let create = create #(#calls)*; }])
    }
}
