//! Relations as Diesel's macros.

mod names;
mod options;
mod same_query;
mod structs;
mod table;

use std::collections::BTreeMap;

pub use self::options::{ColumnSorting, Docs, RustOptions, SameQuery};

use self::names::Names;
use super::column::Column;
use super::relation::{Relation, Schema};

/// A relation and the name of its module.
struct Named<'a> {
    relation: &'a Relation,
    rust_name: String,
    /// The module of its schema, if it has one.
    module: Option<&'a str>,
}

impl Schema {
    /// The relations as `table!`, their foreign keys as `joinable!`, and
    /// `allow_tables_to_appear_in_same_query!`, in the form of `diesel print-schema`.
    ///
    /// Tables of the current schema are at the top level, those of another one in a module with its
    /// name. The types are Diesel's and those of [`sql_types`](crate::sql_types), which a table
    /// imports if it uses one of them.
    ///
    /// `table!` needs a primary key. If a relation has none, its identity column is used, else its
    /// first unique key, else its first column, and a comment says so; [`RustOptions::primary_key`]
    /// chooses another. A column with a type that Diesel has no name for is omitted, and so are
    /// columns beyond the 128 that Diesel's tables can have, and schemas whose names are not valid
    /// in Rust; a comment says that too.
    pub fn to_rust(&self, options: &RustOptions) -> String {
        let mut modules = self.modules(options);
        let mut out = String::from("// @generated automatically by Diesel CLI.\n");
        // `table!` cannot give a schema another name.
        modules.retain(|module, _| {
            let is_rust = module.is_none_or(names::is_rust);
            if let (Some(schema), false) = (module, is_rust) {
                out.push_str(&format!(
                    "\n// Omitted schema {}: its name is not a valid Rust name.\n",
                    schema.escape_debug()
                ));
            }
            is_rust
        });
        let is_single = modules.len() < 2;
        for (module, tables) in &modules {
            let mut body = String::new();
            for named in tables {
                if !body.is_empty() {
                    body.push('\n');
                }
                table::push(&mut body, named, options);
            }
            if is_single {
                let called: Vec<_> = tables.iter().map(|named| named.rust_name.clone()).collect();
                let depth = if module.is_some() { 4 } else { 0 };
                same_query::push(&mut body, tables, &called, options, depth);
            }
            out.push('\n');
            match module {
                Some(module) => {
                    push_module(&mut out, &format!("pub mod {}", module_name(module)), &body)
                }
                None => out.push_str(&body),
            }
        }
        if !is_single {
            let tables: Vec<_> = modules.into_values().flatten().collect();
            push_across(&mut out, &tables, options);
        }
        out
    }

    /// The printed relations, by the module of their schema.
    fn modules(&self, options: &RustOptions) -> BTreeMap<Option<&str>, Vec<Named<'_>>> {
        let mut modules: BTreeMap<Option<&str>, Vec<Named<'_>>> = BTreeMap::new();
        let mut names: BTreeMap<Option<&str>, Names> = BTreeMap::new();
        for relation in &self.relations {
            let is_printed = |column: &Column| column.data_type.diesel_name().is_some();
            let has_columns = relation.columns.iter().any(is_printed);
            if !has_columns || relation.kind.is_view() && !options.include_views {
                continue;
            }
            let module = (!self.is_bare(relation)).then_some(relation.schema.as_str());
            let rust_name = names.entry(module).or_default().add(&relation.name);
            modules.entry(module).or_default().push(Named {
                relation,
                rust_name,
                module,
            });
        }
        modules
    }

    /// Whether a relation's name needs no schema.
    fn is_bare(&self, relation: &Relation) -> bool {
        relation.schema == self.current_schema
            && (self.is_of_current_schema || relation.schema == "public")
    }
}

/// Connects tables of several schemas. The macros take names, not paths, so each is imported here.
fn push_across(out: &mut String, tables: &[Named<'_>], options: &RustOptions) {
    let mut names = Names::default();
    let mut imports = Vec::new();
    let mut called = Vec::new();
    for named in tables {
        let (path, name) = match named.module {
            Some(module) => (
                format!("{}::{}", module_name(module), named.rust_name),
                names.add(&format!("{module}_{}", named.rust_name)),
            ),
            None => (named.rust_name.clone(), names.add(&named.rust_name)),
        };
        let alias = if path == name {
            String::new()
        } else {
            format!(" as {name}")
        };
        imports.push(format!("use super::{path}{alias};\n"));
        called.push(name);
    }
    let mut links = String::new();
    same_query::push(&mut links, tables, &called, options, 4);
    if !links.is_empty() {
        imports.sort();
        out.push_str("\n/// Tables of different schemas in one query.\n");
        push_module(out, "mod across_schemas", &(imports.concat() + &links));
    }
}

fn module_name(schema: &str) -> String {
    Names::default().add(schema)
}

fn push_module(out: &mut String, head: &str, body: &str) {
    out.push_str(&format!("{head} {{\n"));
    for line in body.lines() {
        if !line.is_empty() {
            out.push_str("    ");
            out.push_str(line);
        }
        out.push('\n');
    }
    out.push_str("}\n");
}
