//! Nothing in the library imports upwards: `CONTRIBUTING.md` draws the layers, this test reads the imports.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// From the ground up. A module imports from its own layer's modules only where `BESIDE` says so, and from those below.
const LAYERS: &[&[&str]] = &[
    &["error", "seal", "backoff"],
    &["sql"],
    &["aws"],
    &["sql_types", "types", "value", "query_builder", "backend"],
    &["functions", "expression"],
    &["files", "store"],
    &["connection"],
    &["system", "reflection"],
    &["maintenance", "merge", "ddl"],
    &["copy", "unload"],
    &["stage", "migration"],
    &["upsert"],
    &["async_connection"],
    &["guide"],
];

/// Modules of one layer that make one thing together.
const BESIDE: &[&[&str]] = &[
    &["sql_types", "types", "value", "query_builder", "backend"],
    &["functions", "expression"],
];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../diesel-redshift/src")
}

fn files_below(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder is read") {
        let path = entry.expect("the entry is read").path();
        if path.is_dir() {
            files_below(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The code of a file without its comments and its tests, which may look anywhere.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("the file is read");
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    text.lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n")
}

fn leading_name(text: &str) -> &str {
    let end = text
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(text.len());
    &text[..end]
}

/// What stands first in each of the paths of `a, b::{c, d}}`, up to the brace that closes.
fn names_in_braces(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let (mut depth, mut is_first) = (0_u32, true);
    for (at, character) in text.char_indices() {
        match character {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => is_first = true,
            _ if is_first && !character.is_whitespace() => {
                names.push(leading_name(&text[at..]));
                is_first = false;
            }
            _ => {}
        }
    }
    names
}

/// The names that follow each `prefix` in `code`.
fn names_after<'a>(code: &'a str, prefix: &str) -> Vec<&'a str> {
    let mut names = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':') {
            continue;
        }
        let rest = &code[at + prefix.len()..];
        match rest.strip_prefix('{') {
            Some(group) => names.extend(names_in_braces(group)),
            None => names.push(leading_name(rest)),
        }
    }
    names
}

/// The modules that the names of the crate's root stand for; of a collection of names, the uppermost.
fn modules_of_root_names() -> BTreeMap<String, String> {
    let root = code(&source().join("lib.rs"));
    let mut modules = BTreeMap::from(
        [
            ("dsl", "functions"),
            ("data_types", "types"),
            ("prelude", "upsert"),
        ]
        .map(|(collection, top)| (collection.to_owned(), top.to_owned())),
    );
    for (at, _) in root.match_indices("pub use ") {
        let path = &root[at + "pub use ".len()..];
        let path = path.strip_prefix("crate::").unwrap_or(path);
        let module = leading_name(path);
        let end = path.find(';').unwrap_or(path.len());
        for name in path[module.len()..end].split(|c: char| !c.is_alphanumeric() && c != '_') {
            modules.insert(name.to_owned(), module.to_owned());
        }
    }
    modules
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

fn is_allowed(from: &str, to: &str) -> bool {
    let beside = BESIDE
        .iter()
        .any(|group| group.contains(&from) && group.contains(&to));
    from == to || beside || layer(to) < layer(from)
}

#[test]
fn nothing_imports_upwards() {
    let root_names = modules_of_root_names();
    let mut files = Vec::new();
    files_below(&source(), &mut files);
    let mut wrong = Vec::new();
    for file in files {
        let relative = file.strip_prefix(source()).expect("it is below").to_owned();
        let path = relative.with_extension("");
        let mut modules: Vec<_> = path.iter().filter_map(|part| part.to_str()).collect();
        if modules.last() == Some(&"mod") {
            modules.pop();
        }
        let from = modules[0];
        if from == "lib" {
            continue;
        }
        if layer(from).is_none() {
            wrong.push(format!("{}: {from} has no layer", relative.display()));
            continue;
        }
        let code = code(&file);
        let to_root = "super::".repeat(modules.len());
        let mut names = names_after(&code, "crate::");
        names.extend(names_after(&code, &to_root));
        for name in names {
            let to = root_names.get(name).map_or(name, String::as_str);
            let is_module =
                to != "super" && to.starts_with(|first: char| first.is_ascii_lowercase());
            if is_module && layer(to).is_none() {
                wrong.push(format!(
                    "{}: {from} uses {to}, which has no layer",
                    relative.display()
                ));
            } else if is_module && !is_allowed(from, to) {
                wrong.push(format!("{}: {from} uses {to} ({name})", relative.display()));
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn imports_are_read() {
    let code = "use crate::{Redshift, sql::{a, b}, copy};\ncrate::error::Error; $crate::unload::x; x::crate::y;";
    assert_eq!(
        names_after(code, "crate::"),
        ["Redshift", "sql", "copy", "error", "unload"]
    );
    assert!(is_allowed("copy", "connection") && !is_allowed("connection", "copy"));
    assert!(is_allowed("types", "query_builder") && !is_allowed("copy", "unload"));
}
