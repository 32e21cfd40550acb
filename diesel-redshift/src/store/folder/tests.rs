use super::*;

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn store(name: &str) -> (Folder, FolderStore) {
    let path = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    (Folder(path.clone()), FolderStore::new(path))
}

fn at(uri: &str) -> S3Uri {
    S3Uri::parse(uri).expect("a location")
}

fn read(store: &FolderStore, uri: &str) -> Vec<u8> {
    let mut body = Vec::new();
    let mut reader = store.get(&at(uri)).expect("an object");
    reader.read_to_end(&mut body).expect("bytes");
    body
}

#[test]
fn any_key_comes_back() {
    let (_folder, store) = store("any-key");
    let mut keys = vec![
        "a b",
        "a+b",
        "50%",
        "%41",
        "x%object",
        "a//b",
        "a/./b",
        "dir/",
        "täglich/😀.csv",
        "a\\b",
        "a\nb",
        "..a/b..",
        "/leading",
        "?x=1&y#z",
    ];
    for key in &keys {
        store
            .put(&at(&format!("s3://bucket/{key}")), key.as_bytes())
            .expect(key);
    }
    for key in &keys {
        assert_eq!(read(&store, &format!("s3://bucket/{key}")), key.as_bytes());
    }
    keys.sort_unstable();
    let listed = store.list(&at("s3://bucket/")).expect("a list");
    let listed: Vec<_> = listed.iter().map(S3Uri::key).collect();
    assert_eq!(listed, keys);
    let all: Vec<_> = keys
        .iter()
        .map(|key| at(&format!("s3://bucket/{key}")))
        .collect();
    store.delete(&all).expect("deleted");
    store.delete(&all).expect("deleted already");
    assert_eq!(store.list(&at("s3://bucket")).expect("a list"), []);
}

#[test]
fn no_key_finds_another_keys_object() {
    let (_folder, store) = store("no-other-object");
    store.put(&at("s3://bucket/a%"), b"x").expect("put");
    store.put(&at("s3://bucket/b"), b"x").expect("put");
    store.put(&at("s3://bucket/b/c"), b"x").expect("put");
    for other in ["a%25", "b%object", "a%2525"] {
        let location = at(&format!("s3://bucket/{other}"));
        let gone = store.get(&location).err().expect(other);
        assert_eq!(gone.kind(), StoreErrorKind::NotFound);
        store.delete(&[location]).expect("deleted already");
    }
    assert_eq!(store.list(&at("s3://bucket/")).expect("a list").len(), 3);
}

#[test]
fn empty_folders_go_with_their_last_object() {
    let (folder, store) = store("empty-folders");
    let keys = [
        "s3://bucket/a/b/one",
        "s3://bucket/a/b/two",
        "s3://bucket/c",
    ]
    .map(at);
    for key in &keys {
        store.put(key, b"x").expect("put");
    }
    store.delete(&keys[..1]).expect("deleted");
    assert!(folder.0.join("bucket/a/b").exists());
    store.delete(&keys[1..]).expect("deleted");
    assert!(!folder.0.join("bucket/a").exists());
    assert!(folder.0.join("bucket").exists());
    std::thread::scope(|scope| {
        for number in 0..4 {
            let (store, key) = (&store, at(&format!("s3://bucket/x/y/{number}")));
            scope.spawn(move || {
                for _ in 0..200 {
                    store.put(&key, b"x").expect("put");
                    store.delete(std::slice::from_ref(&key)).expect("deleted");
                }
            });
        }
    });
}

#[test]
fn nothing_leaves_the_folder() {
    let (folder, store) = store("nothing-leaves");
    for uri in [
        "s3://bucket/../key",
        "s3://bucket/a/../../../key",
        "s3://bucket/..",
        "s3://.../key",
        "s3://.unfinished/key",
        "s3://bucket/",
        "s3://bucket",
    ] {
        let location = at(uri);
        let refused = store.put(&location, b"x").expect_err(uri);
        assert_eq!(refused.kind(), StoreErrorKind::Refused, "{refused}");
        assert!(store.get(&location).is_err(), "{uri}");
        assert!(store.delete(&[location]).is_err(), "{uri}");
    }
    assert!(!folder.0.exists());
}

#[test]
fn an_object_may_have_the_name_of_a_folder() {
    let (_folder, store) = store("object-and-folder");
    for (uri, body) in [
        ("s3://bucket/a", "first"),
        ("s3://bucket/a/b", "second"),
        ("s3://bucket/a", "third"),
    ] {
        store.put(&at(uri), body.as_bytes()).expect(uri);
    }
    assert_eq!(read(&store, "s3://bucket/a"), b"third");
    assert_eq!(read(&store, "s3://bucket/a/b"), b"second");
    assert_eq!(
        store.list(&at("s3://bucket/a")).expect("a list"),
        [at("s3://bucket/a"), at("s3://bucket/a/b")]
    );
}

#[test]
fn what_fails_leaves_nothing_unfinished() {
    let (folder, store) = store("nothing-unfinished");
    let long = at(&format!("s3://bucket/{}", "k".repeat(300)));
    store.put(&long, b"x").expect_err("a name of 300 bytes");
    let large = vec![0; super::super::LARGEST_BODY + 1];
    let refused = store.put(&at("s3://bucket/k"), &large).expect_err("large");
    assert_eq!(
        refused.to_string(),
        "s3://bucket/k: invalid length of a body: 67108865 bytes; expected 0 to 67108864; nothing was written"
    );
    let left = fs::read_dir(folder.0.join(UNFINISHED)).expect("the folder");
    assert_eq!(left.count(), 0);
    let gone = store.get(&at("s3://bucket/k")).err().expect("no object");
    assert_eq!(gone.kind(), StoreErrorKind::NotFound);
}

#[test]
fn the_first_failure_is_told_and_the_others_counted() {
    let (_folder, store) = store("first-failure");
    store.put(&at("s3://bucket/k"), b"x").expect("put");
    let failed = store
        .delete(&[
            at("s3://bucket/../a"),
            at("s3://bucket/k"),
            at("s3://bucket/../b"),
        ])
        .expect_err("refused");
    assert_eq!(
        (failed.location(), failed.others()),
        ("s3://bucket/../a", 1)
    );
    assert!(failed.to_string().ends_with("(and 1 other object)"));
    assert_eq!(store.list(&at("s3://bucket/")).expect("a list"), []);
}
