//! Conditions against CEL itself: what we accept means the same there, and what is outside the closed list is refused.

use proptest::prelude::*;
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;
use tongban_modules::conditions::{self, Condition, ConditionError, Undecided, Value};
use tongban_modules::expressions::SyntaxError;
use tongban_modules::forms::{Form, FormProblem};

const FORM: &str = r#"{"type":"object","properties":{"area":{"type":"integer"},"seats":{"type":"integer"},"name":{"type":"string"},"open":{"type":"boolean"},"dishes":{"type":"array","items":{"type":"string"}},"place":{"type":"object","properties":{"town":{"type":"string"},"floor":{"type":"integer"}},"required":["floor"]},"staff":{"type":"array","items":{"type":"object","properties":{"post":{"type":"string"}}}}},"required":["area","name","open","dishes","place"]}"#;

fn form() -> Form {
    Form::parse(FORM).expect("a good form")
}

fn filled() -> serde_json::Value {
    json!({
        "area": 120, "name": "云港小馆 \"A\"", "open": true, "dishes": ["hot", "冷食"], "place": { "floor": -2 },
        "staff": [{ "post": "cook" }, {}],
    })
}

fn holds(text: &str) -> Result<bool, Undecided> {
    let answers = form().answers(&filled()).expect("answers that fit");
    Condition::new(text, &form()).unwrap_or_else(|error| panic!("{text}: {error}")).holds(&answers)
}

/// What CEL says.
fn cel(text: &str) -> Result<bool, String> {
    let program = cel::Program::compile(text).map_err(|error| format!("{error:?}"))?;
    let mut context = cel::Context::default();
    context.add_variable_from_value("form", value(&filled()));
    match program.execute(&context) {
        Ok(cel::Value::Bool(truth)) => Ok(truth),
        other => Err(format!("{other:?}")),
    }
}

/// JSON as CEL sees it when every number is a signed one, as ours are.
fn value(json: &serde_json::Value) -> cel::Value {
    match json {
        serde_json::Value::Null => cel::Value::Null,
        serde_json::Value::Bool(truth) => cel::Value::Bool(*truth),
        serde_json::Value::Number(number) => cel::Value::Int(number.as_i64().expect("a whole number")),
        serde_json::Value::String(text) => cel::Value::String(Arc::new(text.clone())),
        serde_json::Value::Array(entries) => cel::Value::List(Arc::new(entries.iter().map(value).collect())),
        serde_json::Value::Object(fields) => {
            let fields = fields.iter().map(|(name, field)| (name.clone(), value(field)));
            cel::Value::from(fields.collect::<HashMap<String, cel::Value>>())
        }
    }
}

#[test]
fn what_conditions_say() {
    let cases = [
        ("form.area > 100 && form.place.floor < 0", true),
        ("form.area * 2 - 1 == 239", true),
        ("-form.area < 1 || form.open", true),
        ("!form.open", false),
        ("form.name.startsWith('云港') && form.name.endsWith(\"\\\"\") && form.name.contains('小')", true),
        ("'hot' in form.dishes && !('soup' in form.dishes)", true),
        ("form.area in [1, 2, 120]", true),
        ("size(form.dishes) == 2 && size(form.name) == 8 && size(form.staff) == 2", true),
        ("has(form.seats) && form.seats > 3", false),
        ("!has(form.seats) || form.seats > 3", true),
        ("has(form.place.town) ? form.place.town == 'x' : form.place.floor == -2", true),
        ("1 + 2 * 3 == 7 && (1 + 2) * 3 == 9 && 7 - 2 - 1 == 4", true),
        ("true || false && false", true),
        ("form.dishes == ['hot', '冷食']", true),
        ("'a' < 'b' && '乙' > 'Z'", true),
        ("false ? true : false ? false : true", true),
        ("1 < 2 == true", true),
        ("- -1 == 1", true),
    ];
    for (text, expected) in cases {
        assert_eq!(holds(text), Ok(expected), "{text}");
        assert_eq!(cel(text), Ok(expected), "CEL: {text}");
        assert_eq!(conditions::holds(text, &form().answers(&filled()).expect("they fit")), Ok(expected), "{text}");
    }
}

type Expected = fn(&ConditionError) -> bool;

#[test]
fn what_conditions_cannot_say() {
    let refused: [(&str, Expected); 30] = [
        ("form.area > 1.5", |error| *error == ConditionError::Syntax(SyntaxError::Float)),
        ("form.area > .5", |error| *error == ConditionError::Syntax(SyntaxError::Float)),
        ("form.area > 1e3", |error| *error == ConditionError::Syntax(SyntaxError::Float)),
        ("form.area / 2 > 1", not_allowed),
        ("form.area % 2 == 1", not_allowed),
        ("form.area > 1u", not_allowed),
        ("form.area > 0x10", not_allowed),
        ("form.name.matches('a+')", not_allowed),
        ("form.dishes.all(dish, dish != '')", not_allowed),
        ("form.dishes[0] == 'hot'", not_allowed),
        ("{'a': 1} == {'a': 1}", not_allowed),
        ("form['area'] > 1", not_allowed),
        ("timestamp('2026-01-01T00:00:00Z') > now", not_allowed),
        ("double(form.area) > 1", not_allowed),
        ("null == null", not_allowed),
        ("area > 1", not_allowed),
        ("form.name == 'a\\n'", not_allowed),
        ("r'a' == 'a'", |error| matches!(error, ConditionError::Syntax(_))),
        ("has(form)", not_allowed),
        ("", unexpected),
        ("form.area >", unexpected),
        ("(form.open", unexpected),
        ("form.open form.open", unexpected),
        ("form.name == 'a", unexpected),
        ("form.area > 9223372036854775808", unexpected),
        ("form.size > 1", |error| *error == ConditionError::UnknownField("size".to_owned())),
        ("has(form.place)", |error| *error == ConditionError::UnknownField("place".to_owned())),
        ("form.area", wrong_kind),
        ("form.area == 'a' || [] == [] || form.area in form.dishes", wrong_kind),
        ("form.staff == form.staff", wrong_kind),
    ];
    for (text, expected) in refused {
        let error = Condition::new(text, &form()).expect_err(text);
        assert!(expected(&error), "{text}: {error:?}");
    }
}

fn not_allowed(error: &ConditionError) -> bool {
    matches!(error, ConditionError::Syntax(SyntaxError::NotAllowed(_)))
}

fn unexpected(error: &ConditionError) -> bool {
    matches!(error, ConditionError::Syntax(SyntaxError::Unexpected(_)))
}

fn wrong_kind(error: &ConditionError) -> bool {
    matches!(error, ConditionError::WrongKind(_))
}

#[test]
fn size_and_depth_are_bounded() {
    let too_large = Err(ConditionError::Syntax(SyntaxError::TooLarge));
    assert_eq!(Condition::new(&"!".repeat(400), &form()), too_large);
    assert_eq!(Condition::new(&"(".repeat(400), &form()), too_large);
    assert_eq!(Condition::new(&"[".repeat(400), &form()), too_large);
    assert_eq!(Condition::new(&"-".repeat(400), &form()), too_large);
    assert_eq!(Condition::new(&format!("{}true", "true?true:".repeat(30)), &form()), too_large);
    assert_eq!(
        Condition::new(&format!("{}true", "true && ".repeat(63)), &form()),
        too_large,
        "501 characters and more"
    );
    assert_eq!(holds(&format!("{}true", "true && ".repeat(60))), Ok(true));
}

#[test]
fn what_cannot_be_decided_says_why() {
    let max = i64::MAX;
    assert_eq!(holds("form.seats > 1"), Err(Undecided::Blank("seats".to_owned())));
    assert_eq!(holds(&format!("form.area + {max} > 1")), Err(Undecided::TooLarge));
    assert_eq!(holds(&format!("form.area * {max} > 1")), Err(Undecided::TooLarge));
    assert_eq!(holds(&format!("-2 - {max} < 0")), Err(Undecided::TooLarge));
    assert_eq!(holds("form.seats > 1 && false"), Ok(false), "the other side decides");
    assert_eq!(holds("false && form.seats > 1"), Ok(false));
    assert_eq!(holds("form.seats > 1 || true"), Ok(true));
    assert_eq!(holds("form.seats > 1 || false"), Err(Undecided::Blank("seats".to_owned())));
    let condition = Condition::new("form.seats > 1 && form.place.town == '' && form.area > 1", &form());
    assert_eq!(condition.expect("it fits").unguarded(&form()), ["place.town", "seats"]);
    let condition = Condition::new("has(form.seats) && form.seats > 1", &form()).expect("it fits");
    assert!(condition.unguarded(&form()).is_empty());
}

#[test]
fn forms_have_one_spelling_and_a_closed_list_of_keywords() {
    let of = |field: serde_json::Value| json!({ "type": "object", "properties": { "a": field } }).to_string();
    let problem = |text: &str| Form::parse(text).expect_err(text).problem;
    let is_malformed = |text: &str| matches!(problem(text), FormProblem::Malformed(_));
    let malformed = [
        "[]".to_owned(),
        "{".to_owned(),
        r#"{"type":"object"}"#.to_owned(),
        r#"{"type":"string"}"#.to_owned(),
        FORM.replacen(':', ": ", 1),
        r#"{"type":"object","type":"object","properties":{"a":{"type":"string"}}}"#.to_owned(),
        r#"{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"a":{"type":"string"}}}"#
            .to_owned(),
        r#"{"type":"object","properties":{"A b":{"type":"string"}}}"#.to_owned(),
        r#"{"type":"object","properties":{"in":{"type":"string"}}}"#.to_owned(),
        r#"{"type":"object","properties":{"a":{"type":"string"}},"required":["b"]}"#.to_owned(),
        r#"{"type":"object","properties":{"a":{"type":"string"}},"required":["a","a"]}"#.to_owned(),
        r#"{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":true}"#.to_owned(),
        of(json!({ "type": ["string", "null"] })),
        of(json!({ "type": "number" })),
        of(json!({ "type": "integer", "minimum": 1.5 })),
        of(json!({ "type": "string", "default": 0.1 })),
        of(json!({ "type": "integer", "enum": [1, "a"] })),
        of(json!({ "type": "string", "minLength": -1 })),
        of(json!({ "type": "string", "enum": [] })),
        of(json!({ "type": "string", "format": "regex" })),
        of(json!({ "type": "string", "title": 1 })),
        of(json!({ "type": "array" })),
        of(json!({ "type": "array", "items": { "type": "array", "items": { "type": "string" } } })),
        of(json!({ "type": "array", "items": { "type": "string" }, "uniqueItems": 1 })),
        of(json!(true)),
    ];
    for text in &malformed {
        assert!(is_malformed(text), "{text}");
    }
    let keyword = |name: &str| FormProblem::Keyword(name.to_owned());
    assert_eq!(problem(&of(json!({ "type": "string", "pattern": "a" }))), keyword("pattern"));
    assert_eq!(problem(&of(json!({ "type": "string", "minimum": 1 }))), keyword("minimum"));
    assert_eq!(problem(&of(json!({ "type": "object", "properties": {}, "if": {} }))), keyword("if"));
    for reference in ["$ref", "$dynamicRef", "$defs"] {
        assert_eq!(problem(&of(json!({ "type": "string", reference: "#" }))), FormProblem::Reference);
    }
    let many: serde_json::Map<_, _> =
        (0..201).map(|number| (format!("a{number}"), json!({ "type": "string" }))).collect();
    assert_eq!(problem(&json!({ "type": "object", "properties": many }).to_string()), FormProblem::TooLarge);
    assert_eq!(problem(&format!("{}1{}", "[".repeat(8_000), "]".repeat(8_000))), FormProblem::TooLarge);
}

#[test]
fn fields_name_the_licence_that_holds_them() {
    let note = || json!({ "licence_type": "11100000MB0143028R001", "field": "credit_code" });
    let held = json!({ "type": "string", "maxLength": 18, "x-held-as": note() });
    let group = json!({ "type": "object", "properties": { "code": held, "note": { "type": "string" } } });
    let text = json!({ "type": "object", "properties": { "company": group, "code": held } }).to_string();
    let form = Form::parse(&text).expect("a good form");
    let found: Vec<(&str, &str, Option<&str>)> =
        form.held().map(|(path, held)| (path, &*held.licence_type, held.field.as_deref())).collect();
    let of = |path| (path, "11100000MB0143028R001", Some("credit_code"));
    assert_eq!(found, [of("code"), of("company.code")]);
    assert!(form.answers(&json!({ "code": "" })).is_ok(), "answers are checked without it");
    assert!(form.check_field("company.code", &json!("91350100M000100Y43")).is_ok());
    for (path, answer, problem) in [
        ("company.code", json!(1), "company.code: a text is expected"),
        ("code", json!("91350100M000100Y43X"), "code: the text is too short or too long"),
        ("company.name", json!(""), "company.name: the form has no such field"),
        ("code.code", json!(""), "code.code: the form has no such field"),
    ] {
        assert_eq!(form.check_field(path, &answer).expect_err(problem).to_string(), problem);
    }
}

#[test]
fn a_note_about_a_licence_is_whole_and_stands_at_a_single_field() {
    let problem = |field: serde_json::Value| {
        let text = json!({ "type": "object", "properties": { "a": field } }).to_string();
        Form::parse(&text).expect_err(&text).problem
    };
    let code = "11100000MB0143028R001";
    let malformed = [
        json!({}),
        json!([]),
        json!(code),
        json!({ "licence_type": code }),
        json!({ "licence_type": code, "field": "" }),
        json!({ "licence_type": code, "field": 1 }),
        json!({ "licence_type": code, "field": "a".repeat(41) }),
        json!({ "licence_type": code, "field": "a", "value": "b" }),
        json!({ "licence_type": "11100000MB0143028R00", "field": "a" }),
        json!({ "licence_type": "11100000MB0143028X001", "field": "a" }),
    ];
    for note in malformed {
        let found = problem(json!({ "type": "boolean", "x-held-as": note }));
        assert!(matches!(found, FormProblem::Held(_)), "{note}: {found:?}");
    }
    let held = json!({ "type": "string", "x-held-as": { "licence_type": code, "field": "a" } });
    let in_list = json!({ "type": "array", "items": held });
    let in_table = json!({ "type": "array", "items": { "type": "object", "properties": { "b": held } } });
    assert!(matches!(problem(in_list), FormProblem::Held(_)));
    assert!(matches!(problem(in_table), FormProblem::Held(_)));
    let group = json!({ "type": "object", "properties": { "b": { "type": "string" } }, "x-held-as": {} });
    assert_eq!(problem(group), FormProblem::Keyword("x-held-as".to_owned()));
}

#[test]
fn answers_fit_their_form() {
    assert!(form().answers(&filled()).is_ok());
    let cases = [
        ("/area", json!(1.5), "form.area: a whole number is expected"),
        ("/area", json!("1"), "form.area: a whole number is expected"),
        ("/open", json!(1), "form.open: true or false is expected"),
        ("/name", json!(null), "form.name: a text is expected"),
        ("/dishes", json!(["a", 1]), "form.dishes[1]: a text is expected"),
        ("/staff", json!([{ "post": 1 }]), "form.staff[0].post: a text is expected"),
        ("/place", json!({}), "form.place.floor: this field must be filled in"),
        ("/place", json!({ "floor": 1, "street": "" }), "form.place.street: the form has no such field"),
    ];
    for (place, value, expected) in cases {
        let mut answers = filled();
        *answers.pointer_mut(place).expect("the place exists") = value;
        assert_eq!(form().answers(&answers).expect_err(expected).to_string(), expected);
    }
    let bounds = r#"{"type":"object","properties":{"a":{"type":"integer","minimum":1,"maximum":3},"b":{"type":"string","minLength":2,"maxLength":3},"c":{"type":"string","enum":["x"]},"d":{"type":"array","items":{"type":"integer","enum":[1,2]},"minItems":1,"uniqueItems":true}}}"#;
    let bounds = Form::parse(bounds).expect("a good form");
    let fits = |answers| bounds.answers(&answers).is_ok();
    assert!(fits(json!({ "a": 3, "b": "二字", "c": "x", "d": [1, 2] })) && fits(json!({})));
    let misfits = [
        json!({ "a": 0 }),
        json!({ "a": 4 }),
        json!({ "b": "字" }),
        json!({ "c": "y" }),
        json!({ "d": [] }),
        json!({ "d": [3] }),
    ];
    for answers in misfits.into_iter().chain([json!({ "d": [1, 1] }), json!([])]) {
        assert!(!fits(answers.clone()), "{answers}");
    }
}

#[test]
fn an_answer_in_the_place_of_a_code_is_one() {
    let schema = |format: &str| json!({ "type": "string", "format": format });
    let of = |format: &str| {
        let list = json!({ "type": "array", "items": schema(format) });
        let group = json!({ "type": "object", "properties": { "code": schema(format), "codes": list } });
        Form::parse(&json!({ "type": "object", "properties": { "a": group } }).to_string()).expect("a good form")
    };
    let credit = "this is no unified social credit code, of 18 characters whose check fits";
    let citizen = "this is no number of a citizen, of 18 characters whose check fits";
    let division = "this is no code of a division, of 6 digits";
    for (format, answer, problem) in [
        ("credit-code", "91350100M000100Y43", None),
        ("credit-code", "91350100M000100Y4Z", Some(credit)), // published, and wrong
        ("credit-code", "91350100m000100y43", Some(credit)),
        ("credit-code", "", Some(credit)),
        ("citizen-id", "11010519491231002X", None),
        ("citizen-id", "440524188001010014", None),
        ("citizen-id", "440524188001010015", Some(citizen)), // the check
        ("citizen-id", "110105194902300020", Some(citizen)), // 30 February
        ("citizen-id", "110105491231002", Some(citizen)),
        ("division-code", "110105", None),
        ("division-code", "100000", None),
        ("division-code", "010105", Some(division)),
        ("division-code", "11010", Some(division)),
        ("division-code", "1101O5", Some(division)),
        ("mobile", "none", None), // the other words are notes
        ("date", "soon", None),
    ] {
        let form = of(format);
        let said = |place: &str| problem.map(|problem| format!("{place}: {problem}"));
        let found =
            |filled: serde_json::Value| form.answers(&json!({ "a": filled })).err().map(|error| error.to_string());
        assert_eq!(found(json!({ "code": answer })), said("form.a.code"), "{answer}");
        assert_eq!(found(json!({ "codes": [answer] })), said("form.a.codes[0]"), "{answer}");
        let proposed = form.check_field("a.code", &json!(answer)).err().map(|error| error.to_string());
        assert_eq!(proposed, said("a.code"), "{answer}");
        assert_eq!(form.admits("a.code", &Value::Text(answer.to_owned())), problem.is_none(), "{answer}");
    }
}

/// Expressions of a kind, as text; reading blank fields and large numbers is left out, since CEL words its errors in its own way.
fn expression(kind: &'static str) -> BoxedStrategy<String> {
    match kind {
        "number" => prop_oneof![
            (0..1000i64).prop_map(|number| number.to_string()),
            Just("form.area".into()),
            Just("form.place.floor".into())
        ]
        .boxed(),
        "text" => {
            prop_oneof![Just("form.name".to_owned()), Just("'hot'".into()), Just("\"云\"".into()), Just("''".into())]
                .boxed()
        }
        _ => prop_oneof![
            Just("form.open".to_owned()),
            Just("true".into()),
            Just("false".into()),
            Just("has(form.seats)".into())
        ]
        .boxed(),
    }
}

fn truth() -> impl Strategy<Value = String> {
    let (number, text) = (expression("number"), expression("text"));
    let sum = prop_oneof![
        3 => number.clone(),
        1 => (number.clone(), prop_oneof![Just("+"), Just("-"), Just("*")], number.clone()).prop_map(|(a, sign, b)| format!("{a} {sign} {b}")),
        1 => text.clone().prop_map(|text| format!("size({text})")),
        1 => number.clone().prop_map(|number| format!("-{number}")),
    ];
    let compared = prop_oneof![Just("=="), Just("!="), Just("<"), Just("<="), Just(">"), Just(">=")];
    let leaf = prop_oneof![
        expression("truth"),
        (sum.clone(), compared.clone(), sum).prop_map(|(a, sign, b)| format!("{a} {sign} {b}")),
        (text.clone(), compared, text.clone()).prop_map(|(a, sign, b)| format!("{a} {sign} {b}")),
        (text.clone(), prop_oneof![Just("startsWith"), Just("endsWith"), Just("contains")], text.clone())
            .prop_map(|(a, question, b)| format!("{a}.{question}({b})")),
        text.prop_map(|text| format!("{text} in form.dishes")),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (inner.clone(), prop_oneof![Just("&&"), Just("||")], inner.clone())
                .prop_map(|(a, sign, b)| format!("{a} {sign} {b}")),
            inner.clone().prop_map(|inner| format!("!({inner})")),
            inner.clone().prop_map(|inner| format!("({inner})")),
            (inner.clone(), inner.clone(), inner).prop_map(|(a, b, c)| format!("({a}) ? ({b}) : ({c})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Our closed part of the language means what the whole language means.
    #[test]
    fn conditions_mean_what_they_mean_in_cel(text in truth()) {
        prop_assume!(text.chars().count() <= 500);
        prop_assert_eq!(holds(&text), cel(&text).map_err(|error| panic!("{text}: {error}")), "{}", text);
    }

    /// Any text is a condition or is refused; nothing panics.
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,60}|[form.aeshiz()!&|<>=?:\\[\\]'\" 0-9+*-]{0,80}") {
        if let Ok(condition) = Condition::new(&text, &form()) {
            let answers = form().answers(&filled()).expect("answers that fit");
            prop_assert_eq!(condition.holds(&answers), conditions::holds(&text, &answers));
        }
    }

    /// Any text is a form or is refused; nothing panics.
    #[test]
    fn any_text_is_a_form_or_refused(text in "\\PC{0,200}") {
        prop_assert!(Form::parse(&text).is_err() || text.contains("properties"));
    }
}
