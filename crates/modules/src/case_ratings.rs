//! Where a rating comes from (评价渠道与场景), and the service at a counter that is rated for itself (一次一评).
//!
//! Ratings are voluntary. A matter is rated once when it has ended (一事一评); at a counter each service may be rated for itself.

use crate::case_records::RatingLevel;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tongban_types::{AccountId, Text, Time};

/// The channels of ratings (评价渠道, GB/T 39735).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RatingChannel {
    /// PC端.
    Computer,
    /// 移动端.
    Mobile,
    /// 二维码.
    QrCode,
    /// 政务大厅平板电脑.
    HallTablet,
    /// 政务大厅其他终端.
    Terminal,
    /// 电话.
    Phone,
    /// 短信.
    Message,
}

/// Where a rating comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RatingSource {
    /// The channel.
    pub channel: RatingChannel,
    /// The number of the window, where one was served at one (窗口编号).
    pub window: Option<Text<20>>,
    /// The clerk who is meant: an officer who has acted on the case (评价对象).
    pub clerk: Option<AccountId>,
    /// When one was served: since the filing, and not later than now (服务时间).
    pub served_at: Option<Time>,
}

impl RatingLevel {
    /// The code of GB/T 39046-2020, A.8, from 1 for the best to 5: the reverse of stars.
    pub const fn code(self) -> u8 {
        match self {
            Self::VerySatisfied => 1,
            Self::Satisfied => 2,
            Self::BasicallySatisfied => 3,
            Self::Dissatisfied => 4,
            Self::VeryDissatisfied => 5,
        }
    }
}
