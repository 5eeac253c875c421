//! The main job: one matter from its form to a licence that anybody can check, through five departments at once, over the nodes' public
//! interfaces.
//!
//! ```text
//! consent ─▶ fields that departments hold ─▶ file ─▶ receive ─▶ review of the form ─▶ correction ─▶ supplement ─▶ accept with a gap
//!    ─▶ five departments at once (the citizen loses his key; with the new one he has all that he held, and fills the gap)
//!    ─▶ decision ─▶ licence ─▶ delivery
//!    ─▶ verified offline by its slip ─▶ revoked ─▶ refused
//! ```

use super::city::{APPROVAL, City, FOOD_LICENCE, node_of, paper};
use super::holdings::Holdings;
use super::people::{CITIZEN_NAME, COMPANY_CODE, COMPANY_NAME, People, Recovering, approval};
use super::progress::Progress;
use super::vaults::{Vaults, compose};
use crate::prefill::answers::nested;
use crate::prefill::form::FormFile;
use crate::prefill::provenance::Provenance;
use crate::prefill::review::{AnswerState, refuse_unproven, review};
use anyhow::{Context as _, bail};
use futures::future::try_join_all;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tongban_modules::case_facts::{Fact, FactValue, Facts};
use tongban_modules::case_ratings::{RatingChannel, RatingSource};
use tongban_modules::case_records::{Crossing, DeliveryWay, Given, How, Produced, RatingLevel};
use tongban_modules::case_sources::AnswerSources;
use tongban_modules::cases::{self, Application, Ruling};
use tongban_modules::catalogue::HandleType;
use tongban_modules::filled_forms;
use tongban_modules::held::Target;
use tongban_modules::items::StepKind;
use tongban_modules::licence_history::{Ground as LicenceGround, Period, Status};
use tongban_modules::licences::{self, Content, Metadata};
use tongban_modules::prefill::{self, Showing};
use tongban_modules::sharing::{self, Purpose, Reading, Uses};
use tongban_modules::{Call, Event, Query, View};
use tongban_types::codes::{CaseNumber, LicenceIdentifier, LicenceIssuer};
use tongban_types::licence_face::Face;
use tongban_types::{ConsentId, List, Text, Time, codec};

/// What playing the matter has shown.
#[derive(Clone, Debug, Default)]
pub struct Played {
    /// Fields that were filled in from what departments hold.
    pub fields_filled: u64,
    /// Those of them that were proven before the form was accepted.
    pub fields_proven: u64,
    /// Materials that nobody was asked for, because a department holds them.
    pub materials_spared: u64,
    /// Cases that were closed with what was applied for.
    pub cases_completed: u64,
    /// Their steps that were finished.
    pub steps_completed: u64,
    /// Departments that took part.
    pub departments: u64,
    /// Whether the licence was verified offline, by its slip and by two fields shown without the rest.
    pub licence_verified: bool,
    /// Whether the licence was refused after its revocation, by a proof of its present state.
    pub revoked_refused: bool,
    /// Things of the citizen's own that were compared before and after the recovery of his account.
    pub assets_compared: u64,
    /// Those of them that did not follow, by name.
    pub assets_lost: Vec<&'static str>,
    /// Whether the lost key was refused when it tried to dispose of them.
    pub old_key_refused: bool,
    /// Whether all of them have followed, the lost key is refused, and the new one may do what only he may.
    pub recovered_account_keeps_assets: bool,
    /// The citizen's account.
    pub citizen: String,
    /// The number of the case.
    pub case: String,
    /// The identifier of the licence.
    pub licence: String,
    /// The text of the slip.
    pub slip: String,
}

/// Plays the matter up to where it waits for the cooling time of the recovery.
pub async fn begin<'a>(city: &'a City<'a>, progress: &Progress) -> anyhow::Result<Begun<'a>> {
    let vaults = Vaults::open(city)?;
    let people = People::register(city, progress).await?;
    let held = people.equip(city, &vaults).await?;
    let own_licence = people.equip_citizen(city, &vaults).await?;
    progress.chapter(
        "公民与他的公司实名登记。账上没有姓名和证件号，只有一串代号，只有公安局凭自己的密钥才能对上人；他本人和公司已有营业执照、健康证明。",
        "The citizen and his company are registered. The ledger has no name and no number, only a code that nobody but the police can match \
         with a person, by a key of theirs; he and the company hold a business licence and health certificates.",
    );
    let mut matter =
        Matter { city, vaults, held, filled: Vec::new(), provenance: None, played: Played::default(), case: None };

    matter.fill_in(&people, progress).await?;
    matter.file(&people, progress).await?;
    matter.accept(&people, progress).await?;
    let holdings = Holdings::acquire(city, &people, own_licence).await?;
    progress.chapter(
        "他以个人名义又申请一家小店，授权审批局读取他的健康证明，委托公司代领文书：本人名下有了办件、证照、授权和委托。",
        "In his own name he applies for a second shop, consents that the bureau reads his health certificate, and names his company as \
         agent: an application, a licence, a consent and an agency are his own.",
    );
    let recovering = people.lose_key(city).await?;
    progress.chapter(
        "公民遗失了密钥。公安局一名民警在窗口核验本人、寄出告知，另一名民警复核；本人有一分钟可以叫停（真实网络通常是几天）。",
        "The citizen has lost his key. An officer makes sure of him at the counter and sends a notice, another officer approves; its recovery \
         cools for a minute, in which he could stop it (days in a real network).",
    );
    matter.handle(progress).await?;
    Ok(Begun { matter, people, holdings, recovering })
}

/// A matter that waits for the citizen's new key.
pub struct Begun<'a> {
    matter: Matter<'a>,
    people: People,
    holdings: Holdings,
    recovering: Recovering,
}

impl Begun<'_> {
    /// Plays the rest of it.
    pub async fn complete(self, progress: &Progress) -> anyhow::Result<Played> {
        let Self { mut matter, mut people, holdings, recovering } = self;
        let height = people.get_key_back(matter.city, &recovering, progress).await?;
        matter.compare(&people, &holdings, height, progress).await?;
        matter.fill_gap(&people, progress).await?;
        let licence = matter.decide(progress).await?;
        matter.finish(&people, progress).await?;
        matter.verify(&people, &licence, progress).await?;
        matter.revoke(&licence, progress).await?;
        Ok(matter.played)
    }
}

struct Matter<'a> {
    city: &'a City<'a>,
    vaults: Vaults,
    /// The business licence and the health certificate that the company holds.
    held: [LicenceIdentifier; 2],
    /// Fields that were filled in, with their values.
    filled: Vec<(Target, Value)>,
    /// Whence they come.
    provenance: Option<Provenance>,
    played: Played,
    case: Option<CaseNumber>,
}

/// A number that nobody else has.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand_core::Rng::fill_bytes(&mut crate::random::rng(), &mut bytes);
    bytes
}

impl Matter<'_> {
    fn case(&self) -> anyhow::Result<CaseNumber> {
        self.case.clone().context("the case is filed first")
    }

    async fn now(&self) -> anyhow::Result<Time> {
        self.city.cluster.client(0).status().await?.time.context("the node has no time yet")
    }

    /// What departments hold is read with the citizen's consent, recorded before it is shown, and checked against the ledger.
    async fn fill_in(&mut self, people: &People, progress: &Progress) -> anyhow::Result<()> {
        let reading = Reading {
            person: people.company,
            receiver: approval()?,
            purpose: Purpose::Application,
            item: self.city.item.clone(),
        };
        let until = self.now().await?.plus_millis(24 * 3_600_000);
        for sources in prefill::sources(&self.city.definition) {
            let (id, reading) = (ConsentId(random()), reading.clone());
            let give = sharing::Call::GiveConsent { id, reading, sources, uses: Uses::Once, until };
            self.city.act_as(&people.citizen(self.city)?, 0, &[Call::Sharing(give)]).await?;
        }
        let showing = Showing { reading, reader: people.citizen, case: None };
        let (client, suite) = (self.city.cluster.client(1), self.city.cluster.genesis.suite);
        let filled = crate::prefill::prefill(&client, suite, &showing, self.vaults.hosted()).await?;
        if let Some((licence, code)) = filled.refused.first() {
            bail!("the access to {licence} is refused ({})", &**code);
        }
        if let Some(elsewhere) = filled.elsewhere.first() {
            bail!("{} is kept where the demonstration has no vault", elsewhere.licence);
        }
        let mut papers = filled.proposed.materials.len();
        for proposal in filled.proposed.proposals {
            match proposal.target {
                Target::Field(_) => self.filled.push((proposal.target, proposal.value)),
                Target::Material(_) => papers += 1,
            }
        }
        self.provenance = Some(Provenance::new(self.city.item.clone(), people.company, filled.openings));
        self.played.fields_filled = self.filled.len() as u64;
        self.played.materials_spared = papers as u64;
        let Played { fields_filled, materials_spared, .. } = &self.played;
        progress.chapter(
            &format!(
                "经本人同意，表上 {fields_filled} 项从部门已有的证照自动填写，{materials_spared} 份材料因部门已有而不再要求提交。读取谁的、哪几项、\
                 为何事，先记在账上再读取；哪一项有误，不是改掉了事，而是请发证部门更正。"
            ),
            &format!(
                "With his consent {fields_filled} fields are filled in from licences that departments hold, and {materials_spared} papers are \
                 not asked for, because departments have them. Who reads what, and what for, is recorded before it is read. A wrong field is \
                 not typed over: whoever issued the licence is asked to correct it."
            ),
        );
        Ok(())
    }

    async fn licence(&self, identifier: &LicenceIdentifier) -> anyhow::Result<licences::Licence> {
        let question = Query::Licences(licences::Query::Licence { identifier: identifier.clone() });
        match self.city.ask(1, &question).await? {
            View::Licences(licences::View::Licence { licence: Some(licence) }) => Ok(*licence),
            other => bail!("the licence is not there: {other:?}"),
        }
    }

    async fn file(&mut self, people: &People, progress: &Progress) -> anyhow::Result<()> {
        let held = |material: u8, licence: &LicenceIdentifier| Given {
            material,
            how: How::Licence { licence: licence.clone() },
        };
        let electronic =
            |material: u8, what: &str| Given { material, how: How::Electronic { commitment: paper(self.city, what) } };
        let materials = vec![
            held(0, &self.held[0]),
            held(1, &self.held[1]),
            electronic(2, "平面图（比例有误）"),
            electronic(3, "消防安全技术文件"),
            Given { material: 4, how: How::Gap {} },
        ];
        // The form goes to the vault of the department, under the number that the ledger gives the case.
        let answers = self.answers()?;
        if let Err(faults) = filled_forms::check(&self.city.definition, &answers) {
            bail!("the form breaks the rules of its item: {faults:?}");
        }
        let provenance = self.provenance.as_ref().context("fields are proposed first")?;
        let form = FormFile::commit(&answers, self.city.cluster.primitives())?.with_sources(&answers, provenance);
        let application = Application {
            item: self.city.item.clone(),
            applicant: people.company,
            channel: HandleType::Online,
            crossing: Crossing::None,
            place: None,
            facts: facts()?,
            form: form.root,
            materials: List::new(materials)?,
            gap_promise: Some(paper(self.city, "容缺受理承诺书")),
            renews: None,
            sources: form.sources.clone(),
        };
        let call = Call::Cases(cases::Call::File { application: Box::new(application) });
        let done = self.city.act_as(&people.citizen(self.city)?, 2, &[call]).await?;
        let case = done.events.iter().find_map(|event| match event {
            Event::Cases(cases::Event::Filed { case, .. }) => Some(case.clone()),
            _ => None,
        });
        let case = case.context("a case that was filed has a number")?;
        self.vaults.keep_form(&form.content(&case)?)?;
        progress.chapter(
            &format!(
                "一张表申请开办餐饮店，办件编号 {case}。表的内容加密存放在部门自己的保险库，账上只有它的指纹，改一个字就对不上；编号由账本给，\
                 谁也不能倒签。"
            ),
            &format!(
                "One form is filed for the restaurant: case {case}. What it says lies encrypted in the department's own vault; the ledger has \
                 its fingerprint, which fits no other form. The ledger numbers the case, so that nobody dates it back."
            ),
        );
        self.case = Some(case);
        Ok(())
    }

    /// The whole form, with what was filled in; it stays in the vault.
    fn answers(&self) -> anyhow::Result<Value> {
        let own = [
            ("shop_name", json!("云港小馆")),
            ("area", json!(320)),
            ("dishes", json!(["hot", "cold"])),
            ("smoke", json!(true)),
            ("in_housing", json!(false)),
            ("signboard", json!(true)),
            ("staff", json!(6)),
            ("address.town", json!("港口街道")),
            ("address.detail", json!("海棠路 8 号")),
        ];
        let mut answers = self.filled.clone();
        for (path, value) in own {
            answers.push((Target::Field(Text::new(path)?), value));
        }
        Ok(nested(answers.iter().map(|(target, value)| (target, value))))
    }

    /// Before it is accepted, the form in the vault is compared with the licences from which its answers are said to come.
    async fn check_sources(&mut self, progress: &Progress) -> anyhow::Result<()> {
        // The clerk asks the node at which he has just received it.
        let (case, client) = (self.case()?, self.city.cluster.client(node_of("receiver")));
        let content = self.vaults.form(&case)?;
        let answers = review(&client, &case, &content, self.city.cluster.primitives()).await?;
        refuse_unproven(&answers)?;
        let proven = answers.iter().filter(|answer| answer.state == AnswerState::Proven).count();
        let typed_in = answers.len() - proven;
        self.played.fields_proven = proven as u64;
        progress.chapter(
            &format!(
                "窗口人员审看申请表：{proven} 项与证照一致（账本可证，且提交时证照有效），{typed_in} 项由申请人自行填写，需要看的只有这些。"
            ),
            &format!(
                "The clerk looks at the form: {proven} answers are what the licences say, as the ledger proves, and the licences were in force; \
                 {typed_in} were typed in, and only those have to be looked at."
            ),
        );
        Ok(())
    }

    async fn accept(&mut self, people: &People, progress: &Progress) -> anyhow::Result<()> {
        let case = self.case()?;
        self.city.act("receiver", &[Call::Cases(cases::Call::Receive { case: case.clone() })]).await?;
        self.check_sources(progress).await?;
        let ask = cases::Call::AskCorrection {
            case: case.clone(),
            materials: List::new(vec![2])?,
            points: Text::new("平面图比例有误，请按 1:100 重新绘制")?,
        };
        self.city.act("acceptor", &[Call::Cases(ask)]).await?;
        let how = How::Electronic { commitment: paper(self.city, "平面图 1:100") };
        let supplement = cases::Call::Supplement {
            case: case.clone(),
            facts: None,
            form: None,
            materials: List::new(vec![Given { material: 2, how }])?,
            sources: AnswerSources::default(),
            gap_promise: None,
        };
        self.city.act_as(&people.citizen(self.city)?, 1, &[Call::Cases(supplement)]).await?;
        let notice = paper(self.city, "容缺受理通知书");
        let accept = cases::Call::AcceptWithGap { case, days: 5, notice };
        self.city.act("acceptor", &[Call::Cases(accept)]).await?;
        progress.chapter(
            "窗口一次告知要补正的全部内容，申请人改好平面图；门头效果图容缺后补，先行受理，不用再跑一趟。",
            "All that has to be corrected is said at once, and the applicant redraws his plan; one paper may follow later, so the case is \
             accepted with that gap, and nobody comes twice.",
        );
        Ok(())
    }

    /// All departments handle their steps at the same time, each at its own or its host's node.
    async fn handle(&mut self, progress: &Progress) -> anyhow::Result<()> {
        let at_once = [
            ("checker", "身份与信用核验"),
            ("food-reviewer", "食品安全审查"),
            ("fire-inspector", "消防安全检查"),
            ("air-reviewer", "油烟排放审查"),
            ("sign-reviewer", "门头招牌审查"),
        ];
        try_join_all(at_once.iter().map(|(officer, step)| self.finish_step(officer, step))).await?;
        self.finish_step("food-inspector", "食品经营现场核查").await?;
        progress.chapter(
            "冷静期内事不停：五个部门同时办自己的环节，各算各的时限；其中审批局、消防、城管没有节点，由别的部门的节点托管。",
            "Meanwhile the matter goes on: five departments do their steps at the same time, each under its own clock. Approval bureau, fire \
             brigade and city management have no node and are hosted by others'.",
        );
        Ok(())
    }

    async fn finish_step(&self, officer: &str, step: &str) -> anyhow::Result<()> {
        let call = cases::Call::FinishStep {
            case: self.case()?,
            step: Text::new(step)?,
            passed: true,
            opinion: Some(paper(self.city, "审查意见")),
        };
        self.city.act(officer, &[Call::Cases(call)]).await?;
        Ok(())
    }

    /// What the citizen held before his key was lost is his, to the last record; the lost key is refused, and the new one may dispose of it.
    async fn compare(
        &mut self,
        people: &People,
        holdings: &Holdings,
        height: u64,
        progress: &Progress,
    ) -> anyhow::Result<()> {
        let lost = holdings.lost(self.city, height).await?;
        let is_old_refused = people.is_old_key_refused(self.city, &holdings.disposal).await?;
        let (_, refusal) = self.city.attempt(&people.citizen(self.city)?, 3, &holdings.disposal).await?;
        let played = &mut self.played;
        played.assets_compared = holdings.count();
        played.old_key_refused = is_old_refused;
        played.recovered_account_keeps_assets = lost.is_empty() && is_old_refused && refusal.is_none();
        played.assets_lost = lost;
        played.citizen = people.citizen.to_string();
        let count = played.assets_compared;
        progress.chapter(
            "新密钥生效，旧密钥作废。账户没有换，换的只是密钥：他名下的一切都应当还在。",
            "The new key is in, the old one is void. The account is the same, only its key was exchanged: all that he held must still be his.",
        );
        if played.recovered_account_keeps_assets {
            progress.say(
                &format!("身份、证照、办件、授权、委托、法定代表人身份 {count} 项，恢复前后逐项凭证明比对，一字不差；旧密钥想处分它们，被拒绝；新密钥可以。"),
                &format!(
                    "{count} things (identity, licence, application, consent, agency, office) are compared by proofs from before and after, and \
                     are the same to the letter. The old key tries to dispose of them and is refused; the new one may."
                ),
            );
        } else {
            let (lost, refusal) = (&played.assets_lost, refusal.as_deref().unwrap_or("-"));
            progress.say(
                &format!("不成立：未跟随 {lost:?}，旧密钥被拒绝 {is_old_refused}，新密钥的拒绝码 {refusal}"),
                &format!("It did not hold: lost {lost:?}, old key refused: {is_old_refused}, refusal of the new key: {refusal}"),
            );
        }
        Ok(())
    }

    /// The citizen hands in what was missing, with his new key: before that nobody could decide.
    async fn fill_gap(&mut self, people: &People, progress: &Progress) -> anyhow::Result<()> {
        let early = Call::Cases(self.decision()?);
        let (_, refusal) = self.city.attempt(&self.city.signer("approver")?, 0, &[early]).await?;
        if refusal.is_none() {
            bail!("a case with a gap was decided");
        }
        let how = How::Electronic { commitment: paper(self.city, "门头招牌效果图") };
        let materials = List::new(vec![Given { material: 4, how }])?;
        let call = Call::Cases(cases::Call::FillGap { case: self.case()?, materials });
        self.city.act_as(&people.citizen(self.city)?, 3, &[call]).await?;
        progress.chapter(
            "材料未齐，审批人想提前决定，被账本拒绝；申请人用新密钥补齐所缺的材料。",
            "The approver tries to decide before all papers are there, and the ledger refuses it; the applicant hands in what was missing, with \
             his new key.",
        );
        Ok(())
    }

    fn decision(&self) -> anyhow::Result<cases::Call> {
        Ok(cases::Call::Decide {
            case: self.case()?,
            step: Text::new("决定")?,
            ruling: Ruling::Grant,
            reasons: Text::new("符合食品安全法第三十五条规定的条件")?,
            remedies: Text::default(),
            opinion: Some(paper(self.city, "准予行政许可决定书")),
        })
    }

    /// A named officer decides; the licence is issued and recorded with the case in one transaction.
    async fn decide(&mut self, progress: &Progress) -> anyhow::Result<LicenceIdentifier> {
        let case = self.case()?;
        self.city.act("approver", &[Call::Cases(self.decision()?)]).await?;
        let parts = case.parts().context("a case of this network has a number of its form")?;
        let serial = format!("{}{:04}", day(parts.date), parts.sequence);
        let identifier =
            LicenceIdentifier::new(FOOD_LICENCE.parse()?, LicenceIssuer::Body(APPROVAL.parse()?), &serial, 1)?;
        let now = self.now().await?;
        let face = face(&serial)?;
        let content = Content {
            certificate_number: None,
            face: face.root(self.city.cluster.primitives()),
            period: Period { from: Some(now), until: Some(now.plus_millis(5 * 365 * 24 * 3_600_000)) },
            metadata: Metadata::default(),
        };
        self.vaults.keep(APPROVAL, &identifier, &face)?;
        let holder = self.record().await?.applicant;
        let issue = licences::Call::Issue {
            identifier: identifier.clone(),
            case: Some(case.clone()),
            holder,
            content,
            ground: None,
        };
        self.city.act("issuer", &[Call::Licences(issue)]).await?;
        let result = Produced::Licence { licence: identifier.clone() };
        let made = cases::Call::IssueCertificate { case, step: Some(Text::new("制证")?), result };
        self.city.act("issuer", &[Call::Cases(made)]).await?;
        progress.chapter(
            &format!("由具名的审批人决定：准予许可，颁发证照 {identifier}。法律要人决定的，机器不代签。"),
            &format!(
                "A named officer decides: it is granted, and the licence {identifier} is issued. Where the law wants a person, no machine signs."
            ),
        );
        Ok(identifier)
    }

    /// The departments that finished a step before the decision, as the case's record names them.
    async fn departments(&self, record: &cases::Case) -> anyhow::Result<u64> {
        let mut departments = BTreeSet::new();
        for (index, (mark, step)) in record.steps.iter().zip(self.city.definition.flow.iter()).enumerate() {
            let is_counted = mark.outcome.is_some()
                && !matches!(
                    step.kind,
                    StepKind::Acceptance | StepKind::Decision | StepKind::Certificate | StepKind::Delivery
                );
            if !is_counted {
                continue;
            }
            let question = cases::Query::Step { case: self.case()?, step: u8::try_from(index)?, round: mark.round };
            match self.city.ask(1, &Query::Cases(question)).await? {
                View::Cases(cases::View::Step { record: Some(step) }) => {
                    departments.insert(step.department.to_string())
                }
                other => bail!("the step is not there: {other:?}"),
            };
        }
        Ok(departments.len() as u64)
    }

    async fn record(&self) -> anyhow::Result<cases::Case> {
        let question = Query::Cases(cases::Query::Case { case: self.case()? });
        match self.city.ask(3, &question).await? {
            View::Cases(cases::View::Case { case: Some(case), .. }) => Ok(*case),
            other => bail!("the case is not there: {other:?}"),
        }
    }

    async fn finish(&mut self, people: &People, progress: &Progress) -> anyhow::Result<()> {
        let case = self.case()?;
        let deliver = cases::Call::Deliver {
            case: case.clone(),
            step: Some(Text::new("送达")?),
            way: DeliveryWay::Online,
            waybill: None,
            receiver: None,
        };
        self.city
            .act("issuer", &[Call::Cases(deliver), Call::Cases(cases::Call::Close { case: case.clone() })])
            .await?;
        let source = RatingSource { channel: RatingChannel::Computer, window: None, clerk: None, served_at: None };
        let rate = cases::Call::Rate { case, level: RatingLevel::VerySatisfied, words: None, source };
        self.city.act_as(&people.citizen(self.city)?, 1, &[Call::Cases(rate)]).await?;
        let record = self.record().await?;
        let is_completed =
            record.closed_at.is_some() && record.decision.as_ref().is_some_and(|decision| decision.granted);
        self.played.cases_completed += u64::from(is_completed);
        self.played.departments = self.departments(&record).await?;
        self.played.steps_completed += record.steps.iter().filter(|mark| mark.outcome.is_some()).count() as u64;
        progress.chapter(
            "送达、办结，申请人作出评价；从申请到评价，每一步由谁在何时办理，都有回执可查。",
            "It is delivered, the case is closed and the applicant rates it; who did each step and when stands on a receipt.",
        );
        Ok(())
    }

    /// A stranger checks: the slip from the licence's QR code, with two fields of its face and nothing else.
    async fn verify(
        &mut self,
        people: &People,
        licence: &LicenceIdentifier,
        progress: &Progress,
    ) -> anyhow::Result<()> {
        let client = self.city.cluster.client(1);
        let number = self.licence(licence).await?.history[0].receipt;
        let slip = client.slip(number).await?.slip;
        let shown = self
            .vaults
            .face(APPROVAL, licence)?
            .disclose(&["operator", "shop_name"], self.city.cluster.primitives())?;
        let verdict = tongban_verify::verify_slip(slip.as_bytes(), &self.city.cluster.genesis_bytes)
            .map_err(|refusal| anyhow::anyhow!("{refusal}"))?;
        let issued = crate::verification::events_of(&verdict.receipt).into_iter().find_map(|event| match event {
            Event::Licences(licences::Event::Issued { identifier, holder, content, .. }) => {
                Some((identifier, holder, content))
            }
            _ => None,
        });
        let Some((identifier, holder, content)) = issued else { bail!("the slip is of something else") };
        let fields = shown.check(&content.face, self.city.cluster.primitives())?;
        let is_shown = fields.iter().any(|field| &*field.value == COMPANY_NAME);
        let is_valid = self.status_by_proof(licence, verdict.height).await? == Status::Valid;
        self.played.licence_verified = identifier == *licence && holder == people.company && is_shown && is_valid;
        self.played.case = self.case()?.to_string();
        self.played.licence = licence.to_string();
        self.played.slip = slip;
        progress.chapter(
            "陌生人凭二维码里的凭条离线核验证照：不必联网，不必相信任何服务器，只需创世文件；只出示两个字段，其余内容他看不到。",
            "A stranger verifies the licence offline by the slip in its QR code: no server is asked or trusted, the genesis suffices. Two fields \
             are shown to him and no more.",
        );
        Ok(())
    }

    /// What the licence is now, by a proof of its record that trusts no node.
    async fn status_by_proof(&self, licence: &LicenceIdentifier, height: u64) -> anyhow::Result<Status> {
        let proven = self.city.proven(2, licences::LICENCES.name(), &codec::encode(licence), height).await?;
        let record = proven.record.context("the licence is proven to be absent")?;
        let record: licences::Licence = codec::decode(&record).context("the record cannot be read")?;
        Ok(licences::status(&record, proven.at))
    }

    /// The licence is revoked; whoever checks its present state refuses it.
    async fn revoke(&mut self, licence: &LicenceIdentifier, progress: &Progress) -> anyhow::Result<()> {
        let ground = LicenceGround {
            basis: tongban_modules::catalogue::LegalBasis {
                law: Text::new("中华人民共和国行政许可法")?,
                article: Text::new("第六十九条")?,
            },
            reason: Text::new("演示：以欺骗手段取得")?,
            document: None,
        };
        let call = licences::Call::Revoke { identifier: licence.clone(), by: APPROVAL.parse()?, ground };
        let height = self.city.act("approver", &[Call::Licences(call)]).await?.receipt.height;
        self.played.revoked_refused = self.status_by_proof(licence, height).await? == Status::Revoked;
        progress.chapter(
            "证照随后被依法撤销；再查它此刻的状态，证明给出的是“已撤销”，从此拒绝。谁、依据哪一条、为什么，都记在账上。",
            "Then the licence is revoked; whoever asks what it is now has a proof that says so, and refuses it. Who revoked it, by which article \
             and why stands on the ledger.",
        );
        Ok(())
    }
}

fn day(date: time::Date) -> String {
    format!("{:04}{:02}{:02}", date.year(), u8::from(date.month()), date.day())
}

fn face(serial: &str) -> anyhow::Result<Face> {
    compose(&[
        ("number", &format!("JY2519900{serial}")),
        ("operator", COMPANY_NAME),
        ("credit_code", COMPANY_CODE),
        ("legal_representative", CITIZEN_NAME),
        ("shop_name", "云港小馆"),
        ("premises", "云港市港口街道海棠路 8 号"),
        ("scope", "热食类、冷食类食品制售"),
        ("valid_until", "2031-11-21"),
    ])
}

/// The answers that the item's conditions decide by; no others are open.
pub fn facts() -> anyhow::Result<Facts> {
    let fact = |field: &str, value: FactValue| -> anyhow::Result<Fact> { Ok(Fact { field: Text::new(field)?, value }) };
    let dishes = ["hot", "cold"].iter().map(|dish| Text::new(*dish)).collect::<Result<Vec<_>, _>>()?;
    Ok(Facts::new(vec![
        fact("area", FactValue::Number(320))?,
        fact("dishes", FactValue::Texts(List::new(dishes)?))?,
        fact("in_housing", FactValue::Truth(false))?,
        fact("signboard", FactValue::Truth(true))?,
        fact("smoke", FactValue::Truth(true))?,
    ])?)
}
