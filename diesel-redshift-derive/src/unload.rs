//! `RedshiftUnload`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Result};

use crate::attributes::{Defaults, Statement};
use crate::columns::{Columns, Names, fixed_widths};
use crate::defaults::{KnownFormat, new, of_self};
use crate::model::Model;

const FORMATS: &[KnownFormat] = &[
    ("csv", "Csv", new),
    ("delimited", "Delimited", new),
    ("fixed_width", "FixedWidth", of_self),
    ("json", "Json", new),
    ("parquet", "Parquet", new),
];

pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let model = Model::read(input, "RedshiftUnload", Statement::Unload)?;
    let defaults = Defaults::of(&input.attrs, Statement::Unload)?;
    let krate = defaults.krate();
    let derived = quote!(#krate::RedshiftUnload);
    let module = quote!(#krate::unload);
    let names = Names {
        derived: derived.clone(),
        ty: "Selection",
        value: "selection",
        is_transparent: true,
    };
    let columns = Columns::of(input, &model, &names)?;
    let fixed_widths = fixed_widths(input, &model, &columns, &module)?;

    let location = defaults.location(quote!(#module::NoLocation), "to");
    let role = defaults.iam_role();
    let format = defaults.format("UNLOAD writes", FORMATS, &module)?;
    let (location_type, to) = (location.ty, location.call);
    let (authorization_type, iam_role) = (role.ty, role.call);
    let (format_type, with_format) = (format.ty, format.call);

    let name = &input.ident;
    let Columns {
        table,
        types,
        values,
        generics,
    } = &columns;
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    Ok(quote! {
        #[automatically_derived]
        #[allow(unused_qualifications)]
        impl #impl_generics #derived for #name #type_generics #where_clause {
            type Table = #table;
            type Selection = (#(#types,)*);
            type Query = ::diesel::dsl::Select<#table, Self::Selection>;
            type Statement = #krate::unload::UnloadStatement<
                Self::Query,
                #location_type,
                #authorization_type,
                #format_type,
            >;

            fn selection() -> Self::Selection {
                (#(#values,)*)
            }

            fn query() -> Self::Query {
                ::diesel::QueryDsl::select(#table, <Self as #derived>::selection())
            }

            fn unload() -> Self::Statement {
                #krate::unload(<Self as #derived>::query())
                    #to
                    #iam_role
                    #with_format
            }
        }

        #fixed_widths
    })
}
