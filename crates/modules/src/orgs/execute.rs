//! One function for each call: refuse, refuse, refuse, then write, then tell.

use super::error::Error;
use super::msg::{Call, Deputy, Event, Position, Proposed, Right};
use super::state::{
    self, APPOINTMENT_VERSION, DEPARTMENTS, OFFICERS, PAST_APPOINTMENTS, PROPOSAL_VERSION, PROPOSALS, Proposal,
    Settlement,
};
use crate::departments::{Change, Department, DepartmentName, Profile, Status};
use crate::identity::{self, AccountKind};
use crate::offices::{
    ABSENCE_MILLIS_MAX, Appointment, AppointmentEnd, AppointmentPlace, DepartmentCode, Deputyship, EndCause, Grant,
    Post, Stopped, Term, is_sensitive,
};
use tongban_kernel::{Ctx, Role, State, Stop};
use tongban_types::{AccountId, Digest, List, Text, Time};

/// With what authority a right is given: until when at most, and who else took part.
struct Authority {
    until: Time,
    prepared_by: Option<AccountId>,
    proposal: Option<u32>,
}

impl Authority {
    fn alone(until: Time) -> Self {
        Self { until, prepared_by: None, proposal: None }
    }
}

/// Refuses what is wrong whatever the state is.
pub fn validate(call: &Call) -> Result<(), Error> {
    match call {
        Call::RegisterDepartment { profile, .. } | Call::RegisterSubordinate { profile, .. } => {
            check_texts([&*profile.name, &*profile.short_name])?;
            check_texts(profile.host.as_deref())
        }
        Call::NameAdministrator { office, .. } => check_texts([&**office]),
        Call::ChangeRoot { change, .. } | Call::ChangeDepartment { change, .. } => validate_change(change),
        Call::Appoint { position, .. } | Call::Transfer { position, .. } => validate_position(position),
        Call::Grant { right, .. } => validate_right(right),
        Call::Dismiss { reason, .. } | Call::Reject { reason, .. } => check_texts([&**reason]),
        Call::NameDeputy { deputy, .. } => validate_deputy(deputy),
        Call::Propose { proposed: Proposed::Grant { right, .. }, .. } => validate_right(right),
        Call::Propose { proposed: Proposed::Deputy { deputy }, .. } => validate_deputy(deputy),
        Call::WithdrawGrant { .. } | Call::EndDeputy { .. } | Call::Approve { .. } => Ok(()),
    }
}

fn check_texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<(), Error> {
    if texts.into_iter().any(str::is_empty) { Err(Error::TextMissing) } else { Ok(()) }
}

fn validate_change(change: &Change) -> Result<(), Error> {
    match change {
        Change::Rename { name, short_name } => check_texts([&**name, &**short_name]),
        Change::Host { host } => check_texts(host.as_deref()),
        Change::Suspend { reason } | Change::Close { reason, .. } => check_texts([&**reason]),
        Change::FourEyes { .. } | Change::Resume {} => Ok(()),
    }
}

fn validate_position(position: &Position) -> Result<(), Error> {
    let posts = &position.posts;
    check_texts([&*position.office])?;
    check_texts(posts.iter().map(|post| &**post))?;
    check_texts(position.staff_number.as_deref())?;
    if (1..posts.len()).any(|index| posts[..index].contains(&posts[index])) {
        return Err(Error::PostTwice);
    }
    Ok(())
}

fn validate_right(right: &Right) -> Result<(), Error> {
    if !right.role.is_of_department() {
        return Err(Error::NetworkRole); // I6
    }
    Ok(())
}

fn validate_deputy(deputy: &Deputy) -> Result<(), Error> {
    if deputy.account == deputy.of {
        return Err(Error::DeputyOfHimself); // I7
    }
    Ok(())
}

/// Records that the call will surely read.
pub fn reads(call: &Call, state: &State) -> Vec<Digest> {
    let department = |code: &DepartmentCode| DEPARTMENTS.state_key(state, code);
    let officer = |code: &DepartmentCode, account: &AccountId| OFFICERS.state_key(state, &(*code, *account));
    match call {
        Call::RegisterDepartment { department: code, .. }
        | Call::ChangeRoot { department: code, .. }
        | Call::ChangeDepartment { department: code, .. } => vec![department(code)],
        Call::RegisterSubordinate { parent, department: code, .. } => vec![department(parent), department(code)],
        Call::NameAdministrator { department: code, account, .. }
        | Call::Appoint { department: code, account, .. }
        | Call::Grant { department: code, account, .. } => {
            vec![department(code), officer(code, account), identity::state_key(state, account)]
        }
        Call::WithdrawGrant { department: code, account, .. }
        | Call::Dismiss { department: code, account, .. }
        | Call::EndDeputy { department: code, account, .. } => vec![department(code), officer(code, account)],
        Call::Transfer { account, from, to, .. } => {
            vec![department(from), department(to), officer(from, account), officer(to, account)]
        }
        Call::NameDeputy { department: code, deputy }
        | Call::Propose { department: code, proposed: Proposed::Deputy { deputy } } => {
            vec![department(code), officer(code, &deputy.account), officer(code, &deputy.of)]
        }
        Call::Propose { department: code, proposed: Proposed::Grant { account, .. } } => {
            vec![department(code), officer(code, account)]
        }
        Call::Approve { department: code, number } | Call::Reject { department: code, number, .. } => {
            vec![department(code), PROPOSALS.state_key(state, &(*code, *number))]
        }
    }
}

/// Registers a department, below another one or below none.
pub fn register(
    code: DepartmentCode,
    profile: Profile,
    parent: Option<DepartmentCode>,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    if state::department(state, &code)?.is_some() {
        return Err(Error::Exists.into()); // I1
    }
    let above = match &parent {
        Some(parent) => Some(active(parent, state)?),
        None => None,
    };
    let found = Department::found(profile, parent.zip(above.as_ref()), ctx.time, ctx.receipt)?;
    if let Some((parent, mut above)) = parent.zip(above) {
        above.open_subordinates += 1;
        DEPARTMENTS.put(state, &parent, &above);
    }
    DEPARTMENTS.put(state, &code, &found);
    let DepartmentName { full: name, short: short_name, .. } = found.name().clone();
    let (level, division, host) = (found.level(), found.division, found.host);
    Ok(Event::DepartmentRegistered { department: code, name, short_name, division, level, parent, host })
}

/// Changes a root, as the network's administrator.
pub fn change_root(code: DepartmentCode, change: Change, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    if existing(&code, state)?.parent.is_some() {
        return Err(Error::NotRoot.into()); // I4
    }
    let (department, successor) = changed(&code, &change, ctx, state)?;
    if let Some(successor) = successor {
        active(&successor, state)?;
    }
    Ok(put_changed(code, department, change, ctx, state))
}

/// Changes a department, as an administrator of one above it.
pub fn change_department(code: DepartmentCode, change: Change, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let (department, successor) = changed(&code, &change, ctx, state)?;
    if let Some(successor) = successor {
        active(&successor, state)?;
        mandate_until(&ctx.account, &successor, ctx, state)?.ok_or(Error::BeyondScope)?; // I4
    }
    if let (Change::Close { .. }, Some(parent)) = (&change, &department.parent) {
        let mut above = existing(parent, state)?;
        above.open_subordinates -= 1; // it has counted this one
        DEPARTMENTS.put(state, parent, &above);
    }
    Ok(put_changed(code, department, change, ctx, state))
}

/// The department as it will be, and the one that takes its place.
fn changed(
    code: &DepartmentCode,
    change: &Change,
    ctx: &Ctx,
    state: &State,
) -> Result<(Department, Option<DepartmentCode>), Stop> {
    let mut department = existing(code, state)?;
    department.apply(change.clone(), ctx.time, ctx.receipt)?;
    match change {
        Change::Close { merged_into: Some(successor), .. } if successor == code => Err(Error::MergedIntoItself.into()),
        Change::Close { merged_into, .. } => Ok((department, *merged_into)),
        Change::Rename { .. }
        | Change::Host { .. }
        | Change::FourEyes { .. }
        | Change::Suspend { .. }
        | Change::Resume {} => Ok((department, None)),
    }
}

fn put_changed(code: DepartmentCode, department: Department, change: Change, ctx: &Ctx, state: &mut State) -> Event {
    DEPARTMENTS.put(state, &code, &department);
    Event::DepartmentChanged { department: code, change, by: ctx.account }
}

/// Names an administrator of a root that has none of its own who can act.
pub fn name_administrator(
    code: DepartmentCode,
    account: AccountId,
    office: Text<40>,
    until: Time,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let department = active(&code, state)?;
    if department.parent.is_some() {
        return Err(Error::NotRoot.into()); // I4
    }
    if account == ctx.account {
        return Err(Error::Oneself.into()); // I5
    }
    let needed = if department.four_eyes { 2 } else { 1 };
    if administrators_in_office(&code, &department, ctx, state)? >= needed {
        return Err(Error::HasAdministrators.into()); // I4
    }
    check_account(&account, state)?;
    let appointment = match in_office(&code, &account, ctx, state)? {
        Some(appointment) => appointment,
        None => {
            let position = Position { office, posts: List::default(), staff_number: None };
            begin(&code, &account, position, None, ctx, state)?
        }
    };
    let right = Right { role: Role::DepartmentAdministrator, post: None, from: None, until };
    let first = Authority::alone(Time::MAX); // nobody's term bounds the first right
    let number = appointment.number;
    let (grant, office) = give(&code, &account, appointment, right, &first, ctx, state)?;
    let Grant { term: Term { from, until }, by, .. } = grant;
    Ok(Event::AdministratorNamed { department: code, account, number, office, from, until, by })
}

/// How many of its administrators can act: in office, in term, with an account that is not suspended.
fn administrators_in_office(
    code: &DepartmentCode,
    department: &Department,
    ctx: &Ctx,
    state: &State,
) -> Result<usize, Stop> {
    let mut count = 0;
    for account in &department.administrators {
        let can_act = identity::status(state, account)? == identity::Status::Active;
        let appointment = state::officer(state, code, account)?;
        if can_act && appointment.is_some_and(|found| found.administers_until(ctx.time).is_some()) {
            count += 1;
        }
    }
    Ok(count)
}

/// Appoints an officer.
pub fn appoint(
    code: DepartmentCode,
    account: AccountId,
    position: Position,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    active(&code, state)?;
    if account == ctx.account {
        return Err(Error::Oneself.into()); // I5
    }
    check_account(&account, state)?;
    if in_office(&code, &account, ctx, state)?.is_some() {
        return Err(Error::InOffice.into()); // I10
    }
    let appointment = begin(&code, &account, position, None, ctx, state)?;
    OFFICERS.put(state, &(code, account), &appointment);
    let Appointment { number, office, posts, staff_number, .. } = appointment;
    Ok(Event::Appointed { department: code, account, number, office, posts, staff_number, by: ctx.account })
}

/// Ends an appointment.
pub fn dismiss(
    code: DepartmentCode,
    account: AccountId,
    reason: Text<200>,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    existing(&code, state)?;
    if account == ctx.account {
        return Err(Error::Oneself.into()); // I5
    }
    let mut appointment = in_office(&code, &account, ctx, state)?.ok_or(Error::NotInOffice)?;
    appointment.end = Some(end(EndCause::Dismissed { reason: reason.clone() }, ctx));
    OFFICERS.put(state, &(code, account), &appointment);
    Ok(Event::Dismissed { department: code, account, office: appointment.office, reason, by: ctx.account })
}

fn end(cause: EndCause, ctx: &Ctx) -> AppointmentEnd {
    AppointmentEnd { at: ctx.time, by: ctx.account, receipt: ctx.receipt, cause }
}

/// Ends an appointment and begins another one that points to it. Rights do not follow: they were those of the old one.
pub fn transfer(
    account: AccountId,
    from: DepartmentCode,
    to: DepartmentCode,
    position: Position,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    existing(&from, state)?;
    active(&to, state)?;
    if account == ctx.account {
        return Err(Error::Oneself.into()); // I5
    }
    if from != to && in_office(&to, &account, ctx, state)?.is_some() {
        return Err(Error::InOffice.into()); // I10
    }
    let mut old = in_office(&from, &account, ctx, state)?.ok_or(Error::NotInOffice)?;
    mandate_until(&ctx.account, &from, ctx, state)?.ok_or(Error::BeyondScope)?; // I4
    old.end = Some(end(EndCause::Transferred { to }, ctx));
    OFFICERS.put(state, &(from, account), &old);
    let place = AppointmentPlace { department: from, number: old.number };
    let appointment = begin(&to, &account, position, Some(place), ctx, state)?;
    OFFICERS.put(state, &(to, account), &appointment);
    let Appointment { number, office, posts, staff_number, .. } = appointment;
    Ok(Event::Transferred { account, from, to, number, office, posts, staff_number, by: ctx.account })
}

/// Gives an officer a role.
pub fn grant(
    code: DepartmentCode,
    account: AccountId,
    right: Right,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let department = active(&code, state)?;
    if gains(&ctx.account, &account, &code, ctx, state)? {
        return Err(Error::Oneself.into()); // I5
    }
    let appointment = in_office(&code, &account, ctx, state)?.ok_or(Error::NotInOffice)?;
    let authority = Authority::alone(mandate_until(&ctx.account, &code, ctx, state)?.ok_or(Error::BeyondScope)?);
    if department.four_eyes && is_sensitive(right.role) {
        return Err(Error::FourEyes.into()); // I8
    }
    let given = give(&code, &account, appointment, right, &authority, ctx, state)?;
    Ok(granted(code, account, given, None))
}

/// Puts a right on an appointment: what all ways to one have in common. Answers it, and the office.
fn give(
    code: &DepartmentCode,
    account: &AccountId,
    mut appointment: Appointment,
    right: Right,
    authority: &Authority,
    ctx: &Ctx,
    state: &mut State,
) -> Result<(Grant, Text<40>), Stop> {
    let grant = check_right(account, &appointment, right, authority, ctx, state)?;
    appointment.add_grant(grant.clone(), ctx.time).map_err(|_| Error::TooManyGrants)?;
    if grant.role == Role::DepartmentAdministrator {
        add_administrator(code, *account, ctx, state)?;
    }
    OFFICERS.put(state, &(*code, *account), &appointment);
    Ok((grant, appointment.office))
}

fn granted(
    department: DepartmentCode,
    account: AccountId,
    (grant, office): (Grant, Text<40>),
    proposal: Option<u32>,
) -> Event {
    let Grant { role, post, term: Term { from, until }, by, prepared_by, .. } = grant;
    Event::Granted { department, account, office, role, post, from, until, by, prepared_by, proposal }
}

fn check_right(
    account: &AccountId,
    appointment: &Appointment,
    right: Right,
    authority: &Authority,
    ctx: &Ctx,
    state: &State,
) -> Result<Grant, Stop> {
    let Right { role, post, from, until } = right;
    if is_sensitive(role) && !is_person(account, state)? {
        return Err(Error::SystemDecides.into()); // I9
    }
    if post.as_ref().is_some_and(|post| !appointment.posts.contains(post)) {
        return Err(Error::PostNotHeld.into()); // I6
    }
    let term = Term::given(from, until, authority.until, ctx.time)?; // I4
    let is_same = |held: &&Grant| held.role == role && held.post == post && !held.is_over(ctx.time);
    if appointment.grants.iter().filter(is_same).any(|held| held.term.overlaps(&term)) {
        return Err(Error::GrantHeld.into()); // I6
    }
    let (by, prepared_by) = (ctx.account, authority.prepared_by);
    Ok(Grant { role, post, term, by, prepared_by, receipt: ctx.receipt, withdrawn: None })
}

/// Notes whom a department has as administrators; those whose rights are over make room.
fn add_administrator(code: &DepartmentCode, account: AccountId, ctx: &Ctx, state: &mut State) -> Result<(), Stop> {
    let mut department = existing(code, state)?;
    let mut kept = Vec::new();
    for held in department.administrators.into_vec() {
        let administers = |grant: &Grant| grant.role == Role::DepartmentAdministrator && !grant.is_over(ctx.time);
        let appointment = in_office(code, &held, ctx, state)?;
        if held != account && appointment.is_some_and(|appointment| appointment.grants.iter().any(administers)) {
            kept.push(held);
        }
    }
    kept.push(account);
    department.administrators = List::new(kept).map_err(|_| Error::TooManyAdministrators)?;
    DEPARTMENTS.put(state, code, &department);
    Ok(())
}

/// Takes a role from an officer.
pub fn withdraw_grant(
    code: DepartmentCode,
    account: AccountId,
    role: Role,
    post: Option<Post>,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    existing(&code, state)?;
    if account == ctx.account {
        return Err(Error::Oneself.into()); // I5
    }
    let mut appointment = in_office(&code, &account, ctx, state)?.ok_or(Error::NotInOffice)?;
    if !appointment.withdraw_grants(role, post.as_ref(), stopped(ctx)) {
        return Err(Error::RoleNotHeld.into());
    }
    OFFICERS.put(state, &(code, account), &appointment);
    Ok(Event::GrantWithdrawn { department: code, account, role, post, by: ctx.account })
}

fn stopped(ctx: &Ctx) -> Stopped {
    Stopped { at: ctx.time, by: ctx.account, receipt: ctx.receipt }
}

/// Has an officer stand in for another one.
pub fn name_deputy(code: DepartmentCode, deputy: Deputy, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let department = active(&code, state)?;
    if deputy.account == ctx.account {
        return Err(Error::Oneself.into()); // I5
    }
    let absent = in_office(&code, &deputy.of, ctx, state)?.ok_or(Error::NotInOffice)?;
    let authority = Authority::alone(mandate_until(&ctx.account, &code, ctx, state)?.ok_or(Error::BeyondScope)?);
    if department.four_eyes && absent.will_decide(ctx.time) {
        return Err(Error::FourEyes.into()); // I8
    }
    deputise(code, deputy, &authority, ctx, state)
}

fn deputise(
    code: DepartmentCode,
    deputy: Deputy,
    authority: &Authority,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let (mut appointment, deputyship) = check_deputy(&code, &deputy, authority, ctx, state)?;
    appointment.add_deputyship(deputyship.clone(), ctx.time).map_err(|_| Error::TooManyDeputyships)?;
    OFFICERS.put(state, &(code, deputy.account), &appointment);
    let Deputyship { of, term: Term { from, until }, by, prepared_by, .. } = deputyship;
    let (account, office, proposal) = (deputy.account, appointment.office, authority.proposal);
    Ok(Event::DeputyNamed { department: code, account, office, of, from, until, by, prepared_by, proposal })
}

/// The deputy's own appointment, and what comes to it.
fn check_deputy(
    code: &DepartmentCode,
    deputy: &Deputy,
    authority: &Authority,
    ctx: &Ctx,
    state: &State,
) -> Result<(Appointment, Deputyship), Stop> {
    let appointment = in_office(code, &deputy.account, ctx, state)?.ok_or(Error::NotInOffice)?; // I7
    if in_office(code, &deputy.of, ctx, state)?.is_none() {
        return Err(Error::NotInOffice.into()); // I7
    }
    if !is_person(&deputy.account, state)? {
        return Err(Error::SystemDecides.into()); // I9
    }
    let term = Term::given(deputy.from, deputy.until, authority.until, ctx.time)?; // I4
    if term.millis() > ABSENCE_MILLIS_MAX {
        return Err(Error::AbsenceTooLong.into()); // I7
    }
    let is_same = |held: &&Deputyship| held.of == deputy.of && !held.is_over(ctx.time);
    if appointment.deputyships.iter().filter(is_same).any(|held| held.term.overlaps(&term)) {
        return Err(Error::DeputyNamed.into());
    }
    let (by, prepared_by) = (ctx.account, authority.prepared_by);
    let deputyship = Deputyship { of: deputy.of, term, by, prepared_by, receipt: ctx.receipt, ended: None };
    Ok((appointment, deputyship))
}

/// Has a deputy stand in no longer.
pub fn end_deputy(
    code: DepartmentCode,
    account: AccountId,
    of: AccountId,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    existing(&code, state)?;
    if account == ctx.account {
        return Err(Error::Oneself.into()); // I5
    }
    let mut appointment = in_office(&code, &account, ctx, state)?.ok_or(Error::NotInOffice)?;
    if !appointment.end_deputyships(&of, stopped(ctx)) {
        return Err(Error::NotDeputy.into());
    }
    OFFICERS.put(state, &(code, account), &appointment);
    Ok(Event::DeputyEnded { department: code, account, of, by: ctx.account })
}

/// Prepares a right or a deputy. What could not be approved now is refused now.
pub fn propose(code: DepartmentCode, proposed: Proposed, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut department = active(&code, state)?;
    if gains_by(&proposed, &ctx.account, &code, ctx, state)? {
        return Err(Error::Oneself.into()); // I5
    }
    let authority = Authority::alone(mandate_until(&ctx.account, &code, ctx, state)?.ok_or(Error::BeyondScope)?);
    match &proposed {
        Proposed::Grant { account, right } => {
            let appointment = in_office(&code, account, ctx, state)?.ok_or(Error::NotInOffice)?;
            check_right(account, &appointment, right.clone(), &authority, ctx, state)?;
        }
        Proposed::Deputy { deputy } => {
            check_deputy(&code, deputy, &authority, ctx, state)?;
        }
    }
    department.proposals = department.proposals.checked_add(1).expect("fewer proposals than transactions of a network");
    let number = department.proposals;
    let proposal = Proposal {
        version: PROPOSAL_VERSION,
        proposed: proposed.clone(),
        prepared_by: ctx.account,
        prepared_at: ctx.time,
        receipt: ctx.receipt,
        settlement: None,
    };
    DEPARTMENTS.put(state, &code, &department);
    PROPOSALS.put(state, &(code, number), &proposal);
    Ok(Event::Prepared { department: code, number, proposed, by: ctx.account })
}

/// Whether an administrator would come to what is proposed himself.
fn gains_by(
    proposed: &Proposed,
    administrator: &AccountId,
    code: &DepartmentCode,
    ctx: &Ctx,
    state: &State,
) -> Result<bool, Stop> {
    match proposed {
        Proposed::Grant { account, .. } => gains(administrator, account, code, ctx, state),
        Proposed::Deputy { deputy } => Ok(deputy.account == *administrator),
    }
}

/// Whether an administrator would come to a right that is given to an officer: it is he himself, or he stands in for him.
fn gains(
    administrator: &AccountId,
    account: &AccountId,
    code: &DepartmentCode,
    ctx: &Ctx,
    state: &State,
) -> Result<bool, Stop> {
    let own = in_office(code, administrator, ctx, state)?;
    let stands_in = |held: &Deputyship| held.of == *account && !held.is_over(ctx.time);
    Ok(administrator == account || own.is_some_and(|own| own.deputyships.iter().any(stands_in)))
}

/// Gives what another administrator has prepared. Both are bound by their terms, and both must be in office still.
pub fn approve(code: DepartmentCode, number: u32, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    active(&code, state)?;
    let mut proposal = open_proposal(&code, number, state)?;
    if proposal.prepared_by == ctx.account {
        return Err(Error::PreparedByOneself.into()); // I8
    }
    for administrator in [ctx.account, proposal.prepared_by] {
        if gains_by(&proposal.proposed, &administrator, &code, ctx, state)? {
            return Err(Error::Oneself.into()); // I5
        }
    }
    let own = mandate_until(&ctx.account, &code, ctx, state)?.ok_or(Error::BeyondScope)?;
    let preparers = mandate_until(&proposal.prepared_by, &code, ctx, state)?.ok_or(Error::PreparerLapsed)?; // I8
    let authority =
        Authority { until: own.min(preparers), prepared_by: Some(proposal.prepared_by), proposal: Some(number) };
    proposal.settlement = Some(settlement(true, ctx));
    PROPOSALS.put(state, &(code, number), &proposal);
    match proposal.proposed {
        Proposed::Grant { account, right } => {
            let appointment = in_office(&code, &account, ctx, state)?.ok_or(Error::NotInOffice)?;
            let given = give(&code, &account, appointment, right, &authority, ctx, state)?;
            Ok(granted(code, account, given, Some(number)))
        }
        Proposed::Deputy { deputy } => deputise(code, deputy, &authority, ctx, state),
    }
}

/// Settles a proposal without giving anything.
pub fn reject(
    code: DepartmentCode,
    number: u32,
    reason: Text<200>,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    existing(&code, state)?;
    let mut proposal = open_proposal(&code, number, state)?;
    proposal.settlement = Some(settlement(false, ctx));
    PROPOSALS.put(state, &(code, number), &proposal);
    Ok(Event::Rejected { department: code, number, reason, by: ctx.account })
}

fn settlement(approved: bool, ctx: &Ctx) -> Settlement {
    Settlement { approved, by: ctx.account, at: ctx.time, receipt: ctx.receipt }
}

fn open_proposal(code: &DepartmentCode, number: u32, state: &State) -> Result<Proposal, Stop> {
    let proposal = state::proposal(state, code, number)?.ok_or(Error::ProposalUnknown)?;
    if proposal.settlement.is_some() {
        return Err(Error::ProposalSettled.into());
    }
    Ok(proposal)
}

/// Until when an account administers a department, if it does.
fn mandate_until(account: &AccountId, code: &DepartmentCode, ctx: &Ctx, state: &State) -> Result<Option<Time>, Stop> {
    Ok(state::mandate(state, account, code, ctx.time)?.map(|mandate| mandate.until))
}

/// A new appointment, after whatever the account was before in this department.
fn begin(
    code: &DepartmentCode,
    account: &AccountId,
    position: Position,
    previous: Option<AppointmentPlace>,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Appointment, Stop> {
    let last = state::officer(state, code, account)?;
    let here = last.as_ref().map(|last| AppointmentPlace { department: *code, number: last.number });
    let number = last.as_ref().map_or(0, |last| last.number).checked_add(1);
    if let Some(last) = last {
        PAST_APPOINTMENTS.put(state, &(*code, *account, last.number), &last); // I10
    }
    let Position { office, posts, staff_number } = position;
    Ok(Appointment {
        version: APPOINTMENT_VERSION,
        number: number.expect("fewer appointments than transactions of a network"),
        office,
        posts,
        staff_number,
        by: ctx.account,
        since: ctx.time,
        receipt: ctx.receipt,
        previous: previous.or(here),
        grants: List::default(),
        deputyships: List::default(),
        end: None,
    })
}

fn check_account(account: &AccountId, state: &State) -> Result<(), Stop> {
    let found = identity::account(state, account)?.ok_or(Error::AccountUnknown)?;
    match found.kind {
        AccountKind::Person | AccountKind::System => Ok(()),
        AccountKind::Organisation => Err(Error::NotPerson.into()), // I9
    }
}

fn is_person(account: &AccountId, state: &State) -> Result<bool, Stop> {
    Ok(identity::account(state, account)?.is_some_and(|account| account.kind == AccountKind::Person))
}

fn in_office(
    code: &DepartmentCode,
    account: &AccountId,
    ctx: &Ctx,
    state: &State,
) -> Result<Option<Appointment>, Stop> {
    Ok(state::officer(state, code, account)?.filter(|appointment| appointment.is_in_office(ctx.time)))
}

fn existing(code: &DepartmentCode, state: &State) -> Result<Department, Stop> {
    Ok(state::department(state, code)?.ok_or(Error::NotFound)?)
}

fn active(code: &DepartmentCode, state: &State) -> Result<Department, Stop> {
    let department = existing(code, state)?;
    match department.status {
        Status::Active => Ok(department),
        Status::Suspended { .. } => Err(Error::Suspended.into()), // I3
        Status::Closed { .. } => Err(Error::Closed.into()),       // I3
    }
}
