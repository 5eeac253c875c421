//! One function for each call: refuse, refuse, refuse, then write, then tell.

mod proposals;

pub use proposals::{approve, propose, reject};

use super::access::{check_publisher, wants_two};
use super::error::Error;
use super::msg::{Anomaly, Call, Change, Definition, Event, HistoricItem, ItemCode};
use super::state::{
    self, AGENDAS, ENTRY_VERSION, Edition, Entry, Historic, ITEMS, PROPOSALS, Retirement, Suspension, VERSION_VERSION,
    VERSIONS, Version,
};
use crate::items::Item;
use crate::{item_rules, law};
use tongban_kernel::{Ctx, State, Stop};
use tongban_types::codes::{ItemType, LongDivisionCode, OrganisationCode, UnifiedSocialCreditCode};
use tongban_types::{Digest, List, Text, Time};

/// Refuses what is wrong whatever the state is.
pub fn validate(call: &Call) -> Result<(), Error> {
    match call {
        Call::Publish { code, version, item, .. } => validate_version(code, *version, item),
        Call::Suspend { code, reason } | Call::Retire { code, reason, .. } | Call::Reject { code, reason, .. } => {
            validate_code(code)?; // I1
            validate_reason(reason)
        }
        Call::Propose { code, change } => match change {
            Change::Publish { version, item, .. } => validate_version(code, *version, item),
            Change::Suspend { reason } | Change::Retire { reason, .. } => {
                validate_code(code)?; // I1
                validate_reason(reason)
            }
            Change::Resume {} => validate_code(code),
        },
        Call::Approve { code, .. } => validate_code(code),
        Call::Resume { code } => validate_code(code),
        Call::ImportItem { code, historic } => {
            validate_code(code)?;
            if historic.name.is_empty() {
                return Err(Error::TextMissing);
            }
            Ok(()) // I5: what else is odd is flagged
        }
    }
}

fn validate_version(code: &ItemCode, version: u32, item: &Item) -> Result<(), Error> {
    if !item_rules::is_code_to_publish(code) {
        return Err(Error::CodeMalformed); // I1
    }
    if version == 0 {
        return Err(Error::VersionZero); // I2
    }
    match item_rules::findings(code, item).first() {
        Some(finding) => Err(finding.error), // I4
        None => Ok(()),
    }
}

fn validate_reason(reason: &Text<200>) -> Result<(), Error> {
    if reason.is_empty() { Err(Error::TextMissing) } else { Ok(()) }
}

fn validate_code(code: &ItemCode) -> Result<(), Error> {
    if item_rules::is_code(code) { Ok(()) } else { Err(Error::CodeMalformed) }
}

/// Records that the call will surely read.
pub fn reads(call: &Call, state: &State) -> Vec<Digest> {
    match call {
        Call::Publish { code, .. }
        | Call::Suspend { code, .. }
        | Call::Resume { code }
        | Call::Retire { code, .. }
        | Call::ImportItem { code, .. } => vec![ITEMS.state_key(state, code)],
        Call::Propose { code, .. } => vec![ITEMS.state_key(state, code), AGENDAS.state_key(state, code)],
        Call::Approve { code, number, .. } | Call::Reject { code, number, .. } => vec![
            ITEMS.state_key(state, code),
            AGENDAS.state_key(state, code),
            PROPOSALS.state_key(state, &(code.clone(), *number)),
        ],
    }
}

/// Changes an item, where one officer alone may do so.
pub fn change(code: ItemCode, change: Change, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    check_known(&code, &change, state)?;
    let new = new_item(&change);
    check_publisher(&code, new, ctx, state)?; // I7
    if wants_two(&code, new, state)? {
        return Err(Error::FourEyes.into()); // I8
    }
    let entry = changed(&code, &change, ctx, state)?;
    write(code, change, entry, None, ctx, state)
}

/// The item as a change would publish it.
fn new_item(change: &Change) -> Option<&Item> {
    match change {
        Change::Publish { item, .. } => Some(item),
        Change::Suspend { .. } | Change::Resume {} | Change::Retire { .. } => None,
    }
}

/// Only what is to be published may be unknown.
fn check_known(code: &ItemCode, change: &Change, state: &State) -> Result<(), Stop> {
    if new_item(change).is_none() && state::entry(state, code)?.is_none() {
        return Err(Error::NotFound.into());
    }
    Ok(())
}

/// The item as it is after a change that may be made now.
fn changed(code: &ItemCode, change: &Change, ctx: &Ctx, state: &State) -> Result<Entry, Stop> {
    let entry = state::entry(state, code)?;
    let entry = match change {
        Change::Publish { version, effective_from, item } => {
            let entry = entry.unwrap_or_else(|| empty_entry(item.name.clone()));
            published(entry, *version, effective_from.unwrap_or(ctx.time), item, ctx)?
        }
        Change::Suspend { reason } => suspended(entry.ok_or(Error::NotFound)?, reason.clone(), ctx)?,
        Change::Resume {} => resumed(entry.ok_or(Error::NotFound)?, ctx)?,
        Change::Retire { from, reason } => retired(entry.ok_or(Error::NotFound)?, *from, reason.clone(), ctx)?,
    };
    Ok(entry)
}

fn published(
    mut entry: Entry,
    number: u32,
    effective_from: Time,
    item: &Definition,
    ctx: &Ctx,
) -> Result<Entry, Error> {
    if entry.retirement.as_ref().is_some_and(|retirement| retirement.from <= effective_from) {
        return Err(Error::Retired); // I6
    }
    if number != entry.last_version() + 1 {
        return Err(Error::VersionNotNext); // I2
    }
    let edition = Edition { effective_from, published_at: ctx.time };
    let is_before_last = entry.editions.last().is_some_and(|last| last.effective_from > effective_from);
    entry.editions.push(edition).map_err(|_| Error::TooManyVersions)?;
    if effective_from < ctx.time || is_before_last {
        return Err(Error::EffectiveEarlier); // I3
    }
    entry.name = item.name.clone();
    Ok(entry)
}

fn suspended(mut entry: Entry, reason: Text<200>, ctx: &Ctx) -> Result<Entry, Error> {
    if is_retired(&entry, ctx) {
        return Err(Error::Retired); // I6
    }
    if entry.suspension.is_some() {
        return Err(Error::Suspended);
    }
    entry.suspension = Some(Suspension { reason, since: ctx.time, receipt: ctx.receipt });
    Ok(entry)
}

fn resumed(mut entry: Entry, ctx: &Ctx) -> Result<Entry, Error> {
    if is_retired(&entry, ctx) {
        return Err(Error::Retired); // I6
    }
    if entry.suspension.take().is_none() {
        return Err(Error::NotSuspended);
    }
    Ok(entry)
}

fn retired(mut entry: Entry, from: Time, reason: Text<200>, ctx: &Ctx) -> Result<Entry, Error> {
    if entry.retirement.is_some() {
        return Err(Error::Retired); // I6
    }
    if from < ctx.time {
        return Err(Error::RetiredEarlier); // I6
    }
    entry.retirement = Some(Retirement { from, reason, receipt: ctx.receipt });
    Ok(entry)
}

/// Writes a change that was found to be allowed, and tells of it. The acting officer has made it, or approved what another one proposed.
fn write(
    code: ItemCode,
    change: Change,
    entry: Entry,
    proposal: Option<u32>,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let event = match change {
        Change::Publish { version: number, effective_from, item } => {
            let effective_from = effective_from.unwrap_or(ctx.time);
            let absent_departments = state::absent_departments(state, &item)?;
            let version = Version {
                version: VERSION_VERSION,
                code: code.clone(),
                number,
                effective_from,
                law_edition: law::edition().number,
                publisher: ctx.account,
                published_at: ctx.time,
                receipt: ctx.receipt,
                item: item.into_item(),
                proposal,
            };
            VERSIONS.put(state, &(code.clone(), number), &version); // I1: a number is written once, by I2
            let (code, name) = (code.clone(), entry.name.clone());
            Event::Published { code, version: number, name, effective_from, absent_departments, proposal }
        }
        Change::Suspend { reason } => Event::Suspended { code: code.clone(), reason, proposal },
        Change::Resume {} => Event::Resumed { code: code.clone(), proposal },
        Change::Retire { from, reason } => Event::Retired { code: code.clone(), from, reason, proposal },
    };
    ITEMS.put(state, &code, &entry);
    Ok(event)
}

fn empty_entry(name: Text<200>) -> Entry {
    Entry {
        version: ENTRY_VERSION,
        name,
        editions: List::default(),
        historic: None,
        suspension: None,
        retirement: None,
    }
}

fn is_retired(entry: &Entry, ctx: &Ctx) -> bool {
    entry.retirement.as_ref().is_some_and(|retirement| retirement.from <= ctx.time)
}

/// Takes over an item of an older catalogue.
pub fn import_item(code: ItemCode, historic: HistoricItem, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    if state::entry(state, &code)?.is_some() {
        return Err(Error::Exists.into()); // I1
    }
    if historic.source_time > ctx.time {
        return Err(Error::SourceLater.into()); // I5
    }
    let anomalies = List::new(anomalies(&historic)).expect("fewer kinds of anomalies than eight");
    let name = historic.name.clone();
    let historic = Historic {
        item: historic,
        anomalies: anomalies.clone(),
        importer: ctx.account,
        imported_at: ctx.time,
        receipt: ctx.receipt,
    };
    ITEMS.put(state, &code, &Entry { historic: Some(historic), ..empty_entry(name.clone()) });
    Ok(Event::Imported { code, name, anomalies })
}

/// What is odd about a row of an older catalogue, in ascending order.
pub fn anomalies(historic: &HistoricItem) -> Vec<Anomaly> {
    let mut found = Vec::new();
    if historic.same_name_as.is_some() {
        found.push(Anomaly::SameName);
    }
    if historic.item_type.parse().ok().and_then(ItemType::from_number).is_none() {
        found.push(Anomaly::TypeUnknown);
    }
    found.extend(department_anomaly(&historic.department_code));
    if historic.division.parse::<LongDivisionCode>().is_err() {
        found.push(Anomaly::DivisionForm);
    }
    found
}

fn department_anomaly(code: &str) -> Option<Anomaly> {
    let is_organisation_form = |code: &str| {
        let plain = code.replacen('-', "", 1);
        plain.len() == 9 && plain.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
    };
    let is_organisation =
        |code: &str| code.parse::<OrganisationCode>().is_ok() || OrganisationCode::from_plain(code).is_ok();
    match code {
        "" => Some(Anomaly::DepartmentCodeMissing),
        code if code.parse::<UnifiedSocialCreditCode>().is_ok() => None,
        code if is_organisation(code) => Some(Anomaly::OrganisationCode),
        code if code.len() == 18 && code.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            Some(Anomaly::DepartmentCodeCheck)
        }
        code if is_organisation_form(code) => Some(Anomaly::DepartmentCodeCheck),
        _ => Some(Anomaly::DepartmentCodeForm),
    }
}
