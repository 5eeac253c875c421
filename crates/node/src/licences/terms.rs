//! From when until when a licence is to be valid, and on what ground it is issued, from the command line.

use anyhow::bail;
use clap::Args;
use std::str::FromStr;
use tongban_modules::items::LegalBasis;
use tongban_modules::licence_history::{Ground, Period};
use tongban_modules::licences::SupersessionCause;
use tongban_types::{Text, Time};

/// A day in Beijing, `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// The moment at which it begins.
    begins: Time,
}

const DAY_MILLIS: u64 = 86_400_000;

impl Day {
    /// The first moment behind it.
    pub fn ends(self) -> Time {
        self.begins.plus_millis(DAY_MILLIS)
    }
}

impl FromStr for Day {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_day = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let begins = format!("{text}T00:00:00+08:00").parse().ok().filter(|_| is_day);
        begins.map(|begins| Self { begins }).ok_or_else(|| "a day such as 2026-11-22 is expected".to_owned())
    }
}

/// From when until when.
#[derive(Args)]
pub struct TermArguments {
    /// The first day of its term (YYYY-MM-DD); from now on where this is absent, a renewal from the end of the old term
    #[arg(long)]
    pub valid_from: Option<Day>,
    /// The last day of its term (YYYY-MM-DD); a new version without it ends as the old one does, if that has an end
    #[arg(long, conflicts_with = "long_term")]
    pub valid_until: Option<Day>,
    /// It has no end (长期)
    #[arg(long)]
    pub long_term: bool,
}

impl TermArguments {
    /// The term of a new licence.
    pub fn of_issue(&self, now: Time) -> anyhow::Result<Period> {
        let from = self.valid_from.map_or(now, |day| day.begins);
        Ok(Period { from: Some(from), until: self.end(None)? })
    }

    /// The term of a new version.
    pub fn of_version(&self, old: Period, cause: SupersessionCause, now: Time) -> anyhow::Result<Period> {
        let not_begun = old.from.filter(|from| *from > now);
        let end_of_old = old.until.filter(|until| *until > now && cause == SupersessionCause::Renewal);
        let from = self.valid_from.map(|day| day.begins).or(not_begun).or(end_of_old).unwrap_or(now);
        let inherited = if cause == SupersessionCause::Renewal { None } else { old.until };
        Ok(Period { from: Some(from), until: self.end(inherited)? })
    }

    /// The end that is named, or else that of the old version. Nothing is without an end because nobody thought of it.
    fn end(&self, inherited: Option<Time>) -> anyhow::Result<Option<Time>> {
        match (self.valid_until, self.long_term, inherited) {
            (Some(day), _, _) => Ok(Some(day.ends())),
            (None, true, _) => Ok(None),
            (None, false, Some(inherited)) => Ok(Some(inherited)),
            (None, false, None) => bail!("until when is it valid? name --valid-until or --long-term"),
        }
    }
}

/// On what ground, where there is no case.
#[derive(Args)]
pub struct GroundArguments {
    /// The law on which it rests, where there is no case
    #[arg(long, requires_all = ["article", "reason"])]
    law: Option<Text<200>>,
    /// Its article
    #[arg(long, requires = "law")]
    article: Option<Text<100>>,
    /// The facts, for the public. No personal data
    #[arg(long, requires = "law")]
    reason: Option<Text<200>>,
    /// The number of the written decision (文书号)
    #[arg(long, requires = "law")]
    document: Option<Text<60>>,
}

impl GroundArguments {
    /// The ground, where one is named.
    pub fn ground(&self) -> Option<Ground> {
        let (law, article, reason) = (self.law.clone()?, self.article.clone()?, self.reason.clone()?);
        Some(Ground { basis: LegalBasis { law, article }, reason, document: self.document.clone() })
    }
}
