//! The attributes `#[diesel(…)]`, of which we read what concerns us, and `#[redshift(…)]`, which is ours.

use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Ident, LitStr, Meta, Path, Result, Token, parenthesized};

/// One of Diesel's settings: `name`, `name = value`, `name(value)`.
pub(crate) struct DieselSetting {
    pub(crate) name: Ident,
    pub(crate) value: TokenStream,
}

/// The settings of all `#[diesel(…)]` in `attributes`.
///
/// Diesel's own derives check them, so what is not known here is left alone, whatever it looks like.
pub(crate) fn diesel_settings(attributes: &[Attribute]) -> Result<Vec<DieselSetting>> {
    let mut settings = Vec::new();
    for attribute in attributes {
        if let Meta::List(list) = &attribute.meta
            && list.path.is_ident("diesel")
        {
            list.parse_args_with(|input: ParseStream<'_>| {
                while !input.is_empty() {
                    settings.push(input.parse()?);
                    if !input.is_empty() {
                        input.parse::<Token![,]>()?;
                    }
                }
                Ok(())
            })?;
        }
    }
    Ok(settings)
}

impl Parse for DieselSetting {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let name = Ident::parse_any(input)?;
        let mut value = TokenStream::new();
        input.parse::<Option<Token![=]>>()?;
        // A type's arguments may hold commas: `sql_type = Map<K, V>`.
        let mut angles = 0_usize;
        while !input.is_empty() && (angles > 0 || !input.peek(Token![,])) {
            let token: TokenTree = input.parse()?;
            if let TokenTree::Punct(punct) = &token {
                match punct.as_char() {
                    '<' => angles += 1,
                    '>' => angles = angles.saturating_sub(1),
                    _ => {}
                }
            }
            value.extend([token]);
        }
        Ok(Self { name, value })
    }
}

/// A path, or a text that holds one: `table_name = users`, `table_name = "users"`.
pub(crate) fn path(value: &TokenStream) -> Result<Path> {
    match syn::parse2::<LitStr>(value.clone()) {
        Ok(text) => text.parse(),
        Err(_) => syn::parse2(value.clone()),
    }
}

/// The statement for which a default counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Statement {
    Copy,
    Unload,
}

/// What `#[redshift(…)]` on a struct sets.
#[derive(Default)]
pub(crate) struct Defaults {
    pub(crate) iam_role: Option<LitStr>,
    pub(crate) location: Option<LitStr>,
    pub(crate) format: Option<Format>,
}

/// `csv`, or `csv(ignore_header = 1, fill_record)`.
pub(crate) struct Format {
    pub(crate) name: Ident,
    pub(crate) options: Vec<FormatOption>,
}

/// A setter of the format, and what it is called with.
pub(crate) struct FormatOption {
    pub(crate) name: Ident,
    pub(crate) value: Option<Expr>,
}

impl Defaults {
    /// The defaults for one statement; what `copy(…)` or `unload(…)` sets counts before what stands beside them.
    pub(crate) fn read(attributes: &[Attribute], statement: Statement) -> Result<Self> {
        let mut shared = Self::default();
        let mut copy = Self::default();
        let mut unload = Self::default();
        for attribute in attributes {
            if !attribute.path().is_ident("redshift") {
                continue;
            }
            attribute.parse_args_with(|input: ParseStream<'_>| {
                while !input.is_empty() {
                    if input.peek(Ident) && input.peek2(syn::token::Paren) {
                        let name: Ident = input.parse()?;
                        let nested;
                        parenthesized!(nested in input);
                        let defaults = if name == "copy" {
                            &mut copy
                        } else if name == "unload" {
                            &mut unload
                        } else {
                            return Err(unknown(&name, STRUCT_SETTINGS));
                        };
                        while !nested.is_empty() {
                            defaults.set(&nested, STATEMENT_SETTINGS)?;
                            end_of_setting(&nested)?;
                        }
                    } else {
                        shared.set(input, STRUCT_SETTINGS)?;
                    }
                    end_of_setting(input)?;
                }
                Ok(())
            })?;
        }
        let own = match statement {
            Statement::Copy => copy,
            Statement::Unload => unload,
        };
        Ok(Self {
            iam_role: own.iam_role.or(shared.iam_role),
            location: own.location.or(shared.location),
            format: own.format.or(shared.format),
        })
    }

    fn set(&mut self, input: ParseStream<'_>, known: &str) -> Result<()> {
        let name: Ident = input.parse()?;
        if name == "iam_role" {
            once(&name, &mut self.iam_role, value(input)?)
        } else if name == "location" {
            once(&name, &mut self.location, value(input)?)
        } else if name == "format" {
            once(&name, &mut self.format, value(input)?)
        } else {
            Err(unknown(&name, known))
        }
    }
}

const STRUCT_SETTINGS: &str =
    "`iam_role = \"…\"`, `location = \"s3://…\"`, `format = csv`, `copy(…)` and `unload(…)`";
const STATEMENT_SETTINGS: &str = "`iam_role = \"…\"`, `location = \"s3://…\"` and `format = csv`";

fn unknown(name: &Ident, known: &str) -> syn::Error {
    syn::Error::new(
        name.span(),
        format!("`redshift` has no setting `{name}` here; it has {known}"),
    )
}

fn value<T: Parse>(input: ParseStream<'_>) -> Result<T> {
    input.parse::<Token![=]>()?;
    input.parse()
}

fn once<T>(name: &Ident, setting: &mut Option<T>, value: T) -> Result<()> {
    match setting.replace(value) {
        None => Ok(()),
        Some(_) => Err(syn::Error::new(
            name.span(),
            format!("`{name}` is set twice"),
        )),
    }
}

fn end_of_setting(input: ParseStream<'_>) -> Result<()> {
    if !input.is_empty() {
        input.parse::<Token![,]>()?;
    }
    Ok(())
}

impl Parse for Format {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let name = input.parse()?;
        let options = if input.peek(syn::token::Paren) {
            let nested;
            parenthesized!(nested in input);
            Punctuated::<FormatOption, Token![,]>::parse_terminated(&nested)?
                .into_iter()
                .collect()
        } else {
            Vec::new()
        };
        Ok(Self { name, options })
    }
}

impl Parse for FormatOption {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let name = input.parse()?;
        let value = match input.parse::<Option<Token![=]>>()? {
            Some(_) => Some(input.parse()?),
            None => None,
        };
        Ok(Self { name, value })
    }
}
