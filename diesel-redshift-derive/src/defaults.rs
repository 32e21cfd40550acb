//! What `#[redshift(…)]` makes of a statement.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::Result;

use crate::attributes::{Defaults, FormatOption};

/// A default: the type that it gives a part of the statement, and the call that sets it.
pub(crate) struct Default {
    pub(crate) ty: TokenStream,
    pub(crate) call: TokenStream,
}

/// A format by its name in the attribute, its type, and what is called to make one.
pub(crate) type KnownFormat = (&'static str, &'static str, fn() -> TokenStream);

pub(crate) fn new() -> TokenStream {
    quote!(new())
}

pub(crate) fn auto() -> TokenStream {
    quote!(auto())
}

pub(crate) fn of_self() -> TokenStream {
    quote!(of::<Self>())
}

impl Defaults {
    /// The location, checked by the compiler as a constant.
    pub(crate) fn location(&self, none: TokenStream, setter: &str) -> Default {
        let Some(location) = &self.location else {
            return Default {
                ty: none,
                call: TokenStream::new(),
            };
        };
        let setter = format_ident!("{setter}");
        let krate = self.krate_at(location.span());
        Default {
            ty: quote!(#krate::S3Uri),
            call: quote_spanned! { location.span()=>
                .#setter({
                    const LOCATION: #krate::S3Uri =
                        #krate::S3Uri::from_static(#location);
                    LOCATION
                })
            },
        }
    }

    /// The role, checked by the compiler as a constant.
    pub(crate) fn iam_role(&self) -> Default {
        let krate = self.krate();
        let Some(role) = &self.iam_role else {
            return Default {
                ty: quote!(#krate::aws::NoAuthorization),
                call: TokenStream::new(),
            };
        };
        let krate = self.krate_at(role.span());
        Default {
            ty: quote!(#krate::IamRole),
            call: quote_spanned! { role.span()=>
                .iam_role({
                    const ROLE: #krate::IamRole =
                        #krate::IamRole::from_static(#role);
                    ROLE
                })
            },
        }
    }

    /// The format with its options.
    pub(crate) fn format(
        &self,
        what: &str,
        known: &[KnownFormat],
        module: &TokenStream,
    ) -> Result<Default> {
        let Some(format) = &self.format else {
            return Ok(Default {
                ty: quote!(#module::DefaultFormat),
                call: TokenStream::new(),
            });
        };
        let Some((_, ty, constructor)) = known.iter().find(|(name, ..)| format.name == name) else {
            let names: Vec<_> = known.iter().map(|(name, ..)| format!("`{name}`")).collect();
            return Err(syn::Error::new(
                format.name.span(),
                format!(
                    "no default format `{}`: {what} {}; `copy(format = …)` and `unload(format = …)` set them apart",
                    format.name,
                    names.join(", ")
                ),
            ));
        };
        let ty = format_ident!("{ty}");
        let constructor = constructor();
        let options = format.options.iter().map(|FormatOption { name, value }| {
            quote_spanned! { name.span()=> .#name(#value) }
        });
        Ok(Default {
            ty: quote!(#module::#ty),
            call: quote_spanned! { format.name.span()=>
                .format(#module::#ty::#constructor #(#options)*)
            },
        })
    }
}
