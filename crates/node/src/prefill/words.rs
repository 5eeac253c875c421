//! What the commands of `tongban prefill` say, in both languages and without terms that only an insider knows.

use super::review::{AnswerReview, AnswerState};
use super::{Elsewhere, Prefilled};
use std::fmt::Write as _;
use tongban_modules::filled_forms::Fault;
use tongban_modules::held::Target;
use tongban_modules::licence_history::Status;
use tongban_modules::prefill::Obstacle;
use tongban_types::ConsentId;

/// The name of what was asked for.
pub fn named(target: &Target) -> &str {
    match target {
        Target::Field(path) => path,
        Target::Material(name) => name,
    }
}

/// What came of a proposal. Personal data: it is for the applicant.
pub fn of_proposal(filled: &Prefilled, consents: &[ConsentId]) -> String {
    let mut text = String::new();
    let mut line = |line: String| {
        let _ = writeln!(text, "{line}"); // writing to a text never fails
    };
    for consent in consents {
        line(format!("已授权 consent given {consent}"));
    }
    for proposal in &filled.proposed.proposals {
        let value = proposal.value.as_str().map_or_else(|| proposal.value.to_string(), str::to_owned);
        line(format!("预填 proposed  {} = {value}", named(&proposal.target)));
        line(format!(
            "  来源 source   {} of {}, kept by {}, as of {}",
            proposal.field, proposal.licence, proposal.provider, proposal.as_of
        ));
        if proposal.is_disputed {
            line(
                "  更正申请中，来源尚未答复 disputed: a correction was asked for, and its source has not answered yet"
                    .to_owned(),
            );
        }
    }
    for held in &filled.proposed.materials {
        line(format!("免交 not asked  {} ({}, kept by {})", held.material, held.licence, held.provider));
    }
    for unmet in &filled.proposed.unmet {
        let code: &'static str = unmet.obstacle.into();
        line(format!("须填 asked      {} ({code}: {})", named(&unmet.target), of_obstacle(unmet.obstacle)));
    }
    for (licence, code) in &filled.refused {
        line(format!("未获准 access refused  {licence} ({code})"));
    }
    for Elsewhere { provider, licence, targets } in &filled.elsewhere {
        let targets: Vec<&str> = targets.iter().map(named).collect();
        line(format!("未查询 not looked up  {licence}: {}", targets.join(", ")));
        line(format!(
            "  由 {provider} 保管，本节点没有它的保险库；可在该部门的节点上预填 kept by {provider}, whose vault this node does not have: \
             propose it at that department's node, or name it here with --vault {provider}=FOLDER"
        ));
    }
    line(format!("调用留痕 accesses recorded: {}", filled.recorded.len()));
    text
}

/// Why something is asked for although a licence could hold it.
pub fn of_obstacle(obstacle: Obstacle) -> &'static str {
    match obstacle {
        Obstacle::NotHeld => "没有这类证照 no such licence is held",
        Obstacle::NoConsent => "本人未授权读取 nobody has consented that it is read",
        Obstacle::TooManyFields => "一次读取的字段过多 more fields than one access may name",
        Obstacle::NotRecorded => "读取未能登记 the access could not be recorded",
        Obstacle::NotInVault => "部门的保险库里没有 the department's vault has none",
        Obstacle::Altered => "保险库里的内容与账本不符 the vault has another one than the ledger commits to",
        Obstacle::Blank => "证照上没有此项 the licence says nothing of it",
        Obstacle::Unfit => "证照上的内容不合表单的规则 the form does not admit what the licence says",
        Obstacle::Suspended => "证照已暂扣 the licence is suspended",
        Obstacle::NotInForce => {
            "证照现非有效（失效、注销、迁出、依据的准予已撤销，或尚未生效） the licence is not in force"
        }
        Obstacle::HostedElsewhere => "由其他节点保管，未查询 kept at another node, which was not asked",
    }
}

/// The rules that a form breaks, each with its field. What was filled in is not repeated.
pub fn of_faults(faults: &[Fault]) -> String {
    let lines = faults
        .iter()
        .map(|fault| format!("{}：{} {} ({})\n", fault.place, of_fault(&fault.code), fault.problem, fault.code));
    lines.collect()
}

fn of_fault(code: &str) -> &'static str {
    match code {
        "form.field_unknown" => "表单没有此项",
        "form.field_missing" => "必填项未填",
        "form.no_group" => "此处应为一组字段",
        "form.no_list" => "此处应为列表",
        "form.list_length" => "条数过少或过多",
        "form.entry_twice" => "有重复的条目",
        "form.no_text" => "应填文字",
        "form.text_length" => "文字过短或过长",
        "form.no_choice" => "不在可选范围内",
        "form.citizen_number" => "不是有效的公民身份号码",
        "form.credit_code" => "不是有效的统一社会信用代码",
        "form.division_code" => "不是有效的行政区划代码",
        "form.no_number" => "应填整数",
        "form.number_bounds" => "数值过小或过大",
        "form.no_truth" => "应填是或否",
        "form.condition_undecided" => "所填内容不足以判断此条件",
        "form.no_decision" => "按所填情形没有决定环节",
        "form.not_eligible" => "不满足受理条件；仍可申请，由部门书面答复：--although-not-eligible",
        _ => "不合规则",
    }
}

/// What an officer sees of a form's answers: whence each comes, and not what it says.
pub fn of_review(answers: &[AnswerReview]) -> String {
    let mut text = String::new();
    if answers.iter().any(|answer| answer.licence_now.is_some()) {
        text += "账本已核：提交时，各来源证照属申请人、有效，且经授权读取。内容是否一致如下\n\
                 Checked by the ledger: each source was the applicant's, in force and read with leave when the form was handed in. Whether the \
                 answers are the same:\n";
    }
    for answer in answers {
        let state = match answer.state {
            AnswerState::Proven => "一致 proven",
            AnswerState::Differs => "不一致 DIFFERS",
            AnswerState::Unproven => "来源未获证实 NOT PROVEN",
            AnswerState::Unanswered => "表中无此项 NOT ANSWERED",
            AnswerState::TypedIn => "自行填写 typed in",
            AnswerState::TypedInThoughHeld => "自行填写，但已有证照 typed in though it is held",
        };
        let source = match (&answer.licence, &answer.field) {
            (Some(licence), Some(field)) => format!(" ({field} of {licence})"),
            (Some(licence), None) => format!(" ({licence})"),
            (None, _) => String::new(),
        };
        let _ = writeln!(text, "{}: {state}{source}", answer.path); // writing to a text never fails
        if let Some(status) = answer.licence_now.as_ref().filter(|status| **status != Status::Valid) {
            let _ = writeln!(
                text,
                "  提交时有效，现在{} in force when it was handed in, and now {}",
                of_status(status).0,
                of_status(status).1
            );
        }
        if let Some(correction) = &answer.correction {
            let _ = writeln!(text, "  更正申请中，来源尚未答复 a correction was asked for at its source: {correction}");
        }
    }
    text
}

fn of_status(status: &Status) -> (&'static str, &'static str) {
    match status {
        Status::Draft => ("制作中", "being made"),
        Status::NotYetValid => ("尚未生效", "not yet valid"),
        Status::Valid => ("有效", "valid"),
        Status::Suspended => ("暂扣", "suspended"),
        Status::Expired => ("失效", "expired"),
        Status::Superseded { .. } => ("已变更", "replaced by a new version"),
        Status::Cancelled => ("已注销", "cancelled"),
        Status::Revoked => ("已撤销", "revoked"),
        Status::Withdrawn => ("已吊销", "withdrawn"),
        Status::Unconfirmed => ("未经颁发机构确认", "not confirmed by its issuer"),
        Status::MovedOut { .. } => ("已迁出", "moved out"),
        Status::Other => ("其他", "in another state"),
        Status::EndUnknown => ("有效期不明", "without a known end"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use strum::IntoEnumIterator as _;
    use tongban_modules::forms::AnswerProblem;

    #[test]
    fn every_rule_and_every_reason_has_words_of_its_own() {
        let rules: Vec<&str> =
            AnswerProblem::iter().map(|problem| of_fault(&format!("form.{}", <&'static str>::from(problem)))).collect();
        let reasons: Vec<&str> = Obstacle::iter().map(of_obstacle).collect();
        for words in [rules, reasons] {
            assert!((0..words.len()).all(|index| !words[..index].contains(&words[index])), "{words:?}");
            assert!(!words.contains(&"不合规则"), "{words:?}");
        }
    }
}
