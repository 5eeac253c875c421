//! From the bytes of a proof and a genesis to what they show, or why they show nothing. No files, no clock of its own.

use super::disclosed::{DisclosedField, DisclosureFile};
use super::licence::{GrantVerdict, LicenceVerdict, first_not_valid};
use super::{bundle, licence_words, slip};
use tongban_crypto::primitives;
use tongban_modules::{Record, cases, decode_record};
use tongban_types::proof::{Claim, Slip};
use tongban_types::{Genesis, Primitives, Time, codec};
use tongban_verify::{SlipRefusal, Verified, VerifyError, verify, verify_slip};

/// What a proof has shown.
#[derive(Debug)]
pub enum Examined {
    /// A bundle.
    Bundle(Box<bundle::Proven>),
    /// A slip.
    Slip(Box<slip::Proven>),
}

/// Why a proof shows nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {what} proves nothing: {reason} ({code})")]
pub struct Refusal {
    /// A bundle or a slip.
    pub what: &'static str,
    /// The stable code.
    pub code: String,
    /// Why, in words.
    pub reason: String,
}

/// A proof that holds, of a licence that it does not show to be valid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the proof holds, and does not show a valid licence: {0}")]
pub struct NotValid(pub String);

/// Examines a bundle or a slip. Fields that are shown beside it must be those of a licence that it proves.
pub fn examine(proof: &[u8], anchor: &[u8], shown: Option<&DisclosureFile>, clock: Time) -> Result<Examined, Refusal> {
    let mut examined = if Slip::is_meant(proof) {
        let refused =
            |error: SlipRefusal| Refusal { what: "slip", code: error.code().to_owned(), reason: error.to_string() };
        let verdict = verify_slip(proof, anchor).map_err(refused)?;
        Examined::Slip(Box::new(slip::describe(&verdict, primitives_of(anchor)?, clock).map_err(refused)?))
    } else {
        let verified = verify(proof, anchor).map_err(|error| not_proven("bundle", &error))?;
        Examined::Bundle(Box::new(bundle::describe(&verified, clock)))
    };
    if let Some(shown) = shown {
        let bound = shown.bind(examined.licences_mut(), primitives_of(anchor)?).ok_or_else(|| not_bound(shown))?;
        examined.disclosed().extend(bound);
    }
    Ok(examined)
}

fn not_proven(what: &'static str, error: &VerifyError) -> Refusal {
    Refusal { what, code: error.code().to_owned(), reason: error.to_string() }
}

/// Puts what a proof of a case's record shows beside the licences that rest on it. One of another case is refused.
pub fn add_case(examined: &mut Examined, proof: &[u8], anchor: &[u8]) -> Result<(), Refusal> {
    let verified = verify(proof, anchor).map_err(|error| not_proven("case", &error))?;
    let of_another = || Refusal {
        what: "case",
        code: "case_not_of_licence".to_owned(),
        reason: "it is no proof of the record of a case on which a licence in the other proof rests".to_owned(),
    };
    let is_put = grant_of(&verified).is_some_and(|grant| put_grant(examined, &grant));
    if is_put { Ok(()) } else { Err(of_another()) }
}

/// What became of a grant, where this is a proof of a case's record.
pub fn grant_of(verified: &Verified) -> Option<GrantVerdict> {
    let Claim::Record { table, key, value } = &verified.claim else { return None };
    let number = codec::decode(key.as_ref()).ok().filter(|_| **table == *cases::CASES.name())?;
    let Some(Record::Case(case)) = decode_record(table, value.as_ref()) else { return None };
    Some(GrantVerdict::of_record(number, &case, verified.header.time))
}

/// Puts a grant beside the licences that rest on it; false where there is none.
pub fn put_grant(examined: &mut Examined, grant: &GrantVerdict) -> bool {
    let mut is_put = false;
    for licence in examined.licences_mut().iter_mut().filter(|licence| licence.rests_on.as_ref() == Some(&grant.case)) {
        licence.grant = Some(grant.clone());
        is_put = true;
    }
    is_put
}

/// The algorithms of the genesis, which the verifier has read before.
fn primitives_of(anchor: &[u8]) -> Result<&'static dyn Primitives, Refusal> {
    let genesis: Genesis = serde_json::from_slice(anchor).map_err(|error| Refusal {
        what: "genesis",
        code: "bad_genesis".to_owned(),
        reason: error.to_string(),
    })?;
    Ok(primitives(genesis.suite))
}

fn not_bound(shown: &DisclosureFile) -> Refusal {
    Refusal {
        what: "disclosure",
        code: SlipRefusal::DisclosureNotBound.code().to_owned(),
        reason: format!("the fields that are shown are not those of licence {} in this proof", shown.licence),
    }
}

impl Examined {
    /// What it shows of licences.
    pub fn licences(&self) -> &[LicenceVerdict] {
        match self {
            Self::Bundle(proven) => &proven.licences,
            Self::Slip(proven) => &proven.licences,
        }
    }

    fn licences_mut(&mut self) -> &mut Vec<LicenceVerdict> {
        match self {
            Self::Bundle(proven) => &mut proven.licences,
            Self::Slip(proven) => &mut proven.licences,
        }
    }

    fn disclosed(&mut self) -> &mut Vec<DisclosedField> {
        match self {
            Self::Bundle(proven) => &mut proven.disclosed,
            Self::Slip(proven) => &mut proven.disclosed,
        }
    }

    /// Why nobody should rely on the licence that it is about, if it is about one.
    pub fn objection(&self) -> Option<NotValid> {
        let absent = match self {
            Self::Bundle(proven) => proven.absent_licence.as_ref(),
            Self::Slip(_) => None,
        };
        if let Some(identifier) = absent {
            return Some(NotValid(format!("{identifier} 不存在 does not exist")));
        }
        first_not_valid(self.licences())
            .map(|licence| NotValid(format!("{} {}", licence.identifier, licence_words::objection(licence))))
    }

    /// As JSON.
    pub fn json(&self) -> serde_json::Result<String> {
        match self {
            Self::Bundle(proven) => serde_json::to_string_pretty(proven),
            Self::Slip(proven) => serde_json::to_string_pretty(proven),
        }
    }

    /// As text.
    pub fn in_words(&self) -> String {
        match self {
            Self::Bundle(proven) => bundle::in_words(proven),
            Self::Slip(proven) => slip::in_words(proven),
        }
    }
}
