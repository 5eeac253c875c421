//! The report on past cases, from receipts.

use anyhow::Context as _;
use futures::{Stream, TryStreamExt as _};
use serde::Serialize;
use std::fmt::Write as _;
use tongban_modules::Event;
use tongban_modules::history::{self, CaseKey};
use tongban_modules::process_report::{ProcessLog, ProcessReport};
use tongban_types::codes::UnifiedSocialCreditCode;
use tongban_types::{Outcome, Receipt, Text};

/// Variants in the text for people.
const LINES_MAX: usize = 10;

/// Whose cases are reckoned with.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Of this department alone.
    pub department: Option<UnifiedSocialCreditCode>,
    /// From this system alone.
    pub system: Option<Text<60>>,
}

impl Selection {
    fn has(&self, key: &CaseKey) -> bool {
        self.department.is_none_or(|department| department == key.department)
            && self.system.as_ref().is_none_or(|system| *system == key.system)
    }
}

/// The report, and what it was computed from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FromLedger {
    /// The number of receipts that were read, which is behind the number of the last.
    pub receipts: u64,
    /// The figures.
    #[serde(flatten)]
    pub report: ProcessReport,
}

/// The figures from a sequence of receipts.
pub async fn process(
    receipts: impl Stream<Item = anyhow::Result<Receipt>>,
    selection: &Selection,
) -> anyhow::Result<FromLedger> {
    let mut log = ProcessLog::default();
    let mut count = 0;
    let mut receipts = std::pin::pin!(receipts);
    while let Some(receipt) = receipts.try_next().await? {
        anyhow::ensure!(receipt.number == count, "receipt {count} is missing, receipt {} came", receipt.number);
        count += 1;
        let Outcome::Applied { events } = &receipt.outcome else { continue };
        for event in events {
            let event = Event::decode(event.as_ref());
            let event = event.with_context(|| format!("receipt {} has an event of a newer program", receipt.number))?;
            let Event::History(event) = event else { continue };
            let (history::Event::CaseImported { key, .. } | history::Event::StepsImported { key, .. }) = &event;
            if selection.has(key) {
                log.add(&event).with_context(|| format!("receipt {} does not fit those before", receipt.number))?;
            }
        }
    }
    Ok(FromLedger { receipts: count, report: log.report() })
}

/// The report for people.
pub fn in_words(FromLedger { receipts, report }: &FromLedger) -> String {
    let mut text = String::new();
    for (name, figure) in [
        ("receipts read", receipts.to_string()),
        ("cases", report.cases.to_string()),
        ("events", report.events.to_string()),
        ("activities", report.activities.to_string()),
        ("resources", report.resources.to_string()),
        ("groups", report.groups.to_string()),
        ("variants", report.variants.to_string()),
        ("mean duration", format!("{} s", report.mean_duration_seconds)),
        ("longest duration", format!("{} s", report.longest_duration_seconds)),
        ("late", report.late.to_string()),
        ("open", report.open.to_string()),
        ("incomplete", report.incomplete.to_string()),
        ("four eyes", format!("{} of {} flagged", report.four_eyes_flagged, report.four_eyes_pairs)),
    ] {
        let _ = writeln!(text, "{name:<17} {figure}");
    }
    for pair in &report.four_eyes {
        let _ = writeln!(text, "  {} of {}  {} → {}", pair.flagged, pair.pairs, pair.check, pair.decision);
    }
    let _ = writeln!(text, "\nactivities: events, mean and longest seconds");
    for activity in &report.by_activity {
        let (mean, longest) = (activity.mean_elapsed_seconds, activity.longest_elapsed_seconds);
        let _ = writeln!(text, "  {:>7}  {mean:>15}  {longest:>15}  {}", activity.events, activity.activity);
    }
    let _ = writeln!(text, "\nvariants: cases, steps");
    for variant in report.by_variant.iter().take(LINES_MAX) {
        let names: Vec<&str> = variant.activities.iter().map(|name| &**name).collect();
        let _ = writeln!(text, "  {:>7}  {}", variant.cases, names.join(" → "));
    }
    let more = report.by_variant.len().saturating_sub(LINES_MAX);
    if more > 0 {
        let _ = writeln!(text, "  and {more} more, see --json");
    }
    text
}
