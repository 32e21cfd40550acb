//! The proxy that the environment names, which is that of a process: of one that a test starts.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::{env, thread};

use diesel_redshift::S3Uri;
use diesel_redshift::aws::{AccessKey, Region};
use diesel_redshift::store::{S3Store, Store, StoreErrorKind};

/// Whether the process is to come through.
const COMES_THROUGH: &str = "STORE_PROXY_COMES_THROUGH";

#[test]
fn puts_an_object() {
    let Ok(comes_through) = env::var(COMES_THROUGH) else {
        return;
    };
    let s3 = S3Store::builder()
        .endpoint("http://objects.invalid")
        .region(Region::parse("us-east-1").unwrap())
        .access_key(AccessKey::new("AKIAIOSFODNN7EXAMPLE", "TheSecret").unwrap())
        .attempts(1)
        .build()
        .unwrap();
    let put = s3.put(&S3Uri::from_static("s3://bucket/key"), b"body");
    match comes_through.as_str() {
        "yes" => put.unwrap(),
        _ => assert_eq!(put.unwrap_err().kind(), StoreErrorKind::Unavailable),
    }
}

fn head(reader: &mut impl BufRead) -> String {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).unwrap() > 0 {}
    head
}

/// Serves a request, after the one for a tunnel if there is one.
fn serve(mut stream: TcpStream, heads: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut first = head(&mut reader);
    if first.starts_with("CONNECT ") {
        heads.lock().unwrap().push(first);
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        first = head(&mut reader);
    }
    heads.lock().unwrap().push(first);
    reader.read_exact(&mut [0; 4]).unwrap();
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    stream.write_all(answer).unwrap();
}

#[test]
fn the_environments_proxy_is_asked_unless_it_excepts_the_host() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    let heads = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&heads);
    thread::spawn(move || {
        for stream in listener.incoming() {
            serve(stream.unwrap(), &seen);
        }
    });
    for (comes_through, excepted) in [("yes", "localhost"), ("no", "objects.invalid")] {
        let mut command = Command::new(env::current_exe().unwrap());
        for name in ["all_proxy", "https_proxy", "http_proxy", "no_proxy"] {
            command.env_remove(name).env_remove(name.to_uppercase());
        }
        let ended = command
            .args(["--exact", "store_proxy::puts_an_object"])
            .env(COMES_THROUGH, comes_through)
            .env("HTTP_PROXY", &proxy)
            .env("NO_PROXY", excepted)
            .status()
            .unwrap();
        assert!(ended.success(), "{comes_through}");
    }
    let heads = heads.lock().unwrap();
    let (put, tunnel) = heads.split_last().unwrap();
    assert!(put.starts_with("PUT "), "{heads:?}");
    assert!(
        tunnel.iter().chain([put]).any(|head| head
            .lines()
            .next()
            .unwrap()
            .contains("objects.invalid")),
        "{heads:?}"
    );
    assert!(heads.len() <= 2, "{heads:?}");
}
