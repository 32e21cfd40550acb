//! The trees in which PostgreSQL keeps the queries of views: `{VAR :varno 1 :vartype 1043 …}`.

/// What stands behind a field's name.
#[derive(Debug)]
pub(super) enum Value<'a> {
    Atom(&'a str),
    List(Vec<Value<'a>>),
    Node(Node<'a>),
}

#[derive(Debug)]
pub(super) struct Node<'a> {
    pub(super) name: &'a str,
    fields: Vec<(&'a str, Vec<Value<'a>>)>,
}

/// Deeper than any query that is written.
const DEEPEST: usize = 4000;

impl<'a> Node<'a> {
    /// The first query in a view's rule.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let mut words = Words(text);
        words.next().filter(|word| *word == "(")?;
        words.next().filter(|word| *word == "{")?;
        words.node(0)
    }

    fn values(&self, field: &str) -> &[Value<'a>] {
        let found = self.fields.iter().find(|(name, _)| *name == field);
        found.map_or(&[], |(_, values)| values)
    }

    pub(super) fn atom(&self, field: &str) -> Option<&'a str> {
        match self.values(field) {
            [Value::Atom(atom)] => Some(atom),
            _ => None,
        }
    }

    pub(super) fn number(&self, field: &str) -> Option<i64> {
        self.atom(field)?.parse().ok()
    }

    pub(super) fn node(&self, field: &str) -> Option<&Node<'a>> {
        match self.values(field) {
            [Value::Node(node)] => Some(node),
            _ => None,
        }
    }

    pub(super) fn list(&self, field: &str) -> impl Iterator<Item = &Node<'a>> {
        let items = match self.values(field) {
            [Value::List(items)] => &items[..],
            _ => &[],
        };
        items.iter().filter_map(|item| match item {
            Value::Node(node) => Some(node),
            _ => None,
        })
    }

    /// The bytes of a constant: `8 [ 32 0 0 0 … ]`.
    pub(super) fn bytes(&self, field: &str) -> Vec<u8> {
        let atoms = self.values(field).iter().filter_map(|value| match value {
            Value::Atom(atom) => atom.parse::<i16>().ok(),
            _ => None,
        });
        atoms.skip(1).map(|byte| byte as u8).collect()
    }
}

struct Words<'a>(&'a str);

impl<'a> Iterator for Words<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let text = self.0.trim_start();
        let mut end = 0;
        let mut bytes = text.bytes();
        while let Some(byte) = bytes.next() {
            match byte {
                b'\\' => end += bytes.next().map_or(1, |_| 2),
                b' ' | b'\n' | b'\t' => break,
                b'(' | b')' | b'{' | b'}' if end == 0 => {
                    end = 1;
                    break;
                }
                b'(' | b')' | b'{' | b'}' => break,
                _ => end += 1,
            }
        }
        let (word, rest) = text.split_at_checked(end).filter(|_| end > 0)?;
        self.0 = rest;
        Some(word)
    }
}

impl<'a> Words<'a> {
    /// What follows `{`.
    fn node(&mut self, depth: usize) -> Option<Node<'a>> {
        let mut node = Node {
            name: self.next()?,
            fields: Vec::new(),
        };
        loop {
            match self.next()? {
                "}" => return Some(node),
                word => match word.strip_prefix(':') {
                    Some(name) => node.fields.push((name, Vec::new())),
                    None => {
                        let value = self.value(word, depth)?;
                        node.fields.last_mut()?.1.push(value);
                    }
                },
            }
        }
    }

    fn value(&mut self, word: &'a str, depth: usize) -> Option<Value<'a>> {
        if depth > DEEPEST {
            return None;
        }
        match word {
            "{" => self.node(depth + 1).map(Value::Node),
            "(" => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        ")" => return Some(Value::List(items)),
                        word => items.push(self.value(word, depth + 1)?),
                    }
                }
            }
            atom => Some(Value::Atom(atom)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_taken_apart() {
        let text = "({QUERY :targetList ({TARGETENTRY :expr {CONST :consttype 25 :constvalue 5 [ 20 0 0 0 -61 ]} \
                    :resno 1 :resname a\\ \\{b}) :cteList <> :x (i 1 2) :hasAggs false})";
        let query = Node::parse(text).expect("a query");
        assert_eq!(query.name, "QUERY");
        let target = query.list("targetList").next().expect("a target");
        assert_eq!(target.number("resno"), Some(1));
        assert_eq!(target.atom("resname"), Some("a\\ \\{b"));
        let value = target.node("expr").expect("a constant");
        assert_eq!(value.bytes("constvalue"), [20, 0, 0, 0, 195]);
        assert_eq!(query.atom("hasAggs"), Some("false"));
        for broken in [
            "",
            "(",
            "({QUERY",
            "({QUERY :a",
            "({QUERY b})",
            "({QUERY :a (}",
            "({QUERY :a \\",
        ] {
            assert!(Node::parse(broken).is_none(), "{broken}");
        }
    }
}
