//! The end of a simulation: what the nodes have is read from them, compared, audited and proven.

use super::Network;
use crate::audit::{Audited, Auditor, Ledger, Testimony};
use crate::civic::Civic;
use crate::civic_audit::CivicAuditor;
use crate::doctoring::slip_in;
use crate::record::Happened;
use crate::run::Summary;
use tongban_ledger::RECEIPTS_MAX;
use tongban_ledger::simulation::EngineSuite;
use tongban_types::Digest;

impl<S: EngineSuite> Network<S> {
    /// Nothing moves any more; everything is judged.
    pub(super) async fn conclude(mut self, civic: &Civic) -> Result<Summary, String> {
        let all = (0..self.plan.nodes).flat_map(|from| (0..self.plan.nodes).map(move |to| (from, to)));
        self.roads.cut(all);
        self.pass(500).await?;
        let mut ledgers = Vec::new();
        for node in self.plan.correct() {
            ledgers.push(self.ledger_of(node).await?);
        }
        let is_correct = |node: &usize| self.plan.is_correct(*node);
        let accused: Vec<_> = self.record.blocked();
        for (from, to) in &accused {
            if is_correct(from) {
                self.record.count(if is_correct(to) { Happened::CorrectPeerBlocked } else { Happened::PeerBlocked });
            }
        }
        let mut testimony = Testimony {
            reports: self.record.reports(),
            acknowledgements: self.record.acknowledgements(),
            expired: self.record.expired(),
            forbidden: self.record.forbidden(),
            accused: accused.into_iter().filter(|(from, to)| is_correct(from) && is_correct(to)).collect(),
        };
        let primitives = tongban_crypto::primitives(S::SUITE);
        let doctored = self.plan.doctored;
        let doctor = doctored.and_then(|doctored| slip_in(doctored, &mut ledgers, &mut testimony));
        let auditor = Auditor::new(tongban_modules::RULES, primitives, self.genesis.clone()).deceived_by(doctor);
        let mut civic_auditor = CivicAuditor::new(primitives);
        let audited = auditor.audit(&ledgers, &testimony, |step| civic_auditor.read(step));
        let audited = audited.map_err(|finding| finding.to_string())?;
        self.compare_records(&audited).await?;
        self.prove(&testimony).await?;
        let longest = ledgers.iter().max_by_key(|ledger| ledger.blocks.len()).ok_or("there is no ledger")?;
        for (what, times) in civic.judge(civic_auditor, &audited.records)? {
            self.record.count_many(what, times);
        }
        let last = longest.blocks.last().ok_or("there is no block")?;
        Ok(Summary {
            height: audited.height,
            head: audited.head,
            state_root: last.header.state_root,
            event_root: last.header.event_root,
            receipts: audited.receipts,
            acknowledged: testimony.acknowledgements.len() as u64,
            trace: self.runtime.auditor().state(),
            simulated_millis: self.elapsed_millis(),
            counts: self.record.counts(),
            deaths: self.record.deaths(),
        })
    }

    fn handle(&self, node: usize) -> Result<tongban_ledger::Handle, String> {
        self.doors.get(node).ok_or_else(|| format!("node {node} is down at the end"))
    }

    async fn ledger_of(&self, node: usize) -> Result<Ledger, String> {
        let handle = self.handle(node)?;
        let mut blocks = Vec::new();
        for height in 1..=handle.status().head.height {
            let block = handle.block(height).await;
            blocks.push(block.map_err(|error| format!("node {node} has no block {height}: {error}"))?);
        }
        let mut receipts = Vec::new();
        loop {
            let more = handle.receipts(receipts.len() as u64, RECEIPTS_MAX).await;
            let more = more.map_err(|error| format!("node {node} has no receipts: {error}"))?;
            if more.is_empty() {
                return Ok(Ledger { node, blocks, receipts });
            }
            receipts.extend(more);
        }
    }

    /// The records that nodes at the final height have are those that the auditor came to.
    async fn compare_records(&self, audited: &Audited) -> Result<(), String> {
        let mut compared = 0;
        for node in self.plan.correct() {
            let handle = self.handle(node)?;
            if handle.status().head.height != audited.height {
                continue;
            }
            let keys: Vec<Digest> = audited.records.keys().copied().collect();
            for keys in keys.chunks(tongban_ledger::KEYS_MAX) {
                let (values, _) =
                    handle.get(keys.to_vec()).await.map_err(|error| format!("node {node} has no records: {error}"))?;
                if !keys.iter().zip(&values).all(|(key, value)| audited.records.get(key) == value.as_ref()) {
                    return Err(format!("rule 3: node {node} has other records"));
                }
            }
            compared += 1;
        }
        if compared == 0 { Err("no node is at the final height".into()) } else { Ok(()) }
    }

    /// A stranger believes the proof of what was acknowledged first.
    async fn prove(&self, testimony: &Testimony) -> Result<(), String> {
        let Some(acknowledgement) = testimony.acknowledgements.first() else {
            return Err("nobody got an answer".into());
        };
        let genesis = serde_json::to_vec(&self.genesis).map_err(|error| error.to_string())?;
        let node = self.plan.correct().next().ok_or("no node is correct")?;
        let number = acknowledgement.receipt.number;
        let bundle = self.handle(node)?.prove_receipt(number).await;
        let bundle = bundle.map_err(|error| format!("node {node} cannot prove receipt {number}: {error}"))?;
        tongban_verify::verify(&bundle.to_json(), &genesis)
            .map_err(|error| format!("a stranger does not believe the proof of receipt {number}: {error}"))?;
        self.record.count(Happened::ProofVerified);
        Ok(())
    }
}
