//! A struct as Diesel maps it: its table, and the column of each field.

use proc_macro2::{Span, TokenStream};
use quote::format_ident;
use syn::ext::IdentExt as _;
use syn::parse::Parser as _;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Fields, Ident, LitInt, LitStr, Path, Result, Type};

use crate::attributes::{DieselSetting, FieldSettings, Statement, diesel_settings, path};

pub(crate) struct Model {
    pub(crate) table: Path,
    /// The fields that take part, in the order of the statement's columns.
    pub(crate) fields: Vec<Field>,
}

pub(crate) struct Field {
    pub(crate) span: Span,
    pub(crate) source: Source,
    /// What Diesel inserts of it.
    pub(crate) inserted: Type,
    pub(crate) width: Option<LitInt>,
    pub(crate) json_path: Option<LitStr>,
    order: Option<LitInt>,
    skip: bool,
}

/// What stands behind a field.
pub(crate) enum Source {
    /// A column of the table.
    Column(Ident),
    /// The columns of another struct.
    Embedded(Type),
}

impl Model {
    pub(crate) fn read(input: &DeriveInput, derive: &str, statement: Statement) -> Result<Self> {
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
        let mut fields: Vec<_> = fields
            .iter()
            .map(|field| Field::read(field, statement))
            .collect::<Result<_>>()?;
        fields.retain(|field| !field.skip);
        if fields.is_empty() {
            return Err(syn::Error::new(
                input.ident.span(),
                format!("`{derive}` needs one field or more that is not skipped"),
            ));
        }
        Ok(Self {
            table: table(input)?,
            fields: ordered(fields)?,
        })
    }

    /// The columns' widths, if the fields have some; then all have.
    pub(crate) fn has_widths(&self) -> Result<bool> {
        if self.fields.iter().all(|field| field.width.is_none()) {
            return Ok(false);
        }
        for field in &self.fields {
            match (&field.source, &field.width) {
                (Source::Column(_), None) => {
                    return Err(syn::Error::new(
                        field.span,
                        "this field needs a `#[redshift(width = …)]` too: a fixed-width file has one for each column",
                    ));
                }
                (Source::Embedded(_), Some(width)) => {
                    return Err(syn::Error::new(
                        width.span(),
                        "the embedded struct has the widths of its columns itself",
                    ));
                }
                _ => {}
            }
        }
        Ok(true)
    }
}

/// Sorts the fields by their `order`, if they have one.
fn ordered(mut fields: Vec<Field>) -> Result<Vec<Field>> {
    if fields.iter().all(|field| field.order.is_none()) {
        return Ok(fields);
    }
    let mut orders: Vec<u32> = Vec::new();
    for field in &fields {
        let Some(order) = &field.order else {
            return Err(syn::Error::new(
                field.span,
                "this field needs an `#[redshift(order = …)]` too, as others have one",
            ));
        };
        let number = order.base10_parse()?;
        if orders.contains(&number) {
            return Err(syn::Error::new(
                order.span(),
                "another field has the same `order`",
            ));
        }
        orders.push(number);
    }
    let mut by_order: Vec<_> = orders.into_iter().zip(fields).collect();
    by_order.sort_by_key(|(order, _)| *order);
    fields = by_order.into_iter().map(|(_, field)| field).collect();
    Ok(fields)
}

fn not_named(span: Span, derive: &str) -> syn::Error {
    syn::Error::new(
        span,
        format!("`{derive}` can only be derived for structs with named fields"),
    )
}

/// `#[diesel(table_name = …)]`, or by Diesel's rule `foo_bars` for `FooBar`.
pub(crate) fn table(input: &DeriveInput) -> Result<Path> {
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
    fn read(field: &syn::Field, statement: Statement) -> Result<Self> {
        let Some(ident) = &field.ident else {
            return Err(syn::Error::new(field.span(), "expected a named field"));
        };
        let settings = FieldSettings::of(&field.attrs, statement)?;
        let mut column = None;
        let mut embed = false;
        let mut skip_insertion = false;
        let mut select_expression = None;
        let mut inserted = field.ty.clone();
        for DieselSetting { name, value } in diesel_settings(&field.attrs)? {
            match name.to_string().as_str() {
                "column_name" => column = Some(column_name(&value)?),
                "embed" => embed = true,
                "skip_insertion" => skip_insertion = true,
                "serialize_as" => inserted = syn::parse2(value)?,
                "select_expression" => select_expression = Some(name.span()),
                _ => {}
            }
        }
        // What Diesel does not insert, COPY does not fill.
        let skip = settings.skip.is_some() || (skip_insertion && statement == Statement::Copy);
        if let Some(span) = select_expression
            && !skip
        {
            return Err(syn::Error::new(
                span,
                "an expression is no column: leave the field out with `#[redshift(skip)]`, or write \
                 `diesel_redshift::copy(…)` and `unload(…)` with the columns or expressions themselves",
            ));
        }
        let source = if embed {
            Source::Embedded(field.ty.clone())
        } else {
            Source::Column(column.unwrap_or_else(|| ident.clone()))
        };
        if let (Source::Embedded(_), Some(path)) = (&source, &settings.json_path) {
            return Err(syn::Error::new(
                path.span(),
                "the embedded struct has the paths of its columns itself",
            ));
        }
        Ok(Self {
            span: match &source {
                Source::Column(column) => column.span(),
                Source::Embedded(ty) => ty.span(),
            },
            source,
            inserted,
            width: settings.width,
            json_path: settings.json_path,
            order: settings.order,
            skip,
        })
    }
}

/// `column_name = id`, `column_name = "type"`.
pub(crate) fn column_name(value: &TokenStream) -> Result<Ident> {
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
