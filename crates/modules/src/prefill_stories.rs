//! Stories of proposing: what is proposed, what is in the way, and that nothing is shown before its access is final.

use crate::forms::Form;
use crate::held::Target;
use crate::items::Item;
use crate::licence_test_cast::elsewhere;
use crate::licences::{self, Content};
use crate::prefill::{Obstacle, Plan, Proposed, Showing, handouts, propose, sources};
use crate::sharing::tests::{
    COMPANY, HEALTH, ask, company, consent, consent_id, consent_with, content, corrected, licence_of, named, open,
    reading, record, request, story, withdraw,
};
use crate::sharing::{FIELDS_MAX, Fields, Ground, Query, Reading, Source, Uses, View};
use crate::test_cast::{MARKET, Who, code, tell, text};
use crate::{Call, catalogue};
use serde_json::{Value as Json, json};
use std::cell::RefCell;
use tongban_crypto::primitives;
use tongban_kernel::testing::Story;
use tongban_types::codes::LicenceIdentifier;
use tongban_types::licence_face::{Face, FaceField, FaceRoot, Salt};
use tongban_types::{Receipt, Suite};

/// A face with these fields, salted by their places.
fn face(fields: &[(&str, &str)]) -> Face {
    let field = |(index, (name, value)): (u8, &(&str, &str))| FaceField {
        name: text(name),
        value: text(value),
        salt: Salt([index + 1; 32]),
    };
    Face::new((0..).zip(fields).map(field).collect()).expect("a face")
}

fn company_face() -> Face {
    face(&[("name", "云港小馆"), ("credit_code", "91350100M000100Y43")])
}

fn root(face: &Face) -> FaceRoot {
    face.root(primitives(Suite::Intl))
}

/// The licence of Zhang with this face, in the place of the one with which the story begins.
fn reissue(face: &Face) -> Call {
    Call::Licences(licences::Call::Supersede {
        identifier: company(1),
        cause: licences::SupersessionCause::Replacement,
        case: None,
        content: Content { face: root(face), ..content(2, "2026-01-01T12:00:00Z") },
        ground: Some(crate::licence_test_cast::ground()),
    })
}

/// The story with the right face on the ledger, on the next day, when the licences are valid.
fn beginning() -> Story {
    let mut story = story();
    tell(&mut story, &[(Who::MarketIssuer, reissue(&company_face()), "Superseded")]);
    assert_eq!(story.pass_millis(86_400_000), []);
    story
}

fn plan_for(story: &Story, reading: Reading) -> Option<Plan> {
    match ask(story, Query::Prefill { reading, at: story.time() }) {
        View::Prefill { plan } => plan.map(|plan| *plan),
        other => panic!("expected a plan, found {other:?}"),
    }
}

fn plan(story: &Story) -> Plan {
    plan_for(story, reading()).expect("the item is in force")
}

fn showing() -> Showing {
    Showing { reading: reading(), reader: Who::Zhang.account(), case: None }
}

fn item(story: &Story) -> Item {
    let (code, at) = (text("A-1"), story.time());
    let version = story.ask(|state| Ok(catalogue::in_force(state, &code, at)?)).expect("a question never stops");
    version.expect("the item is in force").item
}

fn form(story: &Story) -> Form {
    Form::parse(&item(story).form).expect("what was published is a form")
}

/// Records what a plan wants; the receipts.
fn record_all(story: &mut Story, plan: &Plan, by: Who) -> Vec<Receipt> {
    let calls: Vec<Call> =
        (1..).zip(handouts(plan, &showing())).map(|(number, handout)| record(number, handout)).collect();
    calls.iter().map(|call| story.act(&by.key(), vec![call.to_bytes()])).collect()
}

/// What is proposed where the vault of market regulation has this face of Zhang's licence; and which faces were looked at.
fn proposed(
    story: &Story,
    plan: &Plan,
    receipts: &[Receipt],
    kept: Option<Face>,
) -> (Proposed, Vec<LicenceIdentifier>) {
    let seen = RefCell::new(Vec::new());
    let face_of = |provider: &_, licence: &LicenceIdentifier| {
        assert_eq!(*provider, code(MARKET));
        seen.borrow_mut().push(licence.clone());
        kept.clone().filter(|_| *licence == company(2))
    };
    let proposed = propose(plan, &showing(), receipts, &form(story), face_of, primitives(Suite::Intl));
    (proposed, seen.into_inner())
}

fn field(path: &str) -> Target {
    Target::Field(text(path))
}

fn material(name: &str) -> Target {
    Target::Material(text(name))
}

fn values(proposed: &Proposed) -> Vec<(Target, Json)> {
    proposed.proposals.iter().map(|proposal| (proposal.target.clone(), proposal.value.clone())).collect()
}

fn unmet(proposed: &Proposed) -> Vec<(Target, Obstacle)> {
    proposed.unmet.iter().map(|unmet| (unmet.target.clone(), unmet.obstacle)).collect()
}

#[test]
fn what_departments_hold_is_proposed_with_its_source() {
    let mut story = beginning();
    tell(&mut story, &[(Who::Zhang, consent(1, Uses::Once), "ConsentGiven")]);
    let plan = plan(&story);
    assert_eq!(plan.version, 1);
    let handout = &handouts(&plan, &showing())[0];
    assert_eq!((&handout.licence, handout.reader), (&company(2), Who::Zhang.account()));
    assert_eq!(handout.fields, named(&["name", "credit_code"]));
    assert_eq!(handout.ground, Ground::Consent { consent: consent_id(1) });
    let receipts = record_all(&mut story, &plan, Who::MarketDataOfficer);
    let (proposed, _) = proposed(&story, &plan, &receipts, Some(company_face()));
    let expected = [(field("name"), json!("云港小馆")), (material("营业执照"), json!("91350100M000100Y43"))];
    assert_eq!(values(&proposed), expected);
    let proposal = &proposed.proposals[0];
    assert_eq!((&proposal.licence, proposal.provider, proposal.is_disputed), (&company(2), code(MARKET), false));
    assert!(proposal.as_of < story.time());
    assert!(!format!("{proposal:?}").contains("云港小馆"));
    let held: Vec<&str> = proposed.materials.iter().map(|held| &*held.material).collect();
    assert_eq!(held, ["健康证明"], "a material that is held is not asked for");
    assert_eq!(proposed.materials[0].licence, licence_of(HEALTH, "ZHANG", 1));
    assert_eq!(unmet(&proposed), []);
}

#[test]
fn nothing_is_shown_before_its_access_is_final() {
    let mut story = beginning();
    tell(&mut story, &[(Who::Zhang, consent(1, Uses::Repeatedly), "ConsentGiven")]);
    let plan = plan(&story);
    let nothing = [(field("name"), Obstacle::NotRecorded), (material("营业执照"), Obstacle::NotRecorded)];
    let check = |story: &Story, receipts: &[Receipt]| {
        let (proposed, seen) = proposed(story, &plan, receipts, Some(company_face()));
        assert_eq!((values(&proposed), unmet(&proposed)), (Vec::new(), nothing.to_vec()));
        assert_eq!(seen, [], "no vault was opened");
    };
    check(&story, &[]);
    let refused = record_all(&mut story, &plan, Who::DataOfficer);
    check(&story, &refused);
    let other = crate::sharing::Handout { fields: named(&["name"]), ..handouts(&plan, &showing())[0].clone() };
    let of_other = story.act(&Who::MarketDataOfficer.key(), vec![record(9, other).to_bytes()]);
    check(&story, &[of_other]);
    let for_other = Showing { reader: Who::Receiver.account(), ..showing() };
    let handout = handouts(&plan, &for_other).swap_remove(0);
    let of_other = story.act(&Who::MarketDataOfficer.key(), vec![record(10, handout).to_bytes()]);
    check(&story, &[of_other]);
}

#[test]
fn without_consent_everything_is_asked_for_as_ever() {
    let mut story = beginning();
    let targets = [field("name"), material("营业执照"), material("健康证明")];
    let of = |plan: &Plan| plan.unmet.iter().map(|unmet| (unmet.target.clone(), unmet.obstacle)).collect::<Vec<_>>();
    let all = |obstacle| targets.iter().map(|target| (target.clone(), obstacle)).collect::<Vec<_>>();
    assert_eq!(of(&plan(&story)), all(Obstacle::NoConsent));
    tell(&mut story, &[(Who::Zhang, consent(1, Uses::Once), "ConsentGiven")]);
    assert_eq!(of(&plan(&story)), []);
    tell(&mut story, &[(Who::Zhang, withdraw(1), "ConsentWithdrawn")]);
    assert_eq!(of(&plan(&story)), all(Obstacle::NoConsent));
    let of_eve = plan_for(&story, Reading { person: Who::Eve.account(), ..reading() }).expect("the item is in force");
    assert_eq!(of(&of_eve), all(Obstacle::NotHeld));
    assert_eq!(plan_for(&story, Reading { item: text("A-2"), ..reading() }), None);
    let partly = [(COMPANY, named(&["name"]))];
    let partly = consent_with(2, reading(), &partly, Uses::Once, "2026-02-01T08:00:00Z");
    tell(&mut story, &[(Who::Zhang, partly, "ConsentGiven")]);
    assert_eq!(of(&plan(&story)), all(Obstacle::NoConsent)[1..]);
    let code_alone =
        consent_with(3, reading(), &[(COMPANY, named(&["credit_code"]))], Uses::Once, "2026-02-01T08:00:00Z");
    tell(&mut story, &[(Who::Zhang, code_alone, "ConsentGiven")]);
    let consents: Vec<_> = plan(&story).readable.iter().map(|readable| readable.consent).collect();
    assert_eq!(consents, [consent_id(2), consent_id(3)], "one access for each consent");
}

/// A value that was exchanged in the vault, or put back from an older face, is not proposed.
#[test]
fn only_what_the_ledger_commits_to_is_proposed() {
    let mut story = beginning();
    tell(&mut story, &[(Who::Zhang, consent(1, Uses::Repeatedly), "ConsentGiven")]);
    let plan = plan(&story);
    let receipts = record_all(&mut story, &plan, Who::MarketDataOfficer);
    let other_salt = {
        let mut fields = company_face().fields().to_vec();
        fields[0].salt = Salt([9; 32]);
        Face::new(fields).expect("a face")
    };
    let cases = [
        (None, Obstacle::NotInVault),
        (Some(face(&[("name", "别的店"), ("credit_code", "91350100M000100Y43")])), Obstacle::Altered),
        (Some(face(&[("name", "云港小馆")])), Obstacle::Altered),
        (Some(face(&[("credit_code", "91350100M000100Y43"), ("name", "云港小馆")])), Obstacle::Altered),
        (Some(other_salt), Obstacle::Altered),
    ];
    for (kept, obstacle) in cases {
        let (proposed, _) = proposed(&story, &plan, &receipts, kept);
        assert_eq!(unmet(&proposed), [(field("name"), obstacle), (material("营业执照"), obstacle)]);
        assert_eq!(values(&proposed), []);
    }
}

/// What was wrong is corrected where it is held, and the next form has the right value; nobody types over it.
#[test]
fn what_was_corrected_at_its_source_is_proposed_next_time() {
    let mut story = beginning();
    let wrong = crate::sharing::CorrectionRequest { licence: company(2), ..request() };
    let right = face(&[("name", "云港大馆"), ("credit_code", "91350100M000100Y43")]);
    let next = Call::Licences(licences::Call::Supersede {
        identifier: company(2),
        cause: licences::SupersessionCause::Correction,
        case: None,
        content: Content {
            face: root(&right),
            period: crate::licence_history::Period { from: Some(story.time()), until: None },
            ..content(2, "2026-01-01T12:00:00Z")
        },
        ground: Some(crate::licence_test_cast::ground()),
    });
    tell(
        &mut story,
        &[
            (Who::Zhang, consent(1, Uses::Repeatedly), "ConsentGiven"),
            (Who::Zhang, open(1, wrong), "CorrectionOpened"),
            (Who::MarketIssuer, next, "Superseded"),
            (Who::MarketDataOfficer, corrected(1, company(3)), "CorrectionAnswered"),
        ],
    );
    let plan = plan(&story);
    let receipts = record_all(&mut story, &plan, Who::MarketDataOfficer);
    let face_of = |_: &_, licence: &LicenceIdentifier| (*licence == company(3)).then(|| right.clone());
    let proposed = propose(&plan, &showing(), &receipts, &form(&story), face_of, primitives(Suite::Intl));
    let name = &proposed.proposals[0];
    assert_eq!((&name.value, &name.licence, name.is_disputed), (&json!("云港大馆"), &company(3), false));
}

/// Why nothing is proposed from a licence that was held once.
#[test]
fn a_licence_that_is_not_in_force_is_asked_for_with_the_reason() {
    let mut story = beginning();
    tell(&mut story, &[(Who::Zhang, consent(1, Uses::Repeatedly), "ConsentGiven")]);
    let health = licence_of(HEALTH, "ZHANG", 1);
    let of = |call: fn(LicenceIdentifier, licences::Ground) -> licences::Call| {
        Call::Licences(call(health.clone(), crate::licence_test_cast::ground()))
    };
    let suspend = of(|identifier, ground| licences::Call::Suspend { identifier, until: None, ground });
    let resume = of(|identifier, ground| licences::Call::Resume { identifier, ground });
    let move_out = of(|identifier, ground| licences::Call::MoveOut { identifier, to: elsewhere(), ground });
    let asked = |story: &Story| {
        let plan = plan(story);
        let unmet: Vec<_> = plan.unmet.iter().map(|unmet| (unmet.target.clone(), unmet.obstacle)).collect();
        (plan.materials.len(), unmet)
    };
    let because = |obstacle| (0, vec![(material("健康证明"), obstacle)]);
    assert_eq!(asked(&story), (1, vec![]), "it is held");
    tell(&mut story, &[(Who::MarketIssuer, suspend, "Suspended")]);
    assert_eq!(asked(&story), because(Obstacle::Suspended));
    tell(&mut story, &[(Who::MarketIssuer, resume, "Resumed")]);
    assert_eq!(asked(&story), (1, vec![]), "it is held again");
    tell(&mut story, &[(Who::MarketIssuer, move_out, "MovedOut")]);
    assert_eq!(asked(&story), because(Obstacle::NotInForce), "another network keeps it");
    let period = licences::Period { from: Some(story.time().plus_millis(3_600_000)), until: None };
    let prepare = licences::Call::Prepare {
        identifier: licence_of(HEALTH, "NEXT", 1),
        case: None,
        holder: Who::Zhang.account(),
        content: Content { period, ..content(2, "2026-01-01T12:00:00Z") },
        ground: Some(crate::licence_test_cast::ground()),
    };
    tell(&mut story, &[(Who::MarketIssuer, Call::Licences(prepare), "Prepared")]);
    assert_eq!(story.pass_millis(86_400_000), []);
    assert_eq!(asked(&story), because(Obstacle::NotInForce), "what is being prepared is nobody's");
}

#[test]
fn a_disputed_value_says_so() {
    let mut story = beginning();
    let disputed = crate::sharing::CorrectionRequest { licence: company(2), ..request() };
    tell(
        &mut story,
        &[
            (Who::Zhang, consent(1, Uses::Repeatedly), "ConsentGiven"),
            (Who::Zhang, open(1, disputed), "CorrectionOpened"),
        ],
    );
    let plan = plan(&story);
    let receipts = record_all(&mut story, &plan, Who::MarketDataOfficer);
    let (proposed, _) = proposed(&story, &plan, &receipts, Some(company_face()));
    let disputes: Vec<bool> = proposed.proposals.iter().map(|proposal| proposal.is_disputed).collect();
    assert_eq!(disputes, [true, false]);
}

#[test]
fn a_person_is_asked_for_what_the_item_needs() {
    let mut story = beginning();
    let asked = sources(&item(&story));
    let source = |licence_type: &'static str, fields| Source { licence_type: code(licence_type), fields };
    let expected = [source(COMPANY, named(&["name", "credit_code"])), source(HEALTH, Fields::Whole)];
    assert_eq!(asked.iter().map(|sources| sources.to_vec()).collect::<Vec<_>>(), [expected.to_vec()]);
    let given =
        expected.map(|source| (if source.licence_type == code(COMPANY) { COMPANY } else { HEALTH }, source.fields));
    let consent = consent_with(1, reading(), &given, Uses::Once, "2026-02-01T08:00:00Z");
    tell(&mut story, &[(Who::Zhang, consent, "ConsentGiven")]);
    assert_eq!(plan(&story).unmet.to_vec(), []);
}

#[test]
fn an_item_that_needs_much_is_asked_for_in_several_consents() {
    let of_type = |number: u32| format!("{MARKET}{number:03}");
    let held = |number: u32, field: &str| {
        json!({
            "type": "string", "x-held-as": { "licence_type": of_type(number), "field": field },
        })
    };
    let mut fields: serde_json::Map<String, Json> =
        (0..18).map(|field| (format!("a{field}"), held(1, &format!("f{field}")))).collect();
    fields.extend((2..11).map(|number| (format!("b{number}"), held(number, "f"))));
    let mut item = item(&beginning());
    item.form = text(&json!({ "type": "object", "properties": fields }).to_string());
    item.materials = tongban_types::List::default();
    let asked = sources(&item);
    assert_eq!(asked.iter().map(|sources| sources.len()).collect::<Vec<_>>(), [8, 3]);
    let mut named: Vec<(String, String)> = Vec::new();
    for sources in &asked {
        let types: Vec<_> = sources.iter().map(|source| source.licence_type).collect();
        assert!((0..types.len()).all(|index| !types[..index].contains(&types[index])), "each type once");
        for source in sources {
            let Fields::Named(names) = &source.fields else { panic!("fields are named") };
            assert!(!names.is_empty());
            named.extend(names.iter().map(|name| (source.licence_type.to_string(), name.to_string())));
        }
    }
    named.sort();
    let mut expected: Vec<(String, String)> = (0..18).map(|field| (of_type(1), format!("f{field}"))).collect();
    expected.extend((2..11).map(|number| (of_type(number), "f".to_owned())));
    expected.sort();
    assert_eq!(named, expected);
}

/// A plan of one licence whose fields are used for fields of a form.
fn plan_of(face: &Face, uses: &[(&str, &str)]) -> Plan {
    let mut story = beginning();
    tell(&mut story, &[(Who::Zhang, consent(1, Uses::Repeatedly), "ConsentGiven")]);
    let mut plan = plan(&story);
    let mut readable = plan.readable[0].clone();
    readable.face = root(face);
    let uses = uses.iter().map(|(path, name)| crate::prefill::FieldUse {
        target: field(path),
        field: text(name),
        is_disputed: false,
    });
    readable.uses = tongban_types::List::new(uses.collect()).expect("few uses");
    plan.readable = tongban_types::List::new(vec![readable]).expect("one licence");
    plan
}

#[test]
fn a_value_is_proposed_as_the_form_takes_it_or_not_at_all() {
    let form = json!({ "type": "object", "properties": {
        "area": { "type": "integer", "maximum": 500 },
        "is_branch": { "type": "boolean" },
        "short": { "type": "string", "maxLength": 3 },
        "kind": { "type": "string", "enum": ["hot", "cold"] },
        "dishes": { "type": "array", "items": { "type": "string" } },
        "place": { "type": "object", "properties": { "town": { "type": "string" } } },
    } });
    let form = Form::parse(&form.to_string()).expect("a form");
    let cases = [
        ("area", "120", Ok(json!(120))),
        ("area", "501", Err(Obstacle::Unfit)),
        ("area", "120.5", Err(Obstacle::Unfit)),
        ("is_branch", "是", Ok(json!(true))),
        ("is_branch", "否", Ok(json!(false))),
        ("is_branch", "1", Err(Obstacle::Unfit)),
        ("short", "港口镇", Ok(json!("港口镇"))),
        ("short", "港口街道", Err(Obstacle::Unfit)),
        ("kind", "cold", Ok(json!("cold"))),
        ("kind", "raw", Err(Obstacle::Unfit)),
        ("dishes", "hot", Err(Obstacle::Unfit)),
        ("place.town", "港口镇", Ok(json!("港口镇"))),
        ("place", "港口镇", Err(Obstacle::Unfit)),
        ("nowhere", "港口镇", Err(Obstacle::Unfit)),
        ("short", "", Err(Obstacle::Blank)),
    ];
    for (path, value, expected) in cases {
        let face = face(&[("f", value)]);
        for (name, expected) in [("f", expected), ("g", Err(Obstacle::Blank))] {
            let plan = plan_of(&face, &[(path, name)]);
            let event = crate::Event::Sharing(crate::sharing::Event::AccessRecorded {
                id: tongban_types::AccessId([1; 16]),
                handout: plan.readable[0].handout(&showing()),
            });
            let receipt = applied(&event);
            let open = |_: &_, _: &_| Some(face.clone());
            let proposed = propose(&plan, &showing(), &[receipt], &form, open, primitives(Suite::Intl));
            match expected {
                Ok(value) => assert_eq!(values(&proposed), [(field(path), value)]),
                Err(obstacle) => assert_eq!(unmet(&proposed), [(field(path), obstacle)], "{path} {value}"),
            }
        }
    }
}

/// A receipt with one event.
fn applied(event: &crate::Event) -> Receipt {
    let mut story = story();
    let receipt = story.act(&Who::Zhang.key(), vec![consent(1, Uses::Once).to_bytes()]);
    let bytes = tongban_types::Blob::new(tongban_types::codec::encode(event)).expect("small");
    let events = tongban_types::List::new(vec![bytes]).expect("one event");
    Receipt { outcome: tongban_types::Outcome::Applied { events }, ..receipt }
}

#[test]
fn an_access_names_each_field_once_and_no_more_than_it_may() {
    let names: Vec<String> = (0..FIELDS_MAX).map(|number| format!("f{number}")).collect();
    let mut uses: Vec<(&str, &str)> = names.iter().map(|name| ("name", name.as_str())).collect();
    uses.push(("area", "f0"));
    let plan = plan_of(&face(&[("f0", "1")]), &uses);
    let Fields::Named(named) = plan.readable[0].handout(&showing()).fields else { panic!("fields are named") };
    assert_eq!(named.iter().map(|name| &**name).collect::<Vec<_>>(), names);
}
