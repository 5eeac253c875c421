//! Item files, their checks and simulations as people see them, and the real catalogue as a whole.

use super::check::{check, in_words};
use super::import::{CatalogueImport, CatalogueSummary, CatalogueTarget, import};
use super::item_file::{ItemFile, parse, read_value};
use super::old_catalogue::{OldCatalogue, OldCatalogueError};
use super::staffing::{self, Lack};
use super::{advice, commands, simulation};
use crate::organisation::file::Organisation;
use indicatif::ProgressBar;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use strum::IntoEnumIterator as _;
use tempfile::TempDir;
use tongban_crypto::{SecretKey, primitives};
use tongban_kernel::testing::Story;
use tongban_modules::catalogue::{self as module, Entry, Error, ItemCode};
use tongban_modules::item_rules::Warning;
use tongban_modules::{Call, Query, RULES, View};
use tongban_types::genesis::{GENESIS_VERSION, GenesisAccount, Parameters};
use tongban_types::{Genesis, List, Outcome, PublicKey, Receipt, Suite, Text, Time, Validator, ValidatorSet};

const RESTAURANT: &str = "../../examples/items/restaurant.yaml";
const RESIDENCE: &str = "../../examples/items/residence.yaml";
const ORGANISATION: &str = "../../examples/organisation.yaml";

/// A ledger with one publisher, in memory.
struct Ledger {
    story: Mutex<Story>,
    key: PublicKey,
    transactions: Mutex<Vec<usize>>,
}

fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text).expect("a valid text")
}

fn key(seed: u8) -> PublicKey {
    SecretKey::from_bytes(Suite::Intl, &[seed; 32]).expect("a valid key").public_key()
}

fn time(text: &str) -> Time {
    text.parse().expect("a time")
}

impl Ledger {
    fn with_roles(roles: &[&str]) -> Self {
        let roles = List::new(roles.iter().map(|role| text(role)).collect()).expect("few roles");
        let genesis = Genesis {
            version: GENESIS_VERSION,
            name: text("catalogue"),
            suite: Suite::Intl,
            time: time("2026-01-01T00:00:00Z"),
            validators: ValidatorSet::new(vec![Validator { department: text("数据局"), key: key(100) }]).expect("one"),
            accounts: List::new(vec![GenesisAccount { name: text("政务服务局"), key: key(1), roles }]).expect("one"),
            parameters: Parameters::default(),
        };
        let story = Mutex::new(Story::new(RULES, primitives(Suite::Intl), genesis));
        Self { story, key: key(1), transactions: Mutex::default() }
    }

    fn new() -> Self {
        Self::with_roles(&["publisher"])
    }

    fn ask(&self, query: module::Query) -> module::View {
        let query = Query::Catalogue(query);
        match self.story.lock().expect("no test panics in it").ask(|state| query.answer(state)) {
            Ok(View::Catalogue(view)) => view,
            other => panic!("unexpected answer {other:?}"),
        }
    }

    fn entry(&self, code: &ItemCode) -> Option<Entry> {
        match self.ask(module::Query::Item { code: code.clone() }) {
            module::View::Item { entry } => entry.map(|entry| *entry),
            other => panic!("unexpected answer {other:?}"),
        }
    }
}

impl CatalogueTarget for Ledger {
    async fn known(&self, codes: Vec<ItemCode>) -> anyhow::Result<Vec<ItemCode>> {
        match self.ask(module::Query::Which { codes: List::new(codes)? }) {
            module::View::Which { known } => Ok(known.into_vec()),
            other => panic!("unexpected answer {other:?}"),
        }
    }

    async fn submit(&self, calls: Vec<Call>) -> anyhow::Result<Receipt> {
        self.transactions.lock().expect("no test panics in it").push(calls.len());
        let calls = calls.iter().map(Call::to_bytes).collect();
        Ok(self.story.lock().expect("no test panics in it").act(&self.key, calls))
    }
}

fn options(file: &Path) -> CatalogueImport {
    CatalogueImport {
        file: file.to_owned(),
        source_time: time("2025-06-01T00:00:00Z"),
        calls_per_transaction: 100,
        dry_run: false,
        error_file: None,
        anomaly_file: None,
    }
}

fn run(ledger: &Ledger, options: &CatalogueImport) -> anyhow::Result<CatalogueSummary> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(import(ledger, options, &ProgressBar::hidden()))
}

fn file(name: &str, content: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let path = folder.path().join(name);
    std::fs::write(&path, content).expect("a writable folder");
    (folder, path)
}

fn example() -> Value {
    read_value(Path::new(RESTAURANT)).expect("the example is complete")
}

#[test]
fn the_examples_can_be_published_and_are_played_to_their_end() {
    for path in [RESTAURANT, RESIDENCE] {
        let report = check(Path::new(path), None);
        assert!(report.errors.is_empty(), "{}", in_words(&report));
        let name = Path::new(path).file_stem().and_then(|name| name.to_str()).expect("a name");
        insta::assert_snapshot!(format!("check_{name}"), in_words(&report));
        let item = ItemFile::read(Path::new(path)).expect("the example is complete");
        let answers = read_value(&Path::new(path).with_extension("answers.yaml")).expect("the answers are complete");
        let simulation = simulation::simulate(&item, &answers).expect("the example can be played");
        assert_eq!(simulation.end, "granted");
        insta::assert_snapshot!(format!("simulate_{name}"), simulation::in_words(&simulation));
        let call = Call::Catalogue(item.publish(1));
        let receipt =
            Ledger::new().story.into_inner().expect("no test panics in it").act(&key(1), vec![call.to_bytes()]);
        assert!(matches!(receipt.outcome, Outcome::Applied { .. }), "{:?}", receipt.outcome);
    }
}

#[test]
fn the_total_is_the_slowest_branch_and_not_the_sum() {
    let item = ItemFile::read(Path::new(RESTAURANT)).expect("the example is complete");
    let answers =
        read_value(Path::new("../../examples/items/restaurant.answers.yaml")).expect("the answers are complete");
    let simulation = simulation::simulate(&item, &answers).expect("the example can be played");
    assert_eq!((simulation.days, simulation.days_in_a_row), (15, 24));
    assert_eq!((simulation.clock_days, simulation.promised_days), (11, 12));
    let skipped: Vec<&str> = simulation.skipped.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(skipped, ["消防安全检查"]);
    let last = simulation.timeline.iter().map(|step| step.to_day).max();
    assert_eq!(last, Some(simulation.days), "the timeline agrees with the longest way");
    let refused = simulation::simulate(&item, &json!({ "shop_name": "" })).expect_err("incomplete answers");
    let first = refused.to_string();
    let first = first.lines().next();
    assert_eq!(first, Some("form.area: this field must be filled in (form.field_missing)"), "then all others");
}

#[test]
fn findings_say_where_what_why_and_how_to_mend() {
    let mut value = example();
    value["clocks"]["promised"]["days"] = json!(50);
    value["flow"][2]["waits_for"] = json!(["食品经营现场核查"]);
    value["flow"][5]["silence"] = json!("deemed_consent");
    value["materials"][3]["condition"] = json!("form.size > 300");
    let (_folder, path) = file("item.json", &value.to_string());
    let mut report = check(&path, None);
    report.file = "item.json".to_owned();
    insta::assert_snapshot!("findings", in_words(&report));
    insta::assert_snapshot!("findings_json", serde_json::to_string_pretty(&report).expect("a report is writable"));
    assert!(super::check::run(&[path], None, true).is_err(), "the exit code says so");
}

/// The example's organisation with another value at each of these places; null takes an entry out.
fn organisation_with(changes: &[(&str, Value)]) -> Organisation {
    let mut value = read_value(Path::new(ORGANISATION)).expect("the example is complete");
    for (place, changed) in changes {
        *value.pointer_mut(place).unwrap_or_else(|| panic!("the organisation has no {place}")) = changed.clone();
    }
    Organisation::from_value(value).expect("an organisation")
}

#[test]
fn what_an_organisation_lacks_for_a_flow_is_said_by_place_and_code() {
    let item = ItemFile::read(Path::new(RESTAURANT)).expect("the example is complete");
    let lacks = |organisation: &Organisation| {
        let lacks = staffing::lacks(&item.item, organisation);
        assert!(lacks.iter().all(|lack| !lack.mend.is_empty() && !lack.why.is_empty()));
        lacks.into_iter().map(|lack| (lack.place, lack.code)).collect::<Vec<_>>()
    };
    let found = |changes: &[(&str, Value)]| lacks(&organisation_with(changes));
    let expected = |lines: &[(&str, Lack)]| {
        let line = |(place, lack): &(&str, Lack)| {
            let code: &'static str = (*lack).into();
            ((*place).to_owned(), code.to_owned())
        };
        lines.iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(found(&[]), []);
    let step_of = |name: &str| item.item.flow.iter().position(|step| *step.name == *name).expect("a step");
    let at = |name: &str| format!("flow[{}].role", step_of(name));
    let fire =
        item.item.joint_departments.iter().position(|one| *one.name == *"云港市消防救援支队").expect("it takes part");
    assert_eq!(
        found(&[("/departments/2/code", json!("11519900MB90126067"))]),
        expected(&[(&format!("joint_departments[{fire}].code"), Lack::DepartmentMissing)])
    );
    assert_eq!(
        found(&[("/departments/2/officers/0/posts", json!(["宣传岗"]))]),
        expected(&[(&at("消防安全检查"), Lack::PostMissing)])
    );
    assert_eq!(
        found(&[("/departments/2/officers/0/roles", json!(["approver"]))]),
        expected(&[(&at("消防安全检查"), Lack::RoleMissing)])
    );
    assert_eq!(
        found(&[("/departments/0/officers", json!([]))]).len(),
        item.item.flow.iter().filter(|step| step.department == item.item.department.code).count(),
        "every step of the department that leads"
    );
    // Of two who decide, one may also check; where he is the only one, nobody is left to decide.
    let both = json!({ "key": "one", "office": "审批科", "posts": ["数据核验", "首席审批员"], "roles": ["reviewer", "approver"] });
    let idle = json!({ "key": "idle", "office": "审批科" });
    assert_eq!(found(&[("/departments/0/officers/2", both.clone()), ("/departments/0/officers/3", idle.clone())]), []);
    let alone = [
        ("/departments/0/officers/2", both),
        ("/departments/0/officers/3", idle.clone()),
        ("/departments/0/officers/4", json!({ "key": "idle-too", "office": "审批科" })),
    ];
    let nobody_else = ("department.code", Lack::OnePersonAppeal);
    assert_eq!(found(&alone), expected(&[(&at("决定"), Lack::OnePerson), nobody_else]));
    // Who has decided does not decide the appeal against it; whoever else decides in the department may, at whatever post.
    let at_another_post =
        json!({ "key": "second", "office": "法制科", "posts": ["法制审核岗"], "roles": ["approver"] });
    assert_eq!(found(&[("/departments/0/officers/4", idle)]), expected(&[nobody_else]));
    assert_eq!(found(&[("/departments/0/officers/4", at_another_post)]), []);
    let codes: Vec<&'static str> = Lack::iter().map(Into::into).collect();
    assert!(codes.iter().all(|code| code.starts_with("catalogue.organisation.")), "{codes:?}");
}

#[test]
fn a_file_that_nobody_could_handle_fails_with_the_organisation_alone() {
    let run = |item: &str, organisation: Option<&str>| {
        super::check::run(&[PathBuf::from(item)], organisation.map(Path::new), true).map_err(|error| error.to_string())
    };
    assert_eq!(run(RESTAURANT, Some(ORGANISATION)), Ok(()));
    assert_eq!(run(RESIDENCE, None), Ok(()));
    assert_eq!(
        run(RESIDENCE, Some(ORGANISATION)),
        Err("1 of 1 files cannot be handled by this organisation".to_owned())
    );
    assert!(run(RESTAURANT, Some("nowhere.yaml")).is_err());
    let organisation = organisation_with(&[]);
    let report = check(Path::new(RESIDENCE), Some(&organisation));
    assert!(report.errors.is_empty() && !report.is_good());
    let words = in_words(&report);
    assert!(words.contains("可以发布，机构文件有缺口") && words.contains("机构 department.code"), "{words}");
    let answers = PathBuf::from(RESIDENCE).with_extension("answers.yaml");
    let simulate = |organisation: Option<&str>| {
        commands::run(commands::CatalogueAction::Simulate {
            file: PathBuf::from(RESIDENCE),
            answers: answers.clone(),
            organisation: organisation.map(PathBuf::from),
            json: true,
        })
    };
    assert!(simulate(None).is_ok());
    let error = simulate(Some(ORGANISATION)).expect_err("its department is not there");
    assert!(error.to_string().ends_with("cannot be handled by this organisation"), "{error}");
}

#[test]
fn files_that_are_no_items_say_where() {
    let unknown = example().to_string().replacen("\"served\"", "\"serves\"", 1);
    let days = example().to_string().replacen("\"days\":1,", "\"days\":\"soon\",", 1);
    let cases = [
        ("code: [", "file.syntax", "file"),
        ("code: A\ncode: B\n", "file.syntax", "file"),
        ("- 1\n", "file.shape", "file"),
        ("code: A\n", "file.shape", "form"),
        ("code: 12\nform: {}\n", "file.field", "code"),
        ("code: A\neffective_from: soon\nform: {}\n", "file.field", "effective_from"),
        (&unknown, "file.field", "serves"),
        (&days, "file.field", "flow[1].days"),
    ];
    for (content, code, place) in cases {
        let (_folder, path) = file("item.yaml", content);
        let error = ItemFile::read(&path).expect_err(content);
        assert_eq!((error.code, error.place.as_str()), (code, place), "{}", error.message);
        let report = check(&path, None);
        assert_eq!(report.errors.len(), 1);
        assert!(!report.errors[0].mend.is_empty());
    }
    let large = " ".repeat(257 * 1024);
    assert_eq!(ItemFile::read(&file("item.yaml", &large).1).expect_err("too large").code, "file.unreadable");
    let mut long = example();
    long["questions"] = json!(vec![json!({ "question": "问".repeat(200), "answer": "答".repeat(500) }); 16]);
    let (_folder, path) = file("item.json", &long.to_string());
    assert_eq!(ItemFile::read(&path).expect_err("too large").code, "file.item_too_large");
}

#[test]
fn hostile_yaml_is_refused() {
    let bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n".to_owned()
        + &(0..12)
            .map(|n| {
                let (last, next) = (char::from(b'a' + n), char::from(b'b' + n));
                format!("{next}: &{next} [{}]\n", vec![format!("*{last}"); 10].join(","))
            })
            .collect::<String>();
    assert_eq!(parse(&bomb).expect_err("too many aliases").code, "file.syntax");
    assert_eq!(parse(&"[".repeat(100_000)).expect_err("too deep").code, "file.syntax");
    assert_eq!(
        parse("on: yes\ntext: >\n  folded\n  lines\n").expect("YAML 1.2"),
        json!({ "on": "yes", "text": "folded lines" })
    );
}

#[test]
fn every_finding_has_its_advice() {
    for error in Error::iter() {
        assert!(!advice::of_error(error).is_empty());
    }
    for warning in Warning::iter() {
        assert!(!advice::of_warning(warning).is_empty());
    }
}

/// A file of the public sets; none, with a word why, where the sets are absent and not required.
fn real_file(path: &str) -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("TONGBAN_REALDATA") {
        return Some(Path::new(&folder).join(path));
    }
    let required = std::env::var("TONGBAN_REQUIRE").unwrap_or_default();
    assert!(!required.split(',').any(|set| set == "realdata"), "TONGBAN_REALDATA is required and not set");
    eprintln!("skipped: TONGBAN_REALDATA is not set, so {path} is absent");
    None
}

#[test]
fn the_real_catalogue_is_taken_over_whole() {
    let Some(csv) = real_file("catalogue/guangan_qu_service_items.csv") else { return };
    let Some(json) = real_file("catalogue/guangan_qu_service_items.json") else { return };
    let ledger = Ledger::new();
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let anomalies = folder.path().join("anomalies.csv");
    let dry = run(&ledger, &CatalogueImport { dry_run: true, ..options(&csv) }).expect("it runs");
    assert_eq!((dry.rows, dry.would_import, dry.imported, dry.transactions), (1_135, 1_135, 0, 0));
    let summary =
        run(&ledger, &CatalogueImport { anomaly_file: Some(anomalies.clone()), ..options(&csv) }).expect("it runs");
    assert_eq!((summary.rows, summary.imported, summary.errors), (1_135, 1_135, 0), "{:?}", summary.refused);
    assert_eq!((summary.transactions, summary.departments), (12, 34));
    let types: Vec<(&str, u64)> = summary.types.iter().map(|(kind, count)| (kind.as_str(), *count)).collect();
    let expected = [("1", 536), ("10", 182), ("2", 0), ("20", 348), ("5", 9), ("7", 50), ("8", 2), ("9", 8)];
    assert_eq!(types, expected.into_iter().filter(|(_, count)| *count > 0).collect::<Vec<_>>());
    assert_eq!(summary.anomalies["same_name"].len(), 2, "the second row of each of two names");
    assert!(!summary.anomalies.contains_key("type_unknown") && !summary.anomalies.contains_key("division_form"));
    insta::assert_snapshot!("real_catalogue", commands::in_words(&summary));
    // Every row stands on the ledger, as it was and with its flags.
    let old = OldCatalogue::read(&csv, time("2025-06-01T00:00:00Z"));
    let codes: BTreeSet<&ItemCode> = old.items.iter().map(|item| &item.code).collect();
    assert_eq!(codes.len(), 1_135, "all codes are different");
    let mut flags = 0;
    for item in &old.items {
        let historic = ledger.entry(&item.code).and_then(|entry| entry.historic).expect("it was taken over");
        assert_eq!(historic.item, item.historic);
        flags += historic.anomalies.len();
    }
    let lines = std::fs::read_to_string(&anomalies).expect("it was written").lines().count();
    assert_eq!(lines, flags + 1, "a line for each flag, and the headings");
    // The same again, and from the portal's JSON, takes nothing over twice.
    for again in [&csv, &json] {
        let summary = run(&ledger, &options(again)).expect("it runs");
        assert_eq!((summary.rows, summary.already_imported, summary.transactions), (1_135, 1_135, 0));
    }
    let of_json = OldCatalogue::read(&json, time("2025-06-01T00:00:00Z"));
    let content = |old: &OldCatalogue| {
        old.items.iter().map(|item| (item.code.clone(), item.historic.clone())).collect::<Vec<_>>()
    };
    assert_eq!(content(&of_json), content(&old), "both files say the same");
}

#[test]
fn rows_that_cannot_be_taken_over_are_reported_with_their_lines() {
    let long = "长".repeat(201);
    let content = format!(
        "department,main_item,item_name,area_code,item_code,task_type,dept_code\n\
         民政局,未分类,甲,511602000000,A-1,20,11519900MB90126067\n\
         民政局,未分类,乙,511602000000,A-1,20,11519900MB90126067\n\
         民政局,未分类,,511602000000,A-2,20,11519900MB90126067\n\
         民政局,未分类,丙,511602000000,,20,11519900MB90126067\n\
         民政局,未分类,{long},511602000000,A-3,20,11519900MB90126067\n\
         民政局,未分类,甲,区,A-4,99,\n"
    );
    let (folder, path) = file("old.csv", &content);
    let error_file = folder.path().join("errors.csv");
    let ledger = Ledger::new();
    let summary =
        run(&ledger, &CatalogueImport { error_file: Some(error_file.clone()), ..options(&path) }).expect("it runs");
    assert_eq!((summary.rows, summary.imported, summary.errors), (6, 2, 4), "{summary:?}");
    let codes: Vec<&str> = summary.refused.keys().map(String::as_str).collect();
    let mut expected: Vec<&str> =
        OldCatalogueError::iter().map(Into::into).filter(|code| *code != "import.item_json").collect();
    expected.sort_unstable();
    assert_eq!(codes, expected);
    let errors = std::fs::read_to_string(error_file).expect("it was written");
    let lines: Vec<&str> = errors.lines().skip(1).filter_map(|line| line.split(',').nth(1)).collect();
    assert_eq!(lines, ["3", "4", "5", "6"]);
    let odd: Vec<&str> = summary.anomalies.keys().copied().collect();
    assert_eq!(odd, ["department_code_missing", "division_form", "same_name", "type_unknown"]);
}

#[test]
fn an_import_that_every_row_would_fail_ends() {
    let (_folder, path) = file("old.csv", "item_code,item_name,task_type\nA-1,甲,20\nA-2,乙,20\n");
    let denied = run(&Ledger::with_roles(&["depositor"]), &options(&path)).expect_err("no publisher");
    assert!(denied.to_string().contains("tx.denied"), "{denied}");
    let future = CatalogueImport { source_time: time("2030-01-01T00:00:00Z"), ..options(&path) };
    let later = run(&Ledger::new(), &future).expect_err("a catalogue from the future");
    assert!(later.to_string().contains("catalogue.source_later"), "{later}");
    for (name, content, code) in [
        ("old.json", "[{\"department\": 1}]", "import.item_json"),
        ("old.json", "{", "import.item_json"),
        ("old.csv", "", "import.empty"),
    ] {
        let summary = run(&Ledger::new(), &options(&file(name, content).1)).expect("it runs");
        assert_eq!((summary.broken_files + summary.errors, summary.refused.get(code)), (1, Some(&1)), "{code}");
    }
}

#[test]
fn portions_have_at_most_so_many_calls() {
    let rows: String = (0..25).map(|number| format!("A-{number},事项{number},20\n")).collect();
    let (_folder, path) = file("old.csv", &format!("item_code,item_name,task_type\n{rows}"));
    let ledger = Ledger::new();
    let summary = run(&ledger, &CatalogueImport { calls_per_transaction: 10, ..options(&path) }).expect("it runs");
    assert_eq!(summary.imported, 25);
    assert_eq!(*ledger.transactions.lock().expect("no test panics in it"), [10, 10, 5]);
    assert!(run(&ledger, &CatalogueImport { calls_per_transaction: 101, ..options(&path) }).is_err());
}
