//! The people of the stories, and how a story is told: a table whose last column is the event or the error code.

use crate::{Call, Event, RULES};
use tongban_crypto::{SecretKey, primitives};
use tongban_kernel::testing::Story;
use tongban_types::genesis::{GENESIS_VERSION, GenesisAccount, Parameters, account_of};
use tongban_types::{AccountId, Genesis, List, Outcome, PublicKey, Suite, Text, Time, Validator, ValidatorSet, codec};

/// Who acts in a story. The discriminant seeds the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Who {
    /// Administrator.
    Admin = 1,
    /// Registrar.
    Registrar,
    /// Depositor.
    Alice,
    /// Depositor.
    Bob,
    /// Witness.
    Court,
    /// Witness and depositor.
    Notary,
    /// An account without roles.
    Eve,
    /// Nobody's account yet.
    Stranger,
    /// Publisher.
    Editor,
}

impl Who {
    pub fn secret(self) -> SecretKey {
        secret(self as u8)
    }

    pub fn key(self) -> PublicKey {
        self.secret().public_key()
    }

    pub fn account(self) -> AccountId {
        account_of(&self.key(), primitives(Suite::Intl))
    }
}

/// A key of its own for each seed.
pub fn secret(seed: u8) -> SecretKey {
    SecretKey::from_bytes(Suite::Intl, &[seed; 32]).expect("a valid key")
}

pub fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text).expect("a valid text")
}

/// The network of the stories, which begins on 2026-01-01.
pub fn network() -> Story {
    let given = |who: Who, name: &str, roles: &[&str]| GenesisAccount {
        name: text(name),
        key: who.key(),
        roles: List::new(roles.iter().map(|role| text(role)).collect()).expect("few roles"),
    };
    let accounts = vec![
        given(Who::Admin, "运维", &["administrator"]),
        given(Who::Registrar, "公安局", &["registrar"]),
        given(Who::Alice, "生态环境局", &["depositor"]),
        given(Who::Bob, "民政局", &["depositor"]),
        given(Who::Court, "法院", &["witness"]),
        given(Who::Notary, "公证处", &["witness", "depositor"]),
        given(Who::Eve, "图书馆", &[]),
        given(Who::Editor, "政务服务局", &["publisher"]),
    ];
    let validator = Validator { department: text("数据局"), key: secret(100).public_key() };
    let genesis = Genesis {
        version: GENESIS_VERSION,
        name: text("story"),
        suite: Suite::Intl,
        time: "2026-01-01T00:00:00Z".parse::<Time>().expect("a time"),
        validators: ValidatorSet::new(vec![validator]).expect("one validator"),
        accounts: List::new(accounts).expect("few accounts"),
        parameters: Parameters::default(),
    };
    Story::new(RULES, primitives(Suite::Intl), genesis)
}

/// Tells a story: each line is who acts, what is called, and the event's name or the error code.
pub fn tell(story: &mut Story, lines: &[(Who, Call, &str)]) {
    for (line, (who, call, expected)) in lines.iter().enumerate() {
        let receipt = story.act(&who.key(), vec![call.to_bytes()]);
        assert_eq!(outcome_name(&receipt.outcome), *expected, "line {line}: {who:?} {call:?}");
    }
}

/// The error code, or the name of the (last) event.
pub fn outcome_name(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Refused(refusal) => refusal.code.to_string(),
        Outcome::Applied { events } => {
            let event: Event = codec::decode(events.last().expect("an event").as_ref()).expect("an event of ours");
            let json = match &event {
                Event::Network(event) => format!("{event:?}"),
                Event::Identity(event) => format!("{event:?}"),
                Event::Evidence(event) => format!("{event:?}"),
                Event::Catalogue(event) => format!("{event:?}"),
            };
            json.split([' ', '{']).next().expect("a name").to_owned()
        }
    }
}
