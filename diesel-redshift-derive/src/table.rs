//! `RedshiftTable`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Data, DeriveInput, Expr, ExprLit, Fields, Ident, Lit, LitInt, LitStr, Result, Token,
    parenthesized,
};

use crate::attributes::{
    Defaults, DieselSetting, Statement, diesel_settings, each_setting, is_of_statement, skip_value,
};
use crate::columns::local;
use crate::model::{column_name, table};
use crate::table_keys::Keys;

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
    "case_sensitive",
    "comment",
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

pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Struct(data) = &input.data else {
        return Err(not_named(&input.ident));
    };
    let Fields::Named(fields) = &data.fields else {
        return Err(not_named(&input.ident));
    };
    let table = table(input)?;
    let defaults = Defaults::of(&input.attrs, Statement::CreateTable)?;
    let krate = defaults.krate();
    let (create, all_comments) = (local("create"), local("comments"));
    let mut keys = Keys::default();
    let mut comment = documentation(&input.attrs);
    settings(&input.attrs, |name, input| {
        if name == "comment" {
            comment = Some(value::<LitStr>(input)?.value());
            return Ok(());
        }
        keys.set(name, input, &table)
    })?;
    let mut steps = Vec::new();
    let mut comments = Vec::new();
    if let Some(text) = comment {
        comments.push(quote! {
            #all_comments.push(#krate::ddl::comment_on_table(#table::table, ::std::option::Option::Some(#text)));
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
                let #create = <#ty as #krate::ddl::RedshiftTable>::define(#create);
            });
            comments.push(quote_spanned! { ident.span()=>
                #all_comments.extend(<#ty as #krate::ddl::RedshiftTable>::comments());
            });
            continue;
        }
        let mut comment = documentation(&field.attrs);
        let mut calls = Vec::new();
        settings(&field.attrs, |name, input| {
            if name == "comment" {
                comment = Some(value::<LitStr>(input)?.value());
                return Ok(());
            }
            match keys.set_of_column(name, input, &column, &table)? {
                true => {}
                false => calls.push(call(name, input, &defaults)?),
            }
            Ok(())
        })?;
        if let Some(text) = comment {
            comments.push(quote_spanned! { column.span()=>
                #all_comments.push(#krate::ddl::comment_on_column(
                    #table::table, #table::#column, ::std::option::Option::Some(#text),
                ));
            });
        }
        if !calls.is_empty() {
            let definition = local("column");
            steps.push(quote_spanned! { column.span()=>
                let #create = #create.column(#table::#column, |#definition| #definition #(#calls)*);
            });
        }
    }
    steps.extend(keys.steps(&table, &create)?);

    let name = &input.ident;
    let (impl_generics, type_generics, where_clause) = input.generics.split_for_impl();
    Ok(quote! {
        #[automatically_derived]
        #[allow(unused_qualifications)]
        impl #impl_generics #krate::ddl::RedshiftTable for #name #type_generics #where_clause {
            type Table = #table::table;

            fn create_table() -> #krate::ddl::CreateTable<#table::table> {
                <Self as #krate::ddl::RedshiftTable>::define(#krate::ddl::create_table(#table::table))
            }

            fn comments() -> ::std::vec::Vec<#krate::ddl::Comment> {
                #[allow(unused_mut)]
                let mut #all_comments = ::std::vec::Vec::new();
                #(#comments)*
                #all_comments
            }

            fn define(
                #create: #krate::ddl::CreateTable<#table::table>,
            ) -> #krate::ddl::CreateTable<#table::table> {
                #[allow(unused_imports)]
                use #krate::ddl::Distributed as _;
                #(#steps)*
                #create
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

pub(crate) fn value<T: syn::parse::Parse>(input: ParseStream<'_>) -> Result<T> {
    input.parse::<Token![=]>()?;
    input.parse()
}

pub(crate) fn arguments<T: syn::parse::Parse>(input: ParseStream<'_>) -> Result<Vec<T>> {
    let nested;
    parenthesized!(nested in input);
    Ok(Punctuated::<T, Token![,]>::parse_terminated(&nested)?
        .into_iter()
        .collect())
}

/// The method of the column's definition that a setting stands for.
fn call(name: &Ident, input: ParseStream<'_>, defaults: &Defaults) -> Result<TokenStream> {
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
            let krate = defaults.krate_at(encoding.span());
            quote_spanned! { encoding.span()=> .encode(#krate::ddl::#ty) }
        }
        "default" => {
            let default: Expr = value(input)?;
            if let Expr::Lit(ExprLit {
                lit: Lit::Str(sql), ..
            }) = &default
            {
                return Ok(quote_spanned! { sql.span()=> .default_sql(#sql) });
            }
            let krate = defaults.krate();
            quote_spanned! { span=> .default({
                #[allow(unused_imports)]
                use #krate::dsl::*;
                #default
            }) }
        }
        "case_insensitive" | "case_sensitive" => quote_spanned! { span=> .#name() },
        _ => {
            return Err(unknown(
                name,
                "a field",
                "`varchar = 100`, `char = 2`, `decimal(12, 2)`, `varbyte = 16`, `encode = zstd`, \
             `identity(1, 1)`, `identity_by_default(1, 1)`, `default = \"getdate()\"`, `case_insensitive`, `comment = \"…\"`, `dist_key`, \
             `sort_key = 1` and `primary_key`",
            ));
        }
    })
}

pub(crate) fn unknown(name: &Ident, place: &str, known: &str) -> syn::Error {
    syn::Error::new(
        name.span(),
        format!("`redshift` has no setting `{name}` for {place} of a table; it has {known}"),
    )
}
