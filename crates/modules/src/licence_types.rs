//! What a type of licence (证照类型) is made of, and what it asks of a licence: the fields of its face, who may issue it, how long it is
//! valid. Pure: no records.

use crate::code_standards::CodeStandard;
use crate::items::LegalBasis;
use crate::licence_metadata::is_holder_type;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tongban_types::codes::UnifiedSocialCreditCode;
use tongban_types::licence_face::{FACE_FIELDS_MAX, FieldName};
use tongban_types::{List, Text, Time};

/// Departments that one type names as its issuers.
pub const ISSUERS_MAX: usize = 200;
/// Kinds of holders that one type names.
pub const HOLDER_TYPES_MAX: usize = 16;

/// A type of licence, as the authority that defines it publishes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TypeDefinition {
    /// Its name (证照类型名称), such as 营业执照.
    pub name: Text<100>,
    /// The law that the type is based on.
    pub legal_basis: List<LegalBasis, 4>,
    /// The fields of its face, in their order.
    pub face: List<FaceFieldDefinition, FACE_FIELDS_MAX>,
    /// How long a licence is valid.
    pub validity: Validity,
    /// Who may issue it.
    pub issuers: Issuers,
    /// Whether it is issued without a case (不经办件颁发), such as a certificate of what the issuer itself records. Nobody applies for it then, and its
    /// issue names a legal ground. Where this is absent, there is no licence without a case that grants it.
    #[serde(default)]
    pub issued_without_case: bool,
    /// The kinds of holders that it knows (持证主体类型), by the codes of its authority's table. Where there are none, a licence names any code.
    #[serde(default)]
    pub holder_types: List<HolderTypeName, HOLDER_TYPES_MAX>,
}

/// A kind of holder, as the table of an authority has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HolderTypeName {
    /// Its code, three digits, such as 111.
    pub code: Text<3>,
    /// What people read, such as 居民身份证.
    pub name: Text<20>,
}

/// One field of the face.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FaceFieldDefinition {
    /// Its name, by which forms and consents refer to it.
    pub name: FieldName,
    /// What people read (中文标签).
    pub label: Text<40>,
    /// What it holds.
    pub kind: FieldKind,
    /// Whether it says something about a person.
    pub personal: bool,
    /// The standard that a code follows; none where it is taken as it is written. It is asked where the value is: at issue, before anything is
    /// submitted.
    #[serde(default)]
    pub standard: Option<CodeStandard>,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// Words.
    Text,
    /// A day, `YYYY-MM-DD`.
    Date,
    /// A number, with the unit in the label.
    Number,
    /// A code of a standard, such as a unified social credit code.
    Code,
}

/// How long a licence is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Validity {
    /// Without an end (长期).
    LongTerm,
    /// With an end, at most so many months after its beginning.
    UpTo {
        /// Months of the calendar, at least 1.
        months: u16,
    },
    /// With or without an end, as the licence says.
    AsStated,
}

/// Who may issue a type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Issuers {
    /// The authority that defines the type, and departments below it.
    DefinerAndBelow,
    /// These departments.
    Listed {
        /// At least one, each once.
        departments: List<UnifiedSocialCreditCode, ISSUERS_MAX>,
    },
}

/// What is wrong with a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefinitionFault {
    /// Name, label or legal basis is missing.
    Text,
    /// There are no fields.
    Fields,
    /// A field has no name, or that of another.
    FieldNames,
    /// No issuer is listed, or one twice.
    Issuers,
    /// A validity of no months.
    Months,
    /// A field that holds no code follows a standard.
    Standards,
    /// A kind of holder has no name or no code of three digits, or the code of another.
    HolderTypes,
}

impl TypeDefinition {
    /// The first thing that is wrong with it, whatever the state is.
    pub fn fault(&self) -> Option<DefinitionFault> {
        let has_law = self.legal_basis.iter().all(|basis| !basis.law.is_empty() && !basis.article.is_empty());
        let has_labels = self.face.iter().all(|field| !field.label.is_empty());
        if self.name.is_empty() || self.legal_basis.is_empty() || !has_law || !has_labels {
            return Some(DefinitionFault::Text);
        }
        if self.face.is_empty() {
            return Some(DefinitionFault::Fields);
        }
        let is_own = |index: usize| self.face[..index].iter().all(|earlier| earlier.name != self.face[index].name);
        if self.face.iter().enumerate().any(|(index, field)| field.name.is_empty() || !is_own(index)) {
            return Some(DefinitionFault::FieldNames);
        }
        if let Issuers::Listed { departments } = &self.issuers {
            let is_own = |index: usize| !departments[..index].contains(&departments[index]);
            if departments.is_empty() || !(0..departments.len()).all(is_own) {
                return Some(DefinitionFault::Issuers);
            }
        }
        if self.validity == (Validity::UpTo { months: 0 }) {
            return Some(DefinitionFault::Months);
        }
        if self.face.iter().any(|field| field.standard.is_some() && field.kind != FieldKind::Code) {
            return Some(DefinitionFault::Standards);
        }
        let is_own = |index: usize| {
            let code = &self.holder_types[index].code;
            is_holder_type(code) && self.holder_types[..index].iter().all(|earlier| earlier.code != *code)
        };
        if self.holder_types.iter().enumerate().any(|(index, kind)| kind.name.is_empty() || !is_own(index)) {
            return Some(DefinitionFault::HolderTypes);
        }
        None
    }
}

impl TypeDefinition {
    /// Whether a licence may name this kind of holder: any, where the type names none.
    pub fn admits_holder_type(&self, code: &str) -> bool {
        self.holder_types.is_empty() || self.holder_types.iter().any(|kind| *kind.code == *code)
    }

    /// What people read of a kind of holder, where the type names it.
    pub fn holder_type_name(&self, code: &str) -> Option<Text<20>> {
        self.holder_types.iter().find(|kind| *kind.code == *code).map(|kind| kind.name.clone())
    }
}

impl Validity {
    /// Whether a licence may be valid from one time to another.
    pub fn allows(self, from: Time, until: Option<Time>) -> bool {
        match (self, until) {
            (Self::LongTerm, until) => until.is_none(),
            (Self::UpTo { .. }, None) => false,
            (Self::UpTo { months }, Some(until)) => {
                from < until && until <= end_of_day_in_beijing(from.plus_months_in_beijing(months.into()))
            }
            (Self::AsStated, until) => until.is_none_or(|until| from < until),
        }
    }
}

/// The end of that day, when Beijing's clocks show 24:00. A term in months ends with the day of the month on which it began
/// (民法典 第二百零二条, 第二百零三条).
fn end_of_day_in_beijing(time: Time) -> Time {
    const DAY_MILLIS: u64 = 86_400_000;
    const BEIJING_MILLIS: u64 = 8 * 3_600_000;
    let into_day = (time.as_millis() + BEIJING_MILLIS) % DAY_MILLIS;
    time.plus_millis(DAY_MILLIS - into_day)
}
