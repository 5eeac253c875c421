//! Where a journey takes place, from its item file: which departments with which officers, which steps, which type of licence. Pure.

use super::{Post, REVIEWS};
use crate::catalogue::item_file::{ItemFile, parse};
use crate::organisation::file::Organisation;
use anyhow::{Context, ensure};
use serde_json::{Value, json};
use tongban_modules::Call;
use tongban_modules::catalogue::{Step, StepKind};
use tongban_modules::flow::StepName;
use tongban_modules::licences::{
    Call as LicenceCall, FaceFieldDefinition, FieldKind, Issuers, TypeDefinition, Validity,
};
use tongban_modules::offices::DepartmentCode;
use tongban_types::codes::LicenceTypeCode;
use tongban_types::{List, Text, Time};

/// The item.
const ITEM: &str = include_str!("item.yaml");
/// The government above the departments, all invented.
const GOVERNMENT: (&str, &str) = ("11519900MB9012112F", "云港市人民政府");
/// Its division.
const DIVISION: &str = "510100000000";
/// The key of the government's administrator.
pub const ADMINISTRATOR: &str = "mayor";
/// Fields on the face of the licence: name and label.
const FACE: [(&str, &str); 3] = [("holder", "经营者"), ("address", "经营场所"), ("scope", "经营项目")];

/// Where journeys take place.
pub struct Setting {
    /// The item.
    pub file: ItemFile,
    /// The department that leads.
    pub lead: DepartmentCode,
    /// The type of licence that is issued.
    pub licence_type: LicenceTypeCode,
    /// The steps of the departments that check.
    pub reviews: Vec<Step>,
    /// The step of decision.
    pub decision: StepName,
    /// The step in which the licence is made.
    pub certificate: StepName,
    /// The step in which it is delivered.
    pub delivery: StepName,
}

impl Setting {
    /// Reads the item that the program has with it.
    pub fn new() -> anyhow::Result<Self> {
        let file = ItemFile::from_value(parse(ITEM)?)?;
        let item = &file.item;
        let steps = |kind: StepKind| item.flow.iter().filter(move |step| step.kind == kind).cloned();
        let name = |kind: StepKind| steps(kind).map(|step| step.name).next().context("the item has such a step");
        let reviews: Vec<Step> = steps(StepKind::Review).collect();
        ensure!(reviews.len() == REVIEWS, "the item has {} reviews in place of {REVIEWS}", reviews.len());
        let licence_type = item.outcome.licence_type.as_ref().context("the item ends in a licence")?.parse()?;
        Ok(Self {
            lead: item.department.code.parse()?,
            licence_type,
            decision: name(StepKind::Decision)?,
            certificate: name(StepKind::Certificate)?,
            delivery: name(StepKind::Delivery)?,
            reviews,
            file,
        })
    }

    /// All posts, each with its department, the posts of the item's steps that it fills, and its roles.
    fn posts(&self) -> Vec<(Post, String, Vec<String>, Vec<&'static str>)> {
        let lead = self.lead.to_string();
        let filled = |kinds: &[StepKind]| -> Vec<String> {
            let steps = self.file.item.flow.iter().filter(|step| kinds.contains(&step.kind));
            steps.map(|step| step.role.to_string()).collect()
        };
        let mut posts = vec![
            (Post::Window, lead.clone(), filled(&[StepKind::Acceptance]), vec!["receiver", "acceptor"]),
            (Post::Decision, lead.clone(), filled(&[StepKind::Decision]), vec!["approver"]),
            (Post::Issuing, lead.clone(), filled(&[StepKind::Certificate, StepKind::Delivery]), vec!["issuer"]),
            (Post::Data, lead.clone(), Vec::new(), vec!["data_officer"]),
            (Post::Import, lead, Vec::new(), vec!["importer"]),
        ];
        for (place, step) in self.reviews.iter().enumerate() {
            let department = step.department.to_string();
            posts.push((Post::Review(place), department, vec![step.role.to_string()], vec!["reviewer"]));
        }
        posts
    }

    /// The departments with so many officers at each post, whose rights last until then.
    pub fn organisation(&self, per_post: usize, until: Time) -> anyhow::Result<Organisation> {
        let posts = self.posts();
        let officers = |department: &str| -> Vec<Value> {
            let here = posts.iter().filter(|(_, code, _, _)| code == department);
            let officer = |(post, _, posts, roles): &(Post, String, Vec<String>, Vec<&str>), number: usize| json!({ "key": key_name(*post, number), "office": "科员", "posts": posts, "roles": roles });
            here.flat_map(|post| (0..per_post).map(move |number| officer(post, number))).collect()
        };
        let item = &self.file.item;
        let departments = std::iter::once(&item.department).chain(item.joint_departments.iter()).map(|department| {
            let (code, name) = (&department.code, &department.name);
            json!({ "code": code, "name": name, "short_name": name, "officers": officers(code) })
        });
        let (code, name) = GOVERNMENT;
        Ok(Organisation::from_value(json!({
            "government": {
                "code": code, "name": name, "short_name": name, "division": DIVISION,
                "administrator": { "key": ADMINISTRATOR, "office": "人事处处长" },
            },
            "until": until,
            "departments": departments.collect::<Vec<_>>(),
        }))?)
    }

    /// The call that publishes the type of licence.
    pub fn register_type(&self) -> anyhow::Result<Call> {
        let field = |(name, label): (&str, &str)| -> anyhow::Result<FaceFieldDefinition> {
            Ok(FaceFieldDefinition {
                name: Text::new(name)?,
                label: Text::new(label)?,
                kind: FieldKind::Text,
                personal: true,
                standard: None,
            })
        };
        let definition = TypeDefinition {
            name: Text::new(self.file.item.outcome.name.as_deref().unwrap_or_default())?,
            legal_basis: List::new(self.file.item.legal_basis.iter().take(1).cloned().collect())?,
            face: List::new(FACE.into_iter().map(field).collect::<anyhow::Result<_>>()?)?,
            validity: Validity::AsStated,
            issuers: Issuers::DefinerAndBelow,
            issued_without_case: false,
            holder_types: List::default(),
        };
        let code = self.licence_type;
        Ok(Call::Licences(LicenceCall::RegisterType { code, version: 1, effective_from: None, definition }))
    }

    /// Fields on the face of a licence.
    pub fn face_fields() -> u16 {
        FACE.len() as u16 // three
    }
}

/// The name of the key of an officer, counted from 0.
pub fn key_name(post: Post, number: usize) -> String {
    match post {
        Post::Window => format!("window-{number}"),
        Post::Review(place) => format!("review-{place}-{number}"),
        Post::Decision => format!("decision-{number}"),
        Post::Issuing => format!("issuing-{number}"),
        Post::Data => format!("data-{number}"),
        Post::Import => format!("import-{number}"),
    }
}
