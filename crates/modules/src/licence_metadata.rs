//! What a directory of licences lists besides the face (GB/T 36903-2018, GB/T 36902-2018): where a licence belongs, of what kind its holder is,
//! who defined its type, what it was granted for. Nothing personal. Pure: no records.

use crate::case_records::ItemVersion;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tongban_types::codes::{DivisionCode, UnifiedSocialCreditCode};
use tongban_types::{Text, Time};

/// What the issuer says of a licence beside its face.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    /// The division that it belongs to (行政区划代码, area_code); that of the department that keeps it where this is absent.
    #[serde(default)]
    pub area_code: Option<DivisionCode>,
    /// The kind of its holder (持证主体类型, holder_type), three digits of the authority's table, such as 111; absent where nobody says.
    #[serde(default)]
    pub holder_type: Option<Text<3>>,
}

impl Metadata {
    /// Whether its kind of holder, where it names one, is a code.
    pub fn is_well_formed(&self) -> bool {
        self.holder_type.as_ref().is_none_or(|code| is_holder_type(code))
    }
}

/// Whether a text is the code of a kind of holder: three digits. Which there are is a matter of each authority's table.
pub fn is_holder_type(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The entry of a licence in the directory (证照目录信息), with the names as they are now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DirectoryEntry {
    /// The division that it belongs to.
    pub area_code: Option<DivisionCode>,
    /// The kind of its holder.
    pub holder_type: Option<Text<3>>,
    /// What people read of that, where its type says so.
    pub holder_type_name: Option<Text<20>>,
    /// The authority that defines its type (证照定义机构).
    pub define_authority: UnifiedSocialCreditCode,
    /// The name of that authority, where it is a department here.
    pub define_authority_name: Option<Text<200>>,
    /// The name of the department that keeps it.
    pub keeper_name: Option<Text<200>>,
    /// When it was issued here; none where it was taken over or is in preparation.
    pub issued_at: Option<Time>,
    /// The service item (关联事项) whose case has granted it, in the version that was decided by.
    pub related_item: Option<ItemVersion>,
    /// The name of that item.
    pub related_item_name: Option<Text<200>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_of_holder_has_three_digits() {
        for (text, expected) in
            [("111", true), ("001", true), ("11", false), ("1111", false), ("11A", false), ("", false)]
        {
            assert_eq!(is_holder_type(text), expected, "{text}");
        }
        let named = |code: &str| Metadata { holder_type: Some(Text::new(code).expect("short")), ..Metadata::default() };
        assert!(Metadata::default().is_well_formed() && named("111").is_well_formed() && !named("1a").is_well_formed());
    }
}
