//! The materials of a case (申请材料): what is needed for these facts, what is missing, what may follow later.

use crate::case_records::{Given, How, MATERIALS_MAX};
use crate::conditions;
use crate::forms::Answers;
use crate::items::{Item, MaterialSource, Need};
use crate::law;
use tongban_types::List;

/// The materials that are needed for these facts: main, needed, and what may follow.
pub fn needed(item: &Item, answers: &Answers) -> Vec<u8> {
    let is_needed = |index: &usize| {
        let material = &item.materials[*index];
        let applies = |condition: &str| conditions::holds(condition, answers).unwrap_or(true);
        material.need != Need::Optional && material.condition.as_deref().is_none_or(applies)
    };
    (0..item.materials.len()).filter(is_needed).filter_map(|index| u8::try_from(index).ok()).collect()
}

/// The materials that are needed and neither given nor promised; what follows later counts as missing.
pub fn missing(item: &Item, answers: &Answers, given: &[Given]) -> Vec<u8> {
    let is_given =
        |material: &u8| given.iter().any(|given| given.material == *material && !matches!(given.how, How::Gap {}));
    needed(item, answers).into_iter().filter(|material| !is_given(material)).collect()
}

/// Whether a material may follow later (容缺后补).
pub fn may_follow(item: &Item, material: u8) -> bool {
    item.materials.get(usize::from(material)).is_some_and(|material| material.need == Need::MayFollow)
}

/// Whether a written commitment may stand for a material (告知承诺): not for a main one (主审材料), by which the matter is judged, nor for what the
/// applicant himself makes, nor where the item says so, and for no matter that is excluded from it (国办发〔2020〕42号).
pub fn may_be_promised(item: &Item, material: u8) -> bool {
    let is_proof = item
        .materials
        .get(usize::from(material))
        .filter(|material| material.by_commitment != Some(false))
        .is_some_and(|material| material.need != Need::Main && material.source != MaterialSource::Applicant);
    is_proof && !law::excluded_from_commitment(item)
}

/// What was given, for another version of the item: materials keep their names, and what the other version does not know goes.
pub fn rebase(given: &[Given], from: &Item, to: &Item) -> List<Given, MATERIALS_MAX> {
    let place = |given: &Given| {
        let name = &from.materials.get(usize::from(given.material))?.name;
        let index = to.materials.iter().position(|material| material.name == *name)?;
        Some(Given { material: u8::try_from(index).ok()?, how: given.how.clone() })
    };
    List::new(given.iter().filter_map(place).collect()).expect("no more than before")
}

/// What was given, with newer entries in place of older ones for the same material.
pub fn merged(given: &[Given], newer: &[Given]) -> List<Given, MATERIALS_MAX> {
    let mut all: Vec<Given> = given
        .iter()
        .filter(|given| newer.iter().all(|newer| newer.material != given.material))
        .chain(newer)
        .cloned()
        .collect();
    all.sort_by_key(|given| given.material);
    List::new(all).expect("each material of an item once")
}
