//! A thousand completions of sibling steps at the same time, each sent twice, over the sockets of four real nodes: none is lost, none is
//! done twice, and nobody waits for ever.

use crate::support::Network;
use futures::StreamExt as _;
use indicatif::ProgressBar;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tongban_api::Client;
use tongban_crypto::{SecretKey, primitives};
use tongban_modules::case_facts::{Fact, FactValue, Facts};
use tongban_modules::case_reasons::StepCause;
use tongban_modules::case_records::{Crossing, Given, How};
use tongban_modules::case_sources::AnswerSources;
use tongban_modules::cases::{self, Application};
use tongban_modules::catalogue::{HandleType, Step, StepKind};
use tongban_modules::flow::{StepName, StepOutcome, place_of};
use tongban_modules::identity::{AccountKind, Call as IdentityCall, possession_message};
use tongban_modules::{Call, Event, Query, View};
use tongban_node::asking::ask;
use tongban_node::catalogue::item_file::{ItemFile, parse};
use tongban_node::organisation::commands::{Signers, apply, signer, submit_all};
use tongban_node::organisation::file::Organisation;
use tongban_node::organisation::keys::Keys;
use tongban_node::random::rng;
use tongban_node::signer::{Signer, now};
use tongban_types::codes::CaseNumber;
use tongban_types::genesis::account_of;
use tongban_types::{Digest, List, Outcome, Receipt, RequestId, SignedTx, Suite, Text};

/// An item with five steps at once, each of another department, between the acceptance and the decision.
const ITEM: &str = include_str!("../../src/bench/journey/item.yaml");
const NODES: usize = 4;
/// Cases that are under way together.
const CASES: usize = 200;
/// Steps of a case that wait for the acceptance alone and for which the decision waits.
const SIBLINGS: usize = 5;
/// How often each step is completed, by other officers at other nodes.
const ATTEMPTS: usize = 2;
/// Officers of each department.
const OFFICERS: usize = 4;
/// The area that is applied for; any will do.
const AREA: i64 = 400;
/// Files that a process may have open: each submission in flight has a connection.
const OPEN_FILES: u64 = 8_192;
/// Connections of one address at a node, which a quarter of all submissions need at once.
const CONNECTIONS: u32 = 1_500;
/// What is not final by then never will be.
const PATIENCE: Duration = Duration::from_secs(45);

/// A network with six departments, their officers, an item and cases that were accepted.
struct City {
    network: Network,
    /// For each node; one client holds all connections to it.
    clients: Vec<Client>,
    file: ItemFile,
    keys: Keys,
    cases: Vec<CaseNumber>,
}

/// A step of a case, and the transactions that complete it.
struct Sibling {
    case: CaseNumber,
    step: StepName,
    place: u8,
    attempts: Vec<SignedTx>,
}

/// The soft limit is often a thousand. Nodes that are started afterwards inherit it.
fn allow_open_files() {
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.map_or(OPEN_FILES, |maximum| maximum.min(OPEN_FILES));
    if limit.current.is_some_and(|current| current < wanted) {
        let raised = Rlimit { current: Some(wanted), maximum: limit.maximum };
        setrlimit(Resource::Nofile, raised).expect("a limit may be raised to the hard one");
    }
}

fn reviews(file: &ItemFile) -> Vec<&Step> {
    file.item.flow.iter().filter(|step| step.kind == StepKind::Review).collect()
}

fn step_of(file: &ItemFile, kind: StepKind) -> &Step {
    file.item.flow.iter().find(|step| step.kind == kind).expect("the item has such a step")
}

/// The name of the key of an officer who completes the steps of a department.
fn key_name(department: &str, officer: usize) -> String {
    format!("{department}-{officer}")
}

/// One officer at the window of the department that leads, and some in each of the others.
fn organisation(file: &ItemFile) -> Organisation {
    let item = &file.item;
    let department = |code: &str, name: &str, officers: Vec<Value>| json!({ "code": code, "name": name, "short_name": name, "officers": officers });
    let window = json!({
        "key": "window", "office": "科员", "posts": [step_of(file, StepKind::Acceptance).role.to_string()], "roles": ["receiver", "acceptor"],
    });
    let mut departments = vec![department(&item.department.code, &item.department.name, vec![window])];
    for joint in item.joint_departments.iter() {
        let own = reviews(file).into_iter().filter(|step| *step.department == *joint.code);
        let posts: Vec<String> = own.map(|step| step.role.to_string()).collect();
        let officer = |number: usize| json!({ "key": key_name(&joint.code, number), "office": "科员", "posts": posts, "roles": ["reviewer"] });
        departments.push(department(&joint.code, &joint.name, (0..OFFICERS).map(officer).collect()));
    }
    Organisation::from_value(json!({
        "government": {
            "code": "11519900MB9012112F", "name": "云港市人民政府", "short_name": "云港市人民政府", "division": "510100000000",
            "administrator": { "key": "mayor", "office": "人事处处长" },
        },
        "until": now().plus_months_in_beijing(12),
        "departments": departments,
    }))
    .expect("an organisation")
}

async fn found_city() -> City {
    allow_open_files();
    let mut network = Network::new(NODES as u16, Suite::Intl);
    for node in 0..NODES {
        network.configure(node, |table| drop(table.insert("connections_per_address_max".into(), CONNECTIONS.into())));
    }
    network.start_all();
    for node in 0..NODES {
        network.wait_until_ready(node).await;
    }
    let clients: Vec<Client> = (0..NODES).map(|node| network.client(node)).collect();
    let file = ItemFile::from_value(parse(ITEM).expect("YAML")).expect("an item");
    let organisation = organisation(&file);
    let new_key = |name: &Text<40>| (name.to_string(), SecretKey::generate(Suite::Intl, &mut rng()));
    let keys: Keys = organisation.keys().into_iter().map(new_key).collect();
    let signers = Signers {
        administrator: network.signer("administrator"),
        registrar: network.signer("registrar"),
        government: signer(&keys["mayor"], network.network()).expect("a signer"),
        approver: None,
    };
    let hidden = ProgressBar::hidden();
    apply(&clients[0], &organisation, &keys, &network.network(), &signers, &hidden).await.expect("it is applied");
    let publish = Call::Catalogue(file.clone().publish(1));
    submit_all(&clients[0], &network.signer("publisher"), &[publish]).await.expect("it is published");
    let mut city = City { network, clients, file, keys, cases: Vec::new() };
    city.file_and_accept().await;
    city
}

impl City {
    fn officer(&self, key: &str) -> Signer {
        signer(&self.keys[key], self.network.network()).expect("a signer")
    }

    /// One person applies for everything, and the window accepts it.
    async fn file_and_accept(&mut self) {
        let applicant = SecretKey::generate(Suite::Intl, &mut rng());
        let (network, key) = (self.network.network(), applicant.public_key());
        let account = account_of(&key, primitives(Suite::Intl));
        let possession = applicant.sign(&possession_message(&network, &account, &key));
        let open = Call::Identity(IdentityCall::OpenAccount { kind: AccountKind::Person, name: None, key, possession });
        submit_all(&self.clients[0], &self.network.signer("registrar"), &[open]).await.expect("it is opened");

        let applicant = Signer::new(applicant, network);
        for _ in 0..CASES / 100 {
            let calls: Vec<Call> = (0..100).map(|_| self.application(&applicant)).collect();
            let tx = applicant.sign(&calls).expect("a transaction");
            let receipt = self.clients[0].submit(&tx).await.expect("it becomes final");
            self.cases.extend(events(&receipt).into_iter().map(|event| match event {
                Event::Cases(cases::Event::Filed { case, .. }) => case,
                other => panic!("an application was answered by {other:?}"),
            }));
        }
        assert_eq!(self.cases.len(), CASES);
        let accept = |case: &CaseNumber| {
            let (received, accepted) = (case.clone(), case.clone());
            [cases::Call::Receive { case: received }, cases::Call::Accept { case: accepted }].map(Call::Cases)
        };
        let calls: Vec<Call> = self.cases.iter().flat_map(accept).collect();
        submit_all(&self.clients[0], &self.officer("window"), &calls).await.expect("all is accepted");
    }

    fn application(&self, applicant: &Signer) -> Call {
        let materials = 0..u8::try_from(self.file.item.materials.len()).expect("few materials");
        let given = |material: u8| Given { material, how: How::Electronic { commitment: Digest([material + 1; 32]) } };
        let area = Fact { field: Text::new("area").expect("a text"), value: FactValue::Number(AREA) };
        let application = Application {
            item: self.file.code.clone(),
            applicant: applicant.account(),
            channel: HandleType::Online,
            crossing: Crossing::None,
            place: None,
            facts: Facts::new(vec![area]).expect("one fact"),
            form: Digest([6; 32]),
            materials: List::new(materials.map(given).collect()).expect("few materials"),
            gap_promise: None,
            renews: None,
            sources: AnswerSources::default(),
        };
        Call::Cases(cases::Call::File { application: Box::new(application) })
    }

    /// All steps that are due, case by case, each with its transactions: signed ahead, so that they leave at once.
    fn siblings(&self) -> Vec<Sibling> {
        let reviews = reviews(&self.file);
        assert_eq!(reviews.len(), SIBLINGS);
        let mut siblings = Vec::new();
        for (number, case) in self.cases.iter().enumerate() {
            for step in &reviews {
                let place = place_of(&self.file.item.flow, &step.name).expect("it is in the flow");
                let attempt = |attempt: usize| {
                    let officer = self.officer(&key_name(&step.department, (number + attempt) % OFFICERS));
                    let (case, step, opinion) = (case.clone(), step.name.clone(), Some(Digest([7; 32])));
                    let finish = Call::Cases(cases::Call::FinishStep { case, step, passed: true, opinion });
                    officer.sign(&[finish]).expect("a transaction")
                };
                siblings.push(Sibling {
                    case: case.clone(),
                    step: step.name.clone(),
                    place: u8::try_from(place).expect("at most 64 steps"),
                    attempts: (0..ATTEMPTS).map(attempt).collect(),
                });
            }
        }
        siblings
    }

    /// Submits everything in the same moment, to all nodes; the receipts in the order of siblings and attempts.
    async fn submit(&self, siblings: &[Sibling]) -> Vec<Vec<Receipt>> {
        let start = Arc::new(Barrier::new(siblings.len() * ATTEMPTS));
        let mut submissions = JoinSet::new();
        for (number, sibling) in siblings.iter().enumerate() {
            for (attempt, tx) in sibling.attempts.iter().enumerate() {
                let (client, tx, start) = (self.clients[(number + attempt) % NODES].clone(), tx.clone(), start.clone());
                submissions.spawn(async move {
                    start.wait().await;
                    let receipt = client.submit(&tx).await.expect("what was submitted becomes final");
                    ((number, attempt), receipt)
                });
            }
        }
        let all = tokio::time::timeout(PATIENCE, submissions.join_all()).await;
        let logs = || (0..NODES).map(|node| self.network.log(node)).collect::<Vec<_>>().join("\n");
        let all: BTreeMap<_, _> = all.unwrap_or_else(|_| panic!("not all are final\n{}", logs())).into_iter().collect();
        let receipts: Vec<Receipt> = all.into_values().collect();
        receipts.chunks(ATTEMPTS).map(<[Receipt]>::to_vec).collect()
    }

    /// What the modules answer at a node.
    async fn ask(&self, node: usize, question: cases::Query) -> cases::View {
        match ask(&self.clients[node], &Query::Cases(question)).await.expect("an answer") {
            View::Cases(view) => view,
            other => panic!("another module answers: {other:?}"),
        }
    }

    /// The decision, and nothing else, is to be done.
    async fn assert_only_the_decision_is_due(&self, node: usize, case: &CaseNumber) {
        let question = cases::Query::Why { case: case.clone(), at: now() };
        let cases::View::Why { steps, .. } = self.ask(node, question).await else { panic!("an answer of its kind") };
        let due: Vec<&StepName> =
            steps.iter().filter(|step| step.cause == StepCause::Due {}).map(|step| &step.step).collect();
        assert_eq!(due, [&step_of(&self.file, StepKind::Decision).name], "{case}");
    }

    /// The record of a step is that of this receipt.
    async fn assert_done_by(&self, node: usize, sibling: &Sibling, receipt: &Receipt) {
        let question = cases::Query::Step { case: sibling.case.clone(), step: sibling.place, round: 0 };
        let cases::View::Step { record } = self.ask(node, question).await else { panic!("an answer of its kind") };
        let record = record.expect("the step is done");
        let by = record.by.expect("by an officer");
        assert_eq!(record.outcome, StepOutcome::Passed);
        assert_eq!((by.account, by.receipt), (receipt.account, receipt.number), "{} {}", sibling.case, sibling.step);
    }
}

/// The events of a receipt that took effect.
fn events(receipt: &Receipt) -> Vec<Event> {
    let Outcome::Applied { events } = &receipt.outcome else { panic!("{receipt:?}") };
    events.iter().map(|event| Event::decode(event.as_ref()).expect("an event")).collect()
}

/// The one receipt by which a step was done; every other attempt must have been refused because the step was no longer due.
fn winner<'a>(sibling: &Sibling, receipts: &'a [Receipt]) -> &'a Receipt {
    for (tx, receipt) in sibling.attempts.iter().zip(receipts) {
        assert_eq!((receipt.account, receipt.request_id), (tx.tx.account, tx.tx.request_id), "each its own receipt");
    }
    let is_applied = |receipt: &&Receipt| matches!(receipt.outcome, Outcome::Applied { .. });
    let (applied, refused): (Vec<&Receipt>, Vec<&Receipt>) = receipts.iter().partition(is_applied);
    for receipt in refused {
        let Outcome::Refused(refusal) = &receipt.outcome else { unreachable!("partitioned above") };
        assert_eq!(&*refusal.code, "cases.step_not_due", "{} {}", sibling.case, sibling.step);
    }
    let [winner] = applied[..] else { panic!("{} {}: done {} times", sibling.case, sibling.step, applied.len()) };
    winner
}

/// Counts on the whole ledger, as a node tells it: each step finished once, the decision begun once for each case, and no request with two
/// receipts.
async fn assert_counted(city: &City, node: usize, siblings: &[Sibling]) {
    let decision = &step_of(&city.file, StepKind::Decision).name;
    let mut finished: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut begun: BTreeMap<String, usize> = BTreeMap::new();
    let mut requests: BTreeMap<RequestId, usize> = BTreeMap::new();
    let mut receipts = city.clients[node].receipts(0);
    while let Some(described) = receipts.next().await {
        let receipt = described.expect("a receipt").receipt;
        *requests.entry(receipt.request_id).or_default() += 1;
        let Outcome::Applied { .. } = receipt.outcome else { continue };
        for event in events(&receipt) {
            let Event::Cases(cases::Event::StepFinished { case, step, due, .. }) = event else { continue };
            *finished.entry((case.to_string(), step.to_string())).or_default() += 1;
            if !due.is_empty() {
                assert_eq!(due[..], *std::slice::from_ref(decision), "{case}");
                *begun.entry(case.to_string()).or_default() += 1;
            }
        }
    }
    let once = |sibling: &Sibling| ((sibling.case.to_string(), sibling.step.to_string()), 1);
    assert_eq!(finished, siblings.iter().map(once).collect(), "each step once and no other");
    assert_eq!(begun, city.cases.iter().map(|case| (case.to_string(), 1)).collect(), "each case comes on once");
    assert!(requests.values().all(|count| *count == 1), "no request has two receipts");
    let sent = siblings.iter().flat_map(|sibling| &sibling.attempts);
    assert!(sent.into_iter().all(|tx| requests.contains_key(&tx.tx.request_id)), "no request is without one");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_sibling_steps_completed_at_once_are_each_done_once_and_no_case_stays_behind() {
    let city = found_city().await;
    let siblings = city.siblings();
    assert_eq!(siblings.len(), 1_000);
    let receipts = city.submit(&siblings).await;
    let winners: Vec<&Receipt> =
        siblings.iter().zip(&receipts).map(|(sibling, receipts)| winner(sibling, receipts)).collect();

    let height = receipts.iter().flatten().map(|receipt| receipt.height).max().expect("there are receipts");
    for node in 0..NODES {
        city.network.wait_for_height(node, height).await;
        assert_counted(&city, node, &siblings).await;
    }
    for (number, (sibling, winner)) in siblings.iter().zip(winners).enumerate() {
        city.assert_done_by(number % NODES, sibling, winner).await;
    }
    for (number, case) in city.cases.iter().enumerate() {
        city.assert_only_the_decision_is_due(number % NODES, case).await;
    }
}
