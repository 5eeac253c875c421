//! What the ledger has of a file's contents.

use super::file::{Officer, Organisation};
use super::keys::Keys;
use super::plan::{account, foreseen};
use super::safeguards::{protected, switched_on};
use super::target::OrganisationTarget;
use indicatif::ProgressBar;
use std::collections::{BTreeMap, BTreeSet};
use tongban_modules::departments::DEPTH_MAX;
use tongban_modules::identity::{self, AccountKind, AssuranceLevel, Subject};
use tongban_modules::offices::is_sensitive;
use tongban_modules::orgs::{self, Appointment, Department, DepartmentCode, Division, Proposal};
use tongban_modules::{Query, View, network};
use tongban_types::codes::LongDivisionCode;
use tongban_types::{AccountId, Time};

/// Proposals of one department that are looked through for those that wait, the newest ones.
const PROPOSALS_MAX: u32 = 256;

/// What the ledger has of the file's contents.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Accounts that are open.
    pub accounts: BTreeMap<AccountId, KnownAccount>,
    /// Of the officers whose departments want that for their rights, those who are bound to a person surely enough.
    pub bound: BTreeSet<AccountId>,
    /// The departments that run a validator, by name: they can host others.
    pub hosts: BTreeSet<String>,
    /// What the network's table has of the divisions in the file.
    pub divisions: BTreeMap<LongDivisionCode, Option<Division>>,
    /// Departments that are registered: those in the file, and those above them.
    pub departments: BTreeMap<DepartmentCode, Department>,
    /// Appointments that have not ended.
    pub appointments: BTreeMap<(DepartmentCode, AccountId), Appointment>,
    /// Proposals that wait for a second administrator.
    pub proposals: BTreeMap<(DepartmentCode, u32), Proposal>,
    /// The ledger's time.
    pub time: Time,
}

/// An account that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownAccount {
    /// Whose it is.
    pub kind: AccountKind,
    /// Whether it may act.
    pub is_active: bool,
}

impl Known {
    /// A department and those above it, as far as they are known.
    pub fn line(&self, department: DepartmentCode) -> Vec<(DepartmentCode, &Department)> {
        line(&self.departments, department)
    }
}

/// Whether an officer is to have a role that decides.
pub fn decides(officer: &Officer) -> bool {
    officer.roles.iter().any(|role| is_sensitive(*role))
}

/// A department and those above it, as far as these have them.
pub fn line(
    departments: &BTreeMap<DepartmentCode, Department>,
    department: DepartmentCode,
) -> Vec<(DepartmentCode, &Department)> {
    let mut line = Vec::new();
    let mut next = Some(department);
    while let Some((code, found)) = next.and_then(|code| Some((code, departments.get(&code)?)))
        && line.len() < usize::from(DEPTH_MAX)
    {
        next = found.parent;
        line.push((code, found));
    }
    line
}

/// Asks a ledger for all of it.
pub async fn ask<T: OrganisationTarget + Sync>(
    target: &T,
    organisation: &Organisation,
    keys: &Keys,
    progress: &ProgressBar,
) -> anyhow::Result<Known> {
    let asking = Asking { target, progress };
    let mut known = Known { time: target.time().await?, ..Known::default() };
    progress.set_message("asks what the ledger has");
    asking.hosts(&mut known).await?;
    asking.divisions(organisation, &mut known).await?;
    asking.accounts(keys, &mut known).await?;
    asking.departments(organisation, &mut known).await?;
    asking.bindings(organisation, keys, &mut known).await?;
    let administrator = account(keys, &organisation.government.administrator.key);
    let mandates = known.line(organisation.government.code).into_iter().map(|(code, _)| (code, administrator));
    let offices = organisation.offices().map(|(department, officer)| (department, account(keys, &officer.key)));
    let places: BTreeSet<(DepartmentCode, AccountId)> = mandates.chain(offices).collect();
    asking.appointments(places, &mut known).await?;
    asking.proposals(organisation, &mut known).await?;
    Ok(known)
}

struct Asking<'a, T> {
    target: &'a T,
    progress: &'a ProgressBar,
}

impl<T: OrganisationTarget + Sync> Asking<'_, T> {
    async fn answer(&self, question: &Query) -> anyhow::Result<View> {
        let answer = self.target.answer(question).await?;
        self.progress.inc(1);
        Ok(answer)
    }

    async fn accounts(&self, keys: &Keys, known: &mut Known) -> anyhow::Result<()> {
        self.progress.inc_length(keys.len() as u64);
        for name in keys.keys() {
            let account = account(keys, name);
            let question = Query::Identity(identity::Query::Account { account });
            if let View::Identity(identity::View::Account { account: Some(found) }) = self.answer(&question).await? {
                let is_active = found.status() == identity::Status::Active;
                known.accounts.insert(account, KnownAccount { kind: found.kind, is_active });
            }
        }
        Ok(())
    }

    async fn hosts(&self, known: &mut Known) -> anyhow::Result<()> {
        self.progress.inc_length(1);
        let question = Query::Network(network::Query::Members {});
        if let View::Network(network::View::Members { members: Some(members) }) = self.answer(&question).await? {
            known.hosts.extend(members.validators.validators().iter().map(|member| member.department.to_string()));
        }
        Ok(())
    }

    async fn divisions(&self, organisation: &Organisation, known: &mut Known) -> anyhow::Result<()> {
        let own = organisation.departments.iter().filter_map(|department| department.division);
        let divisions: BTreeSet<LongDivisionCode> =
            std::iter::once(organisation.government.division).chain(own).collect();
        self.progress.inc_length(divisions.len() as u64);
        for division in divisions {
            let question = Query::Orgs(orgs::Query::Division { division, at: known.time });
            if let View::Orgs(orgs::View::Division { division: found, .. }) = self.answer(&question).await? {
                known.divisions.insert(division, found);
            }
        }
        Ok(())
    }

    /// Only of officers whose departments ask for it.
    async fn bindings(&self, organisation: &Organisation, keys: &Keys, known: &mut Known) -> anyhow::Result<()> {
        let (departments, _) = foreseen(organisation, known);
        let departments = protected(&departments, &switched_on(organisation, known, &departments));
        let wants = |code: &DepartmentCode| departments.get(code).is_some_and(|found| found.bound_officers);
        let officers = organisation.offices().filter(|(code, officer)| wants(code) && decides(officer));
        let accounts: BTreeSet<AccountId> = officers
            .map(|(_, officer)| account(keys, &officer.key))
            .filter(|account| known.accounts.contains_key(account))
            .collect();
        self.progress.inc_length(accounts.len() as u64);
        for account in accounts {
            let question = Query::Identity(identity::Query::Holder { account });
            if let View::Identity(identity::View::Holder { holder: Some(holder) }) = self.answer(&question).await?
                && matches!(holder.subject, Subject::Person { .. })
                && holder.level >= AssuranceLevel::L2
            {
                known.bound.insert(account);
            }
        }
        Ok(())
    }

    /// The departments of the file and those above them, which need not stand in it.
    async fn departments(&self, organisation: &Organisation, known: &mut Known) -> anyhow::Result<()> {
        let parents = organisation.departments.iter().filter_map(|department| department.parent);
        let mut open: Vec<DepartmentCode> = vec![organisation.government.code];
        open.extend(organisation.departments.iter().map(|department| department.code).chain(parents));
        let mut asked = BTreeSet::new();
        while let Some(department) = open.pop() {
            if !asked.insert(department) {
                continue;
            }
            self.progress.inc_length(1);
            let question = Query::Orgs(orgs::Query::Department { department });
            if let View::Orgs(orgs::View::Department { department: Some(found) }) = self.answer(&question).await? {
                open.extend(found.parent);
                known.departments.insert(department, *found);
            }
        }
        Ok(())
    }

    async fn appointments(
        &self,
        mut places: BTreeSet<(DepartmentCode, AccountId)>,
        known: &mut Known,
    ) -> anyhow::Result<()> {
        places.retain(|(department, account)| {
            known.departments.contains_key(department) && known.accounts.contains_key(account)
        });
        self.progress.inc_length(places.len() as u64);
        for (department, account) in places {
            let question = Query::Orgs(orgs::Query::Officer { department, account });
            if let View::Orgs(orgs::View::Officer { appointment: Some(appointment) }) = self.answer(&question).await?
                && appointment.end.is_none()
            {
                known.appointments.insert((department, account), *appointment);
            }
        }
        Ok(())
    }

    /// Only where the file gives rights that need two: elsewhere nobody asks for proposals.
    async fn proposals(&self, organisation: &Organisation, known: &mut Known) -> anyhow::Result<()> {
        let wants = |code: &DepartmentCode, department: &Department| {
            let officers = organisation.offices().filter(|(other, _)| other == code);
            let mut roles = officers.flat_map(|(_, officer)| officer.roles.iter());
            roles.any(|role| department.wants_two_for(*role))
        };
        let wanting = known.departments.iter().filter(|(code, department)| wants(code, department));
        let wanting: Vec<(DepartmentCode, u32)> =
            wanting.map(|(code, department)| (*code, department.proposals)).collect();
        for (department, last) in wanting {
            let first = last.saturating_sub(PROPOSALS_MAX) + 1;
            self.progress.inc_length(u64::from(last.saturating_sub(first - 1)));
            for number in first..=last {
                let question = Query::Orgs(orgs::Query::Proposal { department, number });
                if let View::Orgs(orgs::View::Proposal { proposal: Some(proposal) }) = self.answer(&question).await?
                    && proposal.settlement.is_none()
                {
                    known.proposals.insert((department, number), *proposal);
                }
            }
        }
        Ok(())
    }
}
