//! `RedshiftCopy`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{DeriveInput, GenericArgument, Generics, PathArguments, Result, Type};

use crate::attributes::{Defaults, Statement};
use crate::columns::{Columns, Names, fixed_widths, local};
use crate::defaults::{KnownFormat, auto, new, of_self};
use crate::model::{Field, Model, Source};

const FORMATS: &[KnownFormat] = &[
    ("csv", "Csv", new),
    ("delimited", "Delimited", new),
    ("fixed_width", "FixedWidth", of_self),
    ("json", "Json", auto),
    ("avro", "Avro", auto),
    ("parquet", "Parquet", new),
    ("orc", "Orc", new),
];

pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let model = Model::read(input, "RedshiftCopy", Statement::Copy)?;
    let defaults = Defaults::of(&input.attrs, Statement::Copy)?;
    let krate = defaults.krate();
    let derived = quote!(#krate::RedshiftCopy);
    let module = quote!(#krate::copy);
    let names = Names {
        derived: derived.clone(),
        ty: "Columns",
        value: "columns",
        is_transparent: false,
    };
    let mut columns = Columns::of(input, &model, &names)?;
    check_types(&model, &defaults, &mut columns.generics)?;
    let fixed_widths = fixed_widths(input, &model, &columns, &module)?;
    let (push_names, push_paths) = pushes(&model, &defaults);
    let push_lengths = push_max_lengths(&model, &krate);
    let (names, paths, lengths) = (local("names"), local("paths"), local("lengths"));

    let source = defaults.location(quote!(#module::NoSource), "from");
    let role = defaults.iam_role();
    let format = defaults.format("COPY reads", FORMATS, &module)?;
    let (source_type, from) = (source.ty, source.call);
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
            type Columns = (#(#types,)*);
            type Statement = #krate::copy::CopyStatement<
                #table,
                #source_type,
                #authorization_type,
                #format_type,
            >;

            fn columns() -> Self::Columns {
                (#(#values,)*)
            }

            fn copy() -> Self::Statement {
                <Self as #krate::copy::RedshiftCopy>::copy_columns()
                    #from
                    #iam_role
                    #with_format
            }

            fn table() -> Self::Table {
                #table
            }

            fn push_column_names(#names: &mut ::std::vec::Vec<&'static ::core::primitive::str>) {
                #(#push_names)*
            }

            fn push_max_lengths(
                #lengths: &mut ::std::vec::Vec<(&'static ::core::primitive::str, ::core::primitive::usize)>,
            ) {
                #[allow(unused_imports)]
                use #krate::copy::{Limited as _, Unlimited as _};
                #(#push_lengths)*
            }

            fn push_json_paths(
                #paths: &mut ::std::vec::Vec<#module::JsonPath>,
            ) -> ::std::result::Result<(), #krate::error::InvalidValue> {
                #(#push_paths)*
                ::std::result::Result::Ok(())
            }
        }

        #fixed_widths
    })
}

/// What adds the most bytes of each column that has a `#[max_length]`.
fn push_max_lengths(model: &Model, krate: &TokenStream) -> Vec<TokenStream> {
    let table = &model.table;
    let lengths = local("lengths");
    let of_field = |field: &Field| {
        let span = field.span;
        match &field.source {
            Source::Column(column) => quote_spanned! { span=>
                #lengths.extend((&#krate::copy::MaxLength::<#table::#column>::OF).max_length());
            },
            Source::Embedded(ty) => quote_spanned! { span=>
                <#ty as #krate::RedshiftCopy>::push_max_lengths(#lengths);
            },
        }
    };
    model.fields.iter().map(of_field).collect()
}

/// Asks of each field that its Rust type is one of the column's.
fn check_types(model: &Model, defaults: &Defaults, generics: &mut Generics) -> Result<()> {
    let table = &model.table;
    for field in &model.fields {
        let Source::Column(column) = &field.source else {
            continue;
        };
        // For `None` COPY has the column's NULL, or none of its values.
        let ty = in_option(&field.inserted).unwrap_or(&field.inserted);
        let span = ty.span();
        let krate = defaults.krate_at(span);
        let column = quote_spanned! { span=> <#table::#column as ::diesel::Expression>::SqlType };
        generics.make_where_clause().predicates.push(syn::parse2(
            quote_spanned! { span=> #ty: #krate::copy::FieldOf<#column> },
        )?);
    }
    Ok(())
}

/// `T` of `Option<T>`.
fn in_option(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else {
        return None;
    };
    let last = path.path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    match arguments.args.first() {
        Some(GenericArgument::Type(of)) if last.ident == "Option" => Some(of),
        _ => None,
    }
}

/// What adds the names of the columns, and their paths in a JSON document.
fn pushes(model: &Model, defaults: &Defaults) -> (Vec<TokenStream>, Vec<TokenStream>) {
    let krate = defaults.krate();
    let table = &model.table;
    let (local_names, local_paths) = (local("names"), local("paths"));
    let mut names = Vec::new();
    let mut paths = Vec::new();
    for field in &model.fields {
        let span = field.span;
        match &field.source {
            Source::Column(column) => {
                let name = quote_spanned! { span=> <#table::#column as ::diesel::Column>::NAME };
                paths.push(match &field.json_path {
                    Some(path) => {
                        let krate = defaults.krate_at(path.span());
                        quote_spanned! { path.span()=>
                            #local_paths.push({
                                const PATH: #krate::copy::JsonPath =
                                    #krate::copy::JsonPath::from_static(#path);
                                PATH
                            });
                        }
                    }
                    None => quote_spanned! { span=>
                        #local_paths.push(#krate::copy::JsonPath::member(#name)?);
                    },
                });
                names.push(quote_spanned! { span=> #local_names.push(#name); });
            }
            Source::Embedded(ty) => {
                let embedded = quote_spanned! { span=> <#ty as #krate::RedshiftCopy> };
                names.push(quote_spanned! { span=> #embedded::push_column_names(#local_names); });
                paths.push(quote_spanned! { span=> #embedded::push_json_paths(#local_paths)?; });
            }
        }
    }
    (names, paths)
}
