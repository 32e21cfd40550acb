//! The attributes `#[diesel(…)]`, of which we read what concerns us, and `#[redshift(…)]`, which is
//! ours.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote_spanned};
use syn::ext::IdentExt as _;
use syn::parse::discouraged::Speculative as _;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::token::Paren;
use syn::{Attribute, Expr, Ident, LitInt, LitStr, Meta, Path, Result, Token, parenthesized};

use crate::table;

/// One of Diesel's settings: `name`, `name = value`, `name(value)`.
pub(crate) struct DieselSetting {
    pub(crate) name: Ident,
    pub(crate) value: TokenStream,
}

/// The settings of all `#[diesel(…)]` in `attributes`.
///
/// Diesel's own derives check them, so what is not known here is left alone, whatever it looks
/// like.
pub(crate) fn diesel_settings(attributes: &[Attribute]) -> Result<Vec<DieselSetting>> {
    let mut settings = Vec::new();
    for attribute in attributes {
        if let Meta::List(list) = &attribute.meta
            && list.path.is_ident("diesel")
        {
            list.parse_args_with(|input: ParseStream<'_>| {
                each_setting(input, |input| {
                    settings.push(input.parse()?);
                    Ok(())
                })
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

/// The statement that is derived.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Statement {
    Copy,
    Unload,
    CreateTable,
}

/// Settings that `#[redshift(…)]` may hold, for both statements or, in `copy(…)` and `unload(…)`,
/// for one.
trait Settings: Default {
    const KNOWN: &'static str;

    fn set(&mut self, name: &Ident, input: ParseStream<'_>) -> Result<bool>;

    /// Takes what is missing from those for both.
    fn or(self, shared: Self) -> Self;

    fn read(attributes: &[Attribute], statement: Statement) -> Result<Self> {
        let mut shared = Self::default();
        let mut copy = Self::default();
        let mut unload = Self::default();
        for attribute in attributes {
            if !attribute.path().is_ident("redshift") {
                continue;
            }
            attribute.parse_args_with(|input: ParseStream<'_>| {
                each_setting(input, |input| {
                    let name = Ident::parse_any(input)?;
                    if table::SETTINGS.iter().any(|setting| name == setting) {
                        return skip_value(input);
                    }
                    if !input.peek(Paren) {
                        return shared.set_known(&name, input);
                    }
                    let settings = if name == "copy" {
                        &mut copy
                    } else if name == "unload" {
                        &mut unload
                    } else {
                        return Err(unknown(&name, Self::KNOWN));
                    };
                    let nested;
                    parenthesized!(nested in input);
                    each_setting(&nested, |input| {
                        let name = Ident::parse_any(input)?;
                        settings.set_known(&name, input)
                    })
                })
            })?;
        }
        let own = match statement {
            Statement::Copy => copy,
            Statement::Unload => unload,
            Statement::CreateTable => Self::default(),
        };
        Ok(own.or(shared))
    }

    fn set_known(&mut self, name: &Ident, input: ParseStream<'_>) -> Result<()> {
        if self.set(name, input)? {
            Ok(())
        } else {
            Err(unknown(name, Self::KNOWN))
        }
    }
}

fn unknown(name: &Ident, known: &str) -> syn::Error {
    syn::Error::new(
        name.span(),
        format!(
            "`redshift` has no setting `{name}` here; it has {known}, alone or in `copy(…)` and `unload(…)`"
        ),
    )
}

pub(crate) fn each_setting(
    input: ParseStream<'_>,
    mut setting: impl FnMut(ParseStream<'_>) -> Result<()>,
) -> Result<()> {
    while !input.is_empty() {
        setting(input)?;
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(())
}

/// Whether a setting is of COPY or UNLOAD.
pub(crate) fn is_of_statement(name: &Ident) -> bool {
    const SETTINGS: [&str; 10] = [
        "copy",
        "unload",
        "iam_role",
        "location",
        "crate",
        "format",
        "skip",
        "order",
        "width",
        "json_path",
    ];
    SETTINGS.iter().any(|setting| name == setting)
}

/// Reads over what belongs to another derive, up to the comma that is not the value's own.
pub(crate) fn skip_value(input: ParseStream<'_>) -> Result<()> {
    let value = input.fork();
    if value.parse::<Token![=]>().is_ok()
        && value.parse::<Expr>().is_ok()
        && (value.is_empty() || value.peek(Token![,]))
    {
        input.advance_to(&value);
        return Ok(());
    }
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

fn once<T: Parse>(name: &Ident, setting: &mut Option<T>, input: ParseStream<'_>) -> Result<()> {
    input.parse::<Token![=]>()?;
    match setting.replace(input.parse()?) {
        None => Ok(()),
        Some(_) => Err(syn::Error::new(
            name.span(),
            format!("`{name}` is set twice"),
        )),
    }
}

/// What `#[redshift(…)]` on a struct sets.
#[derive(Default)]
pub(crate) struct Defaults {
    /// What the crate is called here, `::diesel_redshift` unless told.
    krate: Option<CratePath>,
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

impl Settings for Defaults {
    const KNOWN: &'static str =
        "`iam_role = \"…\"`, `location = \"s3://…\"`, `format = csv` and `crate = path`";

    fn set(&mut self, name: &Ident, input: ParseStream<'_>) -> Result<bool> {
        match name.to_string().as_str() {
            "crate" => once(name, &mut self.krate, input)?,
            "iam_role" => once(name, &mut self.iam_role, input)?,
            "location" => once(name, &mut self.location, input)?,
            "format" => once(name, &mut self.format, input)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn or(self, shared: Self) -> Self {
        Self {
            krate: self.krate.or(shared.krate),
            iam_role: self.iam_role.or(shared.iam_role),
            location: self.location.or(shared.location),
            format: self.format.or(shared.format),
        }
    }
}

impl Defaults {
    pub(crate) fn of(attributes: &[Attribute], statement: Statement) -> Result<Self> {
        Self::read(attributes, statement)
    }

    /// The path of the library.
    pub(crate) fn krate(&self) -> TokenStream {
        self.krate_at(Span::call_site())
    }

    /// The path of the library where a value stands, so that the compiler shows the value when it
    /// is wrong.
    pub(crate) fn krate_at(&self, span: Span) -> TokenStream {
        match &self.krate {
            Some(CratePath(path)) => path.to_token_stream(),
            None => quote_spanned!(span=> ::diesel_redshift),
        }
    }
}

/// A path, or a text that holds one: `crate = redshift`, `crate = "crate::redshift"`.
struct CratePath(Path);

impl Parse for CratePath {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.peek(LitStr) {
            return Ok(Self(
                input.parse::<LitStr>()?.parse_with(Path::parse_mod_style)?,
            ));
        }
        Path::parse_mod_style(input).map(Self)
    }
}

impl Parse for Format {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let name = input.parse()?;
        let options = if input.peek(Paren) {
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

/// What `#[redshift(…)]` on a field sets.
#[derive(Default)]
pub(crate) struct FieldSettings {
    pub(crate) skip: Option<Ident>,
    pub(crate) order: Option<LitInt>,
    pub(crate) width: Option<LitInt>,
    pub(crate) json_path: Option<LitStr>,
}

impl Settings for FieldSettings {
    const KNOWN: &'static str = "`skip`, `order = 1`, `width = 8` and `json_path = \"$.name\"`";

    fn set(&mut self, name: &Ident, input: ParseStream<'_>) -> Result<bool> {
        match name.to_string().as_str() {
            "skip" => self.skip = Some(name.clone()),
            "order" => once(name, &mut self.order, input)?,
            "width" => once(name, &mut self.width, input)?,
            "json_path" => once(name, &mut self.json_path, input)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn or(self, shared: Self) -> Self {
        Self {
            skip: self.skip.or(shared.skip),
            order: self.order.or(shared.order),
            width: self.width.or(shared.width),
            json_path: self.json_path.or(shared.json_path),
        }
    }
}

impl FieldSettings {
    pub(crate) fn of(attributes: &[Attribute], statement: Statement) -> Result<Self> {
        Self::read(attributes, statement)
    }
}
