//! The columns of a struct as both derives write them.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{DeriveInput, Generics, Result, Type};

use crate::model::{Model, Source};

/// What the columns of an embedded struct are called in its own implementation of the derived
/// trait.
pub(crate) struct Names {
    /// The trait: `::diesel_redshift::RedshiftCopy`.
    pub(crate) derived: TokenStream,
    /// The associated type: `Columns`.
    pub(crate) ty: &'static str,
    /// The function that gives its value: `columns`.
    pub(crate) value: &'static str,
    /// Whether the compiler has to see through the type of an embedded struct's columns.
    ///
    /// A bound on a type with parameters of the struct would hide what the type's own
    /// implementation says.
    pub(crate) is_transparent: bool,
}

/// The columns of a struct as a tuple.
pub(crate) struct Columns {
    pub(crate) table: TokenStream,
    pub(crate) types: Vec<TokenStream>,
    pub(crate) values: Vec<TokenStream>,
    /// The struct's generics, with a bound for each embedded struct.
    pub(crate) generics: Generics,
}

impl Columns {
    pub(crate) fn of(input: &DeriveInput, model: &Model, names: &Names) -> Result<Self> {
        let table = &model.table;
        let derived = &names.derived;
        let ty_name: Ident = format_ident!("{}", names.ty);
        let value_name: Ident = format_ident!("{}", names.value);
        let table_type = quote_spanned! { table.span()=> #table::table };
        let mut types = Vec::new();
        let mut values = Vec::new();
        let mut generics = input.generics.clone();
        for field in &model.fields {
            let span = field.span;
            match &field.source {
                Source::Column(column) => {
                    let column = quote_spanned! { span=> #table::#column };
                    values.push(column.clone());
                    types.push(column);
                }
                Source::Embedded(ty) => {
                    values.push(quote_spanned! { span=> <#ty as #derived>::#value_name() });
                    types.push(quote_spanned! { span=> <#ty as #derived>::#ty_name });
                    if names.is_transparent && has_arguments(ty) {
                        continue;
                    }
                    // The whole bound stands at the field, or its error would stand at the derive.
                    let (derived, table) = (at(span, derived), at(span, &table_type));
                    generics.make_where_clause().predicates.push(syn::parse2(
                        quote_spanned! { span=> #ty: #derived<Table = #table> },
                    )?);
                }
            }
        }
        Ok(Self {
            table: table_type,
            types,
            values,
            generics,
        })
    }
}

fn has_arguments(ty: &Type) -> bool {
    matches!(ty, Type::Path(ty) if ty.path.segments.iter().any(|segment| !segment.arguments.is_empty()))
}

/// A variable of the generated code: it meets itself wherever its neighbours come from, and nobody
/// else's.
pub(crate) fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// The same tokens, at another place.
fn at(span: Span, tokens: &TokenStream) -> TokenStream {
    tokens
        .clone()
        .into_iter()
        .map(|mut token| {
            // It is looked up where it was, a `$crate` for example.
            token.set_span(token.span().located_at(span));
            token
        })
        .collect()
}

/// Implements `FixedWidthColumns` of the module, if the fields have widths.
pub(crate) fn fixed_widths(
    input: &DeriveInput,
    model: &Model,
    columns: &Columns,
    module: &TokenStream,
) -> Result<TokenStream> {
    if !model.has_widths()? {
        return Ok(TokenStream::new());
    }
    let table = &model.table;
    let mut generics = columns.generics.clone();
    let local = local("widths");
    let mut widths = Vec::new();
    for field in &model.fields {
        let span = field.span;
        match &field.source {
            Source::Column(column) => {
                let width = &field.width;
                widths.push(quote_spanned! { span=>
                    #local.push((<#table::#column as ::diesel::Column>::NAME, #width));
                });
            }
            Source::Embedded(ty) => {
                widths.push(quote_spanned! { span=>
                    <#ty as #module::FixedWidthColumns>::push_widths(#local);
                });
                let module = at(span, module);
                generics.make_where_clause().predicates.push(syn::parse2(
                    quote_spanned! { span=> #ty: #module::FixedWidthColumns },
                )?);
            }
        }
    }
    let name = &input.ident;
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    Ok(quote! {
        #[automatically_derived]
        #[allow(unused_qualifications)]
        impl #impl_generics #module::FixedWidthColumns for #name #type_generics #where_clause {
            fn push_widths(
                #local: &mut ::std::vec::Vec<(&'static ::core::primitive::str, ::core::primitive::u32)>,
            ) {
                #(#widths)*
            }
        }
    })
}
