//! What a `schema.rs` says: the tables of its `table!`, and its `joinable!`.

use std::iter::Peekable;
use std::str::CharIndices;

use diesel_redshift::reflection::DataType;

/// A table that is declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Declared {
    pub(super) schema: Option<String>,
    pub(super) name: String,
    /// What its module is called, as `joinable!` has it.
    pub(super) rust_name: String,
    pub(super) primary_key: Vec<String>,
    pub(super) columns: Vec<DeclaredColumn>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DeclaredColumn {
    pub(super) name: String,
    pub(super) rust_name: String,
    /// The type, its length and precision as far as they are said; `None` for a type that
    /// Redshift's columns have not.
    pub(super) data_type: Option<DataType>,
    pub(super) type_name: String,
    pub(super) is_nullable: bool,
}

/// `joinable!(child -> parent (column))`, by names of Rust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Joinable {
    pub(super) child: String,
    pub(super) parent: String,
    pub(super) column: String,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct SchemaFile {
    pub(super) tables: Vec<Declared>,
    pub(super) joinable: Vec<Joinable>,
}

/// A piece of Rust, as far as the macros need it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Name(String),
    Text(String),
    Symbol(char),
}

impl SchemaFile {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let tokens = tokens(text)?;
        let mut file = Self::default();
        let mut at = 0;
        while at < tokens.len() {
            let name = match &tokens[at..] {
                [
                    Token::Name(name),
                    Token::Symbol('!'),
                    Token::Symbol('{' | '('),
                    ..,
                ] => name,
                _ => {
                    at += 1;
                    continue;
                }
            };
            let end = end_of_group(&tokens, at + 2)?;
            let mut body = Body(&tokens[at + 3..end]);
            match name.as_str() {
                "table" => file.tables.push(body.table()?),
                "joinable" => file.joinable.push(body.joinable()?),
                _ => {}
            }
            at = end + 1;
        }
        Ok(file)
    }
}

/// Where the bracket at `open` closes.
fn end_of_group(tokens: &[Token], open: usize) -> Result<usize, String> {
    let mut depth = 0_u32;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token {
            Token::Symbol('{' | '(' | '[') => depth += 1,
            Token::Symbol('}' | ')' | ']') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Ok(at);
                }
            }
            _ => {}
        }
    }
    Err("a macro does not end".to_owned())
}

/// The tokens within a macro, the next one first.
struct Body<'a>(&'a [Token]);

/// What attributes say of what follows them.
#[derive(Default)]
struct Attributes {
    sql_name: Option<String>,
    max_length: Option<u32>,
}

impl Body<'_> {
    fn next(&mut self) -> Option<Token> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first.clone())
    }

    fn takes(&mut self, symbol: char) -> bool {
        let is_next = self.0.first() == Some(&Token::Symbol(symbol));
        if is_next {
            self.0 = &self.0[1..];
        }
        is_next
    }

    fn name(&mut self) -> Result<String, String> {
        match self.next() {
            Some(Token::Name(name)) => Ok(name),
            other => Err(format!("a name was expected, not {other:?}")),
        }
    }

    fn expect(&mut self, symbol: char) -> Result<(), String> {
        match self.next() {
            Some(Token::Symbol(found)) if found == symbol => Ok(()),
            other => Err(format!("`{symbol}` was expected, not {other:?}")),
        }
    }

    fn attributes(&mut self) -> Result<Attributes, String> {
        let mut attributes = Attributes::default();
        while self.takes('#') {
            let end = end_of_group(self.0, 0)?;
            match &self.0[1..end] {
                [Token::Name(name), Token::Symbol('='), Token::Text(text)]
                    if name == "sql_name" =>
                {
                    attributes.sql_name = Some(text.clone());
                }
                [Token::Name(name), Token::Symbol('='), Token::Name(length)]
                    if name == "max_length" =>
                {
                    attributes.max_length = length.parse().ok();
                }
                _ => {}
            }
            self.0 = &self.0[end + 1..];
        }
        Ok(attributes)
    }

    fn table(&mut self) -> Result<Declared, String> {
        while self.0.first() == Some(&Token::Name("use".to_owned())) {
            while !self.takes(';') {
                self.next().ok_or("a `use` does not end")?;
            }
        }
        let attributes = self.attributes()?;
        let mut rust_name = self.name()?;
        let mut schema = None;
        if self.takes('.') {
            schema = Some(std::mem::replace(&mut rust_name, self.name()?));
        }
        let mut key = Vec::new();
        if self.takes('(') {
            while !self.takes(')') {
                key.push(self.name()?);
                self.takes(',');
            }
        } else {
            key.push("id".to_owned());
        }
        self.expect('{')?;
        let mut columns = Vec::new();
        while !self.takes('}') {
            columns.push(self.column()?);
        }
        let sql_name = |name: String| {
            let column = columns
                .iter()
                .find(|column: &&DeclaredColumn| column.rust_name == name);
            column.map_or(name, |column| column.name.clone())
        };
        Ok(Declared {
            schema,
            name: attributes.sql_name.unwrap_or_else(|| rust_name.clone()),
            rust_name,
            primary_key: key.into_iter().map(sql_name).collect(),
            columns,
        })
    }

    fn column(&mut self) -> Result<DeclaredColumn, String> {
        let attributes = self.attributes()?;
        let rust_name = self.name()?;
        self.expect('-')?;
        self.expect('>')?;
        let mut type_name = self.path()?;
        let mut is_nullable = false;
        if type_name == "Nullable" {
            self.expect('<')?;
            is_nullable = true;
            type_name = self.path()?;
            self.expect('>')?;
        }
        self.takes(',');
        Ok(DeclaredColumn {
            name: attributes.sql_name.unwrap_or_else(|| rust_name.clone()),
            rust_name,
            data_type: data_type(&type_name, attributes.max_length),
            type_name,
            is_nullable,
        })
    }

    /// The last name of a path.
    fn path(&mut self) -> Result<String, String> {
        let mut name = self.name()?;
        while self.takes(':') {
            self.expect(':')?;
            name = self.name()?;
        }
        Ok(name)
    }

    fn joinable(&mut self) -> Result<Joinable, String> {
        let child = self.path()?;
        self.expect('-')?;
        self.expect('>')?;
        let parent = self.path()?;
        self.expect('(')?;
        let column = self.name()?;
        Ok(Joinable {
            child,
            parent,
            column,
        })
    }
}

/// The type of a column, by any of the names that Diesel and this crate have for it.
fn data_type(name: &str, max_length: Option<u32>) -> Option<DataType> {
    Some(match name {
        "SmallInt" | "Smallint" | "Int2" => DataType::SmallInt,
        "Integer" | "Int4" => DataType::Integer,
        "BigInt" | "Bigint" | "Int8" => DataType::BigInt,
        "Numeric" | "Decimal" => DataType::Decimal {
            precision: 0,
            scale: 0,
        },
        "Float" | "Float4" => DataType::Real,
        "Double" | "Float8" => DataType::Double,
        "Bool" => DataType::Boolean,
        "Text" | "Varchar" | "VarChar" => DataType::Varchar(max_length),
        "Uuid" => DataType::Varchar(Some(36)),
        "Bpchar" | "Char" => DataType::Char(max_length.unwrap_or(1)),
        "Binary" | "Bytea" => DataType::Varbyte(None),
        "Date" => DataType::Date,
        "Time" => DataType::Time,
        "Timetz" => DataType::Timetz,
        "Timestamp" => DataType::Timestamp,
        "Timestamptz" => DataType::Timestamptz,
        "IntervalYearToMonth" => DataType::IntervalYearToMonth,
        "IntervalDayToSecond" => DataType::IntervalDayToSecond(6),
        "Super" => DataType::Super,
        "Geometry" => DataType::Geometry,
        "Geography" => DataType::Geography,
        "HllSketch" => DataType::HllSketch,
        _ => return None,
    })
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let after = &text[at + character.len_utf8()..];
        match character {
            '/' if after.starts_with('/') => {
                while characters.next_if(|(_, next)| *next != '\n').is_some() {}
            }
            '/' if after.starts_with('*') => {
                let end = after.find("*/").ok_or("a comment does not end")?;
                skip_to(&mut characters, at + 1 + end + 2);
            }
            '"' => {
                let mut value = String::new();
                loop {
                    match characters.next().ok_or("a text does not end")?.1 {
                        '"' => break,
                        '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
                        other => value.push(other),
                    }
                }
                tokens.push(Token::Text(value));
            }
            'r' if after.starts_with(['"', '#'])
                && after.trim_start_matches('#').starts_with('"') =>
            {
                let hashes = after.len() - after.trim_start_matches('#').len();
                let end = format!("\"{}", "#".repeat(hashes));
                let body = &after[hashes + 1..];
                let length = body.find(&end).ok_or("a text does not end")?;
                tokens.push(Token::Text(body[..length].to_owned()));
                skip_to(&mut characters, at + 1 + hashes + 1 + length + end.len());
            }
            character if character.is_alphanumeric() || character == '_' => {
                let mut name = String::from(character);
                while let Some((_, next)) =
                    characters.next_if(|(_, next)| next.is_alphanumeric() || *next == '_')
                {
                    name.push(next);
                }
                tokens.push(Token::Name(name));
            }
            character if character.is_whitespace() => {}
            character => tokens.push(Token::Symbol(character)),
        }
    }
    Ok(tokens)
}

fn skip_to(characters: &mut Peekable<CharIndices<'_>>, end: usize) {
    while characters.next_if(|(at, _)| *at < end).is_some() {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_read_as_print_schema_writes_them() {
        let file = SchemaFile::parse(
            "// table! { no }\ndiesel::table! {\n use diesel::sql_types::*;\n /// Docs {\n #[sql_name = r#\"a \"b\" \"#]\n \
             sales.a_b (id, line) {\n #[max_length = 20]\n #[sql_name = \"the line\"]\n line -> Nullable<Varchar>,\n \
             id -> diesel::sql_types::BigInt,\n }\n}\ndiesel::joinable!(a_b -> users (id));\n",
        );
        let file = file.unwrap_or_else(|problem| panic!("{problem}"));
        let table = &file.tables[0];
        assert_eq!(table.schema.as_deref(), Some("sales"));
        assert_eq!(table.name, "a \"b\" ");
        assert_eq!(table.primary_key, ["id", "the line"]);
        assert_eq!(
            table.columns[0].data_type,
            Some(DataType::Varchar(Some(20)))
        );
        assert!(table.columns[0].is_nullable && !table.columns[1].is_nullable);
        assert_eq!(table.columns[1].data_type, Some(DataType::BigInt));
        assert_eq!(file.joinable[0].parent, "users");
    }

    #[test]
    fn what_does_not_parse_is_told() {
        for text in [
            "table! { a (id) { id BigInt } }",
            "table! { a (id) {",
            "/* table",
        ] {
            assert!(SchemaFile::parse(text).is_err(), "{text}");
        }
    }
}
