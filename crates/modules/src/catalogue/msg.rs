//! Everything that crosses the boundary of the module.

use super::state::{Entry, PROPOSALS_OPEN_MAX, Proposal, Version};
use crate::flow::StepName;
use crate::items::{Item, Step};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize};
use std::borrow::Cow;
use std::ops::Deref;
use strum::{EnumDiscriminants, EnumIter, IntoStaticStr};
use tongban_types::{AccountId, Digest, List, Text, Time, codec};

/// The code of an item: the national implementation code of 31 characters, or a local one.
pub type ItemCode = Text<64>;

/// Bytes of one encoded item: with its code and the rest of the call it fits a transaction.
pub const ITEM_BYTES_MAX: usize = 28 * 1024;

/// Departments that an item names and that handle nothing here: the leading one and those that take part.
pub type AbsentDepartments = List<Text<18>, 33>;

/// What accounts can ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, EnumDiscriminants)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum_discriminants(name(CallKind), derive(EnumIter, IntoStaticStr), strum(serialize_all = "snake_case"))]
#[strum_discriminants(doc = "The kinds of calls.")]
pub enum Call {
    /// Publish an item, or its next version. A published version never changes.
    Publish {
        /// The item's code.
        code: ItemCode,
        /// The number of the version: one more than the last, 1 for the first.
        version: u32,
        /// When it comes into force; at once where this is absent.
        effective_from: Option<Time>,
        /// The whole item.
        item: Definition,
    },
    /// Suspend an item (暂停): no new cases until it is resumed.
    Suspend {
        /// The item's code.
        code: ItemCode,
        /// Why, for the public.
        reason: Text<200>,
    },
    /// Resume a suspended item (恢复).
    Resume {
        /// The item's code.
        code: ItemCode,
    },
    /// Retire an item (取消) from a day on, for ever.
    Retire {
        /// The item's code.
        code: ItemCode,
        /// The first moment without it (计划取消日期).
        from: Time,
        /// Why, for the public.
        reason: Text<200>,
    },
    /// Take over an item of an older catalogue as it stands there (历史导入). What is odd about it is flagged, never refused.
    ImportItem {
        /// The item's code there.
        code: ItemCode,
        /// What the older catalogue says.
        historic: HistoricItem,
    },
    /// Propose a change of an item for another officer's approval (提请审核). Where the department that leads wants four eyes, there is no other way.
    Propose {
        /// The item's code.
        code: ItemCode,
        /// What is to be done.
        change: Change,
    },
    /// Approve what another officer has proposed (审核通过); it counts from now on.
    Approve {
        /// The item's code.
        code: ItemCode,
        /// The number of the proposal.
        number: u32,
        /// The digest of what was proposed, as it stands in the proposal: so nothing else is approved than was read.
        digest: Digest,
    },
    /// Reject a proposal, another's, or take back one's own (审核退回).
    Reject {
        /// The item's code.
        code: ItemCode,
        /// The number of the proposal.
        number: u32,
        /// Why; no personal data.
        reason: Text<200>,
    },
}

/// What is proposed for an item. The fields are those of the calls of the same names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, EnumDiscriminants)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum_discriminants(name(ChangeKind), derive(Serialize, Deserialize, JsonSchema, EnumIter, IntoStaticStr))]
#[strum_discriminants(serde(rename_all = "snake_case"), strum(serialize_all = "snake_case"))]
#[strum_discriminants(doc = "The kinds of changes of an item.")]
pub enum Change {
    /// Publish the item, or its next version (发布).
    Publish {
        /// The number of the version: one more than the last, 1 for the first.
        version: u32,
        /// When it comes into force; with the approval where this is absent.
        effective_from: Option<Time>,
        /// The whole item.
        item: Definition,
    },
    /// Suspend it (暂停).
    Suspend {
        /// Why, for the public.
        reason: Text<200>,
    },
    /// Resume it (恢复).
    Resume {},
    /// Retire it (取消).
    Retire {
        /// The first moment without it.
        from: Time,
        /// Why, for the public.
        reason: Text<200>,
    },
}

/// An item whose encoding has at most [`ITEM_BYTES_MAX`] bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Definition(Box<Item>);

/// An item is larger than a call may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an item has at most {ITEM_BYTES_MAX} bytes, found {found}: shorten its texts or its form")]
pub struct ItemTooLarge {
    /// Bytes of its encoding.
    pub found: usize,
}

impl Definition {
    /// Takes the item, or says that it is too large.
    pub fn new(item: Item) -> Result<Self, ItemTooLarge> {
        let found = codec::encode(&item).len();
        if found > ITEM_BYTES_MAX { Err(ItemTooLarge { found }) } else { Ok(Self(Box::new(item))) }
    }

    /// The item.
    pub fn into_item(self) -> Item {
        *self.0
    }
}

impl Deref for Definition {
    type Target = Item;

    fn deref(&self) -> &Item {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Definition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Item::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Definition {
    fn schema_name() -> Cow<'static, str> {
        Item::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Item::json_schema(generator)
    }
}

/// An item of an older catalogue, as it stands there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HistoricItem {
    /// Its name.
    pub name: Text<200>,
    /// The type as it is written there.
    pub item_type: Text<20>,
    /// The main item (主项), if it has one.
    pub main_item: Option<Text<200>>,
    /// The department's name.
    pub department: Text<100>,
    /// The department's code as it is written there.
    pub department_code: Text<40>,
    /// The division's code as it is written there.
    pub division: Text<20>,
    /// The item in the same catalogue that has the same name, if there is one before it.
    pub same_name_as: Option<ItemCode>,
    /// When the older catalogue said so: the source's time.
    pub source_time: Time,
}

/// What is odd about a row of an older catalogue.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema, IntoStaticStr, EnumIter,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Anomaly {
    /// Another item has the same name.
    SameName,
    /// The type is none of the table.
    TypeUnknown,
    /// The department's code is the older organisation code (组织机构代码), in place of the credit code.
    OrganisationCode,
    /// The department's code has the form of a credit or organisation code and its check character does not fit.
    DepartmentCodeCheck,
    /// The department's code is neither a credit code nor an organisation code.
    DepartmentCodeForm,
    /// There is no department code.
    DepartmentCodeMissing,
    /// The division's code is none.
    DivisionForm,
}

/// What can be asked of the state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Query {
    /// An item: its state, its versions, where it came from.
    Item {
        /// Its code.
        code: ItemCode,
    },
    /// One version of an item.
    Version {
        /// The item's code.
        code: ItemCode,
        /// The version; the last one where this is absent.
        version: Option<u32>,
    },
    /// The version that is in force at a time: none before the first, while suspended, or after retirement.
    InForce {
        /// The item's code.
        code: ItemCode,
        /// The time.
        at: Time,
    },
    /// The steps of a version in an order in which they can be done, and its longest way.
    Flow {
        /// The item's code.
        code: ItemCode,
        /// The version; the last one where this is absent.
        version: Option<u32>,
    },
    /// Which of these codes are in the catalogue.
    Which {
        /// Up to 100 codes.
        codes: List<ItemCode, 100>,
    },
    /// What was proposed for an item, and what became of it.
    Proposal {
        /// The item's code.
        code: ItemCode,
        /// The number of the proposal.
        number: u32,
    },
    /// The open proposals of an item.
    OpenProposals {
        /// The item's code.
        code: ItemCode,
    },
}

/// The answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// An item.
    Item {
        /// The item, where the code is known.
        entry: Option<Box<Entry>>,
    },
    /// One version.
    Version {
        /// The version, where there is one.
        version: Option<Box<Version>>,
    },
    /// The version in force.
    InForce {
        /// The version, where one is in force.
        version: Option<Box<Version>>,
    },
    /// The steps of a version.
    Flow {
        /// The steps, each behind those it waits for; none where there is no such version.
        steps: List<Step, 64>,
        /// The names of the steps on the longest way.
        longest: List<StepName, 64>,
        /// The days of the longest way.
        days: u32,
    },
    /// Which codes are known.
    Which {
        /// Those of the question that are, in its order.
        known: List<ItemCode, 100>,
    },
    /// What was proposed.
    Proposal {
        /// The proposal, where there is one of this number.
        proposal: Option<Box<Proposal>>,
    },
    /// The open proposals.
    OpenProposals {
        /// Their numbers, ascending.
        numbers: List<u32, PROPOSALS_OPEN_MAX>,
    },
}

/// What has happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A version was published.
    Published {
        /// The item's code.
        code: ItemCode,
        /// The version.
        version: u32,
        /// The item's name.
        name: Text<200>,
        /// When it comes into force.
        effective_from: Time,
        /// The credit codes of departments in it that are not registered here, or were closed without another in their place. As long as
        /// there is one, nobody can apply for the item.
        absent_departments: AbsentDepartments,
        /// The number of the proposal that was approved, where it took two.
        proposal: Option<u32>,
    },
    /// An item was suspended.
    Suspended {
        /// The item's code.
        code: ItemCode,
        /// Why.
        reason: Text<200>,
        /// The number of the proposal that was approved, where it took two.
        proposal: Option<u32>,
    },
    /// A suspended item was resumed.
    Resumed {
        /// The item's code.
        code: ItemCode,
        /// The number of the proposal that was approved, where it took two.
        proposal: Option<u32>,
    },
    /// An item is or will be retired.
    Retired {
        /// The item's code.
        code: ItemCode,
        /// From when on.
        from: Time,
        /// Why.
        reason: Text<200>,
        /// The number of the proposal that was approved, where it took two.
        proposal: Option<u32>,
    },
    /// An item of an older catalogue was taken over.
    Imported {
        /// The item's code.
        code: ItemCode,
        /// The item's name.
        name: Text<200>,
        /// What is odd about it.
        anomalies: List<Anomaly, 8>,
    },
    /// A change of an item was proposed.
    Proposed {
        /// The item's code.
        code: ItemCode,
        /// The number of the proposal.
        number: u32,
        /// What is to be done.
        change: ChangeKind,
        /// The digest of what was proposed, which its approval names.
        digest: Digest,
        /// Who proposed it.
        by: AccountId,
    },
    /// A proposal was rejected, or taken back.
    Rejected {
        /// The item's code.
        code: ItemCode,
        /// The number of the proposal.
        number: u32,
        /// Why.
        reason: Text<200>,
        /// Who rejected it.
        by: AccountId,
    },
}
