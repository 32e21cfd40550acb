//! TLS on the wire.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use redshift_sandbox::Tls;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::client::Target;
use crate::{place, sandbox};

const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

fn socket(address: &str) -> TcpStream {
    let socket = TcpStream::connect(address).expect("a socket");
    socket
        .set_read_timeout(Some(Duration::from_secs(30)))
        .expect("a timeout");
    socket
}

fn asked(address: &str) -> (TcpStream, u8) {
    let mut socket = socket(address);
    socket.write_all(&SSL_REQUEST).expect("SSLRequest");
    let mut answer = [0];
    socket.read_exact(&mut answer).expect("an answer");
    (socket, answer[0])
}

fn encrypted() -> StreamOwned<ClientConnection, TcpStream> {
    let (socket, answer) = asked(&Target::parse(&sandbox().url()).address);
    assert_eq!(answer, b'S');
    let mut roots = RootCertStore::empty();
    let certificate =
        CertificateDer::from_pem_file(sandbox().ca_certificate()).expect("a certificate");
    roots.add(certificate).expect("a root");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").expect("a name");
    let connection = ClientConnection::new(Arc::new(config), name).expect("a client");
    StreamOwned::new(connection, socket)
}

#[test]
fn a_cancel_request_may_be_encrypted() {
    let mut client = place().connect();
    let mut packet = vec![0, 0, 0, 16, 4, 210, 22, 46];
    packet.extend_from_slice(&client.key);
    let canceller = thread::spawn(move || {
        thread::sleep(Duration::from_millis(200));
        let mut stream = encrypted();
        stream.write_all(&packet).expect("a request");
        stream.flush().expect("a request");
        // The server closes without a word.
        assert_eq!(stream.read(&mut [0]).unwrap_or(0), 0);
    });
    let start = Instant::now();
    let failure = client.error("SELECT pg_sleep(20)");
    canceller.join().expect("the request was sent");
    assert!(start.elapsed() < Duration::from_secs(10));
    assert_eq!(failure.code, "57014");
}

#[test]
fn what_came_before_the_handshake_is_not_taken_for_encrypted() {
    let mut socket = socket(&Target::parse(&sandbox().url()).address);
    let mut bytes = SSL_REQUEST.to_vec();
    bytes.extend_from_slice(&[0, 0, 0, 9, 0, 3, 0, 0, 0]);
    socket.write_all(&bytes).expect("sent");
    let mut answer = Vec::new();
    let _ = socket.read_to_end(&mut answer);
    let text = String::from_utf8_lossy(&answer);
    assert!(
        text.contains("unencrypted data after SSL request"),
        "{text}"
    );
}

#[test]
fn tls_is_asked_for_once_and_may_be_refused() {
    let mut stream = encrypted();
    stream.write_all(&SSL_REQUEST).expect("sent");
    let mut answer = [0];
    stream.read_exact(&mut answer).expect("an answer");
    assert_eq!(answer, *b"N");

    let port = sandbox().listen(Tls::Refused).expect("a port");
    let (_, answer) = asked(&format!("127.0.0.1:{port}"));
    assert_eq!(answer, b'N');
}

#[test]
fn a_handshake_that_is_none_ends_the_connection() {
    let (mut socket, answer) = asked(&Target::parse(&sandbox().url()).address);
    assert_eq!(answer, b'S');
    socket.write_all(&[b'x'; 100]).expect("sent");
    let mut rest = Vec::new();
    let _ = socket.read_to_end(&mut rest);
    assert!(rest.len() < 50);
}
