//! Unified diffs: `print_schema.patch_file` is applied to what is printed.

/// A part of a diff: the lines that are there, and those that take their place.
#[derive(Debug, Default)]
struct Hunk<'a> {
    line: usize,
    before: Vec<&'a str>,
    after: Vec<&'a str>,
}

/// The text with the diff applied.
///
/// A hunk is looked for near the line that it names, and its context has to be there as it is in
/// the diff.
pub(crate) fn apply(text: &str, diff: &str) -> Result<String, String> {
    let mut lines: Vec<&str> = text.lines().collect();
    let mut shift = 0_isize;
    for (number, hunk) in (1..).zip(hunks(diff)?) {
        let expected = hunk.line.saturating_sub(1).saturating_add_signed(shift);
        let at = place(&lines, &hunk.before, expected)
            .ok_or_else(|| format!("hunk {number} of the patch does not match what is printed"))?;
        let added = hunk.after.len().cast_signed() - hunk.before.len().cast_signed();
        shift += added + at.cast_signed() - expected.cast_signed();
        lines.splice(at..at + hunk.before.len(), hunk.after);
    }
    let mut out = lines.join("\n");
    if text.ends_with('\n') {
        out.push('\n');
    }
    Ok(out)
}

fn hunks(diff: &str) -> Result<Vec<Hunk<'_>>, String> {
    let mut hunks: Vec<Hunk<'_>> = Vec::new();
    for line in diff.lines() {
        if let Some(head) = line.strip_prefix("@@ -") {
            let digits = head.split([',', ' ']).next().unwrap_or_default();
            let line = digits
                .parse()
                .map_err(|_| format!("the patch has a hunk without a line number: {line:?}"))?;
            hunks.push(Hunk {
                line,
                ..Hunk::default()
            });
            continue;
        }
        let Some(hunk) = hunks.last_mut() else {
            continue;
        };
        let mut characters = line.chars();
        let kind = characters.next();
        let rest = characters.as_str();
        match kind {
            Some('-') if !line.starts_with("--- ") => hunk.before.push(rest),
            Some('+') if !line.starts_with("+++ ") => hunk.after.push(rest),
            // Editors strip the blank of an empty line.
            Some(' ') | None => {
                hunk.before.push(rest);
                hunk.after.push(rest);
            }
            Some('\\') => {}
            _ => {
                return Err(format!(
                    "the patch has a line that is none of a diff: {line:?}"
                ));
            }
        }
    }
    if hunks.is_empty() {
        return Err("the patch has no hunk; expected a unified diff".to_owned());
    }
    Ok(hunks)
}

/// Where the lines stand, nearest to `expected`.
fn place(lines: &[&str], wanted: &[&str], expected: usize) -> Option<usize> {
    let last = lines.len().checked_sub(wanted.len())?;
    let mut places: Vec<usize> = (0..=last).collect();
    places.sort_by_key(|at| at.abs_diff(expected));
    places
        .into_iter()
        .find(|at| &lines[*at..at + wanted.len()] == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIFF: &str = "--- a\n+++ b\n@@ -2,2 +2,3 @@\n b\n-c\n+C\n+D\n@@ -5,1 +6,1 @@\n-e\n+E\n";

    #[test]
    fn a_diff_is_applied_where_its_context_is() {
        assert_eq!(
            apply("a\nb\nc\nd\ne\n", DIFF),
            Ok("a\nb\nC\nD\nd\nE\n".to_owned())
        );
        assert_eq!(
            apply("x\ny\na\nb\nc\nd\ne\n", DIFF),
            Ok("x\ny\na\nb\nC\nD\nd\nE\n".to_owned())
        );
        assert!(apply("a\nb\n", DIFF).is_err_and(|told| told.starts_with("hunk 1 ")));
        assert!(apply("a\n", "nonsense").is_err());
    }
}
