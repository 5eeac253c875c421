//! `tongban prefill commit`: a filled-in form is held to its item's own rules and compared with its sources; only then is it committed to.

use super::answers::{read, without_blanks};
use super::commands::{CommitArguments, compare};
use super::form::FormFile;
use super::provenance::{Provenance, in_words, refuse_typed_over};
use super::{item_in_force, words};
use crate::asking::genesis;
use crate::output;
use crate::private_file::write_new_json;
use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use tongban_crypto::primitives;
use tongban_modules::case_facts;
use tongban_modules::catalogue::ItemCode;
use tongban_modules::filled_forms::{self, Checked, Fault};
use tongban_modules::items::Item;

/// Commits to a form that keeps all rules.
pub async fn commit(arguments: &CommitArguments) -> anyhow::Result<()> {
    let answers = without_blanks(&read(&arguments.answers)?);
    let provenance = arguments.provenance.as_deref().map(Provenance::read).transpose()?;
    let code = item_of(arguments.item.as_ref(), provenance.as_ref())?;
    let client = arguments.node.client()?;
    let suite = genesis(&client).await?.suite;
    let item = item_in_force(&client, &code).await?;
    let facts = match checked(&item, &answers, arguments.although_not_eligible) {
        Ok(checked) => case_facts::of(&item, &checked.answers).context("the answers that conditions decide by")?,
        Err(faults) => return refuse(&faults, arguments.json),
    };
    if let Some(provenance) = &provenance {
        let checks = compare(&client, suite, &answers, provenance).await?;
        // Standard output is for the root alone.
        refuse_typed_over(&checks).inspect_err(|_| output::error(format_args!("{}", in_words(&checks).trim_end())))?;
    } else {
        output::error(format_args!(
            "未与来源核对 nothing was compared with what was proposed: --provenance FILE refuses what was typed over"
        ));
    }
    let mut form = FormFile::commit(&answers, primitives(suite))?;
    if let Some(provenance) = &provenance {
        form = form.with_sources(&answers, provenance);
    }
    write_new_json(&arguments.out, &form)?;
    if arguments.json {
        output::line(format_args!("{}", json!({ "root": form.root, "facts": facts, "sources": form.sources })));
    } else {
        output::line(format_args!("{}", form.root));
    }
    Ok(())
}

/// The item that the form is for: the one that is named, or that of the proposal.
fn item_of(named: Option<&ItemCode>, provenance: Option<&Provenance>) -> anyhow::Result<ItemCode> {
    match (named, provenance) {
        (Some(named), Some(provenance)) if *named != provenance.item => {
            bail!("what was proposed is for the item {}, not for {named}", provenance.item)
        }
        (Some(named), _) => Ok(named.clone()),
        (None, provenance) => Ok(provenance.context("for which item? add --item CODE")?.item.clone()),
    }
}

/// A form that keeps its item's rules, or what it breaks of them. Whoever does not meet the condition for acceptance may apply all the same, and is told in writing
/// (行政许可法 第三十二条).
fn checked(item: &Item, answers: &Value, although_not_eligible: bool) -> Result<Checked, Vec<Fault>> {
    let checked = filled_forms::check(item, answers)?;
    if checked.is_eligible == Some(false) && !although_not_eligible {
        return Err(vec![filled_forms::not_eligible(item)]);
    }
    Ok(checked)
}

fn refuse(faults: &[Fault], is_json: bool) -> anyhow::Result<()> {
    if is_json {
        output::line(format_args!("{}", json!({ "faults": faults })));
    } else {
        output::error(format_args!("{}", words::of_faults(faults).trim_end()));
    }
    bail!("the form breaks rules of its item in {} places: nothing was committed to", faults.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::item_file::ItemFile;
    use std::path::Path;
    use tongban_types::{AccountId, Text};

    const ITEM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/items/restaurant.yaml");

    fn item() -> Item {
        ItemFile::read(Path::new(ITEM)).expect("the example is complete").item.into_item()
    }

    fn answers() -> Value {
        json!({
            "shop_name": "云港小馆", "area": 120, "dishes": ["hot"], "smoke": true, "in_housing": false, "signboard": false,
            "address": { "town": "港口街道", "detail": "海棠路 8 号" }, "operator": { "credit_code": "91519900MA9XG5Y27Y" },
        })
    }

    fn codes(change: impl Fn(&mut Value), although_not_eligible: bool) -> Vec<(String, String)> {
        let mut answers = answers();
        change(&mut answers);
        let faults = checked(&item(), &without_blanks(&answers), although_not_eligible).err().unwrap_or_default();
        faults.into_iter().map(|fault| (fault.place, fault.code)).collect()
    }

    #[test]
    fn a_form_keeps_the_rules_of_its_item_or_is_not_committed_to() {
        let one = |place: &str, code: &str| vec![(place.to_owned(), code.to_owned())];
        assert_eq!(codes(|_| (), false), []);
        assert_eq!(codes(|answers| answers["area"] = json!(0), false), one("form.area", "form.number_bounds"));
        assert_eq!(
            codes(|answers| answers["dishes"] = json!(["hot", "tea"]), false),
            one("form.dishes[1]", "form.no_choice")
        );
        assert_eq!(
            codes(|answers| answers["shop_name"] = Value::Null, false),
            one("form.shop_name", "form.field_missing")
        );
        let mistyped = |answers: &mut Value| answers["operator"]["credit_code"] = json!("91519900MA9XG5Y27X");
        assert_eq!(codes(mistyped, false), one("form.operator.credit_code", "form.credit_code"));
        let blank = |answers: &mut Value| answers["operator"] = json!({ "name": null, "credit_code": null });
        assert_eq!(codes(blank, false), [], "a group that was left blank is none");
        let housed = |answers: &mut Value| answers["in_housing"] = json!(true);
        assert_eq!(codes(housed, false), one("eligibility", "form.not_eligible"));
        assert_eq!(codes(housed, true), [], "one may apply all the same");
        let faults = checked(&item(), &json!({}), true).expect_err("all is missing");
        let refused = refuse(&faults, false).expect_err("it is refused").to_string();
        assert!(refused.contains("7 places"), "{refused}");
    }

    #[test]
    fn a_form_is_for_the_item_that_its_answers_were_proposed_for() {
        let code = |code: &str| -> ItemCode { Text::new(code).expect("a code") };
        let provenance = Provenance::new(code("A-1"), AccountId([7; 16]), Vec::new());
        assert_eq!(item_of(None, Some(&provenance)).expect("the item of the proposal"), code("A-1"));
        assert_eq!(item_of(Some(&code("A-1")), Some(&provenance)).expect("the same"), code("A-1"));
        assert_eq!(item_of(Some(&code("A-2")), None).expect("it is named"), code("A-2"));
        assert!(item_of(Some(&code("A-2")), Some(&provenance)).is_err());
        assert!(item_of(None, None).is_err());
    }
}
