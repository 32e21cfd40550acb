//! The XML of Amazon's answers: elements with text, no attributes, no document types.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;

/// No answer of Amazon's nests this deep.
const DEEPEST: usize = 16;

#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    name: String,
    text: String,
    children: Vec<Element>,
}

impl Element {
    /// Parses a whole document; `None` if it is not well-formed.
    pub(crate) fn parse(document: &str) -> Option<Self> {
        let mut reader = Reader::from_str(document);
        let mut open: Vec<Self> = Vec::new();
        let mut root = None;
        loop {
            match reader.read_event().ok()? {
                Event::Start(start) => {
                    if open.len() == DEEPEST || root.is_some() {
                        return None;
                    }
                    open.push(Self::named(start.local_name().as_ref()));
                }
                Event::Empty(start) => {
                    let element = Self::named(start.local_name().as_ref());
                    close(element, &mut open, &mut root)?;
                }
                Event::End(_) => {
                    let element = open.pop()?;
                    close(element, &mut open, &mut root)?;
                }
                Event::Text(text) => match open.last_mut() {
                    Some(element) => element.text.push_str(&text.xml10_content()),
                    None if text.xml10_content().trim().is_empty() => {}
                    None => return None,
                },
                Event::CData(text) => open.last_mut()?.text.push_str(&text.xml10_content()),
                Event::GeneralRef(reference) => {
                    let element = open.last_mut()?;
                    if reference.is_char_ref() {
                        element.text.push(reference.resolve_char_ref().ok()??);
                    } else {
                        let name = reference.xml10_content();
                        element.text.push_str(resolve_predefined_entity(&name)?);
                    }
                }
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
                // It could define entities.
                Event::DocType(_) => return None,
                Event::Eof => return root.filter(|_| open.is_empty()),
            }
        }
    }

    fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The text of the first child of that name.
    pub(crate) fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str())
    }

    /// The first child of that name.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children_named(name).next()
    }

    pub(crate) fn children_named(&self, name: &str) -> impl Iterator<Item = &Self> {
        self.children.iter().filter(move |child| child.name == name)
    }
}

/// Adds a finished element to its parent.
fn close(element: Element, open: &mut [Element], root: &mut Option<Element>) -> Option<()> {
    match open.last_mut() {
        Some(parent) => parent.children.push(element),
        None if root.is_none() => *root = Some(element),
        None => return None,
    }
    Some(())
}

/// Escapes a text as the content of an element.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_read_with_their_text() {
        let document = "<?xml version=\"1.0\"?>\n<Error xmlns='x'><Code>NoSuchKey</Code><Message> a &amp; b&#33;<![CDATA[<c>]]> \
                        </Message><Empty/></Error>\n";
        let error = Element::parse(document).expect("well-formed");
        assert_eq!(error.name(), "Error");
        assert_eq!(error.text_of("Code"), Some("NoSuchKey"));
        assert_eq!(error.text_of("Message"), Some(" a & b!<c> "));
        assert_eq!(error.text_of("Empty"), Some(""));
        assert_eq!(error.text_of("Other"), None);
        let text = "a<b>&\"'é";
        let element = Element::parse(&format!("<E><K>{}</K></E>", escape(text)));
        assert_eq!(element.expect("well-formed").text_of("K"), Some(text));
    }

    #[test]
    fn what_is_not_well_formed_is_nothing() {
        for document in [
            "",
            "text",
            "<a>",
            "<a><b></a></b>",
            "<a></a><b></b>",
            "<a></a>text",
            "<a>&unknown;</a>",
            "<a>&#x110000;</a>",
            "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
            "<html><body>Bad gateway<br></body></html>",
            "{\"message\": \"no\"}",
        ] {
            assert_eq!(Element::parse(document), None, "{document}");
        }
        let deep = "<a>".repeat(100_000);
        assert_eq!(Element::parse(&deep), None);
    }
}
