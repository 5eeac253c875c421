//! What the ledger has otherwise than a file says. Applying the file does not change it, so that it is said by name, with the call that would.

use super::file::{Officer, Organisation, Safeguards};
use super::keys::Keys;
use super::plan::{Known, account, government_profile, parent_of, profile};
use super::safeguards::{SAFEGUARDS, field};
use std::fmt::Display;
use tongban_modules::offices::{DepartmentCode, Post};
use tongban_modules::orgs::{Appointment, Department, Profile};

/// Something that is otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What it is about: a department, or an officer in it.
    pub of: String,
    /// What is otherwise, with both values.
    pub what: String,
    /// What would change it.
    pub remedy: &'static str,
}

const CHANGE_ROOT: &str = "tongban call orgs change-root";
const CHANGE: &str = "tongban call orgs change-department";
const MOVE: &str = "a department is not moved: it is closed and merged into a new one";
const TRANSFER: &str = "tongban call orgs transfer, to the same department";
const WITHDRAW: &str = "tongban call orgs withdraw-grant";
const WAIVE: &str = "tongban call orgs propose with a waiver, and another administrator approves it";
const RENEW: &str = "tongban call orgs withdraw-grant, and apply the file again";

/// All of it, departments first.
pub fn differences(organisation: &Organisation, keys: &Keys, known: &Known) -> Vec<Difference> {
    let mut found = Vec::new();
    let government = &organisation.government;
    if let Some(department) = known.departments.get(&government.code) {
        let profile = Profile { host: department.host.clone(), ..government_profile(organisation) };
        of_profile(&profile, department, CHANGE_ROOT, &mut found);
        of_safeguards(&government.safeguards, &government.short_name, department, &mut found);
        let administrator = account(keys, &government.administrator.key);
        if let Some(appointment) = known.appointments.get(&(government.code, administrator)) {
            let of = format!("{} in {}", government.administrator.key, government.short_name);
            differs("the office", &appointment.office, &government.administrator.office, &of, TRANSFER, &mut found);
        }
    }
    for department in &organisation.departments {
        let Some(registered) = known.departments.get(&department.code) else { continue };
        of_profile(&profile(organisation, department), registered, CHANGE, &mut found);
        of_safeguards(&department.safeguards, &department.short_name, registered, &mut found);
        let (here, there) = (registered.parent, parent_of(organisation, department));
        differs("the department above", &optional(here), &there, &department.short_name, MOVE, &mut found);
    }
    for (department, officer) in organisation.offices() {
        if let Some(appointment) = known.appointments.get(&(department, account(keys, &officer.key))) {
            of_officer(organisation, department, officer, appointment, known, &mut found);
        }
    }
    found
}

fn differs(
    what: &str,
    ledger: &impl Display,
    file: &impl Display,
    of: &impl Display,
    remedy: &'static str,
    found: &mut Vec<Difference>,
) {
    let (ledger, file) = (ledger.to_string(), file.to_string());
    if ledger != file {
        let what = format!("{what}: {ledger} on the ledger, {file} in the file");
        found.push(Difference { of: of.to_string(), what, remedy });
    }
}

fn optional(value: Option<impl Display>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| value.to_string())
}

fn of_profile(file: &Profile, department: &Department, remedy: &'static str, found: &mut Vec<Difference>) {
    let (of, name) = (&file.short_name, department.name());
    differs("the name", &name.full, &file.name, of, remedy, found);
    differs("the short name", &name.short, &file.short_name, of, remedy, found);
    differs("the host", &optional(department.host.as_ref()), &optional(file.host.as_ref()), of, remedy, found);
    differs("the division", &department.division, &file.division, of, MOVE, found);
}

/// A safeguard that the file does not want. One that it wants is switched on, which is no difference.
fn of_safeguards(file: &Safeguards, of: &str, department: &Department, found: &mut Vec<Difference>) {
    for safeguard in SAFEGUARDS {
        if department.has(safeguard) && file.asked(safeguard) == Some(false) {
            let what = format!("{}: true on the ledger, false in the file", field(safeguard));
            found.push(Difference { of: of.to_owned(), what, remedy: WAIVE });
        }
    }
}

fn of_officer(
    organisation: &Organisation,
    department: DepartmentCode,
    officer: &Officer,
    appointment: &Appointment,
    known: &Known,
    found: &mut Vec<Difference>,
) {
    let short = known.departments.get(&department).map_or_else(String::new, |known| known.name().short.to_string());
    let of = format!("{} in {short}", officer.key);
    differs("the office", &appointment.office, &officer.office, &of, TRANSFER, found);
    differs("the posts", &listed(&appointment.posts), &listed(&officer.posts), &of, TRANSFER, found);
    let (here, there) = (optional(appointment.staff_number.as_ref()), optional(officer.staff_number.as_ref()));
    differs("the staff number", &here, &there, &of, TRANSFER, found);
    let held = || appointment.grants.iter().filter(|grant| !grant.is_over(known.time));
    for grant in held() {
        let role = grant.role;
        let at_all_posts = held().any(|other| other.role == role && other.post.is_none());
        let (what, remedy) = match &grant.post {
            _ if !officer.roles.contains(&role) => {
                (format!("holds the role {role}, which the file does not give"), WITHDRAW)
            }
            Some(_) if at_all_posts => continue,
            Some(post) => (format!("holds the role {role} at {post} alone, in the file at all posts"), RENEW),
            None if grant.term.until != organisation.until => {
                let (here, there) = (grant.term.until, organisation.until);
                (format!("holds the role {role} until {here}, in the file until {there}"), RENEW)
            }
            None => continue,
        };
        found.push(Difference { of: of.clone(), what, remedy });
    }
}

/// Posts as a text that is the same whatever their order.
fn listed(posts: &[Post]) -> String {
    let mut posts: Vec<&str> = posts.iter().map(|post| &**post).collect();
    posts.sort_unstable();
    if posts.is_empty() { "none".to_owned() } else { posts.join(", ") }
}
