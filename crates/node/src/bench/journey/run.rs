//! Many journeys in flight: each leg is signed when its turn has come, because the number of the case is known only then.

use super::calls::Papers;
use super::setting::Setting;
use super::{Leg, PARTS, Post, REVIEWS};
use crate::bench::cases::Prepared;
use crate::bench::http::Connection;
use crate::bench::load::{Arrival, Control, Done, Load, Worked, submit};
use crate::signer::{Signer, now};
use anyhow::{Context, bail};
use futures::future::try_join_all;
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;
use tongban_modules::Event;
use tongban_modules::cases::Event as CaseEvent;
use tongban_modules::licences::HELD_MAX;
use tongban_types::codes::CaseNumber;
use tongban_types::{Outcome, Receipt, Suite};

/// A network on which journeys run, one load after the other.
pub struct Run {
    /// Where they take place.
    pub setting: Setting,
    suite: Suite,
    applicants: Vec<Signer>,
    staff: BTreeMap<Post, Vec<Signer>>,
    nodes: Vec<Node>,
    /// The number of the next journey; each is given once.
    next: AtomicUsize,
}

/// A node, with connections that nobody uses just now.
struct Node {
    address: SocketAddr,
    idle: Mutex<VecDeque<Connection>>,
}

impl Run {
    /// A network without officers.
    pub fn new(setting: Setting, suite: Suite, applicants: Vec<Signer>, addresses: &[SocketAddr]) -> Self {
        let node = |address: &SocketAddr| Node { address: *address, idle: Mutex::default() };
        let nodes = addresses.iter().map(node).collect();
        Self { setting, suite, applicants, staff: BTreeMap::new(), nodes, next: AtomicUsize::new(0) }
    }

    /// All posts.
    pub fn posts() -> Vec<Post> {
        let lead = [Post::Window, Post::Decision, Post::Issuing, Post::Data, Post::Import];
        lead.into_iter().chain((0..REVIEWS).map(Post::Review)).collect()
    }

    /// Puts officers to a post.
    pub fn employ(&mut self, post: Post, officers: Vec<Signer>) {
        self.staff.insert(post, officers);
    }

    /// Takes the officers of a post away, for other work than journeys.
    pub fn release(&mut self, post: Post) -> Vec<Signer> {
        self.staff.remove(&post).unwrap_or_default()
    }

    /// Changes the applicants: the next journeys are those of people who hold nothing yet.
    pub fn serve(&mut self, applicants: Vec<Signer>) {
        self.applicants = applicants;
    }

    /// The applicants.
    pub fn applicants(&self) -> &[Signer] {
        &self.applicants
    }

    /// The officers at a post.
    pub fn officers(&self, post: Post) -> &[Signer] {
        self.staff.get(&post).map_or(&[], Vec::as_slice)
    }

    /// All accounts that sign.
    pub fn accounts(&self) -> usize {
        self.applicants.len() + self.staff.values().map(Vec::len).sum::<usize>()
    }

    /// Applicants that so many journeys need, where nobody holds more licences of a type than an account can.
    pub fn applicants_for(journeys: usize) -> usize {
        journeys.div_ceil(HELD_MAX)
    }

    /// Begins so many journeys, so many of them in flight.
    pub fn begin(self: &Arc<Self>, in_flight: usize, journeys: usize) -> Load {
        for node in &self.nodes {
            node.idle.lock().expect("no holder panics").clear(); // nodes close what was idle for long
        }
        let end = self.next.load(Ordering::Relaxed) + journeys;
        let mut load = Load::new();
        for _ in 0..in_flight.min(journeys) {
            load.employ(|control| self.clone().work(control, end));
        }
        load
    }

    async fn work(self: Arc<Self>, control: Arc<Control>, end: usize) -> Worked {
        let mut worked = Worked::default();
        while !control.is_stopped() {
            let number =
                self.next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |next| (next < end).then_some(next + 1));
            let Ok(number) = number else {
                control.finish();
                break;
            };
            let began = Instant::now();
            match self.journey(number, &control, &mut worked.done).await {
                Ok(()) => {
                    let at = Instant::now();
                    worked.journeys.push(Arrival { at, after: at - began });
                }
                Err(error) => {
                    // One fault fails the measurement, and what is left of this journey cannot be done.
                    control.fault(&error.context(format!("journey {number}")));
                    control.finish();
                    break;
                }
            }
        }
        worked
    }

    /// One journey. What became final of it stands in `done`, even where the rest fails.
    async fn journey(&self, number: usize, control: &Control, done: &mut Vec<Done>) -> anyhow::Result<()> {
        let mut case = None;
        for part in PARTS {
            let legs = part.iter().map(|leg| self.leg(*leg, number, case.as_ref(), control));
            for (leg_done, receipt) in try_join_all(legs).await? {
                done.push(leg_done);
                if case.is_none() {
                    case = Some(case_of(&receipt)?);
                }
            }
        }
        Ok(())
    }

    /// Signs and submits a leg, and waits for its receipt.
    async fn leg(
        &self,
        leg: Leg,
        number: usize,
        case: Option<&CaseNumber>,
        control: &Control,
    ) -> anyhow::Result<(Done, Receipt)> {
        let applicant = turn(&self.applicants, number)?;
        let signer = match leg.post() {
            None => applicant,
            Some(post) => turn(self.officers(post), number)?,
        };
        let calls = match case {
            None => vec![self.setting.file(applicant.account())?],
            Some(case) => {
                let papers = Papers { case, journey: number, applicant: applicant.account(), now: now() };
                self.setting.calls(leg, &papers)?
            }
        };
        let prepared = Prepared::new(self.suite, signer, &calls)?;
        let node = &self.nodes[leg.node(number, self.nodes.len())];
        let mut connection = node.connection().await?;
        let submitted = submit(control, &mut connection, &prepared, calls.len()).await;
        let (done, receipt) = submitted.with_context(|| format!("the leg {}", leg.name()))?;
        node.idle.lock().expect("no holder panics").push_back(connection);
        Ok((Done { leg: Some(leg), ..done }, receipt))
    }
}

impl Node {
    /// The connection that was idle longest, or a new one.
    async fn connection(&self) -> anyhow::Result<Connection> {
        let idle = self.idle.lock().expect("no holder panics").pop_front();
        match idle {
            Some(connection) if connection.is_open() => Ok(connection),
            _ => Connection::open(self.address).await,
        }
    }
}

/// The one whose turn it is.
fn turn(signers: &[Signer], number: usize) -> anyhow::Result<&Signer> {
    signers.get(number % signers.len().max(1)).context("a post has officers")
}

/// The number that the ledger has given an application.
pub fn case_of(receipt: &Receipt) -> anyhow::Result<CaseNumber> {
    let Outcome::Applied { events } = &receipt.outcome else { bail!("the application was refused") };
    let event = events.first().context("an application has an event")?;
    match Event::decode(event.as_ref())? {
        Event::Cases(CaseEvent::Filed { case, .. }) => Ok(case),
        other => bail!("an application was answered by {other:?}"),
    }
}
