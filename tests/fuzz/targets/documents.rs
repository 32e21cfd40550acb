//! The manifest that an UNLOAD wrote, which becomes one that a COPY reads.
#![no_main]

use diesel_redshift::copy::LoadManifest;
use diesel_redshift::unload::UnloadManifest;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(manifest) = UnloadManifest::parse(data) else {
        return;
    };
    let json = LoadManifest::from(&manifest).to_json();
    let again = UnloadManifest::parse(json.as_bytes()).expect("a manifest is one");
    let urls = |manifest: &UnloadManifest| -> Vec<_> {
        let parts =
            |file: &diesel_redshift::unload::UnloadedFile| (file.url.clone(), file.content_length);
        manifest.files.iter().map(parts).collect()
    };
    assert_eq!(urls(&again), urls(&manifest));
});
