//! Licences of older systems: mapping, rows, whole runs against a ledger in memory, and the real register of enterprises.

mod codes;
mod repeats;

use super::mapping::HolderCodeKind;
use super::values::{date, is_amount, tidy, value};
use super::*;
use crate::import::ImportSecret;
use crate::import::rows::Limits;
use indicatif::ProgressBar;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use tempfile::TempDir;
use tongban_crypto::{SecretKey, commitment, primitives};
use tongban_kernel::Role;
use tongban_kernel::testing::Story;
use tongban_modules::licences::{
    self, Anomaly, FieldKind, Holder, Licence, Query as LicencesQuery, TakenOver, TypeDefinition, View as LicencesView,
};
use tongban_modules::{Call, Query, RULES, View, identity, orgs};
use tongban_types::codes::{DivisionCode, LicenceIdentifier, LicenceTypeCode, UnifiedSocialCreditCode};
use tongban_types::genesis::{GENESIS_VERSION, GenesisAccount, Parameters, account_of};
use tongban_types::{Genesis, List, Outcome, PublicKey, Receipt, Suite, Text, Time, Validator, ValidatorSet};

const MAPPING: &str = include_str!("../../../../../examples/licences/business_licence.mapping.yaml");
const TYPE: &str = include_str!("../../../../../examples/licences/business_licence.type.json");
/// The department of the example.
const MARKET: &str = "11519900MB90100105";
const HEADINGS: &str =
    "企业名称,统一社会信用代码,注册日期,企业类型,法人代表,注册资金,经营范围,所在省份,地区,注册地址\n";

fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text).expect("a valid text")
}

fn market() -> UnifiedSocialCreditCode {
    MARKET.parse().expect("a credit code")
}

fn secret_key(seed: u8) -> SecretKey {
    SecretKey::from_bytes(Suite::Intl, &[seed; 32]).expect("a valid key")
}

fn mapping() -> Mapping {
    Mapping::parse(MAPPING).expect("the example is a mapping")
}

/// A ledger on which market regulation has an importer.
struct Ledger {
    story: Mutex<Story>,
    importer: PublicKey,
    transactions: Mutex<Vec<usize>>,
    /// After so many transactions no more answers come.
    breaks_after: Option<usize>,
    /// What it says of the type.
    definition: Option<TypeDefinition>,
    /// How often it denies knowing anything.
    forgets: Mutex<usize>,
}

impl Ledger {
    fn new() -> Self {
        let [admin, importer] = [1, 2].map(secret_key);
        let account = GenesisAccount {
            name: text("运维"),
            key: admin.public_key(),
            roles: List::new(vec![text("administrator"), text("registrar")]).expect("two roles"),
        };
        let validator = Validator { department: text("数据局"), key: secret_key(100).public_key() };
        let genesis = Genesis {
            version: GENESIS_VERSION,
            name: text("imports"),
            suite: Suite::Intl,
            time: now(),
            validators: ValidatorSet::new(vec![validator]).expect("one"),
            accounts: List::new(vec![account]).expect("one account"),
            parameters: Parameters::default(),
        };
        let mut story = Story::new(RULES, primitives(Suite::Intl), genesis);
        let mayor = secret_key(3);
        let until = now().plus_millis(1_000_000_000);
        let open = |key: &SecretKey, network| {
            let account = account_of(&key.public_key(), primitives(Suite::Intl));
            let possession = key.sign(&identity::possession_message(&network, &account, &key.public_key()));
            let (kind, key) = (identity::AccountKind::Person, key.public_key());
            Call::Identity(identity::Call::OpenAccount { kind, name: None, key, possession })
        };
        let of = |key: &SecretKey| account_of(&key.public_key(), primitives(Suite::Intl));
        let profile = orgs::Profile {
            name: text("云港市市场监督管理局"),
            short_name: text("市监局"),
            division: "510100000000".parse().expect("a division"),
            host: None,
        };
        let (department, office) = (market(), text("科员"));
        let position = orgs::Position { office: text("科员"), posts: List::default(), staff_number: None };
        let right = orgs::Right { role: Role::Importer, post: None, from: None, until };
        let network = story.network();
        let founding = vec![
            open(&mayor, network),
            open(&importer, network),
            Call::Orgs(orgs::Call::RegisterDepartment { department, profile }),
            Call::Orgs(orgs::Call::NameAdministrator { department, account: of(&mayor), office, until }),
        ];
        let staffing = vec![
            Call::Orgs(orgs::Call::Appoint { department, account: of(&importer), position }),
            Call::Orgs(orgs::Call::Grant { department, account: of(&importer), right }),
        ];
        for (key, calls) in [(admin, founding), (mayor, staffing)] {
            let receipt = story.act(&key.public_key(), calls.iter().map(Call::to_bytes).collect());
            assert!(matches!(receipt.outcome, Outcome::Applied { .. }), "{receipt:?}");
        }
        let (story, transactions, forgets) = (Mutex::new(story), Mutex::default(), Mutex::default());
        let (importer, definition) = (importer.public_key(), None);
        Self { story, importer, transactions, breaks_after: None, definition, forgets }
    }

    fn ask(&self, query: LicencesQuery) -> LicencesView {
        let query = Query::Licences(query);
        match self.story.lock().expect("no test panics in it").ask(|state| query.answer(state)) {
            Ok(View::Licences(view)) => view,
            other => panic!("unexpected answer {other:?}"),
        }
    }

    fn licence(&self, identifier: &LicenceIdentifier) -> Licence {
        match self.ask(LicencesQuery::Licence { identifier: identifier.clone() }) {
            LicencesView::Licence { licence: Some(licence) } => *licence,
            other => panic!("expected a licence, found {other:?}"),
        }
    }
}

impl LicenceTarget for Ledger {
    async fn known(&self, identifiers: Vec<LicenceIdentifier>) -> anyhow::Result<Vec<TakenOver>> {
        let mut forgets = self.forgets.lock().expect("no test panics in it");
        if *forgets > 0 {
            *forgets -= 1;
            return Ok(Vec::new());
        }
        match self.ask(LicencesQuery::TakenOver { identifiers: List::new(identifiers)? }) {
            LicencesView::TakenOver { licences } => Ok(licences.into_vec()),
            other => panic!("unexpected answer {other:?}"),
        }
    }

    async fn submit(&self, calls: Vec<Call>) -> anyhow::Result<Receipt> {
        let mut transactions = self.transactions.lock().expect("no test panics in it");
        anyhow::ensure!(self.breaks_after.is_none_or(|after| transactions.len() < after), "the node is gone");
        transactions.push(calls.len());
        let calls = calls.iter().map(Call::to_bytes).collect();
        Ok(self.story.lock().expect("no test panics in it").act(&self.importer, calls))
    }

    async fn definition(&self, _: LicenceTypeCode) -> anyhow::Result<Option<TypeDefinition>> {
        Ok(self.definition.clone())
    }

    async fn has_division(&self, division: DivisionCode) -> anyhow::Result<bool> {
        let story = self.story.lock().expect("no test panics in it");
        let query = Query::Orgs(orgs::Query::Division { division: division.to_long(), at: story.time() });
        match story.ask(|state| query.answer(state)) {
            Ok(View::Orgs(orgs::View::Division { division, .. })) => Ok(division.is_some_and(|found| found.is_place())),
            other => panic!("unexpected answer {other:?}"),
        }
    }
}

fn now() -> Time {
    "2026-01-01T00:00:00Z".parse().expect("a time")
}

fn secret() -> ImportSecret {
    ImportSecret::generate(|bytes| bytes.fill(7))
}

fn file(name: &str, content: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, content).expect("a file");
    (folder, path)
}

fn options(path: &Path, folder: &Path) -> LicenceImport {
    LicenceImport {
        file: path.to_owned(),
        mapping: mapping(),
        by: market(),
        as_of: "2020-01-01T00:00:00Z".parse().expect("a time"),
        calls_per_transaction: 100,
        dry_run: false,
        error_file: Some(folder.join("errors.csv")),
        faces: folder.join("faces"),
        secret: secret(),
        primitives: primitives(Suite::Intl),
        limits: Limits::default(),
    }
}

fn run(ledger: &Ledger, options: &LicenceImport) -> anyhow::Result<LicenceSummary> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().expect("a runtime");
    runtime.block_on(import(ledger, options.clone(), &ProgressBar::hidden()))
}

fn faces(options: &LicenceImport) -> Vec<FaceRecord> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(&options.faces).expect("the folder").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    let lines = files.iter().map(|file| std::fs::read_to_string(file).expect("a file of faces"));
    let records = lines.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>());
    records.map(|line| serde_json::from_str(&line).expect("a record")).collect()
}

/// A register of so many enterprises with codes that fit.
fn register(rows: usize) -> String {
    let codes = (0..u32::MAX).filter_map(|number| {
        let body = format!("9151990{number:010}");
        "0123456789ABCDEFGHJKLMNPQRTUWXY".chars().find_map(|check| {
            let code = format!("{body}{check}");
            code.parse::<UnifiedSocialCreditCode>().is_ok().then_some(code)
        })
    });
    let row =
        |code: String| format!("云港{code}小馆,{code},2019-01-02,有限责任公司,王*,500万人民币,餐饮,四川,云港,长江路\n");
    HEADINGS.to_owned() + &codes.take(rows).map(row).collect::<String>()
}

#[test]
fn a_register_is_taken_over_once_however_often_it_runs() {
    let (folder, path) = file("register.csv", register(250).as_bytes());
    let (options, ledger) = (options(&path, folder.path()), Ledger::new());
    let first = run(&ledger, &options).expect("it runs");
    assert_eq!((first.rows, first.imported, first.already_imported, first.errors), (250, 250, 0, 0));
    assert_eq!((first.transactions, first.face_files, first.skipped_lines), (3, 3, 1));
    let kept = faces(&options);
    let identifiers: BTreeSet<_> = kept.iter().map(|record| record.identifier.clone()).collect();
    assert_eq!(identifiers.len(), 250);
    let second = run(&ledger, &options).expect("it runs");
    assert_eq!((second.rows, second.imported, second.already_imported, second.transactions), (250, 0, 250, 0));
    assert_eq!(faces(&options), kept, "the faces are the same ones");
    let other = LicenceImport { secret: ImportSecret::generate(|bytes| bytes.fill(8)), ..options };
    assert_eq!(run(&ledger, &other).expect("it runs").imported, 250, "another secret knows nothing of the first");
}

#[test]
fn what_breaks_off_is_finished_by_the_next_run() {
    let (folder, path) = file("register.csv", register(450).as_bytes());
    let options = options(&path, folder.path());
    let mut ledger = Ledger { breaks_after: Some(2), ..Ledger::new() };
    let error = run(&ledger, &options).expect_err("the node goes away");
    assert!(error.to_string().contains("the node is gone"), "{error}");
    ledger.breaks_after = None;
    let rest = run(&ledger, &options).expect("it runs");
    assert_eq!((rest.rows, rest.imported, rest.already_imported), (450, 250, 200));
    for record in faces(&options) {
        assert_eq!(ledger.licence(&record.identifier).content.face, record.root);
    }
}

#[test]
fn the_ledger_has_commitments_that_the_faces_open() {
    let row = "云港小馆,91110000802100433B,2019-01-02,有限责任公司,张三丰,500万人民币,餐饮服务,四川,云港,长江路1号\n";
    let (folder, path) = file("register.csv", format!("{HEADINGS}{row}").as_bytes());
    let (options, ledger) = (options(&path, folder.path()), Ledger::new());
    let summary = run(&ledger, &options).expect("it runs");
    assert_eq!(summary.confidence.into_iter().collect::<Vec<_>>(), [(100, 1)]);
    let [record] = &faces(&options)[..] else { panic!("one licence") };
    let licence = ledger.licence(&record.identifier);
    let primitives = primitives(Suite::Intl);
    assert_eq!(record.face.root(primitives), licence.content.face);
    let shown = record.face.disclose(&["name"], primitives).expect("it has a name");
    assert!(shown.check(&licence.content.face, primitives).is_ok());
    let number = record.certificate_number.as_ref().expect("it has a number");
    let committed = commitment(primitives, &number.salt.0, number.value.as_bytes());
    assert_eq!(licence.content.certificate_number, Some(committed));
    assert_eq!(&*record.face.field("established_on").expect("a date").value, "2019-01-02");
    let from = licence.content.period.from.expect("a beginning");
    assert_eq!(from, "2019-01-02T00:00:00+08:00".parse().expect("a time"));
    let source = &licence.import.expect("it was imported").source;
    assert_eq!((source.row, Some(source.file)), (2, summary.checksum));
    assert!(matches!(licence.holder, Holder::Commitment { .. }));
    let stored = serde_json::to_string(&ledger.licence(&record.identifier)).expect("a record is JSON");
    for hidden in ["张三丰", "云港小馆", "91110000802100433B", "长江路"] {
        assert!(!stored.contains(hidden), "{hidden} stays off the ledger");
    }
    let printed = format!("{record:?}");
    assert!(!printed.contains("张三丰") && !printed.contains("91110000802100433B"), "{printed}");
}

#[cfg(unix)]
#[test]
fn faces_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, path) = file("register.csv", register(3).as_bytes());
    let options = options(&path, folder.path());
    run(&Ledger::new(), &options).expect("it runs");
    let mode = |path: &Path| std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(&options.faces), 0o700);
    for entry in std::fs::read_dir(&options.faces).expect("the folder") {
        let path = entry.expect("an entry").path();
        assert_eq!((mode(&path), path.extension().and_then(|name| name.to_str())), (0o600, Some("jsonl")));
    }
    assert_eq!(mode(&folder.path().join("errors.csv")), 0o600);
}

#[test]
fn bad_codes_and_duplicates_go_to_the_error_file() {
    let row = |name: &str, code: &str| format!("{name},{code},2019-01-02,公司,王*,1万,餐饮,四川,云港,长江路\n");
    let content = [
        HEADINGS.to_owned(),
        row("好", "91110000802100433B"),
        row("错校验", "91110000802100433C"),
        row("错字母", "9111000080210043IB"),
        row("短", "911100"),
        row("空", ""),
        row("重复", "９１１１００００８０２１００４３３ｂ"), // full width and lower case: the same code
        "少一列,91110000802100433B\n".to_owned(),
    ];
    let (folder, path) = file("register.csv", content.concat().as_bytes());
    let (options, ledger) = (options(&path, folder.path()), Ledger::new());
    let summary = run(&ledger, &options).expect("it runs");
    assert_eq!((summary.rows, summary.imported, summary.errors), (7, 1, 6));
    let refused: Vec<(&str, u64)> = summary.refused.iter().map(|(code, count)| (code.as_str(), *count)).collect();
    assert_eq!(
        refused,
        [
            ("import.bad_row", 1),
            ("import.holder_code", 3),
            ("import.holder_code_check", 1),
            ("import.licence_repeated", 1)
        ]
    );
    let errors = std::fs::read_to_string(folder.path().join("errors.csv")).expect("the error file");
    let lines: Vec<String> =
        errors.lines().skip(1).map(|line| line.split(',').skip(1).take(2).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        lines,
        [
            "3 import.holder_code_check",
            "4 import.holder_code",
            "5 import.holder_code",
            "6 import.holder_code",
            "7 import.licence_repeated",
            "8 import.bad_row"
        ]
    );
}

#[test]
fn what_is_odd_is_flagged_and_lowers_the_confidence() {
    let mut flagging = mapping();
    flagging.holder.bad_codes = super::mapping::BadCodes::Flag;
    flagging.key = List::new(vec![text("企业名称")]).expect("one column");
    let content = [
        HEADINGS,
        "甲,91110000802100433B,昨天,公司,王*,很多钱,餐饮,四川,云港, 长江路\n",
        "乙,91110000802100433B,2019.1.2,公司,,,餐饮,四川,云港,长江路\n",
        "丙,91110000802100433C,2019-01-02,公司,王*,1万,餐饮,四川,云港,长江路\n",
        "丁,,2019-01-02,公司,王*,1万,餐饮,四川,云港,长江路\n",
    ];
    let (folder, path) = file("register.csv", content.concat().as_bytes());
    let options = LicenceImport { mapping: flagging, ..options(&path, folder.path()) };
    let ledger = Ledger::new();
    let summary = run(&ledger, &options).expect("it runs");
    assert_eq!((summary.imported, summary.errors), (4, 0));
    let found: Vec<(Vec<Anomaly>, u8)> = faces(&options)
        .iter()
        .map(|record| {
            let source = ledger.licence(&record.identifier).import.expect("it was imported").source;
            (source.anomalies.into_vec(), source.confidence)
        })
        .collect();
    assert_eq!(
        found,
        [
            (vec![Anomaly::TextTidied, Anomaly::DateForm, Anomaly::NumberForm], 70),
            (vec![Anomaly::FieldMissing, Anomaly::SameHolder], 80),
            (vec![Anomaly::HolderCodeCheck], 90),
            // A missing number is seen by the ledger as well; here the code is the number and a field that is required.
            (vec![Anomaly::HolderCodeMissing, Anomaly::FieldMissing], 80),
        ]
    );
    assert_eq!(summary.anomalies.get("type_unknown"), Some(&4), "{:?}", summary.anomalies);
    assert_eq!(summary.anomalies.get("beginning_missing"), Some(&1));
    assert_eq!(summary.anomalies.get("number_missing"), Some(&1));
}

#[test]
fn gb18030_reads_the_same() {
    let content = register(5);
    let (encoded, _, is_lossy) = encoding_rs::GB18030.encode(&content);
    assert!(!is_lossy);
    let (folder, path) = file("register.csv", &encoded);
    let options = options(&path, folder.path());
    let summary = run(&Ledger::new(), &options).expect("it runs");
    assert_eq!((summary.imported, summary.errors), (5, 0));
    assert_eq!(&*faces(&options)[0].face.field("scope").expect("a scope").value, "餐饮");
}

/// A workbook with these lines: texts shared, inline or plain, by turns; numbers as numbers.
fn workbook(lines: &[&[&str]]) -> Vec<u8> {
    use std::io::Write as _;
    let mut shared = Vec::new();
    let mut rows = String::new();
    for (number, cells) in lines.iter().enumerate() {
        let mut row = String::new();
        for (column, text) in cells.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
            let place = format!("{}{}", char::from(b'A' + u8::try_from(column).expect("few columns")), number + 1);
            let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
            row += &if text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() < 10 {
                format!("<c r=\"{place}\"><v>{text}</v></c>")
            } else if column % 3 == 0 {
                format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>{escaped}</t></is></c>")
            } else {
                shared.push(format!("<si><r><t>{escaped}</t></r><rPh sb=\"0\" eb=\"1\"><t>拼音</t></rPh></si>"));
                format!("<c r=\"{place}\" t=\"s\"><v>{}</v></c>", shared.len() - 1)
            };
        }
        rows += &format!("<row r=\"{}\">{row}</row>", number + 1);
    }
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in [
        ("xl/workbook.xml", "<workbook><sheets><sheet name=\"证照\" sheetId=\"1\" r:id=\"rId7\"/><sheet r:id=\"rId1\"/></sheets></workbook>".to_owned()),
        ("xl/_rels/workbook.xml.rels", "<Relationships><Relationship Id=\"rId1\" Target=\"worksheets/other.xml\"/><Relationship Id=\"rId7\" Target=\"worksheets/sheet1.xml\"/></Relationships>".to_owned()),
        ("xl/sharedStrings.xml", format!("<sst>{}</sst>", shared.concat())),
        ("xl/worksheets/sheet1.xml", format!("<worksheet><sheetData>{rows}</sheetData></worksheet>")),
    ] {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).expect("a part");
        archive.write_all(content.as_bytes()).expect("memory is writable");
    }
    archive.finish().expect("an archive").into_inner()
}

#[test]
fn a_workbook_reads_the_same() {
    let headings: Vec<&str> = HEADINGS.trim_end().split(',').collect();
    let lines: [&[&str]; 5] = [
        &["企业登记一览"],
        &headings,
        &["甲<乙&丙", "91110000802100433B", "43467", "公司", "王*", "1000", "餐饮", "四川", "云港", "长江路"],
        &[],
        &["丁", "9144030071526726XG", "2019年1月2日", "", "李*", "", "零售", "四川", "云港", "黄河路"],
    ];
    let (folder, path) = file("register.xlsx", &workbook(&lines));
    let options = options(&path, folder.path());
    let summary = run(&Ledger::new(), &options).expect("it runs");
    assert_eq!((summary.imported, summary.errors, summary.broken_files), (2, 0, 0), "{:?}", summary.refused);
    let records = faces(&options);
    let values = |index: usize, name: &str| records[index].face.field(name).expect("a field").value.to_string();
    assert_eq!((values(0, "name"), values(0, "established_on")), ("甲<乙&丙".to_owned(), "2019-01-02".to_owned()));
    assert_eq!((values(1, "scope"), values(1, "established_on")), ("零售".to_owned(), "2019-01-02".to_owned()));
    assert_eq!((values(0, "registered_capital"), values(1, "kind")), ("1000".to_owned(), String::new()));
}

#[test]
fn archives_that_are_no_workbook_are_refused_as_a_whole() {
    let good = workbook(&[&["企业名称", "统一社会信用代码"], &["甲", "91110000802100433B"]]);
    let cut = good[..good.len() / 2].to_vec();
    let mut empty = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    empty.start_file("a.txt", zip::write::SimpleFileOptions::default()).expect("a part");
    let other = empty.finish().expect("an archive").into_inner();
    let mut bomb = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    bomb.start_file("xl/workbook.xml", zip::write::SimpleFileOptions::default()).expect("a part");
    std::io::copy(&mut std::io::Read::take(std::io::repeat(b' '), 3_000_000), &mut bomb).expect("memory is writable");
    let bomb = bomb.finish().expect("an archive").into_inner();
    assert!(bomb.len() < 100_000, "it looks small");
    for (content, code) in [
        (cut, "import.bad_workbook"),
        (other, "import.bad_workbook"),
        (b"PK\x03\x04 and no more".to_vec(), "import.bad_workbook"),
        (bomb, "import.too_large"),
    ] {
        let (folder, path) = file("register.xlsx", &content);
        let limits = Limits { file_bytes_max: 2_000_000, ..Limits::default() };
        let summary = run(&Ledger::new(), &LicenceImport { limits, ..options(&path, folder.path()) }).expect("it runs");
        assert_eq!((summary.broken_files, summary.refused.get(code)), (1, Some(&1)), "{:?}", summary.refused);
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    /// No byte of a workbook, changed to another, makes the reader do anything but read or refuse.
    #[test]
    fn spoilt_workbooks_are_read_or_refused(places in proptest::collection::vec((0usize..4_000, proptest::prelude::any::<u8>()), 1..12)) {
        let mut content = workbook(&[&["企业名称", "统一社会信用代码"], &["甲", "91110000802100433B"]]);
        let bytes = content.len();
        for (place, byte) in places {
            content[4 + place % (bytes - 4)] = byte;
        }
        let (_folder, path) = file("register.xlsx", &content);
        if let Ok(rows) = crate::import::rows::Rows::open(&path, Limits::default()) {
            proptest::prop_assert!(rows.count() < 100);
        }
    }
}

#[test]
fn a_dry_run_writes_nothing_anywhere() {
    let (folder, path) = file("register.csv", register(120).as_bytes());
    let options = LicenceImport { dry_run: true, ..options(&path, folder.path()) };
    let ledger = Ledger::new();
    let summary = run(&ledger, &options).expect("it runs");
    assert_eq!((summary.rows, summary.would_import, summary.imported, summary.face_files), (120, 120, 0, 0));
    assert!(!options.faces.exists() && ledger.transactions.lock().expect("unpoisoned").is_empty());
}

#[test]
fn files_and_networks_that_refuse_the_whole() {
    let (folder, path) = file("register.csv", "企业名称,信用代码\n甲,91110000802100433B\n".as_bytes());
    let options = options(&path, folder.path());
    let summary = run(&Ledger::new(), &options).expect("it runs");
    assert_eq!((summary.rows, summary.broken_files), (0, 1));
    assert!(summary.refused.contains_key("import.mapping_column"), "{:?}", summary.refused);
    let missing = LicenceImport { file: folder.path().join("absent.csv"), ..options.clone() };
    let summary = run(&Ledger::new(), &missing).expect("it runs");
    assert_eq!((summary.broken_files, summary.refused.contains_key("import.unreadable")), (1, true));
    let (_folder, path) = file("register.csv", register(2).as_bytes());
    let foreign = UnifiedSocialCreditCode::try_from("91110000802100433B").expect("a code");
    let denied = run(&Ledger::new(), &LicenceImport { file: path.clone(), by: foreign, ..options.clone() });
    assert!(denied.expect_err("no importer there").to_string().contains("tx.denied"));
    let late =
        LicenceImport { file: path.clone(), as_of: "2030-01-01T00:00:00Z".parse().expect("a time"), ..options.clone() };
    assert!(run(&Ledger::new(), &late).expect_err("from the future").to_string().contains("licences.source_later"));
    for calls_per_transaction in [0, 101] {
        let wrong = LicenceImport { file: path.clone(), calls_per_transaction, ..options.clone() };
        assert!(run(&Ledger::new(), &wrong).is_err());
    }
}

#[test]
fn states_and_ends_of_older_systems() {
    let mapping = MAPPING.to_owned()
        + "valid_until: 到期\ndate_formats: ['[day].[month].[year]']\nstate: { column: 状态, since: 状态日期, words: { 存续: '01', 吊销: '07', 迁出: '06', 其他: '99' } }\n";
    let headings = HEADINGS.trim_end().to_owned() + ",到期,状态,状态日期\n";
    let row = |code: &str, end: &str| format!("甲,{code},02.01.2019,公司,王*,1万,餐饮,四川,云港,长江路,{end}\n");
    let content = [
        headings,
        row("91110000802100433B", "31.12.2029,存续,"),
        row("9144030071526726XG", "长期,吊销,2021年3月1日"),
        row("914403001922038216", ",注吊销,"),
        row("12441500196720244T", ",迁出,"),
        row("11370800MB28559184", ",其他,"),
    ];
    let (folder, path) = file("register.csv", content.concat().as_bytes());
    let mapping = Mapping::parse(&mapping).expect("a mapping");
    let options = LicenceImport { mapping, ..options(&path, folder.path()) };
    let ledger = Ledger::new();
    let summary = run(&ledger, &options).expect("it runs");
    assert_eq!((summary.imported, summary.refused.get("import.licence_state")), (4, Some(&1)));
    let time = |text: &str| text.parse::<Time>().expect("a time");
    let records = faces(&options);
    let [first, second] = [0, 1].map(|index| ledger.licence(&records[index].identifier));
    assert_eq!(first.content.period.until, Some(time("2030-01-01T00:00:00+08:00")), "the last day counts");
    assert_eq!(licences::status(&first, now()), licences::Status::Valid);
    assert_eq!(second.content.period.until, None);
    assert_eq!(licences::status(&second, time("2021-02-28T00:00:00+08:00")), licences::Status::Valid);
    assert_eq!(licences::status(&second, time("2021-03-01T00:00:00+08:00")), licences::Status::Withdrawn);
    let [third, fourth] = [2, 3].map(|index| ledger.licence(&records[index].identifier));
    assert_eq!(licences::status(&third, now()), licences::Status::MovedOut { to: None });
    assert_eq!(licences::status(&fourth, now()), licences::Status::Other);
}

#[test]
fn amounts_dates_and_texts_of_registers() {
    for amount in
        ["2,000(万)", "16,468(万元)", "500万人民币", "10万元人民币", "800万美元", "0.5", "1000", "３００万", "1亿"]
    {
        assert!(is_amount(amount), "{amount}");
    }
    for other in ["", "万", "很多", "1,00万", "10万吨", "1.2.3", "-5万", "12,3456"] {
        assert!(!is_amount(other), "{other}");
    }
    let expected = "2019-01-02T00:00:00+08:00".parse().ok();
    for text in ["2019-01-02", "2019/1/2", "2019年1月2日", "20190102", "2019-01-02 13:45:00", "43467"] {
        assert_eq!(date(text, &[]), expected, "{text}");
    }
    assert_eq!(date("02.01.2019", &["[day].[month].[year]".to_owned()]), expected);
    assert_eq!(date("2019-02-30", &[]), None);
    let mut anomalies = Vec::new();
    assert_eq!(&*tidy("a\u{200b}\r\nb ", &mut anomalies), "a  b");
    assert_eq!(&*value("９１x", FieldKind::Code, &[], &mut anomalies), "91X");
    let long = "长".repeat(4_001);
    assert_eq!(value(&long, FieldKind::Text, &[], &mut anomalies).chars().count(), 4_000);
    assert_eq!(anomalies, [Anomaly::TextTidied, Anomaly::TextCut]);
}

#[test]
fn mappings_that_cannot_be_used() {
    let with = |from: &str, to: &str| Mapping::parse(&MAPPING.replace(from, to));
    assert_eq!(mapping().holder.kind, HolderCodeKind::CreditCode);
    for (from, to, place) in [
        ("system: 企业登记库", "system: ''", "system"),
        ("11100000MB0143028R001", "11100000MB0143028X001", "licence_type"),
        ("issuer: 11519900MB90100105", "issuer: 11519900MB90100106", "issuer"),
        ("issuer: 11519900MB90100105", "certificate: x", "certificate"),
        ("key: [统一社会信用代码]", "key: []", "key"),
        ("name: kind", "name: name", "fields[2].name"),
        ("kind: credit_code", "kind: passport", "holder.kind"),
        ("valid_from: 注册日期", "date_formats: ['[dey]']", "date_formats[0]"),
        ("valid_from: 注册日期", "confidence: 101", "confidence"),
        ("valid_from: 注册日期", "state: { column: 状态, words: { 存疑: '08' } }", "state.words.存疑"),
        ("valid_from: 注册日期", "issuer_column: 发证机关", "issuer"),
        ("valid_from: 注册日期", "identifier: 电子证照标识", "key"),
        ("valid_from: 注册日期", "serial: 流水号", "key"),
        ("valid_from: 注册日期", "version: 版本号", "version"),
        ("key: [统一社会信用代码]", "identifier: 电子证照标识\nserial: 流水号", "identifier"),
        ("key: [统一社会信用代码]", "version: 版本号", "version"),
        ("kind: text, required: true }", "kind: text, standard: credit_code }", "fields[1].standard"),
        ("standard: credit_code", "standard: passport", "fields[0].standard"),
        ("valid_from: 注册日期", "area_code: '5199'", "area_code"),
        ("valid_from: 注册日期", "area_code: '519900'\narea_column: 区划", "area_code"),
        ("valid_from: 注册日期", "holder_type: '11A'", "holder_type"),
        ("valid_from: 注册日期", "holder_type: '111'\nholder_type_column: 类型", "holder_type"),
    ] {
        let error = with(from, to).expect_err(to);
        assert_eq!(error.place, place, "{error}");
    }
    assert!(Mapping::parse("- 1").is_err() && Mapping::parse("").is_err() && Mapping::parse("{").is_err());
}

#[test]
fn the_example_maps_all_fields_of_its_type() {
    let definition: licences::TypeDefinition = serde_json::from_str(TYPE).expect("a type");
    assert_eq!(definition.fault(), None);
    let mapping = mapping();
    let of_type: Vec<_> = definition.face.iter().map(|field| (&field.name, field.kind)).collect();
    let mapped: Vec<_> = mapping.fields.iter().map(|field| (&field.name, field.kind)).collect();
    assert_eq!(mapped, of_type);
    let code: LicenceTypeCode = "11100000MB0143028R001".parse().expect("a type code");
    assert_eq!(mapping.licence_type, code);
}

/// Where the public data sets are; says so where they are not, and fails where they are required.
fn real_data() -> Option<PathBuf> {
    let folder = std::env::var_os("TONGBAN_REALDATA").map(PathBuf::from);
    if folder.is_none() {
        let required = std::env::var("TONGBAN_REQUIRE").unwrap_or_default();
        assert!(required.split(',').all(|name| name != "realdata"), "TONGBAN_REALDATA is not set, and required");
        eprintln!("skipped: TONGBAN_REALDATA is not set");
    }
    folder
}

#[test]
fn every_enterprise_of_the_real_register_becomes_a_licence() {
    let Some(data) = real_data() else { return };
    let mut files: Vec<PathBuf> = std::fs::read_dir(data.join("enterprises"))
        .expect("the register")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "gz"))
        .collect();
    files.sort();
    let ledger = Ledger::new();
    let folder = tempfile::tempdir().expect("a folder");
    let mut total = LicenceSummary::default();
    for file in &files {
        let summary = run(&ledger, &options(file, folder.path())).expect("it runs");
        assert_eq!((summary.errors, summary.broken_files), (0, 0), "{}: {:?}", file.display(), summary.refused);
        total.rows += summary.rows;
        total.imported += summary.imported;
        total.transactions += summary.transactions;
        for (kind, count) in summary.anomalies {
            *total.anomalies.entry(kind).or_default() += count;
        }
    }
    assert_eq!((total.rows, total.imported), (22_161, 22_161));
    assert!(total.transactions <= 22_161_u64.div_ceil(100) + files.len() as u64, "batches of a hundred");
    println!("anomalies of the real register: {:?}", total.anomalies);
}
