//! What is wrong with an item by itself: the checks that publishing makes, and the warnings that a tool adds.
//!
//! Every finding has a stable code, the place in the item, and what was found there. Publishing refuses an item for the first
//! finding in the order of [`Error`]; `tongban catalogue check` shows them all.

use crate::catalogue::{
    BodyNature, CaseKind, DayUnit, DocumentId, Error, HandleArea, HandleType, Item, ItemCode, ItemType, Level,
    Material, MaterialSource, Need, OnRejection, OutcomeKind, Silence, Stake, Step, StepKind, Term,
};
use crate::conditions::{Condition, ConditionError};
use crate::expressions::SyntaxError;
use crate::flow::{self, StepSet};
use crate::forms::{Form, FormProblem};
use crate::law::{self, Stage};
use strum::{EnumIter, IntoStaticStr};
use tongban_types::Text;
use tongban_types::codes::{ItemImplementationCode, ItemLevel, LicenceTypeCode, UnifiedSocialCreditCode};

/// Something that keeps an item from being published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong.
    pub error: Error,
    /// Where, such as `flow[2].waits_for`.
    pub place: String,
    /// What was found there.
    pub found: String,
}

/// Something that may be meant, and is worth a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What it is.
    pub warning: Warning,
    /// Where.
    pub place: String,
    /// What was found there.
    pub found: String,
}

/// What is worth a look; the name is the stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Warning {
    /// The code is a local one.
    #[error("the code is no national implementation code of 31 characters: keep both beside each other")]
    LocalCode,
    /// The administration acts by itself.
    #[error("items of this type are not applied for")]
    NotOnApplication,
    /// More than one visit.
    #[error("more than one visit: the aim is at most one (最多跑一次)")]
    ManyVisits,
    /// A step that nothing waits for and that is not on the way to the decision.
    #[error("the decision does not wait for this step")]
    BesideTheDecision,
    /// A decision that a machine might take.
    #[error("no statute is cited that wants a person to decide: a machine may do it")]
    DecisionWithoutPerson,
    /// A field that may be left blank decides.
    #[error("the condition reads a field that may be left blank: ask has(…) first, or require the field")]
    BlankField,
    /// A government's own document is asked for.
    #[error("a document that the government issues is asked for: say in which licence it is held (政务数据共享)")]
    GovernmentMaterial,
    /// Units differ.
    #[error("promised and statutory time have different units and cannot be compared")]
    UnitsDiffer,
}

/// All that keeps an item from being published, in order of precedence.
pub fn findings(code: &ItemCode, item: &Item) -> Vec<Finding> {
    let mut checks = Checks::default();
    checks.identity(code, item);
    checks.texts(item);
    checks.clocks(item);
    checks.service(item);
    checks.materials(item);
    checks.flow(item);
    checks.conditions(item);
    checks.findings.sort_by_key(|finding| finding.error);
    checks.findings
}

/// All that is worth a look.
pub fn notices(code: &ItemCode, item: &Item) -> Vec<Notice> {
    let mut notices = Vec::new();
    let mut note = |warning, place: &str, found: String| {
        notices.push(Notice { warning, place: place.to_owned(), found });
    };
    if code.parse::<ItemImplementationCode>().is_err() {
        note(Warning::LocalCode, "code", code.to_string());
    }
    if matches!(item.item_type, ItemType::Penalty | ItemType::Coercion | ItemType::Levy | ItemType::Inspection) {
        note(Warning::NotOnApplication, "item_type", String::new());
    }
    if item.service.visits > 1 {
        note(Warning::ManyVisits, "service.visits", item.service.visits.to_string());
    }
    if item.clocks.promised.unit != item.clocks.statutory.unit {
        note(Warning::UnitsDiffer, "clocks", String::new());
    }
    for (index, material) in item.materials.iter().enumerate() {
        if material.source == MaterialSource::Government && material.held_as.is_none() {
            note(Warning::GovernmentMaterial, &format!("materials[{index}]"), material.name.to_string());
        }
    }
    let ancestors = flow::ancestors(&item.flow);
    let decisions = kinds(&item.flow, |kind| kind == StepKind::Decision);
    let before = flow::places(decisions).map(|place| ancestors[place]).fold(0, |a, b| a | b);
    for (index, step) in item.flow.iter().enumerate() {
        let is_before = (before | decisions) & (1 << index) != 0;
        if !is_before && ancestors[index] & decisions == 0 {
            note(Warning::BesideTheDecision, &format!("flow[{index}]"), step.name.to_string());
        }
        if step.kind == StepKind::Decision && step.human_only.is_none() {
            note(Warning::DecisionWithoutPerson, &format!("flow[{index}].human_only"), step.name.to_string());
        }
    }
    if let Ok(form) = Form::parse(&item.form) {
        for (place, text) in conditions_of(item) {
            let condition = Condition::new(text, &form);
            for path in condition.iter().flat_map(|condition| condition.unguarded(&form)) {
                note(Warning::BlankField, &place, path.to_owned());
            }
        }
    }
    notices.sort_by_key(|notice| notice.warning);
    notices
}

/// All expressions of an item and where they stand.
pub fn conditions_of(item: &Item) -> Vec<(String, &str)> {
    let mut found: Vec<(String, &str)> = Vec::new();
    found.extend(item.eligibility.iter().map(|text| ("eligibility".to_owned(), &**text)));
    for (index, material) in item.materials.iter().enumerate() {
        found.extend(material.condition.iter().map(|text| (format!("materials[{index}].condition"), &**text)));
    }
    for (index, step) in item.flow.iter().enumerate() {
        found.extend(step.condition.iter().map(|text| (format!("flow[{index}].condition"), &**text)));
    }
    found
}

/// Whether this is a code by which an item can be kept.
pub fn is_code(code: &ItemCode) -> bool {
    !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether an item can be published under this code. One that looks like a national code and is none is mistyped, and no local code; those of
/// older catalogues are kept as they are.
pub fn is_code_to_publish(code: &ItemCode) -> bool {
    let looks_national = code.len() == NATIONAL_CHARS && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_code(code) && (!looks_national || code.parse::<ItemImplementationCode>().is_ok())
}

fn kinds(flow: &flow::Flow, wanted: fn(StepKind) -> bool) -> StepSet {
    let chosen = flow.iter().enumerate().filter(|(_, step)| wanted(step.kind));
    chosen.fold(0, |set, (place, _)| set | 1 << place)
}

fn first_repeated<T: PartialEq>(values: &[T]) -> Option<usize> {
    (0..values.len()).find(|index| values[..*index].contains(&values[*index]))
}

/// Characters of a national implementation code.
const NATIONAL_CHARS: usize = 31;
/// Days before the end of a licence at which a renewal is applied for, at most.
const RENEWAL_DAYS_MAX: u16 = 365;

/// Whether this is the code of an item as it is handled (业务办理项编码): an implementation code, that of the item where it has one and otherwise one
/// of its department, and two digits.
fn is_handling_item(handled: &str, code: &ItemCode, item: &Item) -> bool {
    let Some((front, sequence)) = handled.split_at_checked(NATIONAL_CHARS) else { return false };
    let Ok(national) = front.parse::<ItemImplementationCode>() else { return false };
    let is_of_item = match code.parse::<ItemImplementationCode>() {
        Ok(own) => own == national,
        Err(_) => national.body().as_str() == &*item.department.code,
    };
    is_of_item && sequence.len() == 2 && sequence.bytes().all(|byte| byte.is_ascii_digit())
}

#[derive(Default)]
struct Checks {
    findings: Vec<Finding>,
}

impl Checks {
    fn find(&mut self, error: Error, place: impl Into<String>, found: impl Into<String>) {
        self.findings.push(Finding { error, place: place.into(), found: found.into() });
    }

    fn identity(&mut self, code: &ItemCode, item: &Item) {
        if !is_code_to_publish(code) {
            self.find(Error::CodeMalformed, "code", &**code);
        }
        let mut departments = vec![&item.department.code];
        departments.extend(item.joint_departments.iter().map(|department| &department.code));
        let place = |index: usize| match index {
            0 => "department.code".to_owned(),
            _ => format!("joint_departments[{}].code", index - 1),
        };
        for (index, department) in departments.iter().enumerate() {
            if department.parse::<UnifiedSocialCreditCode>().is_err() {
                self.find(Error::DepartmentCode, place(index), &***department);
            }
        }
        if let Some(index) = first_repeated(&departments) {
            self.find(Error::DepartmentTwice, place(index), &**departments[index]);
        }
        if let Ok(national) = code.parse::<ItemImplementationCode>() {
            let is_of_type = number_of(item.item_type).contains(&digits(national.basic_code().type_digits()));
            let is_of_level = national.level() == level_of(item.use_level);
            if !is_of_type || !is_of_level || national.body().as_str() != &*item.department.code {
                self.find(Error::CodeOfAnother, "code", &**code);
            }
        }
        if let Some(handled) = &item.task_handle_item
            && !is_handling_item(handled, code, item)
        {
            self.find(Error::HandleItem, "task_handle_item", &**handled);
        }
        let is_entrusted = item.body_nature == BodyNature::EntrustedBody;
        if item.entrust_name.as_ref().is_some_and(|name| !name.is_empty()) != is_entrusted {
            self.find(Error::EntrustName, "entrust_name", item.entrust_name.as_deref().unwrap_or_default());
        }
    }

    fn texts(&mut self, item: &Item) {
        let needed: [(&str, &str); 8] = [
            ("name", &item.name),
            ("department.name", &item.department.name),
            ("power_source", &item.power_source),
            ("accept_condition", &item.accept_condition),
            ("service.address", &item.service.address),
            ("service.hours", &item.service.hours),
            ("service.contact", &item.service.contact),
            ("service.supervision", &item.service.supervision),
        ];
        for (place, text) in needed {
            if text.is_empty() {
                self.find(Error::TextMissing, place, "");
            }
        }
        for (index, department) in item.joint_departments.iter().enumerate() {
            if department.name.is_empty() {
                self.find(Error::TextMissing, format!("joint_departments[{index}].name"), "");
            }
        }
        let said = [
            ("clocks.anticipate_explain", item.clocks.anticipate_explain.as_deref()),
            ("clocks.promise_explain", item.clocks.promise_explain.as_deref()),
            ("service.service_type", item.service.service_type.as_deref()),
        ];
        for (place, text) in said {
            if text.is_some_and(str::is_empty) {
                self.find(Error::TextMissing, place, "");
            }
        }
        if first_repeated(&item.sensitive).is_some() {
            self.find(Error::ListedTwice, "sensitive", "");
        }
        if first_repeated(&item.special_procedure).is_some() {
            self.find(Error::ListedTwice, "special_procedure", "");
        }
        self.document("outcome.result_guid", item.outcome.result_guid.as_ref());
        if item.legal_basis.is_empty() || item.legal_basis.iter().any(|basis| basis.law.is_empty()) {
            self.find(Error::BasisMissing, "legal_basis", "");
        }
        if item.served.is_empty() || first_repeated(&item.served).is_some() {
            self.find(Error::ServedMissing, "served", "");
        }
        let name = item.outcome.name.as_ref();
        let is_named_certificate = name.is_some_and(|name| name.ends_with('证'));
        let is_certificate = item.outcome.kind == OutcomeKind::Certificate;
        if is_certificate && name.is_none_or(|name| name.is_empty()) || is_named_certificate && !is_certificate {
            self.find(Error::OutcomeName, "outcome", name.map(ToString::to_string).unwrap_or_default());
        }
        if let Some(licence_type) = &item.outcome.licence_type
            && !(is_certificate && licence_type.parse::<LicenceTypeCode>().is_ok())
        {
            self.find(Error::OutcomeLicence, "outcome.licence_type", &**licence_type);
        }
    }

    fn clocks(&mut self, item: &Item) {
        let clocks = &item.clocks;
        let Term { days, unit } = clocks.promised;
        if is_never_within(clocks.promised, clocks.statutory) {
            let Term { days: limit, unit: of_law } = clocks.statutory;
            let found = if unit == of_law {
                format!("{days} > {limit}")
            } else {
                format!("{days} {} > {limit} {}", in_words(unit), in_words(of_law))
            };
            self.find(Error::PromisedOverStatutory, "clocks.promised", found);
        }
        if item.case_kind == CaseKind::OnTheSpot && days > 1 {
            self.find(Error::OnTheSpotDays, "clocks.promised.days", days.to_string());
        }
        if item.case_kind == CaseKind::Promised && days == 0 {
            self.find(Error::PromiseMissing, "clocks.promised.days", "0");
        }
        if let Some(renewal) = &clocks.renewal
            && (!(1..=RENEWAL_DAYS_MAX).contains(&renewal.days) || renewal.basis.law.is_empty())
        {
            self.find(Error::RenewalTerm, "clocks.renewal", renewal.days.to_string());
        }
        let stage = if item.joint_departments.is_empty() { Stage::Decision } else { Stage::JointDecision };
        let limits = [
            (Error::AcceptanceOverLaw, "clocks.acceptance_days", clocks.acceptance_days, Stage::Acceptance),
            (Error::DeliveryOverLaw, "clocks.delivery_days", clocks.delivery_days, Stage::Delivery),
            (Error::DecisionOverLaw, "clocks.statutory", clocks.statutory.days, stage),
        ];
        for (error, place, days, stage) in limits {
            let special = law::special_limit(clocks.statutory_clock, stage);
            let general = (item.item_type == ItemType::Licence).then(|| law::limit(stage));
            let Some(limit) = special.or(general) else { continue };
            let is_decision = error == Error::DecisionOverLaw;
            let is_other = is_decision && clocks.statutory_basis.as_ref().is_some_and(|basis| !basis.law.is_empty());
            // A week has five working days.
            let most = if is_decision && clocks.statutory.unit == DayUnit::CalendarDay {
                limit.working_days / 5 * 7
            } else {
                limit.working_days
            };
            if days > most && !is_other {
                self.find(error, place, format!("{days} > {most} ({})", limit.article));
            }
        }
    }

    fn service(&mut self, item: &Item) {
        let service = &item.service;
        if service.handle_types.is_empty() || first_repeated(&service.handle_types).is_some() {
            self.find(Error::WaysMissing, "service.handle_types", "");
        }
        let is_remote = |way: &HandleType| matches!(way, HandleType::Online | HandleType::Mobile | HandleType::Courier);
        if service.visits == 0 && !service.handle_types.iter().any(is_remote) {
            self.find(Error::VisitsWithoutWay, "service.visits", "0");
        }
        if service.visits > 0 && service.visits_reason.as_ref().is_none_or(|reason| reason.is_empty()) {
            self.find(Error::VisitsWithoutReason, "service.visits_reason", service.visits.to_string());
        }
        for (index, fee) in item.fees.iter().enumerate() {
            let place = format!("fees[{index}]");
            if fee.name.is_empty() || fee.standard.is_empty() {
                self.find(Error::TextMissing, &place, &*fee.name);
            }
            if fee.basis.law.is_empty() {
                self.find(Error::BasisMissing, format!("{place}.basis"), &*fee.name);
            }
            if fee.amount.is_some_and(tongban_types::codes::Cents::is_negative) {
                self.find(Error::FeeAmount, format!("{place}.amount"), &*fee.name);
            }
            if fee.reducible && fee.reduction.as_ref().is_none_or(|reduction| reduction.is_empty()) {
                self.find(Error::FeeReduction, format!("{place}.reduction"), &*fee.name);
            }
        }
    }

    fn materials(&mut self, item: &Item) {
        let names: Vec<&Text<100>> = item.materials.iter().map(|material| &material.name).collect();
        if let Some(index) = first_repeated(&names) {
            self.find(Error::MaterialTwice, format!("materials[{index}].name"), &**names[index]);
        }
        for (index, material) in item.materials.iter().enumerate() {
            let place = format!("materials[{index}]");
            if material.name.is_empty() {
                self.find(Error::TextMissing, format!("{place}.name"), "");
            }
            self.material(item, material, &place);
            if material.copies == 0 && material.need != Need::Optional {
                self.find(Error::MaterialCopies, format!("{place}.copies"), &*material.name);
            }
            if let Some(held) = &material.held_as {
                let is_type = held.licence_type.parse::<LicenceTypeCode>().is_ok();
                if !is_type || held.field.as_ref().is_some_and(|field| field.is_empty()) {
                    self.find(Error::HeldMalformed, format!("{place}.held_as"), &*held.licence_type);
                }
            }
        }
    }

    /// What may be said of a material besides.
    fn material(&mut self, item: &Item, material: &Material, place: &str) {
        for (field, text) in
            [("page_format", material.page_format.as_deref()), ("source_explain", material.source_explain.as_deref())]
        {
            if text.is_some_and(str::is_empty) {
                self.find(Error::TextMissing, format!("{place}.{field}"), &*material.name);
            }
        }
        if material.by_law.as_ref().is_some_and(|basis| basis.law.is_empty()) {
            self.find(Error::BasisMissing, format!("{place}.by_law"), &*material.name);
        }
        self.document(format!("{place}.form_guid"), material.form_guid.as_ref());
        self.document(format!("{place}.example_guid"), material.example_guid.as_ref());
        let is_proof = material.need != Need::Main && material.source != MaterialSource::Applicant;
        if material.by_commitment == Some(true) && (!is_proof || law::excluded_from_commitment(item)) {
            self.find(Error::CommitmentForbidden, format!("{place}.by_commitment"), &*material.name);
        }
    }

    fn document(&mut self, place: impl Into<String>, document: Option<&DocumentId>) {
        if let Some(document) = document.filter(|document| !is_code(document)) {
            self.find(Error::DocumentId, place, &**document);
        }
    }

    fn flow(&mut self, item: &Item) {
        let flow = &item.flow;
        if flow.is_empty() {
            return self.find(Error::FlowEmpty, "flow", "");
        }
        for (index, step) in flow.iter().enumerate() {
            self.step(item, index, step);
        }
        self.graph(item);
    }

    fn step(&mut self, item: &Item, index: usize, step: &Step) {
        let place = |field: &str| format!("flow[{index}].{field}");
        let name = &*step.name;
        if name.is_empty() {
            self.find(Error::TextMissing, place("name"), "");
        }
        if item.flow[..index].iter().any(|earlier| earlier.name == step.name) {
            self.find(Error::StepTwice, place("name"), name);
        }
        let takes_part = step.department == item.department.code
            || item.joint_departments.iter().any(|department| department.code == step.department);
        if !takes_part {
            self.find(Error::StepDepartment, place("department"), &*step.department);
        }
        if step.role.is_empty() {
            self.find(Error::StepRole, place("role"), name);
        }
        for (number, before) in step.waits_for.iter().enumerate() {
            if flow::place_of(&item.flow, before).is_none() || step.waits_for[..number].contains(before) {
                self.find(Error::PredecessorUnknown, format!("flow[{index}].waits_for[{number}]"), &**before);
            }
        }
        if step.human_only.is_some() && step.kind == StepKind::AutomaticCheck {
            self.find(Error::HumanAutomatic, place("kind"), name);
        }
        if step.human_only.as_ref().is_some_and(|basis| basis.law.is_empty()) {
            self.find(Error::BasisMissing, place("human_only"), name);
        }
        let is_silence_open = step.stake == Stake::General
            && !step.written_opinion_required
            && step.human_only.is_none()
            && step.kind == StepKind::Review
            && law::silence_excluded(item).is_none();
        if step.silence == Silence::DeemedConsent && !is_silence_open {
            self.find(Error::DeemedConsentForbidden, place("silence"), name);
        }
        self.first_review(item, step, &place("first_review"));
        if step.hearing_right && step.kind != StepKind::Decision {
            self.find(Error::StepHearing, place("hearing_right"), name);
        }
        let stays = matches!(step.kind, StepKind::Acceptance | StepKind::Decision | StepKind::Certificate);
        if step.at_place && (stays || item.service.handle_area == HandleArea::LocalOnly) {
            self.find(Error::StepPlace, place("at_place"), name);
        }
        let hearing = law::limit(Stage::Hearing);
        if step.kind == StepKind::Hearing && step.days > hearing.working_days {
            let found = format!("{} > {} ({})", step.days, hearing.working_days, hearing.article);
            self.find(Error::HearingOverLaw, place("days"), found);
        }
    }

    /// What a lower body examines first has days of its own by law; where it stands in the flow is seen in [`Checks::graph`].
    fn first_review(&mut self, item: &Item, step: &Step, place: &str) {
        let Some(first) = &step.first_review else { return };
        if step.kind != StepKind::Review || step.department == item.department.code {
            self.find(Error::FirstReviewPlace, place, &*step.name);
        }
        if first.basis.as_ref().is_some_and(|basis| basis.law.is_empty()) {
            self.find(Error::BasisMissing, format!("{place}.basis"), &*step.name);
        }
        let limit = law::limit(Stage::FirstReview);
        let is_bound = item.item_type == ItemType::Licence && first.basis.is_none();
        if is_bound && first.statutory_days > limit.working_days {
            let found = format!("{} > {} ({})", first.statutory_days, limit.working_days, limit.article);
            self.find(Error::FirstReviewOverLaw, place, found);
        }
        let planned = Term { days: step.days, unit: item.clocks.promised.unit };
        if is_never_within(planned, Term { days: first.statutory_days, unit: DayUnit::WorkingDay }) {
            let found = format!("{} > {}", step.days, first.statutory_days);
            self.find(Error::FirstReviewOverLaw, place, found);
        }
    }

    fn graph(&mut self, item: &Item) {
        let flow = &item.flow;
        let ancestors = flow::ancestors(flow);
        let is_on_circle = |place: usize| ancestors[place] & (1 << place) != 0;
        let waits_in_vain =
            |place: usize| flow[place].waits_for.iter().any(|name| flow::place_of(flow, name).is_none());
        for (index, step) in flow.iter().enumerate() {
            let is_stuck = |before: usize| before != index && (is_on_circle(before) || waits_in_vain(before));
            if is_on_circle(index) {
                self.find(Error::FlowCycle, format!("flow[{index}].waits_for"), &*step.name);
            } else if flow::places(ancestors[index]).any(is_stuck) {
                self.find(Error::StepUnreachable, format!("flow[{index}]"), &*step.name);
            }
            if let OnRejection::Return { to } = &step.on_rejection {
                let target = flow::place_of(flow, to);
                if target.is_none_or(|target| ancestors[index] & (1 << target) == 0) {
                    self.find(Error::ReturnTarget, format!("flow[{index}].on_rejection"), &**to);
                }
            }
        }
        let decisions = kinds(flow, |kind| kind == StepKind::Decision);
        let acceptances = kinds(flow, |kind| kind == StepKind::Acceptance);
        if decisions == 0 {
            self.find(Error::DecisionMissing, "flow", "");
        }
        let before = flow::places(decisions).map(|place| ancestors[place]).fold(0, |a, b| a | b);
        for (index, step) in flow.iter().enumerate() {
            if step.first_review.is_some() && decisions != 0 && before & (1 << index) == 0 {
                self.find(Error::FirstReviewPlace, format!("flow[{index}].first_review"), &*step.name);
            }
        }
        for (index, step) in flow.iter().enumerate() {
            let misses = match step.kind {
                StepKind::Certificate | StepKind::Delivery => decisions != 0 && ancestors[index] & decisions == 0,
                StepKind::Decision => acceptances != 0 && ancestors[index] & acceptances == 0,
                _ => false,
            };
            if misses {
                self.find(Error::ResultBeforeDecision, format!("flow[{index}]"), &*step.name);
            }
        }
        let counted = |place: usize| {
            if flow::is_on_decision_clock(flow[place].kind) { u32::from(flow[place].days) } else { 0 }
        };
        if let Ok(way) = flow::longest_way(flow, counted)
            && way.days > u32::from(item.clocks.promised.days)
        {
            let names: Vec<&str> = way.steps.iter().map(|place| &*flow[*place].name).collect();
            let found = format!("{} > {} ({})", way.days, item.clocks.promised.days, names.join(" → "));
            self.find(Error::StepsOverPromise, "flow", found);
        }
    }

    fn conditions(&mut self, item: &Item) {
        let form = match Form::parse(&item.form) {
            Ok(form) => form,
            Err(error) => {
                let code = match error.problem {
                    FormProblem::Malformed(_) => Error::FormMalformed,
                    FormProblem::Keyword(_) => Error::FormKeyword,
                    FormProblem::Reference => Error::FormReference,
                    FormProblem::Held(_) => Error::HeldMalformed,
                    FormProblem::TooLarge => Error::FormTooLarge,
                };
                let place = if error.place.is_empty() { "form".to_owned() } else { format!("form/{}", error.place) };
                return self.find(code, place, error.problem.to_string());
            }
        };
        for (place, text) in conditions_of(item) {
            if let Err(error) = Condition::new(text, &form) {
                let code = match &error {
                    ConditionError::Syntax(SyntaxError::TooLarge) => Error::ConditionTooLarge,
                    ConditionError::Syntax(SyntaxError::Float) => Error::ConditionFloat,
                    ConditionError::Syntax(SyntaxError::NotAllowed(_) | SyntaxError::Unexpected(_)) => {
                        Error::ConditionSyntax
                    }
                    ConditionError::UnknownField(_) => Error::ConditionField,
                    ConditionError::WrongKind(_) => Error::ConditionKind,
                };
                self.find(code, place, error.to_string());
            }
        }
    }
}

/// Days off of a year's public holidays (全国年节及纪念日放假办法 第二条), thirteen since 2025, and as many again for what is moved around them (调休).
const DAYS_OFF_MAX: u32 = 26;
/// Days at weekends that a year's calendar makes working days, at most.
const MAKE_UP_DAYS_MAX: u32 = 10;
/// Fewer working days than any year has, so that more years are reckoned with than pass.
const WORKING_DAYS_OF_YEAR: u32 = 240;

/// Whether a promised time ends after the statutory one whenever both begin. With the same unit that is the longer one. With different units the
/// calendar decides which is longer; so only what no calendar could bring within the law is sure, and the rest is worth a look alone
/// ([`Warning::UnitsDiffer`]).
fn is_never_within(promised: Term, statutory: Term) -> bool {
    let (days, limit) = (u32::from(promised.days), u32::from(statutory.days));
    match (promised.unit, statutory.unit) {
        (DayUnit::WorkingDay, DayUnit::WorkingDay) | (DayUnit::CalendarDay, DayUnit::CalendarDay) => days > limit,
        // Working days of the law take five-day weeks at most, and the year's days off on top of them.
        (DayUnit::CalendarDay, DayUnit::WorkingDay) => {
            let years = limit.div_ceil(WORKING_DAYS_OF_YEAR);
            days > limit.div_ceil(5) * 7 + years * DAYS_OFF_MAX
        }
        // There are no more working days in a time than days, nor more than its weeks have and what is made up for.
        (DayUnit::WorkingDay, DayUnit::CalendarDay) => {
            let years = limit.div_ceil(365);
            days > limit.min(limit - limit / 7 * 2 + years * MAKE_UP_DAYS_MAX)
        }
    }
}

const fn in_words(unit: DayUnit) -> &'static str {
    match unit {
        DayUnit::WorkingDay => "工作日",
        DayUnit::CalendarDay => "自然日",
    }
}

fn digits(text: &str) -> u32 {
    text.parse().expect("two digits of a parsed code")
}

/// The numbers of a type in national codes; provinces extend the last two.
fn number_of(item_type: ItemType) -> std::ops::RangeInclusive<u32> {
    match item_type {
        ItemType::Licence => 1..=1,
        ItemType::Penalty => 2..=2,
        ItemType::Coercion => 3..=3,
        ItemType::Levy => 4..=4,
        ItemType::Benefit => 5..=5,
        ItemType::Inspection => 6..=6,
        ItemType::Confirmation => 7..=7,
        ItemType::Reward => 8..=8,
        ItemType::Adjudication => 9..=9,
        ItemType::Other => 10..=19,
        ItemType::PublicService => 20..=29,
    }
}

/// The level in national codes, which have the same table.
const fn level_of(level: Level) -> ItemLevel {
    match level {
        Level::Nation => ItemLevel::Nation,
        Level::Province => ItemLevel::Province,
        Level::City => ItemLevel::City,
        Level::County => ItemLevel::County,
        Level::Town => ItemLevel::Town,
        Level::Village => ItemLevel::Village,
        Level::Graded => ItemLevel::Graded,
    }
}
