//! What a proof shows of licences, in words, Chinese and English.

use super::disclosed::DisclosedField;
use super::licence::{CopyVerdict, GrantState, GrantVerdict, LicenceStanding, LicenceVerdict, Warning};
use std::fmt::Write as _;
use tongban_modules::licence_history::{Period, Status};
use tongban_modules::licences::{Holder, IssuerStanding};
use tongban_types::Time;

/// One licence, as lines.
pub fn in_words(licence: &LicenceVerdict) -> String {
    let mut text = format!("证照 licence {}\n  {}\n", licence.identifier, standing(licence));
    let mut line = |line: String| {
        let _ = writeln!(text, "  {line}"); // writing to a text never fails
    };
    if let Some(issuer) = licence.issuer {
        line(format!("颁发机构 issuer: {}", issuer_in_words(issuer)));
    }
    if let Some(term) = licence.term {
        line(format!("有效期 term: {}", term_in_words(term)));
    }
    match licence.holder {
        Some(Holder::Account { account }) => line(format!("持证主体 holder: account {account}")),
        Some(Holder::Commitment { commitment }) => line(format!("持证主体 holder: commitment {commitment}")),
        None => {}
    }
    if let Some(copy) = &licence.copy {
        line(copy_in_words(copy));
    }
    if let Some(grant) = &licence.grant {
        line(grant_in_words(grant));
    } else if let Some(case) = &licence.rests_on {
        line(format!(
            "依据办件 rests on case {case}; a proof of that case says whether its grant stood: --case (是否仍有效以办件证明或联网查询为准)"
        ));
    }
    if !licence.anomalies.is_empty() {
        let names: Vec<&'static str> = licence.anomalies.iter().map(|anomaly| anomaly.into()).collect();
        line(format!("导入异常 anomalies: {}", names.join(", ")));
    }
    for warning in &licence.warnings {
        line(format!("提醒 note: {}", warning_in_words(*warning, licence.term)));
    }
    text
}

/// The verdict in one line: what it was as of the proof, and that nothing confirms it now.
pub fn standing(licence: &LicenceVerdict) -> String {
    let as_of = licence.as_of;
    let (status_zh, status_en) = licence.status.as_ref().map(status).unwrap_or_default();
    match licence.standing {
        LicenceStanding::ValidAsOfUnconfirmedNow => {
            format!("截至 {as_of} {status_zh}，现在未确认 {status_en} as of {as_of}, unconfirmed now")
        }
        LicenceStanding::ValidAsOfEndedByClock => {
            let (now_zh, now_en) = licence.status_by_clock.as_ref().map(status).unwrap_or_default();
            format!(
                "截至 {as_of} {status_zh}，按本机时钟现{now_zh} {status_en} as of {as_of}, and by this machine's clock {now_en} now"
            )
        }
        LicenceStanding::NotValid => {
            format!("截至 {as_of} {status_zh}：无效 {status_en} as of {as_of}: not valid")
        }
        LicenceStanding::NotShown => {
            format!("截至 {as_of} 此证明未显示其是否有效 this proof does not show whether it was valid as of {as_of}")
        }
    }
}

/// Why nobody should rely on it, in one line.
pub fn objection(licence: &LicenceVerdict) -> String {
    if let Some(grant) = licence.grant.as_ref().filter(|grant| grant.state != GrantState::Granted) {
        return grant_in_words(grant);
    }
    match &licence.copy {
        Some(copy) if copy.note.is_none() || copy.has_ended_by_clock => copy_in_words(copy),
        _ => standing(licence),
    }
}

fn copy_in_words(copy: &CopyVerdict) -> String {
    let CopyVerdict { until, has_ended_by_clock, note, .. } = copy;
    let ended = if *has_ended_by_clock { "，已失效 and has ended by this machine's clock" } else { "" };
    match note {
        Some(note) => format!(
            "加注件 annotated copy: 仅用于 for {} only; 加注人 made out by {}; 有效至 counts until {until}{ended}",
            note.purpose, note.creator
        ),
        None => format!(
            "加注件 annotated copy whose purpose is not shown: it counts for nothing (未出示事由，无效); until {until}{ended}"
        ),
    }
}

fn grant_in_words(grant: &GrantVerdict) -> String {
    let GrantVerdict { case, as_of, state, since } = grant;
    match (state, since) {
        (GrantState::Granted, _) => {
            format!("依据办件 {case}：截至 {as_of} 准予仍有效 its grant stood as of {as_of}, unconfirmed now")
        }
        (GrantState::Revoked, Some(since)) => {
            format!("依据办件 {case}：准予已于 {since} 撤销 its grant was revoked at {since}")
        }
        (GrantState::Revoked, None) => format!("依据办件 {case}：准予已撤销 its grant was revoked"),
        (GrantState::NotGranted, _) => {
            format!("依据办件 {case}：截至 {as_of} 未准予 that case had granted nothing as of {as_of}")
        }
    }
}

/// A status in Chinese and English.
pub fn status(status: &Status) -> (String, String) {
    let (zh, en) = match status {
        Status::NotYetValid => ("尚未生效", "not yet valid"),
        Status::Valid => ("有效", "valid"),
        Status::Suspended => ("已暂扣", "suspended"),
        Status::Expired => ("已失效", "expired"),
        Status::Superseded { by } => return (format!("已变更为 {by}"), format!("replaced by {by}")),
        Status::Cancelled => ("已注销", "cancelled"),
        Status::Revoked => ("已撤销", "revoked"),
        Status::Withdrawn => ("已吊销", "withdrawn as a penalty"),
        Status::Unconfirmed => ("未经颁发机构确认", "not confirmed by its issuer"),
        Status::EndUnknown => ("有效期不明", "of unknown end"),
        Status::Draft => ("制作中、尚未颁发", "in preparation, not issued yet"),
        Status::MovedOut { to: None } => ("已迁出", "moved out"),
        Status::MovedOut { to: Some(to) } => {
            return (format!("已迁出至{}", to.name), format!("moved out to {}", to.name));
        }
        Status::Other => ("状态不明（其他）", "of a state that its source does not say"),
    };
    (zh.to_owned(), en.to_owned())
}

fn issuer_in_words(issuer: IssuerStanding) -> &'static str {
    match issuer {
        IssuerStanding::Authorised => "有权颁发 authorised",
        IssuerStanding::NotAuthorised => "无权颁发 not authorised for this type",
        IssuerStanding::TypeUnknown => "类型未登记 of a type that is not known to the network",
        IssuerStanding::NotInOffice => "机构未登记 no department of the network",
        IssuerStanding::Division => "区划代码 a division stands in its place",
    }
}

fn term_in_words(term: Period) -> String {
    let time = |time: Option<Time>, otherwise: &str| time.map_or_else(|| otherwise.to_owned(), |time| time.to_string());
    format!("{} – {}", time(term.from, "不详 unknown"), time(term.until, "无截止日期 without an end"))
}

fn warning_in_words(warning: Warning, term: Option<Period>) -> String {
    let moment = |time: Option<Time>| time.map(|time| format!(" ({time})")).unwrap_or_default();
    let (from, until) = (moment(term.and_then(|term| term.from)), moment(term.and_then(|term| term.until)));
    match warning {
        Warning::TermEnded => {
            format!("按本机时钟有效期已届满{until} its term has ended by this machine's clock")
        }
        Warning::TermBegun => format!("按本机时钟现已进入有效期{from} its term has begun by this machine's clock"),
        Warning::ReplacementBegun => {
            "按本机时钟新版本已生效 the version that replaces it has begun by this machine's clock".to_owned()
        }
        Warning::SuspensionEnded => {
            "按本机时钟暂扣期已满，请换新的证明 its suspension has ended by this machine's clock: take a newer proof"
                .to_owned()
        }
        Warning::StatusNotShown => {
            "请用证照记录的证明 take a proof of the licence's record to know what it was".to_owned()
        }
        Warning::TermNotShown => "此证明不含有效期 this proof does not show its term".to_owned(),
        Warning::IssuerInQuestion => "颁发机构的权限未获证实 it is not shown that its issuer was entitled".to_owned(),
    }
}

/// Fields that were shown, as lines.
pub fn shown(fields: &[DisclosedField]) -> String {
    let lines = fields.iter().map(|field| format!("出示 shown: {} = {}\n", field.name, field.value));
    lines.collect()
}
