//! The report, for people and as JSON.

use super::{Finding, Subject, Verdict};
use std::fmt::Write as _;

/// One line for each check, and beneath it, where it is not well, why that matters and what to do.
pub fn words(subject: &Subject, findings: &[Finding]) -> String {
    let mut text = format!("{}", subject.path.display());
    if let Some(department) = subject.department() {
        let _ = write!(text, " ({department})"); // writing to a text never fails
    }
    text += "\n\n";
    let width = findings.iter().map(|finding| finding.name.len()).max().unwrap_or_default();
    for finding in findings {
        let mark = match finding.verdict {
            Verdict::Well => "✓",
            Verdict::Note => "i",
            Verdict::Warning => "!",
            Verdict::Failure => "✗",
            Verdict::Skipped => "-",
        };
        let _ = writeln!(text, "{mark} {:width$}  {}", finding.name, finding.what);
        if let Some(advice) = &finding.advice {
            let _ = writeln!(text, "    why    {}\n    to do  {advice}", finding.why);
        }
    }
    let count = |verdict: Verdict| findings.iter().filter(|finding| finding.verdict == verdict).count();
    let (well, notes, warnings) = (count(Verdict::Well), count(Verdict::Note), count(Verdict::Warning));
    let (failures, skipped) = (count(Verdict::Failure), count(Verdict::Skipped));
    let _ = writeln!(
        text,
        "\n✓ {well} well   i {notes} notes   ! {warnings} warnings   ✗ {failures} failures   - {skipped} not looked at"
    );
    text
}

/// The same as one JSON object. The names of fields and checks are stable.
pub fn json(subject: &Subject, findings: &[Finding]) -> anyhow::Result<String> {
    let is = |verdict: Verdict| findings.iter().any(|finding| finding.verdict == verdict);
    let verdict = match (is(Verdict::Failure), is(Verdict::Warning)) {
        (true, _) => Verdict::Failure,
        (false, true) => Verdict::Warning,
        (false, false) => Verdict::Well,
    };
    let document = serde_json::json!({
        "configuration": subject.path,
        "department": subject.department(),
        "version": env!("CARGO_PKG_VERSION"),
        "verdict": verdict,
        "findings": findings,
    });
    Ok(serde_json::to_string_pretty(&document)?)
}
