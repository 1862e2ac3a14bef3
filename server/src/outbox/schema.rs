//! A folder in, an open store of the right version out, or the reason why not.

use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;

/// Marks a file as a store of Tocsin's: the bytes `tcsn`.
const APPLICATION: i32 = 0x7463_736e;

/// The version of the tables below. [`MIGRATIONS`] leads from each version to the next.
const VERSION: usize = MIGRATIONS.len();

/// What makes version n + 1 of version n.
const MIGRATIONS: [&str; 1] = ["
    -- An alert until no outlet wants it any more.
    CREATE TABLE alert (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        tenant TEXT NOT NULL,
        document TEXT NOT NULL,
        rule TEXT NOT NULL,
        time INTEGER,
        body TEXT NOT NULL,
        wanted INTEGER NOT NULL
    );
    CREATE TABLE delivery (outlet TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (outlet, seq)) WITHOUT ROWID;
    CREATE TABLE dead (
        outlet TEXT NOT NULL, seq INTEGER NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL,
        PRIMARY KEY (outlet, seq)
    ) WITHOUT ROWID;
    -- What was raised, for a while: the same alert again is no new one. Two records may share an id.
    CREATE TABLE raised (
        tenant TEXT NOT NULL, id TEXT NOT NULL, content BLOB NOT NULL, at INTEGER NOT NULL,
        PRIMARY KEY (tenant, id, content)
    ) WITHOUT ROWID;
    CREATE INDEX raised_at ON raised (at);
    -- Requests whose alerts are safe, for a while.
    CREATE TABLE request (
        tenant TEXT NOT NULL, hash BLOB NOT NULL, records INTEGER NOT NULL, alerts INTEGER NOT NULL,
        rejected INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (tenant, hash)
    ) WITHOUT ROWID;
    CREATE INDEX request_at ON request (at);
    -- Alerts of an interval, by rule; the rule '' stands for all of them.
    CREATE TABLE signals (
        tenant TEXT NOT NULL, rule TEXT NOT NULL, begin INTEGER NOT NULL, raised INTEGER NOT NULL,
        cut INTEGER NOT NULL, PRIMARY KEY (tenant, rule, begin)
    ) WITHOUT ROWID;
"];

/// Bytes beyond the limit for writing down what has left: even that may take a page before it gives one back.
const SPARE: u64 = 64 << 20;

/// Why a store can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder can't be used.
    #[error("the state folder can't be used: {0}")]
    Io(#[from] std::io::Error),
    /// Another process has it.
    #[error("{}: another tocsin serves from this folder; two can't", .0.display())]
    InUse(PathBuf),
    /// A newer Tocsin made it.
    #[error("{}: version {found} of the store, which a newer Tocsin wrote; this one reads up to {VERSION}", .path.display())]
    Newer {
        /// The store's file.
        path: PathBuf,
        /// Its version.
        found: usize,
    },
    /// It can't be read.
    #[error(
        "{}: the store is damaged or isn't one: {reason}; move it away to begin anew (what it held and \
         hadn't left yet is then lost), or put a copy of it back", .path.display()
    )]
    Damaged {
        /// The store's file.
        path: PathBuf,
        /// What SQLite says.
        reason: String,
    },
}

/// Opens the store of a folder: its lock, the connection that writes, and one that reads.
pub fn open(folder: &Path, most_bytes: u64) -> Result<(File, Connection, Connection), OpenError> {
    make_private(folder)?;
    let lock =
        OpenOptions::new().create(true).write(true).truncate(false).open(folder.join("lock"))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(OpenError::InUse(folder.to_owned())),
        Err(TryLockError::Error(error)) => return Err(OpenError::Io(error)),
    }
    let path = folder.join("outbox.db");
    let damaged = |error: rusqlite::Error| OpenError::Damaged {
        path: path.clone(),
        reason: error.to_string(),
    };
    let mut writer = Connection::open(&path).map_err(damaged)?;
    // A commit is on the disk when it returns, not only in the system's memory.
    writer
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;",
        )
        .map_err(damaged)?;
    writer.busy_timeout(Duration::from_secs(10)).map_err(damaged)?;
    migrate(&mut writer, &path)?;
    let intact: String =
        writer.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(damaged)?;
    if intact != "ok" {
        return Err(OpenError::Damaged { path, reason: intact });
    }
    let page = pragma(&writer, "page_size").map_err(damaged)?;
    let most_pages = (most_bytes.saturating_add(SPARE) / page.max(1)).clamp(64, 1 << 31);
    writer
        .query_row(&format!("PRAGMA max_page_count = {most_pages}"), [], |row| row.get::<_, i64>(0))
        .map_err(damaged)?;
    let reader = Connection::open_with_flags(&path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)
        .map_err(damaged)?;
    reader.busy_timeout(Duration::from_secs(10)).map_err(damaged)?;
    Ok((lock, writer, reader))
}

/// Makes a folder that only its owner can look into: alerts lie there as they are.
pub fn make_private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn migrate(store: &mut Connection, path: &Path) -> Result<(), OpenError> {
    let damaged = |reason: String| OpenError::Damaged { path: path.to_owned(), reason };
    let failed = |error: rusqlite::Error| damaged(error.to_string());
    let found: i64 =
        store.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(failed)?;
    let application: i32 =
        store.query_row("PRAGMA application_id", [], |row| row.get(0)).map_err(failed)?;
    let found = usize::try_from(found).unwrap_or(usize::MAX);
    if found > 0 && application != APPLICATION {
        return Err(damaged("it is another program's".to_owned()));
    }
    if found > VERSION {
        return Err(OpenError::Newer { path: path.to_owned(), found });
    }
    for (version, migration) in MIGRATIONS.iter().enumerate().skip(found) {
        let transaction = store.transaction().map_err(failed)?;
        transaction.execute_batch(migration).map_err(failed)?;
        transaction
            .execute_batch(&format!(
                "PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {};",
                version + 1
            ))
            .map_err(failed)?;
        transaction.commit().map_err(failed)?;
    }
    Ok(())
}

/// Bytes that the tables take.
pub fn used_bytes(store: &Connection) -> Result<u64, rusqlite::Error> {
    let pages = pragma(store, "page_count")?.saturating_sub(pragma(store, "freelist_count")?);
    Ok(pages.saturating_mul(pragma(store, "page_size")?))
}

fn pragma(store: &Connection, name: &str) -> Result<u64, rusqlite::Error> {
    let number = store
        .prepare_cached(&format!("PRAGMA {name}"))?
        .query_row([], |row| row.get::<_, i64>(0))?;
    Ok(number.unsigned_abs())
}

/// What SQLite itself says of a store without room.
pub fn full() -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL), None)
}

/// Bytes of each tenant's alerts.
pub fn bytes(store: &Connection) -> Result<HashMap<Arc<str>, u64>, OpenError> {
    let read = || -> Result<_, rusqlite::Error> {
        let mut query = store
            .prepare("SELECT tenant, SUM(LENGTH(CAST(body AS BLOB))) FROM alert GROUP BY tenant")?;
        let rows = query.query_map([], |row| {
            Ok((Arc::from(row.get::<_, String>(0)?), row.get::<_, i64>(1)?.unsigned_abs()))
        })?;
        rows.collect()
    };
    read().map_err(|error| OpenError::Damaged {
        path: PathBuf::from("outbox.db"),
        reason: error.to_string(),
    })
}
