//! `tongban catalogue check`: all findings about item files, with place, code, why and how to mend.

use super::advice;
use super::item_file::ItemFile;
use super::staffing;
use crate::organisation::file::Organisation;
use crate::output;
use anyhow::{Context as _, bail};
use serde::Serialize;
use std::path::{Path, PathBuf};
use tongban_kernel::ModuleError as _;
use tongban_modules::item_rules;

/// What is wrong with one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The file.
    pub file: String,
    /// The item's code, where the file could be read.
    pub code: Option<String>,
    /// The item's name, where the file could be read.
    pub name: Option<String>,
    /// What keeps it from being published.
    pub errors: Vec<Remark>,
    /// What is worth a look.
    pub warnings: Vec<Remark>,
    /// What the organisation lacks to handle it, where it was compared with one.
    pub organisation: Vec<Remark>,
}

impl Report {
    /// Whether it can be published, and handled by the organisation with which it was compared.
    pub fn is_good(&self) -> bool {
        self.errors.is_empty() && self.organisation.is_empty()
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// Where, such as `flow[2].waits_for`.
    pub place: String,
    /// The stable code.
    pub code: String,
    /// Why it is a finding.
    pub why: String,
    /// What was found there.
    pub found: String,
    /// How to mend it.
    pub mend: String,
}

/// Checks one file, and whether an organisation has who handles it.
pub fn check(path: &Path, organisation: Option<&Organisation>) -> Report {
    let file = path.display().to_string();
    let item = match ItemFile::read(path) {
        Ok(item) => item,
        Err(error) => {
            let mend = advice::of_file(error.code).to_owned();
            let (place, code) = (error.place, error.code.to_owned());
            let remark = Remark { place, code, why: error.message, found: String::new(), mend };
            let (errors, warnings, organisation) = (vec![remark], Vec::new(), Vec::new());
            return Report { file, code: None, name: None, errors, warnings, organisation };
        }
    };
    let errors = item_rules::findings(&item.code, &item.item).into_iter().map(|finding| Remark {
        place: finding.place,
        code: finding.error.code().to_string(),
        why: finding.error.to_string(),
        found: finding.found,
        mend: advice::of_error(finding.error).to_owned(),
    });
    let warnings = item_rules::notices(&item.code, &item.item).into_iter().map(|notice| Remark {
        place: notice.place,
        code: format!("catalogue.warning.{}", <&'static str>::from(notice.warning)),
        why: notice.warning.to_string(),
        found: notice.found,
        mend: advice::of_warning(notice.warning).to_owned(),
    });
    Report {
        errors: errors.collect(),
        warnings: warnings.collect(),
        organisation: organisation.map(|organisation| staffing::lacks(&item.item, organisation)).unwrap_or_default(),
        code: Some(item.code.to_string()),
        name: Some(item.item.name.to_string()),
        file,
    }
}

/// The report for people.
pub fn in_words(report: &Report) -> String {
    let verdict = match (report.errors.is_empty(), report.organisation.is_empty()) {
        (true, true) => "可以发布",
        (true, false) => "可以发布，机构文件有缺口",
        (false, _) => "不能发布",
    };
    let name = report.name.as_deref().unwrap_or("-");
    let (errors, warnings) = (report.errors.len(), report.warnings.len());
    let mut text = format!("{}  {name}  {verdict}（错误 {errors}，提醒 {warnings}）\n", report.file);
    for (kind, remarks) in [("错误", &report.errors), ("机构", &report.organisation), ("提醒", &report.warnings)]
    {
        for Remark { place, code, why, found, mend } in remarks {
            let found = if found.is_empty() { String::new() } else { format!("：{found}") };
            text += &format!("  {kind} {place}{found}\n    {why} ({code})\n    办法：{mend}\n");
        }
    }
    text
}

/// The organisation file with which items are compared.
pub fn read_organisation(path: &Path) -> anyhow::Result<Organisation> {
    Organisation::read(path).with_context(|| format!("cannot use {}", path.display()))
}

/// Checks files and prints what was found; fails where one cannot be published.
pub fn run(files: &[PathBuf], organisation: Option<&Path>, json: bool) -> anyhow::Result<()> {
    let organisation = organisation.map(read_organisation).transpose()?;
    let reports: Vec<Report> = files.iter().map(|file| check(file, organisation.as_ref())).collect();
    if json {
        output::line(format_args!("{}", serde_json::to_string_pretty(&reports)?));
    } else {
        reports.iter().for_each(|report| output::text(format_args!("{}", in_words(report))));
    }
    let wrong = reports.iter().filter(|report| !report.errors.is_empty()).count();
    if wrong > 0 {
        bail!("{wrong} of {} files cannot be published", reports.len());
    }
    let unstaffed = reports.iter().filter(|report| !report.is_good()).count();
    if unstaffed > 0 {
        bail!("{unstaffed} of {} files cannot be handled by this organisation", reports.len());
    }
    Ok(())
}
