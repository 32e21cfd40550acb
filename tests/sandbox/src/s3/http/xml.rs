//! The little XML that S3 speaks.

/// A text between tags.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\r' => escaped.push_str("&#13;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// `<name>text</name>`
pub(super) fn element(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", escape(text))
}

pub(super) fn document(name: &str, contents: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{name} xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{contents}</{name}>"
    )
}

/// An element with its children, or with its text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) children: Vec<Element>,
}

impl Element {
    pub(super) fn child(&self, name: &str) -> Option<&str> {
        let child = self.children.iter().find(|child| child.name == name)?;
        Some(child.text.trim())
    }

    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }
}

const DEEPEST: usize = 8;

/// The root element of a document; none if it is not well-formed, or has more than elements and text.
pub(super) fn parse(text: &str) -> Option<Element> {
    let mut open = vec![Element::default()];
    let mut rest = text.trim_start_matches('\u{feff}');
    while let Some(start) = rest.find('<') {
        let top = open.last_mut()?;
        top.text.push_str(&unescape(&rest[..start])?);
        let after = &rest[start + 1..];
        let (end, skip) = if after.starts_with("!--") {
            (after.find("-->")?, 3)
        } else {
            (after.find('>')?, 1)
        };
        let tag = &after[..end];
        rest = &after[end + skip..];
        if tag.starts_with('?') || tag.starts_with("!--") {
            continue;
        }
        if tag.starts_with('!') {
            return None;
        }
        if let Some(name) = tag.strip_prefix('/') {
            close(&mut open, name.trim())?;
            continue;
        }
        let (tag, closed) = match tag.strip_suffix('/') {
            Some(tag) => (tag, true),
            None => (tag, false),
        };
        let name = tag.split_ascii_whitespace().next()?;
        if open.len() > DEEPEST {
            return None;
        }
        open.push(Element {
            name: name.to_owned(),
            ..Element::default()
        });
        if closed {
            close(&mut open, name)?;
        }
    }
    let [document] = &mut open[..] else {
        return None;
    };
    (document.children.len() == 1 && document.text.trim().is_empty() && rest.trim().is_empty())
        .then(|| document.children.remove(0))
}

fn close(open: &mut Vec<Element>, name: &str) -> Option<()> {
    let element = open.pop().filter(|element| element.name == name)?;
    open.last_mut()?.children.push(element);
    Some(())
}

fn unescape(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        let end = at + rest[at..].find(';')?;
        let entity = &rest[at + 1..end];
        plain.push(match entity {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            _ => {
                let number = entity.strip_prefix('#')?;
                let code = match number.strip_prefix('x') {
                    Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                    None => number.parse().ok()?,
                };
                char::from_u32(code)?
            }
        });
        rest = &rest[end + 1..];
    }
    plain.push_str(rest);
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_read() {
        let root = parse(
            "<?xml version=\"1.0\"?>\n<Delete xmlns=\"x\"><!-- a > b --><Quiet>true</Quiet>\n\
             <Object><Key>a&amp;b&#x20;&#99;</Key></Object><Object><Key>&lt;x/&gt;</Key><V/></Object></Delete>",
        )
        .expect("a document");
        assert_eq!(root.name, "Delete");
        assert_eq!(root.child("Quiet"), Some("true"));
        let keys: Vec<_> = root
            .all("Object")
            .map(|object| object.child("Key").expect("a key").to_owned())
            .collect();
        assert_eq!(keys, ["a&b c", "<x/>"]);
    }

    #[test]
    fn broken_documents_are_none() {
        for text in [
            "",
            "text",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a>&nbsp;</a>",
            "<a>&</a>",
            "<!DOCTYPE a><a/>",
            "<a><![CDATA[x]]></a>",
            "<a/>x",
            "<",
            "</a>",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        let deep = "<a>".repeat(100) + &"</a>".repeat(100);
        assert_eq!(parse(&deep), None);
    }

    #[test]
    fn what_is_escaped_is_read_back() {
        let text = "a&<>\"'\r\nä";
        let root = parse(&document("R", &element("K", text))).expect("a document");
        assert_eq!(root.children[0].text, text);
    }
}
