//! Which schemas and tables are selected; the conditions are part of the queries, and their texts
//! are bound.

/// Which relations are loaded.
///
/// Names and expressions are compared with the catalog, which is in lower case unless
/// `enable_case_sensitive_identifier` is on. A regular expression is Redshift's (POSIX, the
/// operator `~`), and matches anywhere in the name unless it has `^` and `$`.
///
/// ```
/// use diesel_redshift::reflection::Filter;
///
/// let filter = Filter::schemas(["sales", "public"]).only_tables(["^fact_", "^dim_"]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    schemas: Schemas,
    tables: Tables,
    without_views: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum Schemas {
    #[default]
    Current,
    Named(Vec<String>),
    All,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum Tables {
    #[default]
    All,
    Only(Vec<String>),
    Except(Vec<String>),
}

/// A condition, and the texts of its parameters.
#[derive(Debug, Default)]
pub(super) struct Condition {
    pub(super) sql: String,
    pub(super) binds: Vec<String>,
}

impl Filter {
    /// The relations of the connection's current schema.
    pub fn current_schema() -> Self {
        Self::default()
    }

    /// The relations of the schemas with these names; if there are none, those of the current
    /// schema.
    pub fn schemas<S: Into<String>>(schemas: impl IntoIterator<Item = S>) -> Self {
        let schemas: Vec<_> = schemas.into_iter().map(Into::into).collect();
        Self {
            schemas: if schemas.is_empty() {
                Schemas::Current
            } else {
                Schemas::Named(schemas)
            },
            ..Self::default()
        }
    }

    /// The relations of all schemas but those of the catalogs and of temporary tables.
    pub fn all_schemas() -> Self {
        Self {
            schemas: Schemas::All,
            ..Self::default()
        }
    }

    /// Only those whose name matches one of these regular expressions; replaces an earlier choice.
    pub fn only_tables<S: Into<String>>(
        mut self,
        expressions: impl IntoIterator<Item = S>,
    ) -> Self {
        self.tables = Tables::Only(expressions.into_iter().map(Into::into).collect());
        self
    }

    /// All but those whose name matches one of these regular expressions; replaces an earlier
    /// choice.
    pub fn except_tables<S: Into<String>>(
        mut self,
        expressions: impl IntoIterator<Item = S>,
    ) -> Self {
        self.tables = Tables::Except(expressions.into_iter().map(Into::into).collect());
        self
    }

    /// Omits views, including late-binding and materialized ones.
    pub fn without_views(mut self) -> Self {
        self.without_views = true;
        self
    }

    pub(super) fn has_views(&self) -> bool {
        !self.without_views
    }

    /// The names of the schemas, if they are known.
    pub(super) fn named_schemas(&self) -> Option<&[String]> {
        match &self.schemas {
            Schemas::Named(schemas) => Some(schemas),
            _ => None,
        }
    }

    /// Whether the selected schemas may include external ones.
    pub(super) fn may_have_external(&self) -> bool {
        self.schemas != Schemas::Current
    }

    /// The condition on a schema's name.
    pub(super) fn schema_condition(&self, schema: &str) -> Condition {
        match &self.schemas {
            Schemas::Current => Condition::of(format!("{schema} = current_schema()")),
            Schemas::Named(schemas) => Condition::any_of(schema, schemas),
            Schemas::All => Condition::of(format!(
                "{schema} NOT IN ('pg_catalog', 'information_schema', 'pg_internal', 'pg_toast', 'pg_automv') \
                 AND {schema} !~ '^pg_temp_' AND {schema} !~ '^pg_toast_temp_'"
            )),
        }
    }

    /// The condition on a schema's and a relation's name. Tables that belong to Diesel or to a
    /// materialized view are omitted.
    pub(super) fn condition(&self, schema: &str, name: &str) -> Condition {
        let mut condition = self.schema_condition(schema);
        condition.sql.push_str(&format!(
            " AND {name} !~ '^__diesel_' AND {name} !~ '^mv_tbl__'"
        ));
        let (expressions, is_except) = match &self.tables {
            Tables::All => return condition,
            Tables::Only(expressions) => (expressions, false),
            Tables::Except(expressions) => (expressions, true),
        };
        if expressions.is_empty() {
            if !is_except {
                condition.sql.push_str(" AND false");
            }
            return condition;
        }
        let matches: Vec<_> = expressions
            .iter()
            .map(|expression| format!("{name} ~ {}", condition.bind(expression)))
            .collect();
        let not = if is_except { "NOT " } else { "" };
        condition
            .sql
            .push_str(&format!(" AND {not}({})", matches.join(" OR ")));
        condition
    }
}

impl Condition {
    fn of(sql: String) -> Self {
        Self {
            sql,
            binds: Vec::new(),
        }
    }

    /// Also requires that the expression is one of these texts.
    pub(super) fn and_any_of(mut self, expression: &str, texts: &[String]) -> Self {
        let places: Vec<_> = texts.iter().map(|text| self.bind(text)).collect();
        self.sql
            .push_str(&format!(" AND {expression} IN ({})", places.join(", ")));
        self
    }

    /// Requires that the expression is one of these texts.
    pub(super) fn any_of(expression: &str, texts: &[String]) -> Self {
        let mut condition = Self::default();
        let places: Vec<_> = texts.iter().map(|text| condition.bind(text)).collect();
        condition.sql = format!("{expression} IN ({})", places.join(", "));
        condition
    }

    fn bind(&mut self, text: &str) -> String {
        self.binds.push(text.to_owned());
        format!("${}", self.binds.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_bound() {
        let condition = Filter::schemas(["a", "b'"])
            .except_tables(["^x", "y$"])
            .condition("n", "c");
        assert_eq!(
            condition.sql,
            "n IN ($1, $2) AND c !~ '^__diesel_' AND c !~ '^mv_tbl__' AND NOT (c ~ $3 OR c ~ $4)"
        );
        assert_eq!(condition.binds, ["a", "b'", "^x", "y$"]);
        let none: [&str; 0] = [];
        assert!(
            Filter::current_schema()
                .only_tables(none)
                .condition("n", "c")
                .sql
                .ends_with(" AND false")
        );
    }
}
