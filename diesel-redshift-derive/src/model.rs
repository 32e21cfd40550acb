//! A struct as Diesel maps it: its table, and the column of each field.

use proc_macro2::{Span, TokenStream};
use quote::format_ident;
use syn::ext::IdentExt as _;
use syn::parse::Parser as _;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Fields, Ident, LitStr, Path, Result, Type};

use crate::attributes::{DieselSetting, diesel_settings, path};

pub(crate) struct Model {
    pub(crate) table: Path,
    pub(crate) fields: Vec<Field>,
}

pub(crate) struct Field {
    pub(crate) span: Span,
    pub(crate) source: Source,
    pub(crate) skip_insertion: bool,
    /// The `select_expression` that takes the place of the column when Diesel reads the struct.
    pub(crate) select_expression: Option<Span>,
}

/// What stands behind a field.
pub(crate) enum Source {
    /// A column of the table.
    Column(Ident),
    /// The columns of another struct.
    Embedded(Type),
}

impl Model {
    pub(crate) fn read(input: &DeriveInput, derive: &str) -> Result<Self> {
        let fields = match &input.data {
            Data::Struct(data) => match &data.fields {
                Fields::Named(fields) => &fields.named,
                Fields::Unnamed(fields) => {
                    return Err(not_named(fields.span(), derive));
                }
                Fields::Unit => return Err(not_named(input.ident.span(), derive)),
            },
            Data::Enum(data) => return Err(not_named(data.enum_token.span, derive)),
            Data::Union(data) => return Err(not_named(data.union_token.span, derive)),
        };
        let fields: Vec<_> = fields.iter().map(Field::read).collect::<Result<_>>()?;
        if fields.is_empty() {
            return Err(syn::Error::new(
                input.ident.span(),
                format!("`{derive}` needs one field or more"),
            ));
        }
        Ok(Self {
            table: table(input)?,
            fields,
        })
    }
}

fn not_named(span: Span, derive: &str) -> syn::Error {
    syn::Error::new(
        span,
        format!("`{derive}` can only be derived for structs with named fields"),
    )
}

/// `#[diesel(table_name = …)]`, or by Diesel's rule `foo_bars` for `FooBar`.
fn table(input: &DeriveInput) -> Result<Path> {
    let mut tables = Vec::new();
    for DieselSetting { name, value } in diesel_settings(&input.attrs)? {
        if name == "table_name" {
            tables.push((name, path(&value)?));
        }
    }
    match tables.as_slice() {
        [] => Ok(format_ident!(
            "{}s",
            snake_case(&input.ident.unraw().to_string()),
            span = input.ident.span()
        )
        .into()),
        [(_, table)] => Ok(table.clone()),
        [_, (second, _), ..] => Err(syn::Error::new(
            second.span(),
            "expected a single table: a COPY or UNLOAD has one",
        )),
    }
}

/// As Diesel's derives do it.
fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len());
    for (at, character) in name.chars().enumerate() {
        if character.is_uppercase() && at > 0 {
            snake.push('_');
        }
        snake.extend(character.to_lowercase());
    }
    snake
}

impl Field {
    fn read(field: &syn::Field) -> Result<Self> {
        let Some(ident) = &field.ident else {
            return Err(syn::Error::new(field.span(), "expected a named field"));
        };
        for attribute in &field.attrs {
            if attribute.path().is_ident("redshift") {
                return Err(syn::Error::new(
                    attribute.span(),
                    "`redshift` has no settings for fields; the column is named by `#[diesel(column_name = …)]`",
                ));
            }
        }
        let mut column = None;
        let mut embed = false;
        let mut skip_insertion = false;
        let mut select_expression = None;
        for DieselSetting { name, value } in diesel_settings(&field.attrs)? {
            match name.to_string().as_str() {
                "column_name" => column = Some(column_name(&value)?),
                "embed" => embed = true,
                "skip_insertion" => skip_insertion = true,
                "select_expression" => select_expression = Some(name.span()),
                _ => {}
            }
        }
        let source = if embed {
            Source::Embedded(field.ty.clone())
        } else {
            Source::Column(column.unwrap_or_else(|| ident.clone()))
        };
        Ok(Self {
            span: match &source {
                Source::Column(column) => column.span(),
                Source::Embedded(ty) => ty.span(),
            },
            source,
            skip_insertion,
            select_expression,
        })
    }
}

/// `column_name = id`, `column_name = "type"`.
fn column_name(value: &TokenStream) -> Result<Ident> {
    let ident = match syn::parse2::<LitStr>(value.clone()) {
        Ok(text) => text.parse_with(Ident::parse_any)?,
        Err(_) => Ident::parse_any.parse2(value.clone())?,
    };
    // A keyword names a column as `r#type`.
    let is_plain = syn::parse_str::<Ident>(&ident.to_string()).is_ok();
    Ok(if is_plain {
        ident
    } else {
        Ident::new_raw(&ident.to_string(), ident.span())
    })
}
