//! Prepared statements, and the bounded cache that holds them.

use std::any::TypeId;
use std::collections::{HashMap, VecDeque};
use std::ffi::CString;
use std::hash::BuildHasher;
use std::mem;
use std::sync::{Arc, OnceLock};

use diesel::connection::DebugQuery;
use diesel::connection::statement_cache::QueryFragmentForCachedStatement;
use diesel::query_builder::{QueryFragment, QueryId};
use diesel::result::QueryResult;

use super::batch::settings_keep_plans;
use crate::Redshift;
use crate::query_builder::RedshiftBindCollector;
use crate::query_builder::parameters::typed;
use crate::query_builder::refuse_default;

/// Any query, without its type, so that the code that runs it exists once.
pub(crate) trait AnyQuery: QueryFragmentForCachedStatement<Redshift> {
    fn type_id(&self) -> Option<TypeId>;

    fn binds(&self) -> QueryResult<RedshiftBindCollector>;

    fn show(&self, to: &mut dyn FnMut(&dyn DebugQuery));
}

impl<T> AnyQuery for T
where
    T: QueryFragment<Redshift> + QueryId,
{
    fn type_id(&self) -> Option<TypeId> {
        T::query_id()
    }

    fn binds(&self) -> QueryResult<RedshiftBindCollector> {
        let mut binds = RedshiftBindCollector::new();
        self.collect_binds(&mut binds, &mut (), &Redshift)?;
        Ok(binds)
    }

    fn show(&self, to: &mut dyn FnMut(&dyn DebugQuery)) {
        to(&diesel::debug_query::<Redshift, _>(self));
    }
}

/// What identifies the text of a query.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    /// The type of the query determines all of its text but the values that are written in it.
    Type { id: TypeId, literals: Vec<u8> },
    /// The text, with the types of its parameters.
    Text { sql: String, types: Vec<u32> },
}

/// What to send for a query.
pub(crate) enum Statement {
    /// It is prepared on the server.
    Prepared(Arc<Prepared>),
    /// It is to be prepared, then cached under the key.
    ToPrepare {
        key: Key,
        prepared: Prepared,
        sql: String,
    },
    /// It is sent with its text.
    Unnamed(String),
}

/// A statement that the server knows by name.
pub(crate) struct Prepared {
    pub(crate) name: CString,
    /// The OIDs of its columns' types, once the server was asked.
    pub(crate) columns: OnceLock<Box<[u32]>>,
}

impl Prepared {
    fn new(name: CString) -> Self {
        Self {
            name,
            columns: OnceLock::new(),
        }
    }
}

/// The longest text that is prepared because it repeats: the server keeps a multiple of it for each
/// statement.
const LONGEST_REPEATED: usize = 64 * 1024;

/// How many texts are remembered to notice when one repeats.
const LATEST: usize = 32;

/// The statements that are prepared on the server.
///
/// Diesel's own cache has no bound, and the server's memory does.
pub(crate) struct StatementCache {
    prepared: HashMap<Key, CachedStatement>,
    capacity: usize,
    counter: u64,
    /// What the server still knows and this cache no longer does.
    evicted: Vec<Arc<Prepared>>,
    /// Hashes of the latest keys whose statements were sent unprepared and may repeat.
    latest: VecDeque<u64>,
}

struct CachedStatement {
    statement: Arc<Prepared>,
    last_used: u64,
}

impl StatementCache {
    pub(crate) const DEFAULT_CAPACITY: usize = 256;

    pub(crate) fn new() -> Self {
        Self {
            prepared: HashMap::new(),
            capacity: Self::DEFAULT_CAPACITY,
            counter: 0,
            evicted: Vec::new(),
            latest: VecDeque::new(),
        }
    }

    pub(crate) fn set_capacity(&mut self, capacity: usize) {
        self.capacity = capacity;
        self.make_room(0);
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.prepared.len()
    }

    pub(crate) fn statement(
        &mut self,
        query: &dyn AnyQuery,
        binds: &RedshiftBindCollector,
    ) -> QueryResult<Statement> {
        self.counter += 1;
        let text = || {
            let sql = query.construct_sql(&Redshift)?;
            refuse_default(&sql)?;
            QueryResult::Ok(typed(sql, binds))
        };
        if self.capacity == 0 {
            return Ok(Statement::Unnamed(text()?));
        }
        let type_id = AnyQuery::type_id(query);
        let is_safe_to_cache = || query.is_safe_to_cache_prepared(&Redshift);
        let key = match type_id {
            Some(id) if is_safe_to_cache()? => Key::Type {
                id,
                literals: binds.literals().to_vec(),
            },
            _ => Key::Text {
                sql: text()?,
                types: binds.types(),
            },
        };
        if let Some(cached) = self.prepared.get_mut(&key) {
            cached.last_used = self.counter;
            return Ok(Statement::Prepared(Arc::clone(&cached.statement)));
        }
        // Asked only now: walking through an INSERT of many rows takes long.
        let (sql, is_safe_to_cache) = match &key {
            Key::Type { .. } => (text()?, true),
            Key::Text { sql, .. } => (sql.clone(), is_safe_to_cache()?),
        };
        let has_one_text = is_safe_to_cache && binds.literals().is_empty();
        if !has_one_text {
            // Text that the user wrote is left alone: a prepared `SELECT *` fails once another session adds a column.
            let is_diesels = is_safe_to_cache || type_id.is_some();
            let is_insert = sql.starts_with("INSERT") && !binds.is_empty();
            if !(is_diesels || is_insert)
                || sql.len() > LONGEST_REPEATED
                || !self.was_sent_before(&key)
            {
                return Ok(Statement::Unnamed(sql));
            }
        }
        let name = CString::new(format!("diesel_redshift_{}", self.counter))?;
        Ok(Statement::ToPrepare {
            key,
            prepared: Prepared::new(name),
            sql,
        })
    }

    /// Whether a statement whose text depends on more than its type, such as its `LIMIT` or its
    /// number of rows, was sent before. It is prepared the second time, so that one that never
    /// repeats costs nothing.
    fn was_sent_before(&mut self, key: &Key) -> bool {
        let hash = self.prepared.hasher().hash_one(key);
        if self.latest.contains(&hash) {
            return true;
        }
        if self.latest.len() == LATEST {
            self.latest.pop_front();
        }
        self.latest.push_back(hash);
        false
    }

    /// Keeps a statement that the server has prepared.
    pub(crate) fn keep(&mut self, key: Key, prepared: Prepared) -> Arc<Prepared> {
        self.make_room(1);
        let statement = Arc::new(prepared);
        let cached = CachedStatement {
            statement: Arc::clone(&statement),
            last_used: self.counter,
        };
        self.prepared.insert(key, cached);
        statement
    }

    fn make_room(&mut self, wanted: usize) {
        if self.prepared.len() + wanted <= self.capacity {
            return;
        }
        // A quarter goes at once, the least recently used: finding them costs a pass over all.
        let keep = (self.capacity - self.capacity / 4).saturating_sub(wanted);
        let mut uses: Vec<_> = self
            .prepared
            .values()
            .map(|cached| cached.last_used)
            .collect();
        uses.sort_unstable_by(|a, b| b.cmp(a));
        let oldest_cached = uses.get(keep).copied().map_or(0, |last_used| last_used + 1);
        for (_, cached) in self
            .prepared
            .extract_if(|_, cached| cached.last_used < oldest_cached)
        {
            self.evicted.push(cached.statement);
        }
    }

    /// Forgets every statement: plans go stale with DDL, `ROLLBACK` and `SET search_path`.
    pub(crate) fn clear(&mut self) {
        self.evicted
            .extend(self.prepared.drain().map(|(_, cached)| cached.statement));
    }

    /// Forgets one statement, since its plan is stale; the server may have dropped it too.
    pub(crate) fn forget(&mut self, stale: &Arc<Prepared>, is_known_to_server: bool) {
        let evicted = self
            .prepared
            .extract_if(|_, cached| Arc::ptr_eq(&cached.statement, stale))
            .map(|(_, cached)| cached.statement)
            .filter(|_| is_known_to_server);
        self.evicted.extend(evicted);
    }

    /// What to deallocate on the server, once that is harmless.
    pub(crate) fn take_evicted(&mut self) -> Vec<Arc<Prepared>> {
        mem::take(&mut self.evicted)
    }
}

/// Whether plans made before a command of this text may be stale after it.
pub(crate) fn makes_plans_stale(command_tag: &str, sql: Option<&str>) -> bool {
    let verb = command_tag.split(' ').next().unwrap_or_default();
    if let ("SET" | "RESET", Some(sql)) = (verb, sql) {
        return !settings_keep_plans(sql);
    }
    !matches!(
        verb,
        "SELECT"
            | "INSERT"
            | "UPDATE"
            | "DELETE"
            | "COPY"
            | "UNLOAD"
            | "BEGIN"
            | "START"
            | "COMMIT"
            | "FETCH"
            | "DECLARE"
            | "CLOSE"
            | "LOCK"
            | "ANALYZE"
            | "EXPLAIN"
            | "SHOW"
            | "PREPARE"
            | "DEALLOCATE"
            | ""
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn use_query(cache: &mut StatementCache, sql: &str) -> bool {
        let key = Key::Text {
            sql: sql.to_owned(),
            types: Vec::new(),
        };
        cache.counter += 1;
        if let Some(cached) = cache.prepared.get_mut(&key) {
            cached.last_used = cache.counter;
            return true;
        }
        cache.keep(key, Prepared::new(CString::new(sql).expect("no NUL")));
        false
    }

    fn evicted(cache: &mut StatementCache) -> Vec<CString> {
        let statements = cache.take_evicted();
        let mut names: Vec<_> = statements.iter().map(|it| it.name.clone()).collect();
        names.sort();
        names
    }

    #[test]
    fn the_least_recently_used_statements_make_room() {
        let mut cache = StatementCache::new();
        cache.set_capacity(8);
        for sql in ["0", "1", "2", "3", "4", "5", "6", "7"] {
            assert!(!use_query(&mut cache, sql));
        }
        assert!(use_query(&mut cache, "0"));
        assert!(!use_query(&mut cache, "8"));
        assert!(cache.len() <= 8);
        assert_eq!(evicted(&mut cache), [c"1", c"2", c"3"].map(CString::from));
        assert!(use_query(&mut cache, "0"));
        assert!(use_query(&mut cache, "8"));
    }

    #[test]
    fn clearing_keeps_the_names_to_deallocate() {
        let mut cache = StatementCache::new();
        use_query(&mut cache, "a");
        cache.clear();
        assert_eq!(cache.len(), 0);
        assert_eq!(evicted(&mut cache), [CString::from(c"a")]);
        assert!(cache.take_evicted().is_empty());
    }

    #[test]
    fn one_statement_is_forgotten_alone() {
        let mut cache = StatementCache::new();
        for name in ["a", "b", "c"] {
            use_query(&mut cache, name);
        }
        let cached = |cache: &StatementCache, name: &str| {
            let cached = cache.prepared.values().map(|cached| &cached.statement);
            Arc::clone(
                cached
                    .clone()
                    .find(|it| it.name.to_str() == Ok(name))
                    .expect("cached"),
            )
        };
        let (a, b) = (cached(&cache, "a"), cached(&cache, "b"));
        cache.forget(&a, true);
        cache.forget(&b, false);
        assert_eq!(cache.len(), 1);
        assert_eq!(evicted(&mut cache), [CString::from(c"a")]);
    }

    #[test]
    fn ddl_and_settings_make_plans_stale() {
        for tag in [
            "CREATE TABLE",
            "ALTER TABLE",
            "DROP TABLE",
            "ROLLBACK",
            "SET",
            "TRUNCATE TABLE",
        ] {
            assert!(makes_plans_stale(tag, None), "{tag}");
        }
        assert!(makes_plans_stale("SET", Some("SET search_path TO a")));
        assert!(!makes_plans_stale("SET", Some("SET query_group TO a")));
        for tag in ["SELECT", "INSERT 0 1", "COPY", "COMMIT", "BEGIN"] {
            assert!(!makes_plans_stale(tag, None), "{tag}");
        }
    }
}
