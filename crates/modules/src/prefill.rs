//! Proposing what departments already hold (智能预填、免提交): which fields of a form and which materials, from which licences, under which
//! consents; and what is shown in the end.
//!
//! It goes in three steps. [`plan`] reads the ledger: no personal data are touched. [`handouts`] are the accesses that the departments then have to
//! record. Only where such a record is final does [`propose`] look at a face, and only a value that fits the face root on the ledger and the
//! field of the form is proposed. Whoever finds one wrong opens a correction at its source.
//!
//! Nobody is refused for not consenting (个人信息保护法 第十六条): without a consent the field or material is asked for as ever.

use crate::Event;
use crate::catalogue;
use crate::conditions::Kind;
use crate::forms::Form;
use crate::held::{self, FieldName, Target};
use crate::items::Item;
use crate::licences::{self, Licence};
use crate::orgs::DepartmentCode;
use crate::sharing::{self, FIELDS_MAX, Fields, Ground, Handout, Reading, SOURCES_MAX, Source, SourceList};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fmt;
use strum::{EnumIter, IntoStaticStr};
use tongban_kernel::{Missing, State};
use tongban_types::codes::{CaseNumber, LicenceIdentifier, LicenceTypeCode};
use tongban_types::licence_face::{Face, FaceRoot};
use tongban_types::{AccountId, ConsentId, List, Outcome, Primitives, Receipt, Text, Time, codec};

/// Licences of one plan.
pub const LICENCES_MAX: usize = 64;
/// Fields and materials of one plan: all that an item can have.
pub const TARGETS_MAX: usize = 264;

/// What departments hold of what an item asks for. No personal data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// The version of the item.
    pub version: u32,
    /// What can be read, one entry for each licence and consent.
    pub readable: List<Readable, LICENCES_MAX>,
    /// Materials that a licence stands in for as a whole: they are not asked for.
    pub materials: List<HeldMaterial, 64>,
    /// What is held nowhere or may not be read: it is asked for.
    pub unmet: List<Unmet, TARGETS_MAX>,
}

/// Fields of one licence that a consent lets the receiver read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Readable {
    /// The licence.
    pub licence: LicenceIdentifier,
    /// The department that keeps it and hands out its fields.
    pub provider: DepartmentCode,
    /// What the ledger has of its face.
    pub face: FaceRoot,
    /// As of when it is: when this version was issued, or what an older system said.
    pub as_of: Time,
    /// The consent.
    pub consent: ConsentId,
    /// What the fields are for.
    pub uses: List<FieldUse, TARGETS_MAX>,
}

/// A field of a licence and what it is proposed for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FieldUse {
    /// The field or material that asks for it.
    pub target: Target,
    /// The field of the licence.
    pub field: FieldName,
    /// Whether a correction request about it is open.
    pub is_disputed: bool,
}

/// A material that a licence stands in for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HeldMaterial {
    /// The material.
    pub material: Text<100>,
    /// The licence.
    pub licence: LicenceIdentifier,
    /// The department that keeps it.
    pub provider: DepartmentCode,
    /// As of when it is.
    pub as_of: Time,
    /// The consent under which the receiver may read it when it handles the case.
    pub consent: ConsentId,
}

/// Something that is asked for although a licence could hold it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unmet {
    /// The field or material.
    pub target: Target,
    /// Why.
    pub obstacle: Obstacle,
}

/// Why nothing is proposed; the name is a stable code.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema, EnumIter, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Obstacle {
    /// The person holds no such licence that is valid.
    NotHeld,
    /// No consent covers it.
    NoConsent,
    /// More fields of one licence than one access may name.
    TooManyFields,
    /// The access is not recorded, or its record is not final.
    NotRecorded,
    /// The department's vault is not here, or has no face of this licence.
    NotInVault,
    /// The face in the vault is not the one that the ledger commits to.
    Altered,
    /// The licence has no such field, or it is blank.
    Blank,
    /// The form does not admit the value.
    Unfit,
    /// The licence that the person holds is suspended (暂扣).
    Suspended,
    /// The licence that the person held has expired or was ended, or has not begun.
    NotInForce,
    /// The department's vault is opened by another node, which was not asked.
    HostedElsewhere,
}

/// A value that is proposed, with its source. Personal data: `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// The field or material.
    pub target: Target,
    /// The value, as the form takes it.
    pub value: Json,
    /// The licence that holds it.
    pub licence: LicenceIdentifier,
    /// The field of the licence.
    pub field: FieldName,
    /// The department that keeps it.
    pub provider: DepartmentCode,
    /// As of when it is.
    pub as_of: Time,
    /// Whether somebody has said that it is wrong, and the department has not answered.
    pub is_disputed: bool,
}

impl fmt::Debug for Proposal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Proposal({:?} from {} of {})", self.target, self.field, self.licence)
    }
}

/// What came of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Proposed {
    /// Values to be shown to the applicant.
    pub proposals: Vec<Proposal>,
    /// Materials that are not asked for.
    pub materials: Vec<HeldMaterial>,
    /// What is asked for.
    pub unmet: Vec<Unmet>,
}

/// Who is shown the data, for which case, if it is filed already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Showing {
    /// Who applies, with which department, for which item.
    pub reading: Reading,
    /// Who is shown the values.
    pub reader: AccountId,
    /// The case.
    pub case: Option<CaseNumber>,
}

/// What a person is asked to consent to, so that all is proposed that departments could hold: the sources of one consent, mostly, and of several
/// where an item needs more than fits one.
pub fn sources(item: &Item) -> Vec<SourceList> {
    let mut by_type: BTreeMap<LicenceTypeCode, Vec<Option<FieldName>>> = BTreeMap::new();
    for need in held::needs(item) {
        let fields = by_type.entry(need.licence_type).or_default();
        if !fields.contains(&need.field) {
            fields.push(need.field);
        }
    }
    let mut consents: Vec<SourceList> = Vec::new();
    for (licence_type, fields) in by_type {
        let named: Option<Vec<FieldName>> = fields.into_iter().collect();
        let parts: Vec<Fields> = match &named {
            None => vec![Fields::Whole],
            Some(names) => names.chunks(FIELDS_MAX).map(named_fields).collect(),
        };
        for fields in parts {
            let is_free = |sources: &&mut SourceList| {
                sources.len() < SOURCES_MAX && sources.iter().all(|source| source.licence_type != licence_type)
            };
            let source = Source { licence_type, fields };
            match consents.iter_mut().find(is_free) {
                Some(sources) => sources.push(source).expect("there is room"),
                None => consents.push(List::new(vec![source]).expect("one source fits")),
            }
        }
    }
    consents
}

fn named_fields(names: &[FieldName]) -> Fields {
    Fields::Named(List::new(names.to_vec()).expect("as many as one access may name"))
}

/// Finds what departments hold of what an item asks for. None where the item is not in force.
pub fn plan(state: &State, reading: &Reading, at: Time) -> Result<Option<Plan>, Missing> {
    let Some(version) = catalogue::in_force(state, &reading.item, at)? else { return Ok(None) };
    let mut plan =
        Plan { version: version.number, readable: List::default(), materials: List::default(), unmet: List::default() };
    let mut readable: Vec<Readable> = Vec::new();
    for need in held::needs(&version.item) {
        let obstacle = match licences::held(state, &reading.person, &need.licence_type, at)? {
            Some(licence) => meet(state, reading, at, &need, &licence, &mut plan, &mut readable)?,
            None => Some(without(state, &reading.person, &need.licence_type, at)?),
        };
        if let Some(obstacle) = obstacle {
            let unmet = Unmet { target: need.target, obstacle };
            plan.unmet.push(unmet).expect("no more than an item can have");
        }
    }
    plan.readable = List::new(readable).expect("no more than there was room for");
    Ok(Some(plan))
}

/// Why a person holds no licence of a type that is in force: by the youngest that he has.
fn without(state: &State, person: &AccountId, licence_type: &LicenceTypeCode, at: Time) -> Result<Obstacle, Missing> {
    let Some(youngest) = licences::holdings(state, person, licence_type)?.last().cloned() else {
        return Ok(Obstacle::NotHeld);
    };
    let is_suspended = licences::licence(state, &youngest)?.is_some_and(|licence| licences::is_suspended(&licence, at));
    Ok(if is_suspended { Obstacle::Suspended } else { Obstacle::NotInForce })
}

/// Puts a need that a licence could meet into the plan, or says what is in the way.
fn meet(
    state: &State,
    reading: &Reading,
    at: Time,
    need: &held::Need,
    identifier: &LicenceIdentifier,
    plan: &mut Plan,
    readable: &mut Vec<Readable>,
) -> Result<Option<Obstacle>, Missing> {
    let Some(licence) = licences::licence(state, identifier)? else { return Ok(Some(Obstacle::NotHeld)) };
    let fields = match &need.field {
        Some(field) => named_fields(std::slice::from_ref(field)),
        None => Fields::Whole,
    };
    let Some(consent) = sharing::covering(state, reading, &need.licence_type, &fields, at)? else {
        return Ok(Some(Obstacle::NoConsent));
    };
    let (provider, as_of) = (licences::keeper(state, &licence)?, as_of(&licence));
    let Some(field) = &need.field else {
        if let Target::Material(material) = need.target.clone() {
            let held = HeldMaterial { material, licence: identifier.clone(), provider, as_of, consent };
            plan.materials.push(held).expect("an item has as many materials");
        }
        return Ok(None);
    };
    let is_disputed = sharing::open_correction(state, identifier, field)?.is_some();
    let new = FieldUse { target: need.target.clone(), field: field.clone(), is_disputed };
    let known = readable.iter_mut().find(|known| known.licence == *identifier && known.consent == consent);
    let Some(known) = known else {
        if readable.len() == LICENCES_MAX {
            return Ok(Some(Obstacle::TooManyFields));
        }
        let uses = List::new(vec![new]).expect("one use fits");
        let face = licence.content.face;
        readable.push(Readable { licence: identifier.clone(), provider, face, as_of, consent, uses });
        return Ok(None);
    };
    let names = known.names();
    if names.len() == FIELDS_MAX && !names.contains(field) {
        return Ok(Some(Obstacle::TooManyFields));
    }
    known.uses.push(new).expect("no more than an item can have");
    Ok(None)
}

fn as_of(licence: &Licence) -> Time {
    let of_source = licence.import.as_ref().map(|import| import.source.as_of);
    of_source.unwrap_or_else(|| licence.history.first().map_or_else(Time::default, |change| change.at))
}

impl Readable {
    /// The fields, each once.
    fn names(&self) -> Vec<FieldName> {
        let mut names: Vec<FieldName> = Vec::new();
        for field_use in &self.uses {
            if !names.contains(&field_use.field) {
                names.push(field_use.field.clone());
            }
        }
        names
    }

    /// The access that its provider has to record.
    pub fn handout(&self, showing: &Showing) -> Handout {
        Handout {
            reading: showing.reading.clone(),
            provider: self.provider,
            licence: self.licence.clone(),
            fields: named_fields(&self.names()),
            reader: showing.reader,
            case: showing.case.clone(),
            ground: Ground::Consent { consent: self.consent },
        }
    }
}

/// The accesses that have to be final before anything is shown, one for each entry of the plan, to be recorded by their providers.
pub fn handouts(plan: &Plan, showing: &Showing) -> Vec<Handout> {
    plan.readable.iter().map(|readable| readable.handout(showing)).collect()
}

/// Whether one of these final receipts records an access.
fn is_recorded(handout: &Handout, receipts: &[Receipt]) -> bool {
    let events = receipts.iter().filter_map(|receipt| match &receipt.outcome {
        Outcome::Applied { events } => Some(events),
        Outcome::Refused(_) => None,
    });
    events.flatten().any(|event| match codec::decode::<Event>(event.as_ref()) {
        Ok(Event::Sharing(sharing::Event::AccessRecorded { handout: recorded, .. })) => recorded == *handout,
        _ => false,
    })
}

/// Proposes values. `receipts` are final ones; `face_of` opens the vault of a department, and is asked for nothing whose access is not
/// recorded.
pub fn propose(
    plan: &Plan,
    showing: &Showing,
    receipts: &[Receipt],
    form: &Form,
    mut face_of: impl FnMut(&DepartmentCode, &LicenceIdentifier) -> Option<Face>,
    primitives: &dyn Primitives,
) -> Proposed {
    let mut proposed =
        Proposed { proposals: Vec::new(), materials: plan.materials.to_vec(), unmet: plan.unmet.to_vec() };
    for readable in &plan.readable {
        let face = if is_recorded(&readable.handout(showing), receipts) {
            face_of(&readable.provider, &readable.licence).ok_or(Obstacle::NotInVault)
        } else {
            Err(Obstacle::NotRecorded)
        };
        let face = face
            .and_then(|face| if face.root(primitives) == readable.face { Ok(face) } else { Err(Obstacle::Altered) });
        for field_use in &readable.uses {
            let FieldUse { target, field, is_disputed } = field_use.clone();
            match face.as_ref().map_err(|obstacle| *obstacle).and_then(|face| value(face, &field, &target, form)) {
                Ok(value) => proposed.proposals.push(Proposal {
                    target,
                    value,
                    licence: readable.licence.clone(),
                    field,
                    provider: readable.provider,
                    as_of: readable.as_of,
                    is_disputed,
                }),
                Err(obstacle) => proposed.unmet.push(Unmet { target, obstacle }),
            }
        }
    }
    proposed
}

/// The value of a field of a licence, as the form takes it.
fn value(face: &Face, field: &FieldName, target: &Target, form: &Form) -> Result<Json, Obstacle> {
    let text = face.field(field).map(|field| &*field.value).filter(|text| !text.is_empty()).ok_or(Obstacle::Blank)?;
    let Target::Field(path) = target else { return Ok(Json::from(text)) };
    let value = match form.field(path).map(|field| field.kind) {
        Some(Kind::Text) => Json::from(text),
        Some(Kind::Number) => Json::from(text.parse::<i64>().map_err(|_| Obstacle::Unfit)?),
        Some(Kind::Truth) => match text {
            "是" | "true" => Json::from(true),
            "否" | "false" => Json::from(false),
            _ => return Err(Obstacle::Unfit),
        },
        _ => return Err(Obstacle::Unfit),
    };
    form.check_field(path, &value).map_err(|_| Obstacle::Unfit)?;
    Ok(value)
}
