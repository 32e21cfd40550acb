//! `RedshiftUnload`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{DeriveInput, Result};

use crate::attributes::{Defaults, Statement};
use crate::defaults::KnownFormat;
use crate::model::{Model, Source};

const DERIVE: &str = "RedshiftUnload";
const FORMATS: &[KnownFormat] = &[
    ("csv", "Csv", "new"),
    ("delimited", "Delimited", "new"),
    ("json", "Json", "new"),
    ("parquet", "Parquet", "new"),
];

pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let model = Model::read(input, DERIVE)?;
    let defaults = Defaults::read(&input.attrs, Statement::Unload)?;
    let table = &model.table;

    let mut types = Vec::new();
    let mut values = Vec::new();
    let mut embedded = Vec::new();
    for field in &model.fields {
        if let Some(span) = field.select_expression {
            return Err(syn::Error::new(
                span,
                "`RedshiftUnload` selects columns only: write `diesel_redshift::unload(table.select(…))` for expressions",
            ));
        }
        let span = field.span;
        match &field.source {
            Source::Column(column) => {
                let column = quote_spanned! { span=> #table::#column };
                values.push(column.clone());
                types.push(column);
            }
            Source::Embedded(ty) => {
                let part = quote_spanned! { span=> <#ty as ::diesel_redshift::RedshiftUnload> };
                values.push(quote_spanned! { span=> #part::selection() });
                types.push(quote_spanned! { span=> #part::Selection });
                embedded.push(quote_spanned! { span=>
                    #ty: ::diesel_redshift::RedshiftUnload<Table = #table::table>
                });
            }
        }
    }

    let location = defaults.location(quote!(::diesel_redshift::unload::NoLocation), "to");
    let role = defaults.iam_role();
    let format = defaults.format("UNLOAD writes", FORMATS, &quote!(::diesel_redshift::unload))?;
    let (location_type, to) = (location.ty, location.call);
    let (authorization_type, iam_role) = (role.ty, role.call);
    let (format_type, with_format) = (format.ty, format.call);

    let name = &input.ident;
    let mut generics = input.generics.clone();
    if !embedded.is_empty() {
        let clause = generics.make_where_clause();
        for bound in embedded {
            clause.predicates.push(syn::parse2(bound)?);
        }
    }
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let table_type = quote_spanned! { table.span()=> #table::table };

    Ok(quote! {
        #[automatically_derived]
        impl #impl_generics ::diesel_redshift::RedshiftUnload for #name #type_generics #where_clause {
            type Table = #table_type;
            type Selection = (#(#types,)*);
            type Statement = ::diesel_redshift::UnloadStatement<
                ::diesel::dsl::Select<#table_type, Self::Selection>,
                #location_type,
                #authorization_type,
                #format_type,
            >;

            fn selection() -> Self::Selection {
                (#(#values,)*)
            }

            fn unload() -> Self::Statement {
                ::diesel_redshift::unload(
                    ::diesel::QueryDsl::select(#table_type, Self::selection()),
                )
                #to
                #iam_role
                #with_format
            }
        }
    })
}
