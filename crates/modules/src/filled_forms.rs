//! A filled-in form held to the rules of its item (申请表核对): before it is committed to, and before a flow is played with it.
//!
//! The ledger has a commitment to the form and the answers that conditions decide by; so what else the item says of the form can be checked by
//! whoever has it. Here it is checked whole, by the same rules as each proposal and each fact: the fields' own rules, what must be filled in, and that
//! every condition can be decided and some step decides.

use crate::conditions;
use crate::flow;
use crate::forms::{Answers, Form};
use crate::item_rules::conditions_of;
use crate::items::{Item, StepKind};
use serde::Serialize;
use serde_json::Value as Json;

/// What a form that keeps all rules says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Its answers, by the paths of their fields.
    pub answers: Answers,
    /// Whether they meet the item's condition for acceptance; none where no expression says.
    pub is_eligible: Option<bool>,
}

/// A rule that a filled-in form breaks. Nothing of what was filled in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize)]
#[error("{place}: {problem} ({code})")]
pub struct Fault {
    /// The field, or the condition of the item.
    pub place: String,
    /// The stable code.
    pub code: String,
    /// What is wrong.
    pub problem: String,
}

/// Holds a filled-in form to the rules of its item; all that it breaks.
pub fn check(item: &Item, filled: &Json) -> Result<Checked, Vec<Fault>> {
    let form = Form::parse(&item.form).map_err(|error| vec![fault("form", "form.malformed", &error.problem)])?;
    let answers = form.answers(filled).map_err(|_| faults_of_fields(&form, filled))?;
    let undecided: Vec<Fault> = conditions_of(item)
        .into_iter()
        .filter_map(|(place, text)| {
            let reason = conditions::holds(text, &answers).err()?;
            Some(fault(&place, "form.condition_undecided", &reason))
        })
        .collect();
    if !undecided.is_empty() {
        return Err(undecided);
    }
    let is_eligible = item.eligibility.as_ref().and_then(|text| conditions::holds(text, &answers).ok());
    let applies = flow::applying(&item.flow, &answers).unwrap_or_default(); // all of them were decided
    let decides = item.flow.iter().zip(applies).any(|(step, applies)| applies && step.kind == StepKind::Decision);
    if decides {
        Ok(Checked { answers, is_eligible })
    } else {
        Err(vec![fault("flow", "form.no_decision", &"with these answers the item has no step that decides")])
    }
}

/// That a form does not meet the condition for acceptance: whoever applies all the same is told in writing (行政许可法 第三十二条).
pub fn not_eligible(item: &Item) -> Fault {
    fault(
        "eligibility",
        "form.not_eligible",
        &format_args!("the condition for acceptance is not met: {}", item.accept_condition),
    )
}

fn faults_of_fields(form: &Form, filled: &Json) -> Vec<Fault> {
    let fault_of = |error: crate::forms::AnswerError| {
        let name: &'static str = error.problem.into();
        fault(&error.place, &format!("form.{name}"), &error.problem)
    };
    form.problems(filled).into_iter().map(fault_of).collect()
}

fn fault(place: &str, code: &str, problem: &dyn std::fmt::Display) -> Fault {
    Fault { place: place.to_owned(), code: code.to_owned(), problem: problem.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conditions::Value;
    use crate::forms::{ANSWER_PROBLEMS_MAX, AnswerProblem};
    use serde_json::json;
    use strum::IntoEnumIterator as _;
    use tongban_types::Text;

    /// The restaurant of the stories, with fields of every kind and a step that asks for a field which may be left blank.
    fn item() -> Item {
        let mut item: Item = serde_json::from_value(crate::case_test_cast::restaurant()).expect("an item");
        let form = json!({ "type": "object", "properties": {
            "area": { "type": "integer", "minimum": 1, "maximum": 1_000 },
            "smoke": { "type": "boolean" },
            "signboard": { "type": "boolean" },
            "branch": { "type": "boolean" },
            "staff": { "type": "integer", "enum": [1, 2, 3] },
            "name": { "type": "string", "minLength": 2, "maxLength": 4, "enum": ["甲乙", "丙丁"] },
            "citizen": { "type": "string", "format": "citizen-id" },
            "credit": { "type": "string", "format": "credit-code" },
            "division": { "type": "string", "format": "division-code" },
            "dishes": { "type": "array", "items": { "type": "string" }, "minItems": 1, "maxItems": 3, "uniqueItems": true },
            "address": { "type": "object", "properties": { "town": { "type": "string" } }, "required": ["town"] },
        }, "required": ["area", "smoke", "signboard", "branch"] });
        item.form = Text::new(form.to_string()).expect("a form");
        item
    }

    fn filled(path: &str, value: Json) -> Json {
        let mut filled = json!({ "area": 50, "smoke": true, "signboard": true, "branch": false });
        filled[path] = value;
        filled
    }

    fn codes(item: &Item, filled: &Json) -> Vec<(String, String)> {
        let faults = check(item, filled).err().unwrap_or_default();
        faults.into_iter().map(|fault| (fault.place, fault.code)).collect()
    }

    #[test]
    fn each_rule_of_a_field_has_a_code_that_names_field_and_rule_and_no_answer() {
        let table = [
            ("secret", json!(1), "form.secret", AnswerProblem::FieldUnknown),
            ("address", json!({}), "form.address.town", AnswerProblem::FieldMissing),
            ("address", json!("港口"), "form.address", AnswerProblem::NoGroup),
            ("dishes", json!("hot"), "form.dishes", AnswerProblem::NoList),
            ("dishes", json!([]), "form.dishes", AnswerProblem::ListLength),
            ("dishes", json!(["a", "a"]), "form.dishes", AnswerProblem::EntryTwice),
            ("dishes", json!([1]), "form.dishes[0]", AnswerProblem::NoText),
            ("name", json!("甲"), "form.name", AnswerProblem::TextLength),
            ("name", json!("甲丁"), "form.name", AnswerProblem::NoChoice),
            ("citizen", json!("11010519491231002Y"), "form.citizen", AnswerProblem::CitizenNumber),
            ("credit", json!("91350100M000100Y44"), "form.credit", AnswerProblem::CreditCode),
            ("division", json!("44011"), "form.division", AnswerProblem::DivisionCode),
            ("area", json!("50"), "form.area", AnswerProblem::NoNumber),
            ("area", json!(1_001), "form.area", AnswerProblem::NumberBounds),
            ("staff", json!(9), "form.staff", AnswerProblem::NoChoice),
            ("smoke", json!("是"), "form.smoke", AnswerProblem::NoTruth),
        ];
        for (path, value, place, problem) in &table {
            let name: &'static str = problem.into();
            let filled = filled(path, value.clone());
            assert_eq!(codes(&item(), &filled), [((*place).to_owned(), format!("form.{name}"))], "{filled}");
            let said = check(&item(), &filled).expect_err("a rule is broken")[0].to_string();
            assert!(value.as_str().is_none_or(|answer| !said.contains(answer)), "{said}");
        }
        let tried = |problem: AnswerProblem| table.iter().any(|(.., tried)| *tried == problem);
        assert!(AnswerProblem::iter().all(tried), "every rule is tried");
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once_up_to_a_bound() {
        let blank = codes(&item(), &json!({ "name": "甲" }));
        let missing = ["area", "smoke", "signboard", "branch"];
        let missing = missing.map(|name| (format!("form.{name}"), "form.field_missing".to_owned()));
        assert_eq!(blank, [&missing[..], &[("form.name".to_owned(), "form.text_length".to_owned())]].concat());
        let many: serde_json::Map<String, Json> = (0..500).map(|number| (format!("a{number}"), json!(1))).collect();
        assert_eq!(codes(&item(), &Json::Object(many)).len(), ANSWER_PROBLEMS_MAX);
        assert_eq!(codes(&item(), &json!([])), [("form".to_owned(), "form.no_group".to_owned())]);
    }

    #[test]
    fn conditions_are_decided_and_some_step_decides() {
        let whole = filled("area", json!(50));
        let checked = check(&item(), &whole).expect("it keeps all rules");
        let same = Form::parse(&item().form).expect("a form").answers(&whole).expect("answers");
        assert_eq!(checked.answers, same);

        let mut of_staff = item();
        let mut materials = of_staff.materials.to_vec();
        materials[0].condition = Text::new("form.staff > 1").ok();
        of_staff.materials = tongban_types::List::new(materials).expect("as many");
        let undecided = ("materials[0].condition".to_owned(), "form.condition_undecided".to_owned());
        assert_eq!(codes(&of_staff, &whole), [undecided]);
        assert_eq!(codes(&of_staff, &filled("staff", json!(2))), []);

        let mut steps = item().flow.to_vec();
        for step in steps.iter_mut().filter(|step| step.kind == StepKind::Decision) {
            step.condition = Text::new("form.area > 500").ok();
        }
        let undecided = Item { flow: tongban_types::List::new(steps).expect("as many"), ..item() };
        assert_eq!(codes(&undecided, &whole), [("flow".to_owned(), "form.no_decision".to_owned())]);
        assert_eq!(codes(&undecided, &filled("area", json!(600))), []);
    }

    /// What a form says of what conditions ask for is what the ledger takes as facts, and nothing else of it is open.
    #[test]
    fn the_facts_of_a_form_are_those_that_the_ledger_asks_for() {
        let mut whole = filled("dishes", json!(["hot", "cold"]));
        whole["name"] = json!("甲乙");
        let item = Item { eligibility: Text::new("'hot' in form.dishes && form.area > 0").ok(), ..item() };
        let answers = check(&item, &whole).expect("it keeps all rules").answers;
        let facts = crate::case_facts::of(&item, &answers).expect("few facts");
        let fields: Vec<&str> = facts.iter().map(|fact| &*fact.field).collect();
        assert_eq!(fields, ["area", "branch", "dishes", "signboard", "smoke"]);
        assert!(crate::case_facts::check(&item, &facts).is_ok());
        let long = Item { eligibility: Text::new("form.citizen != ''").ok(), ..item };
        let answers = Answers::new([("citizen".to_owned(), Value::Text("甲".repeat(101)))].into());
        assert_eq!(crate::case_facts::of(&long, &answers), Err(crate::case_facts::FactError::Unfit));
    }

    #[test]
    fn who_does_not_meet_the_condition_for_acceptance_is_told() {
        for (condition, expected) in
            [(Some("form.area > 100"), Some(false)), (Some("form.smoke"), Some(true)), (None, None)]
        {
            let item = Item { eligibility: condition.and_then(|text| Text::new(text).ok()), ..item() };
            let checked = check(&item, &filled("area", json!(50))).expect("it keeps all rules");
            assert_eq!(checked.is_eligible, expected, "{condition:?}");
        }
        let fault = not_eligible(&item());
        assert_eq!((&*fault.place, &*fault.code), ("eligibility", "form.not_eligible"));
        assert!(fault.to_string().contains(&*item().accept_condition));
    }
}
