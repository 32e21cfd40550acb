//! How far a command is: a bar on a terminal, a line now and then elsewhere, both on standard
//! error.

use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output;

/// The time between two lines.
const EVERY: Duration = Duration::from_secs(5);

/// One step of a command, such as an upload.
pub(crate) struct Progress {
    what: &'static str,
    bar: Option<ProgressBar>,
    total: u64,
    is_quiet: bool,
    told: Instant,
}

impl Progress {
    /// A step of so many bytes, 0 if that is not known.
    pub(crate) fn of_bytes(what: &'static str, total: u64, is_quiet: bool) -> Self {
        let bar = (!is_quiet && stderr().is_terminal()).then(|| {
            let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
            bar.set_style(style(total > 0));
            bar.set_prefix(what);
            bar
        });
        Self {
            what,
            bar,
            total,
            is_quiet,
            told: Instant::now(),
        }
    }

    /// Tells how far it is; `total` may be known only now.
    pub(crate) fn set(&mut self, bytes: u64, total: u64, rows: u64) {
        if total != self.total {
            self.total = total;
            if let Some(bar) = &self.bar {
                bar.set_length(total);
                bar.set_style(style(total > 0));
            }
        }
        let rows = if rows > 0 {
            format!("{} rows", HumanCount(rows))
        } else {
            String::new()
        };
        if let Some(bar) = &self.bar {
            bar.set_message(rows);
            bar.set_position(bytes);
        } else if !self.is_quiet && self.told.elapsed() >= EVERY {
            self.told = Instant::now();
            let of = if total > 0 {
                format!(" of {}", HumanBytes(total))
            } else {
                String::new()
            };
            let line = format!("{}: {}{of} {rows}", self.what, HumanBytes(bytes));
            output::aside(line.trim_end());
        }
    }

    pub(crate) fn add(&mut self, bytes: u64) {
        let before = self.bar.as_ref().map_or(0, ProgressBar::position);
        self.set(before + bytes, self.total, 0);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn style(has_total: bool) -> ProgressStyle {
    let template = if has_total {
        "{prefix:>10} [{bar:30}] {bytes}/{total_bytes} {bytes_per_sec} {eta} left {msg}"
    } else {
        "{prefix:>10} {spinner} {bytes} {bytes_per_sec} {msg}"
    };
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
}
