//! Stories that run against both databases, a property, query plans, and real data.

mod plans;
mod postgres;
mod property;
mod real_data;
mod searching;
mod stories;

use crate::database::{Row, Statement};
use crate::{DatabaseUrl, Index, Position, Rows, Stretch, project, schema};
use postgres::Postgres;
use serde_json::{Value, json};
use std::path::Path;
use tongban_types::receipt::Code;
use tongban_types::{AccountId, Digest, List, Outcome, Receipt, Refusal, RequestId, Time};

const NETWORK: Digest = Digest([7; 32]);

/// Runs a story on SQLite, and on PostgreSQL where the machine has it.
async fn on_both(story: impl AsyncFn(&DatabaseUrl)) {
    let folder = tempfile::tempdir().expect("a folder");
    story(&DatabaseUrl::file(folder.path().join("index.sqlite"))).await;
    if let Some(server) = Postgres::start() {
        story(&DatabaseUrl::parse(&server.url(), Path::new("")).expect("an address")).await;
    }
}

async fn open(url: &DatabaseUrl) -> Index {
    Index::open(url, &NETWORK).await.expect("an index")
}

fn account(number: u8) -> AccountId {
    AccountId([number; AccountId::BYTES])
}

/// A receipt at a height; the block's time is the height in seconds.
fn receipt(number: u64, height: u64, code: Option<&str>) -> Receipt {
    let mut transaction = [0; 32];
    transaction[..8].copy_from_slice(&number.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes());
    let time = Time::from_millis(height * 1_000).expect("a time");
    let outcome = match code {
        None => Outcome::Applied { events: List::new(Vec::new()).expect("none") },
        Some(code) => Outcome::Refused(Refusal { code: Code::new(code).expect("a code"), call: Some(0) }),
    };
    Receipt {
        number,
        transaction: Digest(transaction),
        account: account(u8::try_from(number % 3).expect("below 3")),
        request_id: RequestId([1; RequestId::BYTES]),
        not_after: time.plus_millis(1_000),
        height,
        time,
        outcome,
    }
}

fn named(name: &str, code: &str) -> Value {
    json!({ "registers": { "named": { "name": name, "code": code } } })
}

/// Receipts in blocks of `per_block`, from height 1 on, one event each.
fn chain(events: &[Value], per_block: usize) -> Vec<Stretch> {
    let mut number = 0;
    let mut stretches = Vec::new();
    for (height, events) in (1..).zip(events.chunks(per_block)) {
        let mut rows = Vec::new();
        for event in events {
            rows.push(project(&receipt(number, height, None), std::slice::from_ref(event)));
            number += 1;
        }
        stretches.push(Stretch { until: Position { height, receipts: number }, rows });
    }
    stretches
}

/// Several stretches as one.
fn together(stretches: &[Stretch]) -> Stretch {
    let until = stretches.last().expect("some").until;
    let rows: Vec<Rows> = stretches.iter().flat_map(|stretch| stretch.rows.clone()).collect();
    Stretch { until, rows }
}

/// Everything that stands in an index.
async fn dump(index: &Index) -> Vec<(&'static str, Vec<Row>)> {
    let mut all = Vec::new();
    for table in schema::tables() {
        let rows = index.pool.fetch(Statement::once(&format!("SELECT * FROM {table} ORDER BY 1, 2, 3"))).await;
        // The table of terms has two columns only.
        let rows = match rows {
            Ok(rows) => rows,
            Err(_) => {
                let two = Statement::once(&format!("SELECT * FROM {table} ORDER BY 1, 2"));
                index.pool.fetch(two).await.expect("a table can be read")
            }
        };
        all.push((table, rows));
    }
    all
}
