//! The citizen of the demonstration and his company: their accounts, who they are, what they hold, and a key that gets lost.

use super::city::{APPROVAL, BUSINESS_LICENCE, City, HEALTH_CERTIFICATE, MARKET, POLICE, paper};
use super::progress::Progress;
use super::vaults::{Vaults, compose};
use crate::organisation::keys::read_or_make;
use crate::random::rng;
use crate::signer::{Signer, now, read_key};
use anyhow::{Context as _, bail};
use rand_core::Rng as _;
use std::io::Write as _;
use std::time::{Duration, Instant};
use tongban_crypto::PseudonymKey;
use tongban_modules::identity::{self, AccountKind, AssuranceLevel, Presented, possession_message};
use tongban_modules::items::LegalBasis;
use tongban_modules::licence_history::{Period, Status};
use tongban_modules::offices::DepartmentCode;
use tongban_modules::recovery::{Channel, Reverification};
use tongban_modules::{Call, Query, View, licences, representation};
use tongban_types::codes::{DocumentKind, LicenceIdentifier, LicenceIssuer, LicenceTypeCode, UnifiedSocialCreditCode};
use tongban_types::licence_face::Face;
use tongban_types::{AccountId, List, Text};

/// The number of nobody: the example of the standard, GB 11643-1999.
const CITIZEN_NUMBER: &str = "11010519491231002X";
/// The code of an invented company.
pub const COMPANY_CODE: &str = "91519900MA9XG5Y27Y";
/// Its name.
pub const COMPANY_NAME: &str = "云港小馆餐饮有限公司";
/// When it was registered.
const REGISTERED_AT: &str = "2025-03-18T00:00:00+08:00";
/// The invented citizen.
pub const CITIZEN_NAME: &str = "陈守约";

/// The citizen and his company.
pub struct People {
    /// The citizen's account.
    pub citizen: AccountId,
    /// The company's account.
    pub company: AccountId,
    /// Which of the citizen's keys is the present one.
    key: u32,
}

/// A recovery that is under way.
pub struct Recovering {
    number: u64,
    new_key: u32,
}

fn key_name(number: u32) -> String {
    format!("citizen-{number}")
}

impl People {
    /// The citizen and his company, registered as far as they are not yet. Where an earlier run was stopped in the middle of a recovery,
    /// this one waits for its end.
    pub async fn register(city: &City<'_>, progress: &Progress) -> anyhow::Result<Self> {
        let citizen = city.signer(&key_name(1))?.account();
        let company = city.signer("company")?.account();
        let mut people = Self { citizen, company, key: 1 };
        people.open(city).await?;
        people.key = people.present_key(city).await?;
        if let Some(number) = people.holder(city, citizen).await?.and_then(|holder| holder.recovery) {
            let recovering = Recovering { number, new_key: people.key + 1 };
            people.bring_on(city, number).await?;
            people.get_key_back(city, &recovering, progress).await?;
        }
        Ok(people)
    }

    /// Signs as the citizen, with the key that he has now.
    pub fn citizen(&self, city: &City) -> anyhow::Result<Signer> {
        Ok(city.signer(&key_name(self.key))?.for_account(self.citizen))
    }

    /// Which of the citizen's keys the ledger takes. His keys stand in the folder, numbered one after the other.
    async fn present_key(&self, city: &City<'_>) -> anyhow::Result<u32> {
        let question = identity::Query::Account { account: self.citizen };
        let View::Identity(identity::View::Account { account: Some(account) }) =
            city.ask(0, &Query::Identity(question)).await?
        else {
            bail!("the citizen has no account")
        };
        for number in (1..).take_while(|number| city.cluster.key_path(&key_name(*number)).exists()) {
            let key = read_key(&city.cluster.key_path(&key_name(number)))?.public_key();
            if account.keys.iter().any(|known| known.key == key && known.revoked_at.is_none()) {
                return Ok(number);
            }
        }
        bail!("none of the citizen's keys in {} is a key of his account", city.cluster.dir.join("accounts").display())
    }

    async fn holder(&self, city: &City<'_>, account: AccountId) -> anyhow::Result<Option<identity::Holder>> {
        match city.ask(0, &Query::Identity(identity::Query::Holder { account })).await? {
            View::Identity(identity::View::Holder { holder }) => Ok(holder),
            other => bail!("the node answered another question: {other:?}"),
        }
    }

    async fn open(&self, city: &City<'_>) -> anyhow::Result<()> {
        if self.holder(city, self.company).await?.is_some() {
            return Ok(());
        }
        let open = |name: &str, kind, called: Option<&str>| -> anyhow::Result<Call> {
            let folder = city.cluster.dir.join("accounts");
            let secret = read_or_make(&folder, name, city.cluster.genesis.suite)?;
            let (account, key) = (Signer::account(&city.signer(name)?), secret.public_key());
            let possession = secret.sign(&possession_message(&city.cluster.network(), &account, &key));
            let name = called.map(Text::new).transpose()?;
            Ok(Call::Identity(identity::Call::OpenAccount { kind, name, key, possession }))
        };
        let calls = [
            open(&key_name(1), AccountKind::Person, None)?,
            open("company", AccountKind::Organisation, Some(COMPANY_NAME))?,
        ];
        city.act_as(&city.cluster.signer("registrar")?, 0, &calls).await?;
        let department: DepartmentCode = POLICE.parse()?;
        let code: UnifiedSocialCreditCode = COMPANY_CODE.parse()?;
        let bindings = [
            Call::Identity(identity::Call::BindPerson {
                department,
                account: self.citizen,
                kind: DocumentKind::RESIDENT_IDENTITY_CARD,
                pseudonym: self.pseudonym(city)?,
                level: AssuranceLevel::L3,
                papers: paper(city, "实名核验记录"),
                issued_by: None,
            }),
            Call::Identity(identity::Call::BindCompany {
                department,
                account: self.company,
                code,
                level: AssuranceLevel::L3,
                papers: paper(city, "单位核验记录"),
            }),
            Call::Representation(representation::Call::NameRepresentatives {
                department,
                organisation: self.company,
                persons: List::new(vec![self.citizen])?,
                papers: paper(city, "法定代表人登记"),
            }),
        ];
        city.act("identity-officer", &bindings).await?;
        Ok(())
    }

    /// The citizen's pseudonym. The key is the identity authority's alone; here it lies in the demonstration's folder.
    pub fn pseudonym(&self, city: &City) -> anyhow::Result<tongban_types::Digest> {
        let suite = city.cluster.genesis.suite;
        let path = city.cluster.dir.join("pseudonym.key");
        let key = match std::fs::read(&path) {
            Ok(bytes) => {
                let bytes: [u8; 32] = bytes.try_into().ok().context("pseudonym.key has another length")?;
                PseudonymKey::from_bytes(suite, &bytes)
            }
            Err(_) => {
                let key = PseudonymKey::generate(suite, &mut rng());
                let mut options = std::fs::OpenOptions::new();
                options.write(true).create_new(true);
                #[cfg(unix)]
                std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
                options.open(&path)?.write_all(key.expose_bytes())?;
                key
            }
        };
        Ok(key.pseudonym(DocumentKind::RESIDENT_IDENTITY_CARD, CITIZEN_NUMBER)?)
    }

    /// The licences that the company holds, with their faces in the vault, where it has none yet: the business licence from the register of
    /// market regulation, the health certificate as what that office records itself.
    pub async fn equip(&self, city: &City<'_>, vaults: &Vaults) -> anyhow::Result<[LicenceIdentifier; 2]> {
        let business = compose(&[
            ("credit_code", COMPANY_CODE),
            ("name", COMPANY_NAME),
            ("kind", "有限责任公司"),
            ("legal_representative", CITIZEN_NAME),
            ("registered_capital", "500000"),
            ("established_on", "2025-03-18"),
            ("premises", "云港市港口街道海棠路 8 号"),
            ("scope", "餐饮服务"),
        ])?;
        let health = compose(&[("employer", COMPANY_NAME), ("staff", "6"), ("checked_on", "2026-01-12")])?;
        let company = self.company;
        Ok([
            self.hold(city, vaults, company, BUSINESS_LICENCE, business).await?,
            self.hold(city, vaults, company, HEALTH_CERTIFICATE, health).await?,
        ])
    }

    /// The citizen's own health certificate, issued where he has none yet.
    pub async fn equip_citizen(&self, city: &City<'_>, vaults: &Vaults) -> anyhow::Result<LicenceIdentifier> {
        let face = compose(&[("employer", COMPANY_NAME), ("staff", "1"), ("checked_on", "2026-01-12")])?;
        self.hold(city, vaults, self.citizen, HEALTH_CERTIFICATE, face).await
    }

    /// The licence of this type that an account holds, and a new one where it holds none.
    async fn hold(
        &self,
        city: &City<'_>,
        vaults: &Vaults,
        holder: AccountId,
        code: &str,
        face: Face,
    ) -> anyhow::Result<LicenceIdentifier> {
        match self.held(city, holder, code).await? {
            Some(identifier) => Ok(identifier),
            None => self.receive(city, vaults, holder, code, face).await,
        }
    }

    async fn held(&self, city: &City<'_>, holder: AccountId, code: &str) -> anyhow::Result<Option<LicenceIdentifier>> {
        let at = city.cluster.client(1).status().await?.time.context("the node has no time yet")?;
        let licence_type: LicenceTypeCode = code.parse()?;
        let question = licences::Query::Held { holder, licence_type, at };
        match city.ask(1, &Query::Licences(question)).await? {
            View::Licences(licences::View::Held { licences }) => {
                Ok(licences.iter().find(|held| held.status == Status::Valid).map(|held| held.identifier.clone()))
            }
            other => bail!("the node answered another question: {other:?}"),
        }
    }

    async fn receive(
        &self,
        city: &City<'_>,
        vaults: &Vaults,
        holder: AccountId,
        code: &str,
        face: Face,
    ) -> anyhow::Result<LicenceIdentifier> {
        let licence_type: LicenceTypeCode = code.parse()?;
        let serial = format!("{:016X}", rng().next_u64());
        let identifier = LicenceIdentifier::new(licence_type, LicenceIssuer::Body(MARKET.parse()?), &serial, 1)?;
        let now = city.cluster.client(1).status().await?.time.context("the node has no time yet")?;
        let period = if code == HEALTH_CERTIFICATE {
            Period { from: Some(now), until: Some(now.plus_millis(300 * 24 * 3_600_000)) }
        } else {
            Period { from: Some(REGISTERED_AT.parse()?), until: None }
        };
        let root = face.root(city.cluster.primitives());
        let content =
            licences::Content { certificate_number: None, face: root, period, metadata: licences::Metadata::default() };
        vaults.keep(MARKET, &identifier, &face)?;
        let call = if code == HEALTH_CERTIFICATE {
            let ground = licences::Ground {
                basis: LegalBasis {
                    law: Text::new("中华人民共和国食品安全法")?, article: Text::new("第四十五条")?
                },
                reason: Text::new("从业人员健康检查合格")?,
                document: None,
            };
            let (case, ground) = (None, Some(ground));
            licences::Call::Issue { identifier: identifier.clone(), case, holder, content, ground }
        } else {
            let source = licences::LicenceSource {
                system: Text::new("企业登记库")?,
                file: paper(city, "企业登记库导出文件"),
                row: 2,
                as_of: now,
                confidence: 100,
                state: licences::SourceState::Valid,
                state_since: None,
                anomalies: List::default(),
                is_end_unknown: false,
            };
            licences::Call::ImportLicence {
                identifier: identifier.clone(),
                by: MARKET.parse()?,
                holder: licences::Holder::Account { account: holder },
                content,
                source,
            }
        };
        city.act("market-issuer", &[Call::Licences(call)]).await?;
        Ok(identifier)
    }

    /// The key is lost: an officer makes sure of the person and opens the recovery, another one approves it, the person is told.
    pub async fn lose_key(&self, city: &City<'_>) -> anyhow::Result<Recovering> {
        let department: DepartmentCode = POLICE.parse()?;
        let new_key = self.key + 1;
        let folder = city.cluster.dir.join("accounts");
        let secret = read_or_make(&folder, &key_name(new_key), city.cluster.genesis.suite)?;
        let key = secret.public_key();
        let possession = secret.sign(&possession_message(&city.cluster.network(), &self.citizen, &key));
        let open = Call::Identity(identity::Call::OpenRecovery {
            department,
            account: self.citizen,
            presented: Presented::Person { pseudonym: self.pseudonym(city)? },
            verification: Reverification::AtTheCounter,
            key,
            possession,
            papers: paper(city, "窗口核验记录"),
        });
        let number = city.act("identity-officer", &[open]).await?.receipt.number;
        self.bring_on(city, number).await?;
        Ok(Recovering { number, new_key })
    }

    /// Does what is left to do before the recovery cools: the person is told, and another officer approves.
    async fn bring_on(&self, city: &City<'_>, number: u64) -> anyhow::Result<()> {
        let recovery = self.recovery(city, number).await?;
        if recovery.notices.is_empty() {
            let notice = Call::Identity(identity::Call::RecordNotice {
                recovery: number,
                channel: Channel::Letter,
                papers: paper(city, "告知书回执"),
            });
            city.act("identity-officer", &[notice]).await?;
        }
        if recovery.approval.is_none() {
            let department: DepartmentCode = POLICE.parse()?;
            let approve = Call::Identity(identity::Call::ApproveRecovery { department, recovery: number });
            city.act("recovery-approver", &[approve]).await?;
        }
        Ok(())
    }

    /// Waits until the cooling time is over and has the new key put in. Answers the height from which on it is.
    pub async fn get_key_back(
        &mut self,
        city: &City<'_>,
        recovering: &Recovering,
        progress: &Progress,
    ) -> anyhow::Result<u64> {
        let deadline = Instant::now() + Duration::from_secs(180);
        let completes_at = self.recovery(city, recovering.number).await?.completes_at;
        let completes_at = completes_at.context("the cooling time does not run")?;
        let seconds_left = || completes_at.as_millis().saturating_sub(now().as_millis()).div_ceil(1_000);
        let mut wait = progress.wait(seconds_left(), "等待冷静期结束", "Waiting for the cooling time to end");
        while city.cluster.client(0).status().await?.time.is_none_or(|time| time < completes_at) {
            wait.left(seconds_left());
            if Instant::now() > deadline {
                bail!("the cooling time of the recovery did not end");
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        drop(wait);
        let call = Call::Identity(identity::Call::CompleteRecovery { recovery: recovering.number });
        // The ledger may have come to it by itself in the same moment.
        let (receipt, refusal) = city.attempt(&city.signer("identity-officer")?, 0, &[call]).await?;
        if refusal.as_deref().is_some_and(|code| code != "identity.recovery_closed") {
            bail!("the recovery is not completed: {refusal:?}");
        }
        self.key = recovering.new_key;
        Ok(receipt.height)
    }

    async fn recovery(&self, city: &City<'_>, number: u64) -> anyhow::Result<identity::Recovery> {
        match city.ask(0, &Query::Identity(identity::Query::Recovery { recovery: number })).await? {
            View::Identity(identity::View::Recovery { recovery: Some(recovery) }) => Ok(*recovery),
            other => bail!("the node answered another question: {other:?}"),
        }
    }

    /// Whether the key that was replaced is refused when it is used for these calls, which his new key may make.
    pub async fn is_old_key_refused(&self, city: &City<'_>, calls: &[Call]) -> anyhow::Result<bool> {
        let old = city.signer(&key_name(self.key - 1))?.for_account(self.citizen);
        let submitted = city.cluster.client(2).submit(&old.sign(calls)?).await;
        let code = match submitted {
            Ok(receipt) => match receipt.outcome {
                tongban_types::Outcome::Refused(refusal) => refusal.code.to_string(),
                tongban_types::Outcome::Applied { .. } => return Ok(false),
            },
            Err(tongban_api::ClientError::Refused(problem)) => problem.code.clone(),
            Err(error) => return Err(error.into()),
        };
        Ok(code == "tx.key_revoked")
    }
}

/// The department that the approval bureau is, for consents and filings.
pub fn approval() -> anyhow::Result<DepartmentCode> {
    Ok(APPROVAL.parse()?)
}
