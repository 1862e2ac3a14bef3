//! What each job does to the store's tables, inside a transaction.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use sha2::{Digest, Sha256};

use super::content::fingerprint;
use super::{Alert, Batch, Change, Committed, Quota, Stored};

type Result<T> = std::result::Result<T, rusqlite::Error>;

/// SQLite's integers have a sign.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Keeps the new ones of a batch's alerts.
pub fn commit(
    store: &Transaction<'_>,
    batch: &Batch,
    now: u64,
    change: &mut Change,
) -> Result<Committed> {
    let mut committed = Committed::default();
    let begin = now - now % batch.quota.interval.max(1);
    // Counts of the interval before stay, for a clock that is set back.
    store
        .prepare_cached("DELETE FROM signals WHERE tenant = ?1 AND begin < ?2")?
        .execute(params![&*batch.tenant, signed(begin.saturating_sub(batch.quota.interval))])?;
    for alert in &batch.alerts {
        let content = fingerprint(&alert.body);
        let Some(document) = document(store, &batch.tenant, alert, &content, now)? else {
            committed.repeated += 1;
            continue;
        };
        match count(store, batch, &alert.rule, begin)? {
            Counted::Within => {
                committed.new += 1;
                keep(store, batch, alert, &document, change)?;
            }
            Counted::Cut { first } => {
                committed.cut += 1;
                if first {
                    let announced = announcement(batch, &alert.rule, begin);
                    keep(store, batch, &announced, &announced.id, change)?;
                }
            }
        }
    }
    let mut insert = store.prepare_cached(
        "INSERT OR REPLACE INTO request (tenant, hash, records, alerts, rejected, at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    let (records, alerts, rejected) = batch.counts;
    insert.execute(params![
        &*batch.tenant,
        &batch.request[..],
        signed(records),
        signed(alerts),
        signed(rejected),
        signed(now)
    ])?;
    Ok(committed)
}

/// The id under which an alert is delivered; none if it was raised before.
fn document(
    store: &Transaction<'_>,
    tenant: &str,
    alert: &Alert,
    content: &[u8; 32],
    now: u64,
) -> Result<Option<String>> {
    let mut known =
        store.prepare_cached("SELECT 1 FROM raised WHERE tenant = ?1 AND id = ?2 LIMIT 1")?;
    let is_known = known.query_row(params![tenant, alert.id], |_| Ok(())).optional()?.is_some();
    let mut insert = store.prepare_cached(
        "INSERT OR IGNORE INTO raised (tenant, id, content, at) VALUES (?1, ?2, ?3, ?4)",
    )?;
    let is_new = insert.execute(params![tenant, alert.id, &content[..], signed(now)])? == 1;
    Ok(match (is_new, is_known) {
        (false, _) => None,
        (true, false) => Some(alert.id.clone()),
        // Two records share an id and differ: a receiver that goes by ids must keep both.
        (true, true) => {
            let more = content.first_chunk::<8>().map(hex::encode).unwrap_or_default();
            Some(format!("{}-{more}", alert.id))
        }
    })
}

fn keep(
    store: &Transaction<'_>,
    batch: &Batch,
    alert: &Alert,
    document: &str,
    change: &mut Change,
) -> Result<()> {
    if batch.outlets.is_empty() {
        return Ok(());
    }
    let mut insert = store.prepare_cached(
        "INSERT INTO alert (tenant, document, rule, time, body, wanted) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    let wanted = batch.outlets.len() as i64;
    insert.execute(params![
        &*batch.tenant,
        document,
        alert.rule,
        alert.time,
        alert.body,
        wanted
    ])?;
    let seq = store.last_insert_rowid();
    let mut deliver = store.prepare_cached("INSERT INTO delivery (outlet, seq) VALUES (?1, ?2)")?;
    for outlet in batch.outlets.iter() {
        deliver.execute(params![&**outlet, seq])?;
    }
    *change.entry(Arc::clone(&batch.tenant)).or_default() += alert.body.len() as i64;
    Ok(())
}

enum Counted {
    /// It is raised.
    Within,
    /// It is counted only.
    Cut {
        /// The first of its rule in this interval.
        first: bool,
    },
}

/// Counts an alert against the quota of its rule, and of all rules.
fn count(store: &Transaction<'_>, batch: &Batch, rule: &str, begin: u64) -> Result<Counted> {
    let Quota { per_rule, total, .. } = batch.quota;
    let tenant = &*batch.tenant;
    let (of_rule, cut) = counted(store, tenant, rule, begin)?;
    let (of_all, _) = counted(store, tenant, "", begin)?;
    if of_rule < per_rule && of_all < total {
        add(store, tenant, rule, begin, "raised")?;
        add(store, tenant, "", begin, "raised")?;
        return Ok(Counted::Within);
    }
    add(store, tenant, rule, begin, "cut")?;
    Ok(Counted::Cut { first: cut == 0 })
}

fn counted(store: &Transaction<'_>, tenant: &str, rule: &str, begin: u64) -> Result<(u64, u64)> {
    let mut query = store.prepare_cached(
        "SELECT raised, cut FROM signals WHERE tenant = ?1 AND rule = ?2 AND begin = ?3",
    )?;
    let found = query.query_row(params![tenant, rule, signed(begin)], |row| {
        Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get::<_, i64>(1)?.unsigned_abs()))
    });
    Ok(found.optional()?.unwrap_or_default())
}

fn add(
    store: &Transaction<'_>,
    tenant: &str,
    rule: &str,
    begin: u64,
    column: &'static str,
) -> Result<()> {
    let mut insert = store.prepare_cached(
        "INSERT OR IGNORE INTO signals (tenant, rule, begin, raised, cut) VALUES (?1, ?2, ?3, 0, 0)",
    )?;
    insert.execute(params![tenant, rule, signed(begin)])?;
    let mut update = store.prepare_cached(&format!(
        "UPDATE signals SET {column} = {column} + 1 WHERE tenant = ?1 AND rule = ?2 AND begin = ?3"
    ))?;
    update.execute(params![tenant, rule, signed(begin)])?;
    Ok(())
}

/// The one alert that says that others of a rule are cut.
fn announcement(batch: &Batch, rule: &str, begin: u64) -> Alert {
    let mut hasher = Sha256::new();
    hasher.update(format!("cut\0{}\0{rule}\0{begin}", batch.tenant));
    let id = format!("{:x}", hasher.finalize());
    let until = begin + batch.quota.interval;
    let body = serde_json::json!({
        "id": id,
        "time": null,
        "rule": {"id": rule, "name": "Alerts of this rule are cut", "severity": "high"},
        "message": format!(
            "The rule has raised as many alerts as it may in {} s; the others of this interval are counted, \
             not sent",
            batch.quota.interval
        ),
        "fields": {"tocsin.cut.begin": begin, "tocsin.cut.end": until},
        "event": null,
    });
    let time = i64::try_from(begin).ok().and_then(|seconds| seconds.checked_mul(1000));
    Alert { record: 0, id, rule: rule.to_owned(), time, body: body.to_string() }
}

/// Forgets what an outlet has delivered, and alerts that no outlet wants any more.
pub fn delivered(
    store: &Transaction<'_>,
    outlet: &str,
    seqs: &[i64],
    change: &mut Change,
) -> Result<u64> {
    let mut done = 0;
    for seq in seqs {
        let mut delete =
            store.prepare_cached("DELETE FROM delivery WHERE outlet = ?1 AND seq = ?2")?;
        if delete.execute(params![outlet, seq])? == 1 {
            done += 1;
            release(store, *seq, change)?;
        }
    }
    Ok(done)
}

fn release(store: &Transaction<'_>, seq: i64, change: &mut Change) -> Result<()> {
    store
        .prepare_cached("UPDATE alert SET wanted = wanted - 1 WHERE seq = ?1")?
        .execute(params![seq])?;
    let mut delete = store.prepare_cached(
        "DELETE FROM alert WHERE seq = ?1 AND wanted <= 0 RETURNING tenant, LENGTH(CAST(body AS BLOB))",
    )?;
    let gone =
        delete.query_row(params![seq], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)));
    if let Some((tenant, bytes)) = gone.optional()? {
        *change.entry(Arc::from(tenant)).or_default() -= bytes;
    }
    Ok(())
}

/// Lays alerts aside for an outlet.
pub fn dead(
    store: &Transaction<'_>,
    outlet: &str,
    seqs: &[(i64, String)],
    now: u64,
) -> Result<u64> {
    let mut done = 0;
    for (seq, reason) in seqs {
        let mut delete =
            store.prepare_cached("DELETE FROM delivery WHERE outlet = ?1 AND seq = ?2")?;
        if delete.execute(params![outlet, seq])? == 1 {
            store
                .prepare_cached(
                    "INSERT OR REPLACE INTO dead (outlet, seq, reason, at) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![outlet, seq, reason, signed(now)])?;
            done += 1;
        }
    }
    Ok(done)
}

/// Puts an outlet's dead letters back.
pub fn replay(store: &Transaction<'_>, outlet: &str) -> Result<u64> {
    store
        .prepare_cached("INSERT OR IGNORE INTO delivery (outlet, seq) SELECT outlet, seq FROM dead WHERE outlet = ?1")?
        .execute(params![outlet])?;
    let back =
        store.prepare_cached("DELETE FROM dead WHERE outlet = ?1")?.execute(params![outlet])?;
    Ok(back as u64)
}

/// Seconds after which counts go whose tenant has gone; a tenant's own are forgotten with their interval.
const LONGEST_INTERVAL: u64 = 366 * 24 * 60 * 60;

/// Forgets what is older than a time.
pub fn forget(store: &Transaction<'_>, oldest: u64) -> Result<()> {
    for table in ["raised", "request"] {
        store
            .prepare_cached(&format!("DELETE FROM {table} WHERE at < ?1"))?
            .execute(params![signed(oldest)])?;
    }
    store
        .prepare_cached("DELETE FROM signals WHERE begin < ?1")?
        .execute(params![signed(oldest.saturating_sub(LONGEST_INTERVAL))])?;
    Ok(())
}

/// The next alerts of an outlet.
pub fn pending(
    store: &Connection,
    outlet: &str,
    most: usize,
    most_bytes: usize,
) -> Result<Vec<Stored>> {
    let mut query = store.prepare_cached(
        "SELECT alert.seq, document, rule, time, body FROM delivery JOIN alert ON alert.seq = delivery.seq
         WHERE outlet = ?1 ORDER BY delivery.seq LIMIT ?2",
    )?;
    let rows = query.query_map(params![outlet, most as i64], |row| {
        Ok(Stored {
            seq: row.get(0)?,
            document: row.get(1)?,
            rule: row.get(2)?,
            time: row.get(3)?,
            body: row.get(4)?,
        })
    })?;
    let (mut found, mut bytes) = (Vec::new(), 0_usize);
    for row in rows {
        let row = row?;
        bytes = bytes.saturating_add(row.body.len());
        if bytes > most_bytes && !found.is_empty() {
            break;
        }
        found.push(row);
    }
    Ok(found)
}

/// How many alerts wait for an outlet, and how many are laid aside.
pub fn counts(store: &Connection, outlet: &str) -> Result<(u64, u64)> {
    let count = |table: &str| -> Result<u64> {
        let mut query =
            store.prepare_cached(&format!("SELECT COUNT(*) FROM {table} WHERE outlet = ?1"))?;
        Ok(query.query_row(params![outlet], |row| row.get::<_, i64>(0))?.unsigned_abs())
    };
    Ok((count("delivery")?, count("dead")?))
}

/// What was counted of a request, if it is known.
pub fn seen(
    store: &Connection,
    tenant: &str,
    request: &[u8; 32],
) -> Result<Option<(u64, u64, u64)>> {
    let mut query = store.prepare_cached(
        "SELECT records, alerts, rejected FROM request WHERE tenant = ?1 AND hash = ?2",
    )?;
    let count =
        |row: &rusqlite::Row<'_>, at| row.get::<_, i64>(at).map(|number| number.unsigned_abs());
    query
        .query_row(params![tenant, &request[..]], |row| {
            Ok((count(row, 0)?, count(row, 1)?, count(row, 2)?))
        })
        .optional()
}
