//! `RedshiftCopy`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{DeriveInput, Result};

use crate::attributes::{Defaults, Statement};
use crate::defaults::KnownFormat;
use crate::model::{Model, Source};

const DERIVE: &str = "RedshiftCopy";
const FORMATS: &[KnownFormat] = &[
    ("csv", "Csv", "new"),
    ("delimited", "Delimited", "new"),
    ("json", "Json", "auto"),
    ("avro", "Avro", "auto"),
    ("parquet", "Parquet", "new"),
    ("orc", "Orc", "new"),
];

pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let model = Model::read(input, DERIVE)?;
    let defaults = Defaults::read(&input.attrs, Statement::Copy)?;
    let table = &model.table;

    let mut types = Vec::new();
    let mut values = Vec::new();
    let mut names = Vec::new();
    let mut embedded = Vec::new();
    for field in &model.fields {
        if field.skip_insertion {
            continue;
        }
        if let Some(span) = field.select_expression {
            return Err(syn::Error::new(
                span,
                "a COPY fills columns, and this field is an expression: add `#[diesel(skip_insertion)]` to leave it out",
            ));
        }
        let span = field.span;
        match &field.source {
            Source::Column(column) => {
                let column = quote_spanned! { span=> #table::#column };
                names.push(quote_spanned! { span=>
                    names.push(<#column as ::diesel::Column>::NAME);
                });
                values.push(column.clone());
                types.push(column);
            }
            Source::Embedded(ty) => {
                let part = quote_spanned! { span=> <#ty as ::diesel_redshift::RedshiftCopy> };
                names.push(quote_spanned! { span=> #part::push_column_names(names); });
                values.push(quote_spanned! { span=> #part::columns() });
                types.push(quote_spanned! { span=> #part::Columns });
                embedded.push(quote_spanned! { span=>
                    #ty: ::diesel_redshift::RedshiftCopy<Table = #table::table>
                });
            }
        }
    }
    if names.is_empty() {
        return Err(syn::Error::new(
            input.ident.span(),
            "a COPY fills one column or more, and all fields have `#[diesel(skip_insertion)]`",
        ));
    }

    let location = defaults.location(quote!(::diesel_redshift::copy::NoSource), "from");
    let role = defaults.iam_role();
    let format = defaults.format("COPY reads", FORMATS, &quote!(::diesel_redshift::copy))?;
    let (source_type, from) = (location.ty, location.call);
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
        impl #impl_generics ::diesel_redshift::RedshiftCopy for #name #type_generics #where_clause {
            type Table = #table_type;
            type Columns = (#(#types,)*);
            type Statement = ::diesel_redshift::CopyStatement<
                #table_type,
                #source_type,
                #authorization_type,
                #format_type,
            >;

            fn columns() -> Self::Columns {
                (#(#values,)*)
            }

            fn push_column_names(names: &mut ::std::vec::Vec<&'static str>) {
                #(#names)*
            }

            fn copy() -> Self::Statement {
                ::diesel_redshift::CopyStatement::with_columns(
                    #table_type,
                    Self::column_names(),
                )
                #from
                #iam_role
                #with_format
            }
        }
    })
}
