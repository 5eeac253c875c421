//! The numbers of papers and cards, as the receipts tell them (rule 28).

use super::CivicAuditor;
use crate::audit::{Finding, finding};
use std::collections::BTreeSet;
use tongban_modules::case_papers::{PaperKind, PaperNumber};
use tongban_modules::case_states::Stage;
use tongban_modules::cases;

/// The numbers that were given, and the cards that were answered.
#[derive(Default)]
pub(super) struct Papers {
    given: BTreeSet<String>,
    cards: BTreeSet<String>,
    answered: BTreeSet<String>,
}

/// One spelling for one number.
fn spelling(number: &PaperNumber) -> String {
    format!("{} {:?} {} {}", number.department, number.kind, number.year, number.sequence)
}

/// The papers that an event tells of, and what each has to be.
fn papers_of(event: &cases::Event) -> Vec<(PaperKind, PaperNumber)> {
    use cases::Event as E;
    let maybe = |kind: PaperKind, paper: &Option<PaperNumber>| paper.iter().map(|paper| (kind, *paper)).collect();
    match event {
        E::CorrectionAsked { paper, .. } => vec![(PaperKind::Correction, *paper)],
        E::Accepted { paper, gap_paper, .. } => {
            let receipt = paper.iter().map(|paper| (PaperKind::Acceptance, *paper));
            receipt.chain(gap_paper.iter().map(|paper| (PaperKind::Gap, *paper))).collect()
        }
        E::AcceptanceRefused { paper, .. } => vec![(PaperKind::AcceptanceRefusal, *paper)],
        E::Ended { stage: Stage::Returned, paper, .. } => maybe(PaperKind::Return, paper),
        E::Ended { paper, .. } | E::Discontinued { paper, .. } => maybe(PaperKind::Termination, paper),
        E::Decided { granted: Some(true), paper, .. } => maybe(PaperKind::Grant, paper),
        E::Decided { paper, .. } => maybe(PaperKind::Refusal, paper),
        E::ClockStopped { paper, .. } => vec![(PaperKind::Procedure, *paper)],
        E::Extended { paper, .. } => vec![(PaperKind::Extension, *paper)],
        E::AppealDecided { paper, .. } => vec![(PaperKind::AppealDecision, *paper)],
        E::RevocationDecided { paper, .. } => maybe(PaperKind::Revocation, paper),
        E::Forwarded { paper, .. } => vec![(PaperKind::Forwarding, *paper)],
        E::HearingTold { paper, .. } => vec![(PaperKind::HearingRight, *paper)],
        E::HearingArranged { paper, .. } => vec![(PaperKind::HearingNotice, *paper)],
        E::CardsShown { cards, .. } => {
            cards.iter().filter_map(|card| card.number).map(|number| (PaperKind::Card, number)).collect()
        }
        E::DisownedExamined { card, .. } => maybe(PaperKind::Card, card),
        E::Filed { .. }
        | E::Received { .. }
        | E::HandedOver { .. }
        | E::Supplemented { .. }
        | E::GapFilled { .. }
        | E::StepFinished { .. }
        | E::StepsPassedBySilence { .. }
        | E::ClockResumed { .. }
        | E::TerminationProposed { .. }
        | E::GapReminded { .. }
        | E::GapSuspended { .. }
        | E::CorrectionLapsed { .. }
        | E::CertificateIssued { .. }
        | E::Delivered { .. }
        | E::Closed { .. }
        | E::Rated { .. }
        | E::WorkOrderAnswered { .. }
        | E::RatingExcluded { .. }
        | E::Appealed { .. }
        | E::Reconsidered { .. }
        | E::CommitmentChecked { .. }
        | E::RevocationProposed { .. }
        | E::PromiseRepaired { .. }
        | E::RulesSet { .. }
        | E::TerminationDeclined { .. }
        | E::CardAnswered { .. }
        | E::Referred { .. }
        | E::HearingAnswered { .. }
        | E::HearingRecorded { .. }
        | E::Acknowledged { .. }
        | E::ApplicationEntered { .. }
        | E::ActEntered { .. }
        | E::Disowned { .. } => Vec::new(),
    }
}

impl CivicAuditor {
    /// Each number is given once, for what it says; a card is answered once, after it was shown.
    pub(super) fn check_papers(&mut self, event: &cases::Event) -> Result<(), Finding> {
        for (kind, number) in papers_of(event) {
            let spelling = spelling(&number);
            if number.kind != kind || number.sequence == 0 {
                return finding(28, format!("a paper of kind {kind:?} has the number {spelling}"));
            }
            if kind == PaperKind::Card {
                self.papers.cards.insert(spelling.clone());
            }
            if !self.papers.given.insert(spelling.clone()) {
                return finding(28, format!("the number {spelling} is given twice"));
            }
        }
        let cases::Event::CardAnswered { number, .. } = event else { return Ok(()) };
        let spelling = spelling(number);
        if !self.papers.cards.contains(&spelling) || !self.papers.answered.insert(spelling.clone()) {
            return finding(28, format!("the card {spelling} is answered, which nobody was shown, or twice"));
        }
        Ok(())
    }
}
