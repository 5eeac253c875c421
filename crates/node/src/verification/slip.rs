//! What a slip says, decoded and in words.

use super::bundle::events_of;
use super::disclosed::{DisclosedField, bind_carried};
use super::licence::{LicenceVerdict, of_events};
use super::licence_words;
use serde::Serialize;
use tongban_modules::Event;
use tongban_types::{Primitives, Receipt, Time};
use tongban_verify::{SlipRefusal, SlipVerdict, Standing};

/// What a slip has proven, with its events decoded.
#[derive(Debug, Serialize)]
pub struct Proven {
    /// Whether the proof holds: always true, a slip that proves nothing is an error. It says nothing about licences.
    pub proven: bool,
    /// How far the proof reaches.
    pub standing: Standing,
    /// The network's name.
    pub network: String,
    /// The licences that its events are about, and what they were then.
    pub licences: Vec<LicenceVerdict>,
    /// The block in which it happened.
    pub as_of_height: u64,
    /// That block's time.
    pub as_of_time: Time,
    /// The receipt.
    pub receipt: Receipt,
    /// Its events, decoded.
    pub events: Vec<Event>,
    /// What the holder of a licence shows of it, in the slip or beside it.
    pub disclosed: Vec<DisclosedField>,
    /// The departments that signed.
    pub signed_by: Vec<String>,
}

/// Decodes what was proven. What the slip carries is refused where no licence of its events commits to it.
pub fn describe(verdict: &SlipVerdict, primitives: &dyn Primitives, clock: Time) -> Result<Proven, SlipRefusal> {
    let events = events_of(&verdict.receipt);
    let mut licences = of_events(&events, &verdict.receipt, clock);
    let disclosed = verdict.disclose(|_, carried| bind_carried(carried, &mut licences, primitives))?;
    Ok(Proven {
        proven: true,
        standing: verdict.standing,
        network: verdict.network_name.to_string(),
        licences,
        as_of_height: verdict.height,
        as_of_time: verdict.as_of,
        receipt: verdict.receipt.clone(),
        events,
        disclosed,
        signed_by: verdict.departments.iter().map(|name| name.to_string()).collect(),
    })
}

/// What was proven, as text: what it says of licences first.
pub fn in_words(proven: &Proven) -> String {
    let licences: String = proven.licences.iter().map(licence_words::in_words).collect();
    format!(
        "{licences}{}proven as of {}, unconfirmed now (截至该时所证，此后未核)\nblock {} on {}\nsigned by {}\n\
         receipt {}: transaction {} of account {}\n{}\nA slip cannot tell what has changed since; ask the network.\n",
        licence_words::shown(&proven.disclosed),
        proven.as_of_time,
        proven.as_of_height,
        proven.network,
        proven.signed_by.join("、"),
        proven.receipt.number,
        proven.receipt.transaction,
        proven.receipt.account,
        serde_json::to_string_pretty(&proven.events).unwrap_or_default(),
    )
}
