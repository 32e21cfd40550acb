//! The memory that a load takes: measured in a process of its own, whose peak nothing else raises.

use std::fs;
use std::process::Command;

use crate::client::CLIENTS;
use crate::shapes::Shape;

const FLAG: &str = "--memory-of";

/// A figure of this process in bytes, as Linux tells.
fn of_this_process(figure: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(figure))
        .unwrap();
    let kilobytes: f64 = line.split_whitespace().next().unwrap().parse().unwrap();
    kilobytes * 1024.0
}

/// By how many bytes a load raises the memory of a process.
pub fn peak_of_child(client: usize, url: &str, shape: Shape, row_by_row: bool) -> f64 {
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            FLAG,
            &client.to_string(),
            url,
            shape.name(),
            &row_by_row.to_string(),
        ])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout)
        .unwrap()
        .trim()
        .parse()
        .unwrap()
}

pub fn is_child(arguments: &[String]) -> bool {
    arguments.first().is_some_and(|first| first == FLAG)
}

pub fn child(arguments: &[String]) {
    let [_, client, url, shape, row_by_row] = arguments else {
        panic!("{FLAG} takes a client, a URL, a table and whether it is read a row at a time");
    };
    let shape = Shape::ALL
        .into_iter()
        .find(|known| known.name() == shape)
        .unwrap();
    let (_, connect) = CLIENTS[client.parse::<usize>().unwrap()];
    let mut client = connect(url);
    client.find(1);
    let before = of_this_process("VmRSS:");
    if row_by_row == "true" {
        client.stream(shape);
    } else {
        client.load(shape);
    }
    println!("{}", of_this_process("VmHWM:") - before);
}
