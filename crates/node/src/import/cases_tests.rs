//! The import of past cases against a ledger in memory: small logs of every shape, interruptions, and the real log to its figures.

use super::cases::{CaseImport, CaseSummary, CaseTarget, import};
use super::cases_file::{CaseError, read};
use indicatif::ProgressBar;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use strum::IntoEnumIterator as _;
use tempfile::TempDir;
use tongban_crypto::{SecretKey, primitives};
use tongban_kernel::Role;
use tongban_kernel::testing::Story;
use tongban_modules::history::{self, CaseKey, Known, PastCase};
use tongban_modules::process_report::{ProcessLog, ProcessReport};
use tongban_modules::{Call, Event, Query, RULES, View, identity, orgs};
use tongban_types::genesis::{GENESIS_VERSION, GenesisAccount, Parameters, account_of};
use tongban_types::{
    AccountId, Digest, Genesis, List, Outcome, PublicKey, Receipt, Suite, Text, Time, Validator, ValidatorSet, codec,
};

const DEPARTMENT: &str = "11519900MB9012235G";

fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text).expect("a valid text")
}

fn secret(seed: u8) -> SecretKey {
    SecretKey::from_bytes(Suite::Intl, &[seed; 32]).expect("a valid key")
}

fn key(seed: u8) -> PublicKey {
    secret(seed).public_key()
}

fn account(seed: u8) -> AccountId {
    account_of(&key(seed), primitives(Suite::Intl))
}

/// Opens the account of a person, as officers are.
fn open(story: &Story, seed: u8) -> Call {
    let message = identity::possession_message(&story.network(), &account(seed), &key(seed));
    let possession = secret(seed).sign(&message);
    let kind = identity::AccountKind::Person;
    Call::Identity(identity::Call::OpenAccount { kind, name: None, key: key(seed), possession })
}

/// A ledger with one importer, which remembers its receipts and can fail after some transactions.
struct Ledger {
    story: Mutex<Story>,
    receipts: Mutex<Vec<Receipt>>,
    fails_after: usize,
    is_forgetful: bool,
}

impl Ledger {
    fn new() -> Self {
        let given = |seed: u8, roles: &[&str]| GenesisAccount {
            name: text("账户"),
            key: key(seed),
            roles: List::new(roles.iter().map(|role| text(role)).collect()).expect("few"),
        };
        let genesis = Genesis {
            version: GENESIS_VERSION,
            name: text("imports"),
            suite: Suite::Intl,
            time: "2026-01-01T00:00:00Z".parse().expect("a time"),
            validators: ValidatorSet::new(vec![Validator { department: text("数据局"), key: key(100) }]).expect("one"),
            accounts: List::new(vec![given(1, &["administrator", "registrar"])]).expect("one"),
            parameters: Parameters::default(),
        };
        let mut story = Story::new(RULES, primitives(Suite::Intl), genesis);
        let department = DEPARTMENT.parse().expect("a department");
        let until: Time = "2030-01-01T00:00:00Z".parse().expect("a time");
        let profile = orgs::Profile {
            name: text("云港市行政审批局"),
            short_name: text("审批局"),
            division: "510100000000".parse().expect("a division"),
            host: None,
        };
        let position = orgs::Position { office: text("科员"), posts: List::default(), staff_number: None };
        let right = orgs::Right { role: Role::Importer, post: None, from: None, until };
        let (administrator, importer) = (account(2), account(3));
        let people = [2, 3].map(|seed| (1, open(&story, seed)));
        let offices = [
            (1, orgs::Call::RegisterDepartment { department, profile }),
            (1, orgs::Call::NameAdministrator { department, account: administrator, office: text("人事"), until }),
            (2, orgs::Call::Appoint { department, account: importer, position }),
            (2, orgs::Call::Grant { department, account: importer, right }),
        ];
        let offices = offices.map(|(who, call)| (who, Call::Orgs(call)));
        for (who, call) in people.into_iter().chain(offices) {
            let receipt = story.act(&key(who), vec![call.to_bytes()]);
            assert!(matches!(receipt.outcome, Outcome::Applied { .. }), "{:?}", receipt.outcome);
        }
        Self { story: Mutex::new(story), receipts: Mutex::default(), fails_after: usize::MAX, is_forgetful: false }
    }

    fn case(&self, number: &str) -> Option<PastCase> {
        let query = Query::History(history::Query::Case { key: case_key(number) });
        match self.story.lock().expect("no test panics in it").ask(|state| query.answer(state)) {
            Ok(View::History(history::View::Case { case })) => case.map(|case| *case),
            other => panic!("unexpected answer {other:?}"),
        }
    }

    /// The figures, from the receipts alone.
    fn report(&self) -> ProcessReport {
        let mut log = ProcessLog::default();
        for receipt in self.receipts.lock().expect("no test panics in it").iter() {
            let Outcome::Applied { events } = &receipt.outcome else { continue };
            for event in events {
                match codec::decode(event.as_ref()) {
                    Ok(Event::History(event)) => log.add(&event).expect("no gap"),
                    other => panic!("an event of the history, not {other:?}"),
                }
            }
        }
        log.report()
    }
}

impl CaseTarget for Ledger {
    async fn known(&self, keys: Vec<CaseKey>) -> anyhow::Result<Vec<Known>> {
        if self.is_forgetful {
            return Ok(Vec::new());
        }
        let CaseKey { department, system, .. } = keys[0].clone();
        let numbers = List::new(keys.into_iter().map(|key| key.number).collect())?;
        let query = Query::History(history::Query::Which { department, system, numbers });
        match self.story.lock().expect("no test panics in it").ask(|state| query.answer(state)) {
            Ok(View::History(history::View::Which { known })) => Ok(known.into_vec()),
            other => panic!("unexpected answer {other:?}"),
        }
    }

    async fn submit(&self, calls: Vec<Call>) -> anyhow::Result<Receipt> {
        let mut receipts = self.receipts.lock().expect("no test panics in it");
        anyhow::ensure!(receipts.len() < self.fails_after, "the line is cut");
        let calls = calls.iter().map(Call::to_bytes).collect();
        let receipt = self.story.lock().expect("no test panics in it").act(&key(3), calls);
        receipts.push(receipt.clone());
        Ok(receipt)
    }
}

fn case_key(number: &str) -> CaseKey {
    CaseKey { department: DEPARTMENT.parse().expect("a department"), system: text("旧系统"), number: text(number) }
}

fn options(file: &Path) -> CaseImport {
    CaseImport {
        file: file.to_owned(),
        checksum: Digest([9; 32]),
        department: DEPARTMENT.parse().expect("a department"),
        system: text("旧系统"),
        four_eyes: Vec::new(),
        calls_per_transaction: 100,
        dry_run: false,
        error_file: None,
        allows_unplaced_rows: false,
    }
}

fn run(ledger: &Ledger, options: &CaseImport) -> anyhow::Result<CaseSummary> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(import(ledger, options, &ProgressBar::hidden()))
}

fn file(name: &str, content: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let path = folder.path().join(name);
    std::fs::write(&path, content).expect("a writable folder");
    (folder, path)
}

const HEADINGS: &str =
    "case:concept:name,case:startdate,case:deadline,case:enddate,concept:name,org:resource,org:group,time:timestamp\n";

fn table(rows: &[&str]) -> String {
    format!("{HEADINGS}{}\n", rows.join("\n"))
}

fn row(number: &str, activity: &str, resource: &str, at: &str) -> String {
    format!(
        "{number},2020-03-02 09:00:00+08:00,2020-03-09 00:00:00+08:00,2020-03-08 00:00:00+08:00,{activity},{resource},一科,{at}"
    )
}

#[test]
fn a_log_and_its_table_are_the_same_cases() {
    let table = table(&[
        "A-1,2020-03-02T09:00:00+08:00,2020-03-09T00:00:00+08:00,,登记,R1,一科,2020-03-02T10:00:00+08:00",
        "A-1,2020-03-02T09:00:00+08:00,2020-03-09T00:00:00+08:00,,审查,R2,,2020-03-03T10:00:00+08:00",
        "A-2,2020-03-02T09:00:00+08:00,2020-03-09T00:00:00+08:00,2020-03-10T00:00:00+08:00,登记,R1,一科,2020-03-02T11:00:00+08:00",
    ]);
    let log = r#"<?xml version="1.0"?><log xmlns="http://www.xes-standard.org/">
<trace><string key="concept:name" value="A-1"/><date key="startdate" value="2020-03-02T09:00:00+08:00"/>
<date key="deadline" value="2020-03-09T00:00:00+08:00"/>
<event><string key="concept:name" value="登记"/><string key="org:resource" value="R1"/><string key="org:group" value="一科"/><date key="time:timestamp" value="2020-03-02T10:00:00+08:00"/></event>
<event><string key="concept:name" value="审查"/><string key="org:resource" value="R2"/><date key="time:timestamp" value="2020-03-03T10:00:00+08:00"/></event></trace>
<trace><string key="concept:name" value="A-2"/><date key="startdate" value="2020-03-02T09:00:00+08:00"/>
<date key="deadline" value="2020-03-09T00:00:00+08:00"/><date key="enddate" value="2020-03-10T00:00:00+08:00"/>
<event><string key="concept:name" value="登记"/><string key="org:resource" value="R1"/><string key="org:group" value="一科"/><date key="time:timestamp" value="2020-03-02T11:00:00+08:00"/></event></trace>
</log>"#;
    let (_folder, table) = file("log.csv", &table);
    let (_other_folder, log) = file("log.xes", log);
    let [of_table, of_log] = [table, log].map(|path| read(&path, Digest([9; 32]), &[]).expect("it can be read"));
    assert!(of_table.errors.is_empty() && of_log.errors.is_empty(), "{:?} {:?}", of_table.errors, of_log.errors);
    assert_eq!((of_table.rows, of_log.rows, of_log.cases.len()), (3, 3, 2));
    for (left, right) in of_table.cases.iter().zip(&of_log.cases) {
        assert_eq!((&left.number, &left.facts, &left.steps), (&right.number, &right.facts, &right.steps));
    }
    assert_eq!(of_log.cases[0].steps[1].group, None, "blank is nobody");
    assert_eq!(
        of_log.cases[1].facts.ended_at.map(|time| time.to_string()).as_deref(),
        Some("2020-03-09T16:00:00.000Z")
    );
}

#[test]
fn a_second_run_takes_nothing_over_and_an_interrupted_one_goes_on() {
    let steps: Vec<String> = (0..95)
        .map(|minute| row("A-1", "登记", "R1", &format!("2020-03-02T{:02}:{:02}:00Z", 10 + minute / 60, minute % 60)))
        .collect();
    let mut rows = vec![row("A-0", "登记", "R1", "2020-03-02T10:00:00Z")];
    rows.extend(steps);
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let (_folder, path) = file("log.csv", &table(&rows));
    let mut ledger = Ledger::new();
    let one_call = CaseImport { calls_per_transaction: 1, ..options(&path) };
    ledger.fails_after = 2;
    run(&ledger, &one_call).expect_err("the line is cut");
    assert_eq!(ledger.case("A-1").map(|case| (case.tally.steps, case.steps_total)), Some((40, 95)));
    ledger.fails_after = usize::MAX;
    let dry = run(&ledger, &CaseImport { dry_run: true, ..one_call.clone() }).expect("it can be asked");
    assert_eq!((dry.already_imported, dry.would_import, dry.transactions), (1, 1, 0));
    let rest = run(&ledger, &options(&path)).expect("the rest");
    assert_eq!((rest.cases, rest.imported, rest.already_imported, rest.steps_imported), (2, 1, 1, 55));
    let again = run(&ledger, &options(&path)).expect("nothing is left");
    assert_eq!((again.imported, again.already_imported, again.transactions, again.errors), (0, 2, 0, 0));
    ledger.is_forgetful = true;
    let blind = run(&ledger, &options(&path)).expect("refusals are counted");
    assert_eq!((blind.imported, blind.errors), (0, 2));
    assert_eq!(blind.refused["history.exists"], 2);
    assert_eq!(ledger.report().events, 96);
}

#[test]
fn what_cannot_be_taken_over_costs_its_case_and_no_other() {
    let long = "长".repeat(81);
    let good = row("A-1", "登记", "R1", "2020-03-02T10:00:00Z");
    let rows = [
        good.clone(),
        row("A-2", "登记", "R1", "gestern"),
        row("A-3", &long, "R1", "2020-03-02T10:00:00Z"),
        row("", "登记", "R1", "2020-03-02T10:00:00Z"),
        row("A-4", "", "R1", "2020-03-02T10:00:00Z"),
        row("A-5", "登记", "R1", ""),
        "A-6,2020-03-02,2020-03-09,,登记,R1,一科,2020-03-02T10:00:00Z".to_owned(),
        "A-6,2020-03-02,2020-03-10,,审查,R1,一科,2020-03-02T11:00:00Z".to_owned(),
        "A-7,immer,2020-03-10,,审查,R1,一科,2020-03-02T11:00:00Z".to_owned(),
        "A-8,too few cells".to_owned(),
        row("A-9", "登记", "R2", "2020-03-02T10:00:00Z"),
    ];
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let (folder, path) = file("log.csv", &table(&rows));
    let error_file = folder.path().join("errors.csv");
    let ledger = Ledger::new();
    let allowing = CaseImport { error_file: Some(error_file.clone()), allows_unplaced_rows: true, ..options(&path) };
    let summary = run(&ledger, &allowing).expect("it runs");
    assert_eq!((summary.cases, summary.imported, summary.errors, summary.bad_rows), (8, 2, 6, 2));
    let codes: Vec<(&str, u64)> = summary.refused.iter().map(|(code, count)| (code.as_str(), *count)).collect();
    assert_eq!(codes, [("import.bad_case", 6), ("import.bad_row", 1), ("import.case_contradicts", 1)]);
    let written = std::fs::read_to_string(&error_file).expect("the error file");
    assert_eq!(written.lines().count(), 9, "a heading and eight errors: {written}");
    assert!(ledger.case("A-6").is_none() && ledger.case("A-9").is_some());
    // The same number with other steps is another case, and the ledger's stays.
    let (_folder, path) = file("log.csv", &table(&[&good, &good]));
    let summary = run(&ledger, &options(&path)).expect("it runs");
    assert_eq!((summary.errors, summary.refused["import.case_differs"]), (1, 1));
    let known: Vec<&'static str> = CaseError::iter().map(Into::into).collect();
    assert_eq!(
        known,
        [
            "import.bad_case",
            "import.case_contradicts",
            "import.case_differs",
            "import.case_incomplete",
            "import.rows_unplaced"
        ],
        "each was met above or below"
    );
}

/// Rows of three cases, of which one of A-2 is damaged as said.
fn damaged(damage: impl Fn(String) -> Vec<u8>) -> Vec<u8> {
    let row =
        |number: &str, activity: &str, hour: u8| row(number, activity, "R1", &format!("2020-03-02T{hour}:00:00Z"));
    let mut table = HEADINGS.as_bytes().to_vec();
    for (line, row) in [
        row("A-1", "登记", 10),
        row("A-2", "登记", 10),
        row("A-2", "审查", 11),
        row("A-2", "决定", 12),
        row("A-3", "登记", 13),
    ]
    .into_iter()
    .enumerate()
    {
        table.extend(if line == 2 { damage(row) } else { row.into_bytes() });
        table.push(b'\n');
    }
    table
}

/// The bytes with one that no text has in the place of each question mark.
fn no_text(text: &str) -> Vec<u8> {
    text.bytes().map(|byte| if byte == b'?' { 0xff } else { byte }).collect()
}

#[test]
fn a_row_that_cannot_be_read_costs_its_case_which_is_whole_once_the_file_is_mended() {
    type Damage<'a> = &'a dyn Fn(String) -> Vec<u8>;
    let bad_letter = |row: String| no_text(&row.replacen("审查", "审查?", 1));
    let short = |row: String| row.rsplit_once(',').expect("cells").0.as_bytes().to_vec();
    let long = |row: String| format!("{row},more").into_bytes();
    let damages: [(&str, Damage); 3] =
        [("import.bad_encoding", &bad_letter), ("import.bad_row", &short), ("import.bad_row", &long)];
    for (code, damage) in damages {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("log.csv");
        std::fs::write(&path, damaged(damage)).expect("a file");
        let ledger = Ledger::new();
        let summary = run(&ledger, &options(&path)).expect("it runs");
        assert_eq!((summary.cases, summary.imported, summary.errors, summary.bad_rows), (3, 2, 1, 1), "{code}");
        assert_eq!((summary.refused[code], summary.refused["import.case_incomplete"]), (1, 1));
        assert_eq!((summary.broken_files, summary.steps_imported), (0, 2));
        assert!(ledger.case("A-2").is_none(), "{code}: it is not there with two of three steps");
        std::fs::write(&path, damaged(String::into_bytes)).expect("a file");
        let mended = run(&ledger, &options(&path)).expect("it runs");
        assert_eq!((mended.imported, mended.already_imported, mended.errors), (1, 2, 0), "{code}");
        assert_eq!(ledger.case("A-2").map(|case| case.steps_total), Some(3));
    }
}

#[test]
fn where_a_row_does_not_say_of_which_case_it_is_nothing_is_taken_over_unless_that_is_allowed() {
    let unnamed = |row: String| row.replacen("A-2", "", 1).into_bytes();
    let unreadable = |row: String| no_text(&row.replacen("A-2", "A-?", 1));
    let damages: [&dyn Fn(String) -> Vec<u8>; 2] = [&unnamed, &unreadable];
    for damage in damages {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("log.csv");
        std::fs::write(&path, damaged(damage)).expect("a file");
        let ledger = Ledger::new();
        let summary = run(&ledger, &options(&path)).expect("it runs");
        assert_eq!((summary.cases, summary.imported, summary.bad_rows, summary.broken_files), (0, 0, 1, 1));
        assert_eq!((summary.refused["import.rows_unplaced"], summary.transactions), (1, 0));
        let allowing = CaseImport { allows_unplaced_rows: true, ..options(&path) };
        let allowed = run(&ledger, &allowing).expect("it runs");
        assert_eq!((allowed.cases, allowed.imported, allowed.bad_rows, allowed.broken_files), (3, 3, 1, 0));
        assert_eq!(ledger.case("A-2").map(|case| case.steps_total), Some(2), "what was allowed");
    }
}

/// A number that does not stand first may be another column's cell in a line with too few of them.
#[test]
fn the_number_in_a_shifted_line_is_not_believed() {
    let headings = "concept:name,case,time:timestamp\n";
    let rows = "登记,A-1,2020-03-02T10:00:00Z\nA-3,2020-03-02T10:00:00Z\n登记,A-2,2020-03-02T11:00:00Z\n";
    let (_folder, path) = file("log.csv", &format!("{headings}{rows}"));
    let log = read(&path, Digest([9; 32]), &[]).expect("it can be read");
    assert_eq!((log.cases.len(), log.unplaced_rows, log.errors.len()), (2, 1, 1));
    // With a comma in it a number looks like two cells.
    let quoted = format!("{HEADINGS}\"A,1\",too few\n{}\n", row("\"A,1\"", "登记", "R1", "2020-03-02T10:00:00Z"));
    let (_folder, path) = file("log.csv", &quoted);
    let log = read(&path, Digest([9; 32]), &[]).expect("it can be read");
    assert_eq!((log.cases.len(), log.unplaced_rows), (1, 1));
}

#[test]
fn an_event_that_cannot_be_read_costs_its_trace() {
    let event = |activity: &str, hour: u8| {
        format!(
            r#"<event><string key="concept:name" value="{activity}"/><date key="time:timestamp" value="2020-03-02T{hour}:00:00Z"/></event>"#
        )
    };
    let name = |number: &str| format!(r#"<string key="concept:name" value="{number}"/>"#);
    let log = |second: &str| {
        let whole = |number: &str| format!("<trace>{}{}</trace>\n", name(number), event("登记", 10));
        format!("<log>{}<trace>{second}</trace>\n{}</log>", whole("A-1"), whole("A-3"))
    };
    let (first, last) = (event("登记", 10), event("决定", 12));
    let mended = log(&format!("{}{first}{}{last}", name("A-2"), event("审查", 11)));
    for (second, incomplete) in [
        (format!("{}{first}<event></event>{last}", name("A-2")), true),
        (format!("{}{first}{}{last}", name("A-2"), event("审&unknown;查", 11)), true),
        // Of such a trace nothing is there that could lack a step.
        (format!("{}{first}{last}", name("A-&unknown;2")), false),
        (format!("{first}{}{last}", name("A-2")), false),
        (format!("{}<date key=\"deadline\" value=\"&unknown;\"/>{first}{last}", name("A-2")), false),
    ] {
        let (_folder, path) = file("log.xes", &log(&second));
        let ledger = Ledger::new();
        let summary = run(&ledger, &options(&path)).expect("it runs");
        assert_eq!((summary.imported, summary.broken_files), (2, 0), "{second}");
        assert!(summary.bad_rows > 0 && ledger.case("A-2").is_none(), "{second}");
        assert_eq!(summary.refused.get("import.case_incomplete").copied(), incomplete.then_some(1), "{second}");
        let (_folder, path) = file("log.xes", &mended);
        let mended = run(&ledger, &options(&path)).expect("it runs");
        assert_eq!((mended.imported, mended.already_imported, mended.errors), (1, 2, 0), "{second}");
    }
}

#[test]
fn a_file_that_ends_too_early_takes_nothing_over() {
    let trace = r#"<trace><string key="concept:name" value="A-1"/><event><string key="concept:name" value="登记"/><date key="time:timestamp" value="2020-03-02T10:00:00Z"/></event></trace>"#;
    let (_folder, path) = file("log.xes", &format!("<log>{trace}"));
    let ledger = Ledger::new();
    let summary = run(&ledger, &options(&path)).expect("it runs");
    assert_eq!((summary.cases, summary.broken_files, summary.refused["import.bad_xml"]), (0, 1, 1));
    let empty = r#"<trace><string key="concept:name" value="A-2"/></trace>"#;
    let (_folder, path) = file("log.xes", &format!("<log>{empty}{trace}</log>"));
    let summary = run(&ledger, &options(&path)).expect("it runs");
    assert_eq!(
        (summary.cases, summary.imported, summary.bad_rows),
        (1, 1, 1),
        "a trace without events is not lost in silence"
    );
    let missing = run(&ledger, &options(Path::new("no such file.xes"))).expect("it runs");
    assert_eq!((missing.broken_files, missing.refused["import.unreadable"]), (1, 1));
}

#[test]
fn a_start_opens_the_next_completion_and_other_transitions_are_no_steps() {
    let log = r#"<log><trace><string key="concept:name" value="A-1"/>
<event><string key="concept:name" value="登记"/><string key="lifecycle:transition" value="schedule"/><date key="time:timestamp" value="2020-03-02T08:00:00Z"/></event>
<event><string key="concept:name" value="登记"/><string key="lifecycle:transition" value="START"/><date key="time:timestamp" value="2020-03-02T09:00:00Z"/></event>
<event><string key="concept:name" value="登记"/><string key="lifecycle:transition" value="complete"/><date key="time:timestamp" value="2020-03-02T10:00:00Z"/></event>
<event><string key="concept:name" value="审查"/><string key="lifecycle:transition" value="start"/><date key="time:timestamp" value="2020-03-02T11:00:00Z"/></event>
</trace></log>"#;
    let (_folder, path) = file("log.xes", log);
    let log = read(&path, Digest([9; 32]), &[]).expect("it can be read");
    assert_eq!((log.rows, log.other_rows, log.unfinished), (4, 1, 1));
    let steps = &log.cases[0].steps;
    assert_eq!(steps.len(), 1);
    assert_eq!(steps[0].started_at.map(|time| time.to_string()).as_deref(), Some("2020-03-02T09:00:00.000Z"));
}

#[test]
fn a_pair_is_named_by_its_word_and_must_be_found() {
    let rows = [
        row("A-1", "T02 审查", "R1", "2020-03-02T10:00:00Z"),
        row("A-1", "T04 决定", "R1", "2020-03-02T11:00:00Z"),
        row("A-1", "T04 再决定", "R1", "2020-03-02T12:00:00Z"),
    ];
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let (_folder, path) = file("log.csv", &table(&rows));
    let with = |check: &str, decision: &str| read(&path, Digest([9; 32]), &[(check.to_owned(), decision.to_owned())]);
    assert_eq!(&*with("T02", "T04 决定").expect("both are there").cases[0].facts.four_eyes[0].decision, "T04 决定");
    for (check, decision) in [("T02", "T04"), ("T02", "T09"), ("T02", "T02"), ("T02 审查", "T02")] {
        with(check, decision).expect_err("ambiguous, absent, or the same");
    }
    for (check, decision, code) in [
        ("T02", "T04", "import.activity_ambiguous"),
        ("T02", "T09", "import.activity_unknown"),
        ("T02 审查", "T02", "import.activity_same"),
    ] {
        let error = with(check, decision).expect_err(code).to_string();
        assert!(error.ends_with(&format!("({code})")), "{error}");
    }
    let pair = ("T02".to_owned(), "T04 决定".to_owned());
    let error = read(&path, Digest([9; 32]), &vec![pair; 5]).expect_err("a case has at most four").to_string();
    assert!(error.ends_with("(import.too_many_pairs)"), "{error}");
}

#[test]
fn a_department_of_another_importer_ends_the_import() {
    let (_folder, path) = file("log.csv", &table(&[&row("A-1", "登记", "R1", "2020-03-02T10:00:00Z")]));
    let other = CaseImport { department: "11100000MB0143028R".parse().expect("a department"), ..options(&path) };
    let error = run(&Ledger::new(), &other).expect_err("nobody may");
    assert!(error.to_string().contains("tx.denied"), "{error}");
}

/// The real log; none, with a word why, where it is absent and not required.
fn real_file(name: &str) -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("TONGBAN_REALDATA") {
        return Some(Path::new(&folder).join("permits").join(name));
    }
    let required = std::env::var("TONGBAN_REQUIRE").unwrap_or_default();
    assert!(!required.split(',').any(|set| set == "realdata"), "TONGBAN_REALDATA is required and not set");
    eprintln!("skipped: TONGBAN_REALDATA is not set, so {name} is absent");
    None
}

#[test]
fn the_real_log_comes_back_from_the_ledger_with_its_published_figures() {
    for name in ["coselog_wabo_receipt.xes.gz", "coselog_wabo_receipt.csv.gz"] {
        let Some(path) = real_file(name) else { return };
        let ledger = Ledger::new();
        let options = CaseImport { four_eyes: vec![("T02".to_owned(), "T04".to_owned())], ..options(&path) };
        let summary = run(&ledger, &options).expect("it runs");
        assert_eq!((summary.rows, summary.cases, summary.imported), (8_577, 1_434, 1_434), "{name}");
        assert_eq!((summary.errors, summary.bad_rows, summary.steps_imported), (0, 0, 8_577));
        let report = ledger.report();
        assert_eq!((report.cases, report.events), (1_434, 8_577));
        assert_eq!((report.activities, report.resources, report.groups, report.variants), (27, 48, 10, 116));
        assert_eq!(report.mean_duration_seconds.to_string(), "467263.915");
        assert_eq!((report.late, report.open, report.incomplete), (377, 105, 0));
        assert_eq!((report.four_eyes_flagged, report.four_eyes_pairs), (1_028, 1_303));
        let largest: Vec<u64> = report.by_variant.iter().take(3).map(|variant| variant.cases).collect();
        assert_eq!(largest, [713, 123, 116]);
        let again = run(&ledger, &options).expect("it runs");
        assert_eq!((again.imported, again.already_imported, again.transactions), (0, 1_434, 0));
    }
}
