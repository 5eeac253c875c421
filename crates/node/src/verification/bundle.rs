//! What a proof bundle says, decoded and in words.

use super::disclosed::DisclosedField;
use super::licence::{LicenceVerdict, of_events, of_record};
use super::licence_words;
use serde::Serialize;
use tongban_modules::{Event, Record, decode_record, licences};
use tongban_types::codes::LicenceIdentifier;
use tongban_types::proof::Claim;
use tongban_types::{Outcome, Receipt, Time, codec};
use tongban_verify::Verified;

/// What a bundle has proven, with its content decoded.
#[derive(Debug, Serialize)]
pub struct Proven {
    /// Whether the proof holds: always true, a bundle that proves nothing is an error. It says nothing about licences.
    pub proven: bool,
    /// The network's name.
    pub network: String,
    /// The claim, decoded where a module knows it.
    pub claim: Meaning,
    /// The licences that it is about, and what they were then.
    pub licences: Vec<LicenceVerdict>,
    /// The licence that was proven not to be there.
    pub absent_licence: Option<LicenceIdentifier>,
    /// The fields that were shown besides, and belong to these licences.
    pub disclosed: Vec<DisclosedField>,
    /// The block after which it was true. Later blocks may have changed the record.
    pub as_of_height: u64,
    /// That block's time.
    pub as_of_time: Time,
    /// The departments that signed.
    pub signed_by: Vec<String>,
}

/// A claim in a form for people.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// A transaction had this outcome.
    Receipt {
        /// The receipt.
        receipt: Box<Receipt>,
        /// Its events, decoded.
        events: Vec<Event>,
    },
    /// A table holds this record.
    Record {
        /// The table.
        table: String,
        /// The encoded key.
        key: String,
        /// The record, decoded.
        record: Option<Box<Record>>,
        /// The record as it stands in the state, where it cannot be decoded.
        encoded: Option<String>,
    },
    /// A table holds nothing under this key.
    Absence {
        /// The table.
        table: String,
        /// The encoded key.
        key: String,
    },
}

/// Decodes what was proven. Of licences it is said what they were then and, by this clock, what that is worth now.
pub fn describe(verified: &Verified, clock: Time) -> Proven {
    let mut licences = Vec::new();
    let mut absent_licence = None;
    let claim = match &verified.claim {
        Claim::Receipt { receipt } => {
            let events = events_of(receipt);
            licences = of_events(&events, receipt, clock);
            Meaning::Receipt { events, receipt: Box::new(receipt.clone()) }
        }
        Claim::Record { table, key, value } => {
            let record = decode_record(table, value.as_ref()).map(Box::new);
            if let Some(Record::Licence(licence)) = record.as_deref() {
                licences.push(of_record(licence, verified.header.time, clock));
            }
            let encoded = if record.is_some() { None } else { Some(value.to_string()) };
            Meaning::Record { table: table.to_string(), key: key.to_string(), record, encoded }
        }
        Claim::Absence { table, key, .. } => {
            if **table == *licences::LICENCES.name() {
                absent_licence = codec::decode(key.as_ref()).ok();
            }
            Meaning::Absence { table: table.to_string(), key: key.to_string() }
        }
    };
    Proven {
        proven: true,
        network: verified.network_name.to_string(),
        claim,
        licences,
        absent_licence,
        disclosed: Vec::new(),
        as_of_height: verified.header.height,
        as_of_time: verified.header.time,
        signed_by: verified.departments.iter().map(|name| name.to_string()).collect(),
    }
}

/// The events on a receipt, decoded.
pub fn events_of(receipt: &Receipt) -> Vec<Event> {
    match &receipt.outcome {
        Outcome::Applied { events } => events.iter().filter_map(|event| Event::decode(event.as_ref()).ok()).collect(),
        Outcome::Refused(_) => Vec::new(),
    }
}

/// What was proven, as text: what it says of licences first.
pub fn in_words(proven: &Proven) -> String {
    let licences: String = proven.licences.iter().map(licence_words::in_words).collect();
    let absent = proven.absent_licence.as_ref().map(|identifier| {
        format!("证照 licence {identifier}\n  截至 {0} 不存在 did not exist as of {0}\n", proven.as_of_time)
    });
    format!(
        "{licences}{}{}proven as of block {} at {} on {}, unconfirmed now (截至该时所证，此后未核)\nsigned by {}\n{}\n\
         The proof is about that moment; ask the network for what has changed since.\n",
        absent.unwrap_or_default(),
        licence_words::shown(&proven.disclosed),
        proven.as_of_height,
        proven.as_of_time,
        proven.network,
        proven.signed_by.join("、"),
        claim_in_words(&proven.claim),
    )
}

fn claim_in_words(claim: &Meaning) -> String {
    match claim {
        Meaning::Receipt { receipt, events } => {
            let outcome = match &receipt.outcome {
                Outcome::Applied { .. } => format!("took effect with {} events", events.len()),
                Outcome::Refused(refusal) => format!("was refused ({})", refusal.code),
            };
            format!(
                "receipt {}: transaction {} of account {} {outcome}",
                receipt.number, receipt.transaction, receipt.account
            )
        }
        Meaning::Record { table, key, record, encoded } => {
            let content = match record {
                Some(record) => serde_json::to_string_pretty(record).unwrap_or_default(),
                None => encoded.clone().unwrap_or_default(),
            };
            format!("record {key} of {table}:\n{content}")
        }
        Meaning::Absence { table, key } => format!("{table} held no record {key}"),
    }
}
