//! Who is in office where, as the receipts tell, and whether whoever acts in office may (rule 23).

use super::{CivicAuditor, Moment};
use crate::audit::{Finding, finding};
use crate::record::Happened;
use crate::town::affairs;
use std::collections::BTreeMap;
use tongban_kernel::Role;
use tongban_modules::case_states::Stage;
use tongban_modules::offices::Appointment;
use tongban_modules::orgs::{self, Change, DepartmentCode, Post};
use tongban_modules::{Event, cases, identity, licences, representation, sharing};
use tongban_types::codes::{CaseNumber, LicenceIdentifier, LicenceIssuer};
use tongban_types::{AccountId, Time};

/// All departments and all who are in office.
#[derive(Default)]
pub(super) struct Offices {
    bodies: BTreeMap<DepartmentCode, Body>,
    seats: BTreeMap<(DepartmentCode, AccountId), Seat>,
    /// Officers who were offered to another tree, by the department that they would leave.
    offers: BTreeMap<(DepartmentCode, AccountId), Offer>,
}

/// An offer that is neither accepted nor declined.
struct Offer {
    to: DepartmentCode,
    until: Time,
    by: AccountId,
}

struct Body {
    above: Option<DepartmentCode>,
    is_active: bool,
    is_closed: bool,
    heir: Option<DepartmentCode>,
    four_eyes: bool,
}

/// What somebody who is in office may do there.
#[derive(Default)]
struct Seat {
    rights: Vec<Right>,
    stands_in: Vec<Absence>,
}

struct Right {
    role: Role,
    post: Option<Post>,
    term: (Time, Time),
}

struct Absence {
    of: AccountId,
    term: (Time, Time),
}

/// How somebody comes to act in office.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hand {
    Own,
    Deputy,
}

fn covers((from, until): (Time, Time), at: Time) -> bool {
    from <= at && at < until
}

impl Offices {
    /// The department that does what this one was to do: where it was closed, its heir, or the one above it.
    pub fn answering(&self, department: DepartmentCode) -> DepartmentCode {
        let mut department = department;
        while let Some(body) = self.bodies.get(&department).filter(|body| body.is_closed) {
            let Some(next) = body.heir.or(body.above) else { break };
            department = next;
        }
        department
    }

    fn is_closed(&self, department: &DepartmentCode) -> bool {
        self.bodies.get(department).is_some_and(|body| body.is_closed)
    }

    /// Whether a department stands above another one.
    pub fn is_above(&self, higher: &DepartmentCode, department: &DepartmentCode) -> bool {
        let mut above = self.bodies.get(department).and_then(|body| body.above);
        while let Some(next) = above {
            if next == *higher {
                return true;
            }
            above = self.bodies.get(&next).and_then(|body| body.above);
        }
        false
    }

    /// Whether a department wants what is sensitive to be done by two.
    pub fn wants_four_eyes(&self, department: &DepartmentCode) -> bool {
        self.bodies.get(department).is_some_and(|body| body.four_eyes)
    }

    /// The highest department above one, or itself.
    fn root(&self, department: DepartmentCode) -> DepartmentCode {
        let mut root = department;
        while let Some(above) = self.bodies.get(&root).and_then(|body| body.above) {
            root = above;
        }
        root
    }

    /// Whether somebody may take an officer to another department: in one tree alone, or from another tree by its offer.
    fn may_transfer(&self, event: &orgs::Event, moment: Moment) -> bool {
        let orgs::Event::Transferred { account, from, to, released_by, .. } = event else { return true };
        let are_of_one_tree = self.root(*from) == self.root(*to);
        let Some(released_by) = released_by else { return are_of_one_tree };
        let is_of_two = moment.by != *released_by && self.administers(*released_by, *from, moment.at);
        self.offers.get(&(*from, *account)).is_some_and(|offer| {
            let is_meant = offer.to == *to && offer.by == *released_by && moment.at < offer.until;
            is_meant && is_of_two && !are_of_one_tree
        })
    }

    /// Whether a role was given to somebody who is in office, for this moment.
    fn holds(&self, department: DepartmentCode, account: AccountId, role: Role, at: Time) -> bool {
        let seat = self.seats.get(&(department, account));
        seat.is_some_and(|seat| seat.rights.iter().any(|right| right.role == role && covers(right.term, at)))
    }

    /// How somebody comes to a role; none where he does not hold it. `acts` tells whether an account may act.
    fn hand(
        &self,
        (role, department): (Role, DepartmentCode),
        account: AccountId,
        at: Time,
        acts: impl Fn(&AccountId) -> bool,
    ) -> Option<Hand> {
        self.bodies.get(&department).filter(|body| body.is_active)?;
        if self.holds(department, account, role, at) {
            return Some(Hand::Own);
        }
        let seat = self.seats.get(&(department, account))?;
        let is_for = |absence: &&Absence| {
            covers(absence.term, at) && acts(&absence.of) && self.holds(department, absence.of, role, at)
        };
        seat.stands_in.iter().find(is_for).map(|_| Hand::Deputy)
    }

    /// Whether somebody administers a department, or one above it.
    fn administers(&self, account: AccountId, department: DepartmentCode, at: Time) -> bool {
        let mut next = Some(department);
        while let Some(department) = next {
            let Some(body) = self.bodies.get(&department) else { return false };
            if body.is_active && self.holds(department, account, Role::DepartmentAdministrator, at) {
                return true;
            }
            next = body.above;
        }
        false
    }

    /// Takes in what has happened.
    pub fn read(&mut self, event: &orgs::Event) -> Option<Happened> {
        use orgs::Event as E;
        match event {
            E::DepartmentRegistered { department, parent, .. } => {
                let body = Body { above: *parent, is_active: true, is_closed: false, heir: None, four_eyes: false };
                self.bodies.insert(*department, body);
            }
            E::Appointed { department, account, .. } => {
                drop(self.seats.insert((*department, *account), Seat::default()))
            }
            E::Dismissed { department, account, .. } => drop(self.seats.remove(&(*department, *account))),
            E::Transferred { account, from, to, released_by, .. } => {
                self.seats.remove(&(*from, *account));
                self.offers.remove(&(*from, *account));
                self.seats.insert((*to, *account), Seat::default());
                return Some(if released_by.is_some() {
                    Happened::OfferAccepted
                } else {
                    Happened::OfficerTransferred
                });
            }
            E::AdministratorNamed { department, account, from, until, .. } => {
                let right = Right { role: Role::DepartmentAdministrator, post: None, term: (*from, *until) };
                self.seats.entry((*department, *account)).or_default().rights.push(right);
            }
            E::Granted { department, account, role, post, from, until, .. } => {
                let right = Right { role: *role, post: post.clone(), term: (*from, *until) };
                self.seats.entry((*department, *account)).or_default().rights.push(right);
            }
            E::GrantWithdrawn { department, account, role, post, .. } => {
                if let Some(seat) = self.seats.get_mut(&(*department, *account)) {
                    seat.rights.retain(|right| right.role != *role || right.post != *post);
                }
            }
            E::DeputyNamed { department, account, of, from, until, .. } => {
                let absence = Absence { of: *of, term: (*from, *until) };
                self.seats.entry((*department, *account)).or_default().stands_in.push(absence);
                return Some(Happened::DeputyNamed);
            }
            E::DeputyEnded { department, account, of, .. } => {
                if let Some(seat) = self.seats.get_mut(&(*department, *account)) {
                    seat.stands_in.retain(|absence| absence.of != *of);
                }
            }
            E::DepartmentChanged { department, change, .. } => return self.change(department, change),
            E::TransferOffered { account, from, to, until, by } => {
                self.offers.insert((*from, *account), Offer { to: *to, until: *until, by: *by });
                return Some(Happened::TransferOffered);
            }
            E::OfferWithdrawn { account, from, .. } | E::TransferDeclined { account, from, .. } => {
                self.offers.remove(&(*from, *account));
                return Some(Happened::OfferEnded);
            }
            E::Prepared { .. } | E::Rejected { .. } | E::DivisionAmended { .. } | E::ResponsibleNamed { .. } => {}
        }
        None
    }

    fn change(&mut self, department: &DepartmentCode, change: &Change) -> Option<Happened> {
        let body = self.bodies.get_mut(department)?;
        match change {
            Change::Suspend { .. } => body.is_active = false,
            Change::Resume {} => body.is_active = !body.is_closed,
            Change::Close { merged_into, .. } => {
                (body.is_active, body.is_closed, body.heir) = (false, true, *merged_into);
                return Some(Happened::DepartmentMerged);
            }
            Change::FourEyes { required } => body.four_eyes = *required,
            Change::Rename { .. } | Change::Host { .. } | Change::BoundOfficers { .. } => {}
        }
        None
    }

    /// Whether the record of an appointment is what the receipts tell: in office or not, and in which roles now.
    pub fn agree(&self, place: &(DepartmentCode, AccountId), appointment: &Appointment, at: Time) -> bool {
        let Some(seat) = self.seats.get(place) else { return appointment.end.is_some() };
        let known = seat.rights.iter().filter(|right| covers(right.term, at)).count();
        let found = appointment.grants.iter().filter(|grant| grant.withdrawn.is_none());
        let found = found.filter(|grant| covers((grant.term.from, grant.term.until), at)).count();
        let known_absences = seat.stands_in.iter().filter(|absence| covers(absence.term, at)).count();
        let absences = appointment.deputyships.iter().filter(|deputyship| deputyship.ended.is_none());
        let absences = absences.filter(|deputyship| covers((deputyship.term.from, deputyship.term.until), at)).count();
        appointment.end.is_none() && known == found && known_absences == absences
    }

    /// Whether the record of a department is what the receipts tell.
    pub fn agree_on(&self, department: &DepartmentCode, record: &orgs::Department) -> bool {
        self.bodies.get(department).is_some_and(|body| {
            body.is_closed == record.is_closed() && body.is_active == record.is_active() && body.above == record.parent
        })
    }
}

impl CivicAuditor {
    /// Whoever acts in office holds the role there, himself or as a deputy, and not in a department that is closed.
    pub(super) fn check_office(&mut self, event: &Event, moment: Moment) -> Result<(), Finding> {
        for place in self.administered_in(event) {
            if !self.offices.administers(moment.by, place, moment.at) {
                return finding(23, format!("{:?} administers {place} and is no administrator there", moment.by));
            }
        }
        if let Event::Orgs(event) = event
            && !self.offices.may_transfer(event, moment)
        {
            return finding(32, format!("{:?} takes an officer whom nobody has offered to him", moment.by));
        }
        let Some((role, department)) = self.office_of(event) else { return Ok(()) };
        let acts = |account: &AccountId| self.accounts.acts(account);
        let hand = |department| self.offices.hand((role, department), moment.by, moment.at, acts);
        // Where a case was referred, the other department decides as well.
        let instead = self.referred_to(event).map(|department| self.offices.answering(department));
        match hand(department).or_else(|| instead.and_then(hand)) {
            Some(Hand::Own) => {}
            Some(Hand::Deputy) => self.count(Happened::DeputyActed, 1),
            None => {
                return finding(23, format!("{:?} acts as {role:?} in {department} and is none there", moment.by));
            }
        }
        let Event::Cases(event) = event else { return Ok(()) };
        let is_entry = matches!(event, cases::Event::ApplicationEntered { .. } | cases::Event::ActEntered { .. });
        let life = case_of(event).and_then(|case| self.lives.get(case));
        if !is_entry && life.is_some_and(|life| life.is_entered_by(moment)) {
            return finding(30, format!("{:?} acts in office in a case that he has entered", moment.by));
        }
        let matter = case_of(event).and_then(|case| self.matters.get(case));
        if matter.is_some_and(|matter| self.offices.is_closed(&matter.lead)) {
            self.count(Happened::SuccessorActed, 1);
        }
        Ok(())
    }

    /// The department that may do this in the place of the one that leads.
    fn referred_to(&self, event: &Event) -> Option<DepartmentCode> {
        use cases::Event as E;
        let Event::Cases(event) = event else { return None };
        match event {
            E::Decided { .. }
            | E::Ended { .. }
            | E::AppealDecided { .. }
            | E::Reconsidered { .. }
            | E::RevocationDecided { .. }
            | E::TerminationDeclined { .. }
            | E::HearingTold { .. }
            | E::HearingArranged { .. } => self.lives.get(case_of(event)?)?.referred,
            _ => None,
        }
    }

    /// The departments in which an administrator acts.
    fn administered_in(&self, event: &Event) -> Vec<DepartmentCode> {
        use orgs::Event as E;
        match event {
            Event::Orgs(E::DepartmentRegistered { parent: Some(parent), .. }) => vec![*parent],
            Event::Orgs(E::DepartmentChanged { department, .. }) => {
                self.offices.bodies.get(department).and_then(|body| body.above).into_iter().collect()
            }
            Event::Orgs(E::Transferred { from, to, released_by: None, .. }) => vec![*from, *to],
            Event::Orgs(E::Transferred { to, .. } | E::TransferDeclined { to, .. }) => vec![*to],
            Event::Orgs(E::TransferOffered { from, .. } | E::OfferWithdrawn { from, .. }) => vec![*from],
            Event::Orgs(
                E::Appointed { department, .. }
                | E::Granted { department, .. }
                | E::GrantWithdrawn { department, .. }
                | E::Dismissed { department, .. }
                | E::DeputyNamed { department, .. }
                | E::DeputyEnded { department, .. }
                | E::Prepared { department, .. }
                | E::Rejected { department, .. },
            ) => vec![*department],
            _ => Vec::new(),
        }
    }

    /// The office in which somebody acts; none where he acts for himself or for others, as an administrator, or time does it. Each event is named,
    /// so that a new one is not left unchecked.
    fn office_of(&self, event: &Event) -> Option<(Role, DepartmentCode)> {
        match event {
            Event::Cases(event) => self.office_in_case(event),
            Event::Licences(event) => self.office_of_licence(event),
            Event::Sharing(event) => self.office_about_data(event),
            Event::Identity(event) => self.office_about_accounts(event),
            Event::Representation(event) => office_about_representation(event),
            Event::Orgs(_) | Event::Catalogue(_) | Event::Evidence(_) | Event::Network(_) | Event::History(_) => None,
        }
    }

    fn office_about_data(&self, event: &sharing::Event) -> Option<(Role, DepartmentCode)> {
        use sharing::Event as S;
        match event {
            S::AccessRecorded { handout, .. } => Some((Role::DataOfficer, handout.provider)),
            S::CorrectionAnswered { id, .. } => {
                let department = self.requests.get(id)?.department;
                Some((Role::DataOfficer, self.offices.answering(department)))
            }
            _ => None,
        }
    }

    fn office_about_accounts(&self, event: &identity::Event) -> Option<(Role, DepartmentCode)> {
        use identity::Event as I;
        match event {
            I::PersonBound { department, .. }
            | I::DocumentAdded { department, .. }
            | I::LevelChanged { department, .. }
            | I::CompanyBound { department, .. }
            | I::RecoveryOpened { department, .. }
            | I::ProposalRecorded { department, .. }
            | I::Frozen { department: Some(department), .. } => Some((Role::IdentityOfficer, *department)),
            I::RecoveryApproved { department, .. }
            | I::AccountEnded { department, .. }
            | I::EndingAnnulled { department, .. }
            | I::ProposalRejected { department, .. }
            | I::BindingCorrected { department, .. }
            | I::AppearanceRecorded { department, .. }
            | I::ObjectionDismissed { department, .. } => Some((Role::RecoveryApprover, *department)),
            // By the network's administrator or registrar, by the holder, or by time; and what does not tell its department.
            I::AccountOpened { .. }
            | I::KeyAdded { .. }
            | I::KeyRevoked { .. }
            | I::RoleGranted { .. }
            | I::RoleWithdrawn { .. }
            | I::Suspended { .. }
            | I::Resumed { .. }
            | I::KeyRotated { .. }
            | I::SealingKeyAdded { .. }
            | I::SealingKeyRevoked { .. }
            | I::PolicySet { .. }
            | I::DepartmentAuthorised { .. }
            | I::AuthorityWithdrawn { .. }
            | I::NoticeRecorded { .. }
            | I::RecoveryStopped { .. }
            | I::RecoveryCompleted { .. }
            | I::Frozen { department: None, .. }
            | I::FreezeEnded { .. }
            | I::RecoveryDisputed { .. }
            | I::FirstDocumentsSet { .. }
            | I::JoiningObjected { .. } => None,
        }
    }

    fn office_of_licence(&self, event: &licences::Event) -> Option<(Role, DepartmentCode)> {
        use licences::Event as L;
        let keeper = |identifier: &LicenceIdentifier| match identifier.issuer() {
            LicenceIssuer::Body(body) => Some(self.offices.answering(body)),
            LicenceIssuer::Division(_) => None,
        };
        match event {
            L::Issued { identifier, .. }
            | L::Superseded { identifier, .. }
            | L::Suspended { identifier, .. }
            | L::Resumed { identifier, .. }
            | L::Cancelled { identifier, .. }
            | L::HolderClaimed { identifier, .. }
            | L::HolderNamed { identifier, .. }
            | L::Prepared { identifier, .. }
            | L::PreparedIssued { identifier, .. }
            | L::MovedOut { identifier, .. }
            | L::CancellationRefused { identifier, .. } => Some((Role::Issuer, keeper(identifier)?)),
            L::CopyMade { right: licences::CopyRight::Keeper { department }, .. }
            | L::CopyTakenBack { right: licences::CopyRight::Keeper { department }, .. } => {
                Some((Role::Issuer, *department))
            }
            L::ImportConfirmed { by, .. } => Some((Role::Issuer, *by)),
            L::Revoked { by, .. } => Some((Role::Approver, *by)),
            L::Withdrawn { by, .. } => Some((Role::Head, *by)),
            L::TypeRegistered { code, .. } | L::TypeRetired { code, .. } => {
                Some((Role::DataOfficer, self.offices.answering(code.definer())))
            }
            L::Imported { .. }
            | L::CopyMade { .. }
            | L::CopyTakenBack { .. }
            | L::CancellationRequested { .. }
            | L::CancellationRequestTakenBack { .. } => None,
        }
    }

    fn office_in_case(&self, event: &cases::Event) -> Option<(Role, DepartmentCode)> {
        use cases::Event as E;
        let answering = |department: &DepartmentCode| self.offices.answering(*department);
        let role = match event {
            E::Received { place, .. } | E::HandedOver { place, .. } | E::ApplicationEntered { place, .. } => {
                return Some((Role::Receiver, answering(place)));
            }
            E::ActEntered { case, .. } => return Some((Role::Receiver, answering(&self.matters.get(case)?.place))),
            E::StepFinished { department, .. } => return Some((Role::Reviewer, *department)),
            E::Decided { department, by: Some(_), .. } => return Some((Role::Approver, *department)),
            E::Forwarded { from, .. } => return Some((Role::Approver, answering(from))),
            E::CardAnswered { department, .. } => return Some((Role::Approver, answering(department))),
            E::ClockStopped { step, .. } | E::ClockResumed { step: Some(step), by: Some(_), .. }
                if affairs::is_of_market(step) =>
            {
                return Some((Role::Reviewer, affairs::market()));
            }
            E::ClockStopped { .. }
            | E::ClockResumed { by: Some(_), .. }
            | E::CommitmentChecked { .. }
            | E::HearingRecorded { .. }
            | E::RevocationProposed { .. } => Role::Reviewer,
            E::CorrectionAsked { .. }
            | E::Accepted { by: Some(_), .. }
            | E::AcceptanceRefused { .. }
            | E::Ended { stage: Stage::Returned, .. }
            | E::TerminationProposed { by: Some(_), .. } => Role::Acceptor,
            E::Ended { stage: Stage::Terminated, .. }
            | E::TerminationDeclined { .. }
            | E::AppealDecided { .. }
            | E::Reconsidered { .. }
            | E::RevocationDecided { .. }
            | E::Discontinued { .. }
            | E::Referred { .. }
            | E::HearingTold { .. }
            | E::HearingArranged { .. }
            | E::WorkOrderAnswered { .. } => Role::Approver,
            E::Extended { .. } => Role::Head,
            E::CertificateIssued { .. } | E::Delivered { .. } | E::Closed { .. } => Role::Issuer,
            E::RatingExcluded { .. } | E::DisownedExamined { .. } => Role::Supervisor,
            // By the applicant or for him, or by time.
            E::Filed { .. }
            | E::Supplemented { .. }
            | E::GapFilled { .. }
            | E::Ended { .. }
            | E::Rated { .. }
            | E::Appealed { .. }
            | E::HearingAnswered { .. }
            | E::Acknowledged { .. }
            | E::Disowned { .. }
            | E::Accepted { by: None, .. }
            | E::Decided { by: None, .. }
            | E::ClockResumed { by: None, .. }
            | E::TerminationProposed { by: None, .. }
            | E::StepsPassedBySilence { .. }
            | E::GapReminded { .. }
            | E::GapSuspended { .. }
            | E::CorrectionLapsed { .. }
            | E::CardsShown { .. }
            // These do not tell in which department, and nobody does them in this city.
            | E::PromiseRepaired { .. }
            | E::RulesSet { .. } => return None,
        };
        let lead = self.matters.get(case_of(event)?)?.lead;
        Some((role, self.offices.answering(lead)))
    }
}

fn office_about_representation(event: &representation::Event) -> Option<(Role, DepartmentCode)> {
    use representation::Event as R;
    match event {
        R::RepresentativesNamed { department, .. }
        | R::GuardianAppointed { department, .. }
        | R::GuardianshipEnded { department, .. }
        | R::AdministratorAppointed { department, .. }
        | R::AdministrationEnded { department, .. } => Some((Role::IdentityOfficer, *department)),
        R::AgentNamed { .. } | R::AgencyEnded { .. } => None,
    }
}

/// The case that an event is about.
fn case_of(event: &cases::Event) -> Option<&CaseNumber> {
    use cases::Event as E;
    match event {
        E::Filed { case, .. }
        | E::Received { case, .. }
        | E::HandedOver { case, .. }
        | E::CorrectionAsked { case, .. }
        | E::Supplemented { case, .. }
        | E::Accepted { case, .. }
        | E::AcceptanceRefused { case, .. }
        | E::Ended { case, .. }
        | E::GapFilled { case, .. }
        | E::StepFinished { case, .. }
        | E::StepsPassedBySilence { case, .. }
        | E::Decided { case, .. }
        | E::ClockStopped { case, .. }
        | E::ClockResumed { case, .. }
        | E::Extended { case, .. }
        | E::TerminationProposed { case, .. }
        | E::GapReminded { case, .. }
        | E::GapSuspended { case, .. }
        | E::CorrectionLapsed { case, .. }
        | E::CertificateIssued { case, .. }
        | E::Delivered { case, .. }
        | E::Closed { case, .. }
        | E::Rated { case, .. }
        | E::WorkOrderAnswered { case, .. }
        | E::RatingExcluded { case, .. }
        | E::Appealed { case, .. }
        | E::AppealDecided { case, .. }
        | E::Reconsidered { case, .. }
        | E::CommitmentChecked { case, .. }
        | E::RevocationProposed { case, .. }
        | E::RevocationDecided { case, .. }
        | E::CardsShown { case, .. }
        | E::TerminationDeclined { case, .. }
        | E::Forwarded { case, .. }
        | E::Discontinued { case, .. }
        | E::CardAnswered { case, .. }
        | E::Referred { case, .. }
        | E::HearingTold { case, .. }
        | E::HearingAnswered { case, .. }
        | E::HearingArranged { case, .. }
        | E::HearingRecorded { case, .. }
        | E::Acknowledged { case, .. }
        | E::ApplicationEntered { case, .. }
        | E::ActEntered { case, .. }
        | E::Disowned { case, .. }
        | E::DisownedExamined { case, .. } => Some(case),
        E::PromiseRepaired { .. } | E::RulesSet { .. } => None,
    }
}
