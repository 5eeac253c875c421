//! `tongban catalogue check --organisation`: whether the departments of an organisation file have the posts and officers that an item's flow needs.
//!
//! Everything is compared with the file alone; what the ledger has besides, such as deputies and terms, is not seen here. Whoever does a step holds
//! its role at its post, as the module `cases` asks: acceptors accept, reviewers check, approvers decide, issuers make out and deliver.

use super::check::Remark;
use crate::organisation::file::{Officer, Organisation};
use std::collections::BTreeSet;
use strum::IntoStaticStr;
use tongban_kernel::Role;
use tongban_modules::catalogue::{Item, StepKind};
use tongban_modules::flow;

/// What an organisation lacks for an item; the serialized name is the stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error, IntoStaticStr, strum::EnumIter)]
pub enum Lack {
    /// A department of the item is not in the file.
    #[error("the organisation has no such department: as long as it is not registered nobody can apply")]
    #[strum(serialize = "catalogue.organisation.department_missing")]
    DepartmentMissing,
    /// No officer of the department holds the post.
    #[error("no officer of the department holds this post")]
    #[strum(serialize = "catalogue.organisation.post_missing")]
    PostMissing,
    /// Officers hold the post, and none of them the role that does the step.
    #[error("no officer at this post holds the role that the step needs")]
    #[strum(serialize = "catalogue.organisation.role_missing")]
    RoleMissing,
    /// The one person who could decide is the one who checks before.
    #[error("one person alone checks and decides: who checks does not decide")]
    #[strum(serialize = "catalogue.organisation.one_person")]
    OnePerson,
    /// One person alone decides in the department that leads.
    #[error("one person alone decides in the department that leads: nobody in it could decide an appeal against that")]
    #[strum(serialize = "catalogue.organisation.one_person_appeal")]
    OnePersonAppeal,
}

impl Lack {
    /// How to mend it.
    pub fn advice(self) -> &'static str {
        match self {
            Self::DepartmentMissing => "核对统一社会信用代码，或在机构文件中登记该部门",
            Self::PostMissing => "岗位名称与环节的 role 完全一致，或为工作人员增加该岗位",
            Self::RoleMissing => "受理须 acceptor，审查核验须 reviewer，决定须 approver，制证送达须 issuer",
            Self::OnePerson => "审查人员不得作出决定，请另设一人",
            Self::OnePersonAppeal => "作出决定的人员不得处理对该决定的申诉，请在牵头部门另设一名 approver",
        }
    }

    fn at(self, place: String, found: String) -> Remark {
        let code: &'static str = self.into();
        Remark { place, code: code.to_owned(), why: self.to_string(), found, mend: self.advice().to_owned() }
    }
}

/// The role that does a step of this kind.
pub const fn role_of(kind: StepKind) -> Role {
    match kind {
        StepKind::Acceptance => Role::Acceptor,
        StepKind::AutomaticCheck
        | StepKind::Review
        | StepKind::Inspection
        | StepKind::Hearing
        | StepKind::ExpertOpinion
        | StepKind::Test
        | StepKind::Publicity => Role::Reviewer,
        StepKind::Decision => Role::Approver,
        StepKind::Certificate | StepKind::Delivery => Role::Issuer,
    }
}

/// All that the organisation lacks for the item, in the order of the item.
pub fn lacks(item: &Item, organisation: &Organisation) -> Vec<Remark> {
    let mut found = Vec::new();
    let leading = std::iter::once(("department".to_owned(), &item.department));
    let joint = item.joint_departments.iter().enumerate();
    let joint = joint.map(|(index, department)| (format!("joint_departments[{index}]"), department));
    for (place, department) in leading.chain(joint) {
        if officers(organisation, &department.code).is_none() {
            let named = format!("{} {}", department.code, department.name);
            found.push(Lack::DepartmentMissing.at(format!("{place}.code"), named));
        }
    }
    let doers: Vec<BTreeSet<&str>> =
        item.flow.iter().map(|step| holders(organisation, &step.department, &step.role, role_of(step.kind))).collect();
    for (index, step) in item.flow.iter().enumerate() {
        let Some(mut officers) = officers(organisation, &step.department) else { continue };
        let lack = if !officers.any(|officer| is_at(officer, &step.role)) {
            Lack::PostMissing
        } else if doers[index].is_empty() {
            Lack::RoleMissing
        } else {
            continue;
        };
        let role: &'static str = role_of(step.kind).into();
        found.push(lack.at(format!("flow[{index}].role"), format!("{} {} ({role})", step.name, step.role)));
    }
    found.extend(same_persons(item, &doers));
    found.extend(appeals(item, organisation));
    found
}

/// That nobody is left in the department that leads to decide an appeal: whoever decides there, at whatever post, is one person. The department
/// above steps in only when that is late.
fn appeals(item: &Item, organisation: &Organisation) -> Option<Remark> {
    let deciding: BTreeSet<&str> = officers(organisation, &item.department.code)?
        .filter(|officer| officer.roles.contains(&Role::Approver))
        .map(|officer| &*officer.key)
        .collect();
    let is_decided = item.flow.iter().any(|step| step.kind == StepKind::Decision);
    let found = || format!("{} {}", item.department.code, item.department.name);
    (is_decided && deciding.len() == 1).then(|| Lack::OnePersonAppeal.at("department.code".to_owned(), found()))
}

/// Decisions that could only be taken by the one who has checked before: acceptance takes a case up and checks nothing.
fn same_persons(item: &Item, doers: &[BTreeSet<&str>]) -> Vec<Remark> {
    let ancestors = flow::ancestors(&item.flow);
    let mut found = Vec::new();
    for (index, step) in item.flow.iter().enumerate().filter(|(_, step)| step.kind == StepKind::Decision) {
        let checks = |place: &usize| !matches!(item.flow[*place].kind, StepKind::Acceptance | StepKind::Decision);
        for before in flow::places(ancestors[index]).filter(checks) {
            if doers[index].len() == 1 && doers[index] == doers[before] {
                let steps = format!("{} / {}", item.flow[before].name, step.name);
                found.push(Lack::OnePerson.at(format!("flow[{index}].role"), steps));
            }
        }
    }
    found
}

/// The officers of a department, where the file has it.
fn officers<'a>(organisation: &'a Organisation, code: &str) -> Option<impl Iterator<Item = &'a Officer> + use<'a>> {
    let government = &organisation.government;
    if government.code.as_str() == code {
        return Some(government.officers.iter());
    }
    let department = organisation.departments.iter().find(|department| department.code.as_str() == code)?;
    Some(department.officers.iter())
}

fn is_at(officer: &Officer, post: &str) -> bool {
    officer.posts.iter().any(|held| **held == *post)
}

/// Those who hold a role at a post, by the names of their keys: one key is one person.
fn holders<'a>(organisation: &'a Organisation, code: &str, post: &str, role: Role) -> BTreeSet<&'a str> {
    let officers = officers(organisation, code).into_iter().flatten();
    officers
        .filter(|officer| is_at(officer, post) && officer.roles.contains(&role))
        .map(|officer| &*officer.key)
        .collect()
}
