//! Finds the archive of PostgreSQL programs that the asset crate of this target carries, for `include_bytes!`.
//!
//! The asset crates export neither a Rust item nor a build variable, so their folder has to be looked for.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

const VERSION: &str = "0.2.7";
const ARCHIVE: &str = "lib/pglite-runtime.tar.zst";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=CARGO_HOME");
    println!("cargo::rustc-check-cfg=cfg(bundled_engine)");

    let Some(package) = asset_package() else {
        return;
    };
    let Some(out) = env::var_os("OUT_DIR").map(PathBuf::from) else {
        return;
    };
    match find_archive(&package) {
        Some(archive) => {
            println!("cargo::rerun-if-changed={}", archive.display());
            let copy = out.join("engine.tar.zst");
            match fs::copy(&archive, &copy) {
                Ok(_) => println!("cargo::rustc-cfg=bundled_engine"),
                Err(error) => println!("cargo::warning=cannot copy {}: {error}", archive.display()),
            }
        }
        None => println!(
            "cargo::warning={package} {VERSION} was not found: the sandbox will need an installed PostgreSQL"
        ),
    }
}

fn asset_package() -> Option<String> {
    let var = |name| env::var(name).unwrap_or_default();
    let target = match (
        &*var("CARGO_CFG_TARGET_OS"),
        &*var("CARGO_CFG_TARGET_ARCH"),
        &*var("CARGO_CFG_TARGET_ENV"),
    ) {
        ("linux", arch @ ("x86_64" | "aarch64"), "gnu") => format!("{arch}-unknown-linux-gnu"),
        ("macos", arch @ ("x86_64" | "aarch64"), _) => format!("{arch}-apple-darwin"),
        _ => return None,
    };
    Some(format!("pglite-rs-lib-{target}"))
}

fn find_archive(package: &str) -> Option<PathBuf> {
    in_registry(package).or_else(|| in_metadata(package))
}

fn in_registry(package: &str) -> Option<PathBuf> {
    let home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::var_os("HOME").map(|home| Path::new(&home).join(".cargo")))?;
    fs::read_dir(home.join("registry/src"))
        .ok()?
        .flatten()
        .map(|index| {
            index
                .path()
                .join(format!("{package}-{VERSION}"))
                .join(ARCHIVE)
        })
        .find(|archive| archive.is_file())
}

/// The slower way, which also knows vendored and replaced sources.
fn in_metadata(package: &str) -> Option<PathBuf> {
    let output = Command::new(env::var_os("CARGO")?)
        .args(["metadata", "--offline", "--format-version", "1"])
        .current_dir(env::var_os("CARGO_MANIFEST_DIR")?)
        .output()
        .ok()?;
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).ok()?;
    metadata["packages"]
        .as_array()?
        .iter()
        .filter(|found| found["name"] == package && found["version"] == VERSION)
        .filter_map(|found| {
            Some(
                Path::new(found["manifest_path"].as_str()?)
                    .parent()?
                    .join(ARCHIVE),
            )
        })
        .find(|archive| archive.is_file())
}
