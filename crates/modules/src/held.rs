//! What departments already hold of what an item asks for (免提交材料、数据预填).
//!
//! A material says so with `held_as`, a field of the form with `x-held-as`. Whoever applies is asked for his consent to exactly this, and
//! `sharing` gives none for more: an item's published version is the measure of what is necessary (个人信息保护法 第六条).

use crate::forms::Form;
use crate::items::{HeldAs, Item};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tongban_types::Text;
use tongban_types::codes::LicenceTypeCode;
pub use tongban_types::licence_face::FieldName;

/// The path of a field of a form, such as `address.town`: at most 4 names of 40 letters.
pub type FieldPath = Text<200>;

/// Something that an item asks for and that a licence holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// What is asked for.
    pub target: Target,
    /// The type of the licence that holds it.
    pub licence_type: LicenceTypeCode,
    /// The field that holds it; the whole licence where there is none.
    pub field: Option<FieldName>,
}

/// What a licence stands in for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A field of the form, by its path.
    Field(FieldPath),
    /// A material, by its name.
    Material(Text<100>),
}

/// All that departments hold of what the item asks for: fields by path, then materials in their order. A licence type whose code passes
/// no check is none that anybody holds.
pub fn needs(item: &Item) -> Vec<Need> {
    let form = Form::parse(&item.form).ok();
    let path = |path: &str| FieldPath::new(path).expect("paths are 4 names of 40 letters at most");
    let fields = form.iter().flat_map(Form::held).map(|(place, held)| (Target::Field(path(place)), held));
    let materials = item
        .materials
        .iter()
        .filter_map(|material| material.held_as.as_ref().map(|held| (Target::Material(material.name.clone()), held)));
    fields.chain(materials).filter_map(|(target, held)| need(target, held)).collect()
}

fn need(target: Target, held: &HeldAs) -> Option<Need> {
    let licence_type = held.licence_type.parse().ok()?;
    Some(Need { target, licence_type, field: held.field.clone() })
}

/// Whether the item needs the whole licence of a type (no field), or that field of it. Who needs a whole licence needs its fields.
pub fn is_needed(needs: &[Need], licence_type: &LicenceTypeCode, field: Option<&FieldName>) -> bool {
    needs.iter().any(|need| {
        need.licence_type == *licence_type
            && (need.field.is_none() || field.is_some_and(|field| need.field.as_ref() == Some(field)))
    })
}
