//! The certificates of a sandbox, made at its start.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;

use crate::Error;

/// What a port of the sandbox does when a client asks for TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tls {
    /// TLS for those who ask, with a certificate for `localhost`, `127.0.0.1` and `::1`.
    #[default]
    Offered,
    /// The same, and nobody gets in without TLS, as with the parameter `require_ssl`.
    Required,
    /// Shows a certificate of another host.
    OtherHost,
    /// Shows a certificate that has expired.
    Expired,
    /// No TLS at all.
    Refused,
}

/// Signs the sandbox's certificates; nobody else has its key.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    pub(crate) fn new() -> Result<Self, Error> {
        let mut parameters = CertificateParams::new(Vec::new()).map_err(failed)?;
        parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        parameters
            .distinguished_name
            .push(DnType::CommonName, "redshift-sandbox CA");
        let key = KeyPair::generate().map_err(failed)?;
        let pem = parameters.self_signed(&key).map_err(failed)?.pem();
        Ok(Self {
            issuer: Issuer::new(parameters, key),
            pem,
        })
    }

    /// Its own certificate, for clients to trust.
    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    /// What a port needs for TLS; none if it has none.
    pub(crate) fn server(&self, tls: Tls) -> Result<Option<Arc<ServerConfig>>, Error> {
        let names: &[&str] = match tls {
            Tls::Refused => return Ok(None),
            Tls::OtherHost => &["redshift.example.com"],
            _ => &["localhost", "127.0.0.1", "::1"],
        };
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut parameters = CertificateParams::new(names.clone()).map_err(failed)?;
        parameters
            .distinguished_name
            .push(DnType::CommonName, names.concat());
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        parameters.use_authority_key_identifier_extension = true;
        if tls == Tls::Expired {
            parameters.not_before = date_time_ymd(2020, 1, 1);
            parameters.not_after = date_time_ymd(2021, 1, 1);
        }
        let key = KeyPair::generate().map_err(failed)?;
        let certificate = parameters.signed_by(&key, &self.issuer).map_err(failed)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| {
                builder.with_no_client_auth().with_single_cert(
                    vec![certificate.der().clone()],
                    PrivateKeyDer::Pkcs8(key.serialize_der().into()),
                )
            })
            .map_err(failed)?;
        Ok(Some(Arc::new(config)))
    }
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Certificate(error.to_string())
}
