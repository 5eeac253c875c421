//! One function for each call: refuse, refuse, refuse, then write, then tell.

use super::access::check_publisher;
use super::error::Error;
use super::msg::{Anomaly, Call, Definition, Event, HistoricItem, ItemCode};
use super::state::{
    self, ENTRY_VERSION, Edition, Entry, Historic, ITEMS, Retirement, Suspension, VERSION_VERSION, VERSIONS, Version,
};
use crate::{item_rules, law};
use tongban_kernel::{Ctx, State, Stop};
use tongban_types::codes::{ItemType, LongDivisionCode, OrganisationCode, UnifiedSocialCreditCode};
use tongban_types::{Digest, List, Text, Time};

/// Refuses what is wrong whatever the state is.
pub fn validate(call: &Call) -> Result<(), Error> {
    match call {
        Call::Publish { code, version, item, .. } => {
            if !item_rules::is_code_to_publish(code) {
                return Err(Error::CodeMalformed); // I1
            }
            if *version == 0 {
                return Err(Error::VersionZero); // I2
            }
            match item_rules::findings(code, item).first() {
                Some(finding) => Err(finding.error), // I4
                None => Ok(()),
            }
        }
        Call::Suspend { code, reason } | Call::Retire { code, reason, .. } => {
            if !item_rules::is_code(code) {
                return Err(Error::CodeMalformed); // I1
            }
            if reason.is_empty() {
                return Err(Error::TextMissing);
            }
            Ok(())
        }
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
    }
}

/// Publishes the next version of an item.
pub fn publish(
    code: ItemCode,
    number: u32,
    effective_from: Option<Time>,
    item: Definition,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    check_publisher(&code, Some(&*item), ctx, state)?; // I7
    let effective_from = effective_from.unwrap_or(ctx.time);
    let entry = state::entry(state, &code)?;
    let mut entry = entry.unwrap_or_else(|| empty_entry(item.name.clone()));
    if entry.retirement.as_ref().is_some_and(|retirement| retirement.from <= effective_from) {
        return Err(Error::Retired.into()); // I6
    }
    if number != entry.last_version() + 1 {
        return Err(Error::VersionNotNext.into()); // I2
    }
    let edition = Edition { effective_from, published_at: ctx.time };
    let is_before_last = entry.editions.last().is_some_and(|last| last.effective_from > effective_from);
    entry.editions.push(edition).map_err(|_| Error::TooManyVersions)?;
    if effective_from < ctx.time || is_before_last {
        return Err(Error::EffectiveEarlier.into()); // I3
    }
    let absent_departments = state::absent_departments(state, &item)?;
    let name = item.name.clone();
    entry.name = name.clone();
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
    };
    VERSIONS.put(state, &(code.clone(), number), &version); // I1: a number is written once, by I2
    ITEMS.put(state, &code, &entry);
    Ok(Event::Published { code, version: number, name, effective_from, absent_departments })
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

/// Suspends an item.
pub fn suspend(code: ItemCode, reason: Text<200>, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut entry = state::entry(state, &code)?.ok_or(Error::NotFound)?;
    check_publisher(&code, None, ctx, state)?; // I7
    if is_retired(&entry, ctx) {
        return Err(Error::Retired.into()); // I6
    }
    if entry.suspension.is_some() {
        return Err(Error::Suspended.into());
    }
    entry.suspension = Some(Suspension { reason: reason.clone(), since: ctx.time, receipt: ctx.receipt });
    ITEMS.put(state, &code, &entry);
    Ok(Event::Suspended { code, reason })
}

/// Resumes a suspended item.
pub fn resume(code: ItemCode, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut entry = state::entry(state, &code)?.ok_or(Error::NotFound)?;
    check_publisher(&code, None, ctx, state)?; // I7
    if is_retired(&entry, ctx) {
        return Err(Error::Retired.into()); // I6
    }
    if entry.suspension.take().is_none() {
        return Err(Error::NotSuspended.into());
    }
    ITEMS.put(state, &code, &entry);
    Ok(Event::Resumed { code })
}

/// Retires an item from a day on.
pub fn retire(code: ItemCode, from: Time, reason: Text<200>, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut entry = state::entry(state, &code)?.ok_or(Error::NotFound)?;
    check_publisher(&code, None, ctx, state)?; // I7
    if entry.retirement.is_some() {
        return Err(Error::Retired.into()); // I6
    }
    if from < ctx.time {
        return Err(Error::RetiredEarlier.into()); // I6
    }
    entry.retirement = Some(Retirement { from, reason: reason.clone(), receipt: ctx.receipt });
    ITEMS.put(state, &code, &entry);
    Ok(Event::Retired { code, from, reason })
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
