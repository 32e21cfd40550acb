//! A cluster to copy, for processes that start several sandboxes: copying takes a fraction of initdb's time.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::account::Account;
use super::os;
use super::watcher::Watcher;
use crate::Error;

/// What this process has started so far. It never outlives the process: a template cannot be stale.
static TEMPLATES: Mutex<Templates> = Mutex::new(Templates {
    first: true,
    known: Vec::new(),
});

struct Templates {
    /// Most processes start one sandbox only, which is served faster without a template.
    first: bool,
    known: Vec<Template>,
}

struct Template {
    engine: String,
    superuser: String,
    data: PathBuf,
    /// Removes the folder when the process ends.
    _watcher: Watcher,
}

/// Fills `data` with a new cluster, by `init` or by a copy of what `init` made before.
pub(super) fn make(
    engine: &str,
    superuser: &str,
    account: Account,
    data: &Path,
    folder: impl Fn() -> Result<PathBuf, Error>,
    init: impl Fn(&Path) -> Result<(), Error>,
) -> Result<(), Error> {
    // Who comes second waits: it will have to copy what the first one makes.
    let mut templates = TEMPLATES.lock().unwrap_or_else(PoisonError::into_inner);
    if std::mem::take(&mut templates.first) {
        drop(templates);
        return init(data);
    }
    let known = templates
        .known
        .iter()
        .find(|template| template.engine == engine && template.superuser == superuser);
    let template = match known {
        Some(template) => template.data.clone(),
        None => {
            let folder = folder()?;
            let template = folder.join("data");
            let watcher = Watcher::start(&folder, &template)?;
            init(&template)?;
            templates.known.push(Template {
                engine: engine.to_owned(),
                superuser: superuser.to_owned(),
                data: template.clone(),
                _watcher: watcher,
            });
            template
        }
    };
    drop(templates);
    copy(&template, data, account)
}

fn copy(from: &Path, to: &Path, account: Account) -> Result<(), Error> {
    let failed = |path: &Path| Error::io("cannot copy", path.to_path_buf());
    for entry in fs::read_dir(from).map_err(failed(from))? {
        let entry = entry.map_err(failed(from))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            fs::create_dir(&target).map_err(failed(&target))?;
            os::set_mode(&target, 0o700).map_err(failed(&target))?;
            account.own(&target)?;
            copy(&source, &target, account)?;
        } else {
            fs::copy(&source, &target).map_err(failed(&source))?;
            account.own(&target)?;
        }
    }
    Ok(())
}
