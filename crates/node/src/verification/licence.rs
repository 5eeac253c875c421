//! What a proof shows of licences: what each was as of the proof, and what this machine's clock adds to that. Pure.
//!
//! A record has the whole history of a licence up to its block. A receipt has what its own events say, which is enough where a licence was
//! issued or ended by it, and not where, for instance, a suspension was lifted: then nothing is claimed.

use serde::Serialize;
use tongban_modules::Event;
use tongban_modules::licence_history::{self, Change, ChangeKind, Period, Status};
use tongban_modules::licences::{Anomaly, Content, CopyNote, Event as LicencesEvent, Holder, IssuerStanding, Licence};
use tongban_modules::{case_licences, cases};
use tongban_types::codes::{CaseNumber, LicenceIdentifier, LicenceIssuer, UnifiedSocialCreditCode};
use tongban_types::licence_face::FaceRoot;
use tongban_types::{Digest, Receipt, Time};

/// What a proof shows of one licence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LicenceVerdict {
    /// The licence.
    pub identifier: LicenceIdentifier,
    /// What may be made of it.
    pub standing: LicenceStanding,
    /// The time of the proof.
    pub as_of: Time,
    /// What it was then; none where the proof does not show it.
    pub status: Option<Status>,
    /// What ministries call that: 01 to 07, or 99 for what they have no code for.
    pub state_code: Option<&'static str>,
    /// What it would be by this machine's clock, had nothing happened since; none where the proof does not show its term.
    pub status_by_clock: Option<Status>,
    /// Whether its issuer was entitled when it was issued or taken over; none where the proof does not show it.
    pub issuer: Option<IssuerStanding>,
    /// From when until when it is valid; none where the proof does not show it.
    pub term: Option<Period>,
    /// Whose it is.
    pub holder: Option<Holder>,
    /// The case on whose grant it rests.
    pub rests_on: Option<CaseNumber>,
    /// What is odd about it, where it was taken over from an older system.
    pub anomalies: Vec<Anomaly>,
    /// What a reader should mind.
    pub warnings: Vec<Warning>,
    /// What became of the grant on which it rests, where a proof of its case was shown, too.
    pub grant: Option<GrantVerdict>,
    /// The annotated copy that the proof is of.
    pub copy: Option<CopyVerdict>,
    /// What its face must lead to.
    pub face: Option<FaceRoot>,
    /// The new version, where this proof itself shows that it has taken its place.
    #[serde(skip)]
    pub replaced_by: Option<LicenceIdentifier>,
}

/// What an annotated copy is worth offline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CopyVerdict {
    /// The commitment to its note.
    pub commitment: Digest,
    /// The first moment at which it counts no more.
    pub until: Time,
    /// Whether that has come by this machine's clock.
    pub has_ended_by_clock: bool,
    /// What is noted on it; none where that was not shown, and then it counts for nothing.
    pub note: Option<CopyNote>,
}

/// What became of the grant on which a licence rests, as of the time of its own proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GrantVerdict {
    /// The case.
    pub case: CaseNumber,
    /// The time of the case's proof.
    pub as_of: Time,
    /// Whether the grant stood then.
    pub state: GrantState,
    /// Since when it was revoked.
    pub since: Option<Time>,
}

/// Whether a grant stands. The names are stable words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantState {
    /// The case was decided in favour of its applicant, and that stands.
    Granted,
    /// The grant was revoked.
    Revoked,
    /// The case has granted nothing.
    NotGranted,
}

impl GrantVerdict {
    /// What a case's record shows, as of the time of its header.
    pub fn of_record(number: CaseNumber, case: &cases::Case, as_of: Time) -> Self {
        let since = case_licences::revoked_since(case, as_of);
        let is_granted = case.decision.as_ref().is_some_and(|decision| decision.granted);
        let state = match (is_granted, since) {
            (_, Some(_)) => GrantState::Revoked,
            (true, None) => GrantState::Granted,
            (false, None) => GrantState::NotGranted,
        };
        Self { case: number, as_of, state, since }
    }
}

/// What may be made of a licence offline. There is no plain "valid": it may have been revoked a moment after its proof was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LicenceStanding {
    /// Valid as of the proof, in its term by this machine's clock, and unconfirmed now.
    ValidAsOfUnconfirmedNow,
    /// Valid as of the proof, and by this machine's clock no more: its term has ended, or its replacement has begun.
    ValidAsOfEndedByClock,
    /// Not valid as of the proof.
    NotValid,
    /// The proof does not show whether it was valid, or until when.
    NotShown,
}

/// What a reader should mind about a licence. The names are stable words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// Its term has ended by this machine's clock.
    TermEnded,
    /// Its term had not begun then, and has by this machine's clock.
    TermBegun,
    /// The version that replaces it has begun by this machine's clock.
    ReplacementBegun,
    /// Its suspension has ended by this machine's clock.
    SuspensionEnded,
    /// The proof does not show what it was.
    StatusNotShown,
    /// The proof does not show its term.
    TermNotShown,
    /// It is not shown that its issuer was entitled.
    IssuerInQuestion,
}

/// What a licence's record shows, as of the time of its header.
pub fn of_record(licence: &Licence, as_of: Time, clock: Time) -> LicenceVerdict {
    let anomalies = licence.import.as_ref().map(|import| import.anomalies.to_vec()).unwrap_or_default();
    let seen = Seen {
        identifier: licence.identifier.clone(),
        history: licence.history.to_vec(),
        term: Some(licence.content.period),
        face: Some(licence.content.face),
        issuer: Some(licence.issuer),
        holder: Some(licence.holder),
        rests_on: licence.rests_on.clone(),
        anomalies,
        copy: None,
    };
    seen.verdict(as_of, clock)
}

/// What the events of a receipt show, one verdict for each licence in the order in which they are named.
pub fn of_events(events: &[Event], receipt: &Receipt, clock: Time) -> Vec<LicenceVerdict> {
    let mut seen: Vec<Seen> = Vec::new();
    for event in events {
        if let Event::Licences(event) = event {
            take(event, receipt, &mut seen);
        }
    }
    seen.into_iter().map(|seen| seen.verdict(receipt.time, clock)).collect()
}

/// What is known of a licence so far.
struct Seen {
    identifier: LicenceIdentifier,
    history: Vec<Change>,
    term: Option<Period>,
    face: Option<FaceRoot>,
    issuer: Option<IssuerStanding>,
    holder: Option<Holder>,
    rests_on: Option<CaseNumber>,
    anomalies: Vec<Anomaly>,
    /// The commitment and the end of an annotated copy.
    copy: Option<(Digest, Time)>,
}

impl Seen {
    fn of(identifier: &LicenceIdentifier) -> Self {
        Self {
            identifier: identifier.clone(),
            history: Vec::new(),
            term: None,
            face: None,
            issuer: None,
            holder: None,
            rests_on: None,
            anomalies: Vec::new(),
            copy: None,
        }
    }

    fn begins_with(&mut self, content: &Content, issuer: IssuerStanding) {
        (self.term, self.face, self.issuer) = (Some(content.period), Some(content.face), Some(issuer));
    }

    /// Adds a change as a receipt tells it. Where the event does not name who acted, the issuer stands in: it decides nothing.
    fn add(&mut self, what: ChangeKind, by: Option<UnifiedSocialCreditCode>, receipt: &Receipt) {
        let by = by.unwrap_or_else(|| match self.identifier.issuer() {
            LicenceIssuer::Body(body) => body,
            LicenceIssuer::Division(_) => self.identifier.licence_type().definer(),
        });
        let (officer, at, receipt) = (receipt.account, receipt.time, receipt.number);
        self.history.push(Change { what, ground: None, by, officer, at, receipt });
    }

    fn verdict(self, as_of: Time, clock: Time) -> LicenceVerdict {
        let (status, status_by_clock) = (self.status(as_of), self.term.and(self.status(clock.max(as_of))));
        let replaced_by = self.history.iter().find_map(|change| match &change.what {
            ChangeKind::Superseded { by, .. } => Some(by.clone()),
            _ => None,
        });
        LicenceVerdict {
            standing: standing(status.as_ref(), status_by_clock.as_ref()),
            warnings: warnings(status.as_ref(), status_by_clock.as_ref(), self.issuer, self.term),
            identifier: self.identifier,
            as_of,
            state_code: status.as_ref().map(|status| status.source_state().code()),
            status,
            status_by_clock,
            issuer: self.issuer,
            term: self.term,
            holder: self.holder,
            rests_on: self.rests_on,
            anomalies: self.anomalies,
            grant: None,
            copy: self.copy.map(|(commitment, until)| CopyVerdict {
                commitment,
                until,
                has_ended_by_clock: clock.max(as_of) >= until,
                note: None,
            }),
            face: self.face,
            replaced_by,
        }
    }

    /// What it is at a time, so far as it is shown. Without its beginning nothing shows that it is valid, only that it is not.
    fn status(&self, at: Time) -> Option<Status> {
        let term = self.term.unwrap_or(Period { from: None, until: None });
        let (status, deciding) = licence_history::status(&self.history, term, at);
        deciding?;
        let is_shown = self.term.is_some() || status != Status::Valid;
        is_shown.then_some(status)
    }
}

/// Adds what an event says to what is known of its licences.
fn take(event: &LicencesEvent, receipt: &Receipt, seen: &mut Vec<Seen>) {
    match event {
        LicencesEvent::TypeRegistered { .. } | LicencesEvent::TypeRetired { .. } => {}
        LicencesEvent::Issued { identifier, holder, case, content, .. } => {
            let licence = known(seen, identifier);
            licence.begins_with(content, IssuerStanding::Authorised); // any other issue is refused
            (licence.holder, licence.rests_on) = (Some(Holder::Account { account: *holder }), case.clone());
            licence.add(ChangeKind::Issued, None, receipt);
        }
        LicencesEvent::Prepared { identifier, holder, case, content, .. } => {
            let licence = known(seen, identifier);
            licence.begins_with(content, IssuerStanding::Authorised); // any other preparation is refused
            (licence.holder, licence.rests_on) = (Some(Holder::Account { account: *holder }), case.clone());
            licence.add(ChangeKind::Prepared, None, receipt);
        }
        LicencesEvent::PreparedIssued { identifier, holder, case, content, .. } => {
            let licence = known(seen, identifier);
            licence.begins_with(content, IssuerStanding::Authorised);
            (licence.holder, licence.rests_on) = (Some(Holder::Account { account: *holder }), case.clone());
            licence.add(ChangeKind::Issued, None, receipt);
        }
        LicencesEvent::MovedOut { identifier, to, .. } => {
            known(seen, identifier).add(ChangeKind::MovedOut { to: to.clone() }, None, receipt);
        }
        LicencesEvent::CopyMade { identifier, commitment, until, issuer, content, .. } => {
            let licence = known(seen, identifier);
            if licence.history.is_empty() {
                // A copy is made of nothing but what is valid then, so that is what its receipt shows: as if it had been issued there.
                licence.begins_with(content, *issuer);
                licence.add(ChangeKind::Issued, None, receipt);
            }
            licence.copy = Some((*commitment, *until));
        }
        LicencesEvent::Superseded { identifier, by, case, content, from, .. } => {
            known(seen, identifier).add(ChangeKind::Superseded { by: by.clone(), from: *from }, None, receipt);
            let licence = known(seen, by);
            licence.begins_with(content, IssuerStanding::Authorised);
            licence.rests_on = case.clone();
            licence.add(ChangeKind::Issued, None, receipt);
        }
        LicencesEvent::Imported { identifier, state, anomalies, content, is_confirmed, .. } => {
            let licence = known(seen, identifier);
            licence.begins_with(content, standing_of_import(anomalies));
            licence.anomalies = anomalies.to_vec();
            let is_end_unknown = anomalies.contains(&Anomaly::EndMissing);
            let imported =
                ChangeKind::Imported { state: *state, since: None, is_confirmed: *is_confirmed, is_end_unknown };
            licence.add(imported, None, receipt);
        }
        LicencesEvent::Suspended { identifier, until, .. } => {
            known(seen, identifier).add(ChangeKind::Suspended { until: *until }, None, receipt);
        }
        LicencesEvent::Resumed { identifier, .. } => known(seen, identifier).add(ChangeKind::Resumed, None, receipt),
        LicencesEvent::Cancelled { identifier, .. } => {
            known(seen, identifier).add(ChangeKind::Cancelled, None, receipt);
        }
        LicencesEvent::Revoked { identifier, by, .. } => {
            known(seen, identifier).add(ChangeKind::Revoked, Some(*by), receipt);
        }
        LicencesEvent::Withdrawn { identifier, by, .. } => {
            known(seen, identifier).add(ChangeKind::Withdrawn, Some(*by), receipt);
        }
        LicencesEvent::HolderClaimed { identifier, holder } => {
            let licence = known(seen, identifier);
            licence.holder = Some(Holder::Account { account: *holder });
            licence.add(ChangeKind::HolderClaimed, None, receipt);
        }
        // None of these says what the licence is.
        LicencesEvent::HolderNamed { identifier, .. }
        | LicencesEvent::CopyTakenBack { identifier, .. }
        | LicencesEvent::CancellationRequested { identifier, .. }
        | LicencesEvent::CancellationRequestTakenBack { identifier, .. }
        | LicencesEvent::CancellationRefused { identifier, .. } => drop(known(seen, identifier)),
        LicencesEvent::ImportConfirmed { identifier, by, .. } => {
            known(seen, identifier).add(ChangeKind::Confirmed, Some(*by), receipt);
        }
    }
}

fn known<'a>(seen: &'a mut Vec<Seen>, identifier: &LicenceIdentifier) -> &'a mut Seen {
    let place = seen.iter().position(|licence| licence.identifier == *identifier).unwrap_or_else(|| {
        seen.push(Seen::of(identifier));
        seen.len() - 1
    });
    &mut seen[place]
}

/// What the anomalies of an import say about its issuer.
fn standing_of_import(anomalies: &[Anomaly]) -> IssuerStanding {
    let told = [
        (Anomaly::IssuerDivision, IssuerStanding::Division),
        (Anomaly::IssuerUnknown, IssuerStanding::NotInOffice),
        (Anomaly::TypeUnknown, IssuerStanding::TypeUnknown),
        (Anomaly::IssuerNotAuthorised, IssuerStanding::NotAuthorised),
    ];
    let found = told.into_iter().find(|(anomaly, _)| anomalies.contains(anomaly));
    found.map_or(IssuerStanding::Authorised, |(_, standing)| standing)
}

fn standing(status: Option<&Status>, by_clock: Option<&Status>) -> LicenceStanding {
    match (status, by_clock) {
        (None, _) => LicenceStanding::NotShown,
        (Some(Status::Valid | Status::NotYetValid), Some(Status::Valid)) => LicenceStanding::ValidAsOfUnconfirmedNow,
        (Some(Status::Valid), Some(_)) => LicenceStanding::ValidAsOfEndedByClock,
        (Some(Status::Valid), None) => LicenceStanding::NotShown,
        (Some(_), _) => LicenceStanding::NotValid,
    }
}

fn warnings(
    status: Option<&Status>,
    by_clock: Option<&Status>,
    issuer: Option<IssuerStanding>,
    term: Option<Period>,
) -> Vec<Warning> {
    let since = match (status, by_clock) {
        (Some(Status::Valid | Status::NotYetValid | Status::Suspended), Some(Status::Expired)) => {
            Some(Warning::TermEnded)
        }
        (Some(Status::Valid | Status::NotYetValid), Some(Status::Superseded { .. })) => Some(Warning::ReplacementBegun),
        (Some(Status::NotYetValid), Some(Status::Valid)) => Some(Warning::TermBegun),
        (Some(Status::Suspended), Some(Status::Valid)) => Some(Warning::SuspensionEnded),
        (None, _) => Some(Warning::StatusNotShown),
        _ => None,
    };
    let term_not_shown = term.is_none().then_some(Warning::TermNotShown);
    let is_in_question = issuer.is_some_and(|issuer| issuer != IssuerStanding::Authorised);
    let issuer = is_in_question.then_some(Warning::IssuerInQuestion);
    [since, term_not_shown, issuer].into_iter().flatten().collect()
}

impl LicenceVerdict {
    /// Whether it was valid as of the proof, and its term has not ended since by this machine's clock; an annotated copy only with its note and
    /// until its own end, and what rests on a case whose proof was shown only where that grant stood.
    pub fn is_valid_as_of(&self) -> bool {
        let is_copy_good = |copy: &CopyVerdict| !copy.has_ended_by_clock && copy.note.is_some();
        let is_granted = |grant: &GrantVerdict| grant.state == GrantState::Granted;
        self.standing == LicenceStanding::ValidAsOfUnconfirmedNow
            && self.copy.as_ref().is_none_or(is_copy_good)
            && self.grant.as_ref().is_none_or(is_granted)
    }
}

/// The first licence that is not shown to be valid. A version is passed over whose replacement is among them: that one is judged.
pub fn first_not_valid(licences: &[LicenceVerdict]) -> Option<&LicenceVerdict> {
    let is_replaced_here = |licence: &LicenceVerdict| {
        licence.replaced_by.as_ref().is_some_and(|by| licences.iter().any(|other| other.identifier == *by))
    };
    licences.iter().find(|licence| !licence.is_valid_as_of() && !is_replaced_here(licence))
}
