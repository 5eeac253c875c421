//! The invented city of the demonstration: its departments, officers, kinds of licences and service items.

use super::Progress;
use super::cluster::Cluster;
use crate::catalogue::commands::CatalogueNode;
use crate::catalogue::import::{CatalogueImport, CatalogueTarget as _, import};
use crate::catalogue::item_file::{ItemFile, parse};
use crate::organisation::commands::{Signers, apply, read_keys, signer, submit_all};
use crate::organisation::file::Organisation;
use crate::organisation::keys::{Keys, read_or_make};
use crate::signer::Signer;
use anyhow::{Context as _, bail};
use indicatif::ProgressBar;
use std::path::{Path, PathBuf};
use tongban_modules::catalogue::{Item, ItemCode};
use tongban_modules::licence_types::TypeDefinition;
use tongban_modules::offices::DepartmentCode;
use tongban_modules::recovery::CoolingMinutes;
use tongban_modules::{Call, Event, Query, View, identity, licences};
use tongban_types::codes::LicenceTypeCode;
use tongban_types::{Digest, Outcome, Receipt};

/// The departments and officers, also an example for users.
const ORGANISATION: &str = include_str!("../../../../examples/organisation.yaml");
/// The national authority that defines business licences.
const NATIONAL: &str = include_str!("../../../../examples/organisation-national.yaml");
/// The items that are published; the first one is played.
const ITEMS: [&str; 2] = [
    include_str!("../../../../examples/items/restaurant.yaml"),
    include_str!("../../../../examples/items/residence.yaml"),
];

/// The approval bureau, which leads.
pub const APPROVAL: &str = "11519900MB9012235G";
/// Market regulation.
pub const MARKET: &str = "11519900MB90100105";
/// Public security.
pub const POLICE: &str = "11519900MB9014337T";

/// Business licences (营业执照), defined nationally.
pub const BUSINESS_LICENCE: &str = "11100000MB0143028R001";
/// Health certificates of staff (健康证明), defined by market regulation.
pub const HEALTH_CERTIFICATE: &str = "11519900MB90100105902";
/// Food-business licences (食品经营许可证), defined by the approval bureau.
pub const FOOD_LICENCE: &str = "11519900MB9012235G001";

/// The city at work.
pub struct City<'a> {
    /// Its nodes.
    pub cluster: &'a Cluster,
    /// The item that is played.
    pub item: ItemCode,
    /// What it asks for.
    pub definition: Item,
    /// Items in the catalogue.
    pub items: u64,
    keys: Keys,
}

impl<'a> City<'a> {
    /// Sets the city up, as far as it is not there yet.
    pub async fn found(cluster: &'a Cluster, progress: &Progress) -> anyhow::Result<Self> {
        let folder = cluster.dir.join("accounts");
        let mut keys = Keys::new();
        for (text, government) in [(NATIONAL, "national"), (ORGANISATION, "mayor")] {
            let organisation = Organisation::from_value(parse(text)?)?;
            keys.extend(read_keys(&organisation, &folder, cluster.genesis.suite)?);
            let signers = Signers {
                administrator: cluster.signer("administrator")?,
                registrar: cluster.signer("registrar")?,
                government: signer(&keys[government], cluster.network())?,
                approver: None,
            };
            let (client, network, hidden) = (cluster.client(0), cluster.network(), ProgressBar::hidden());
            apply(&client, &organisation, &keys, &network, &signers, &hidden).await?;
        }
        progress.say("已建立部门、岗位与人员 Departments, posts and officers are set up");
        let items = fill_catalogue(cluster, progress).await?;
        let ItemFile { code, item, .. } = ItemFile::from_value(parse(ITEMS[0])?)?;
        let city = Self { cluster, item: code, definition: item.into_item(), items, keys };
        city.define_licences().await?;
        city.authorise_police().await?;
        Ok(city)
    }

    /// Signs as an officer, or as anybody else whose key stands in the folder of accounts.
    pub fn signer(&self, name: &str) -> anyhow::Result<Signer> {
        match self.keys.get(name) {
            Some(key) => signer(key, self.cluster.network()),
            None => {
                let key = read_or_make(&self.cluster.dir.join("accounts"), name, self.cluster.genesis.suite)?;
                Ok(Signer::new(key, self.cluster.network()))
            }
        }
    }

    /// Has calls of an officer carried out at the node of his department; fails where they are refused.
    pub async fn act(&self, officer: &str, calls: &[Call]) -> anyhow::Result<Done> {
        self.act_as(&self.signer(officer)?, node_of(officer), calls).await
    }

    /// Has calls carried out at a node; fails where they are refused.
    pub async fn act_as(&self, signer: &Signer, node: usize, calls: &[Call]) -> anyhow::Result<Done> {
        let receipt = self.cluster.client(node).submit(&signer.sign(calls)?).await?;
        match &receipt.outcome {
            Outcome::Applied { events } => {
                let events = events.iter().map(|event| Event::decode(event.as_ref()));
                let events = events.collect::<Result<Vec<Event>, _>>().context("an event cannot be read")?;
                Ok(Done { events, receipt })
            }
            Outcome::Refused(refusal) => {
                let meaning = tongban_modules::explain(&refusal.code).map(|error| error.message).unwrap_or_default();
                bail!("refused: {meaning} ({}); the calls were {calls:?}", &*refusal.code)
            }
        }
    }

    /// The code with which a call is refused; none where it took effect.
    pub async fn refusal(&self, signer: &Signer, node: usize, call: Call) -> anyhow::Result<Option<String>> {
        let receipt = self.cluster.client(node).submit(&signer.sign(&[call])?).await?;
        Ok(match receipt.outcome {
            Outcome::Applied { .. } => None,
            Outcome::Refused(refusal) => Some(refusal.code.to_string()),
        })
    }

    /// Asks the state.
    pub async fn ask(&self, node: usize, question: &Query) -> anyhow::Result<View> {
        Ok(View::from_json(self.cluster.client(node).query(&question.to_json()).await?.view)?)
    }

    async fn define_licences(&self) -> anyhow::Result<()> {
        let types = [
            (
                "national-data",
                BUSINESS_LICENCE,
                include_str!("../../../../examples/licences/business_licence.type.json"),
            ),
            (
                "market-issuer",
                HEALTH_CERTIFICATE,
                include_str!("../../../../examples/licences/health_certificate.type.json"),
            ),
            ("data-officer", FOOD_LICENCE, include_str!("../../../../examples/licences/food_licence.type.json")),
        ];
        for (officer, code, definition) in types {
            let code: LicenceTypeCode = code.parse()?;
            let definition: TypeDefinition = serde_json::from_str(definition)?;
            let question = Query::Licences(licences::Query::LicenceType { code });
            if let View::Licences(licences::View::LicenceType { entry: Some(_) }) = self.ask(0, &question).await? {
                continue;
            }
            let call = licences::Call::RegisterType { code, version: 1, effective_from: None, definition };
            self.act(officer, &[Call::Licences(call)]).await?;
        }
        Ok(())
    }

    async fn authorise_police(&self) -> anyhow::Result<()> {
        let department: DepartmentCode = POLICE.parse()?;
        let question = Query::Identity(identity::Query::Authority { department });
        let known = self.ask(0, &question).await?;
        if matches!(known, View::Identity(identity::View::Authority { authority: Some(_) })) {
            return Ok(());
        }
        // The shortest cooling time there is: a demonstration should not take three days.
        let cooling = CoolingMinutes::new(1)?;
        let calls = [
            Call::Identity(identity::Call::AuthoriseDepartment { department }),
            Call::Identity(identity::Call::SetPolicy { cooling }),
        ];
        submit_all(&self.cluster.client(0), &self.cluster.signer("administrator")?, &calls).await
    }
}

/// What a transaction has done.
pub struct Done {
    /// Its receipt.
    pub receipt: Receipt,
    /// Its events.
    pub events: Vec<Event>,
}

/// The node of an officer's department, or the one that hosts it.
pub fn node_of(officer: &str) -> usize {
    match officer {
        "food-reviewer" | "food-inspector" | "market-issuer" => 1,
        "air-reviewer" => 2,
        "fire-inspector" | "civil-officer" => 3,
        _ => 0,
    }
}

/// Publishes the example items and takes over the older catalogue, where real data is at hand. How many items there are then.
async fn fill_catalogue(cluster: &Cluster, progress: &Progress) -> anyhow::Result<u64> {
    let target = CatalogueNode::connect(cluster.client(0), &cluster.key_path("publisher")).await?;
    let mut items = 0;
    for text in ITEMS {
        let file = ItemFile::from_value(parse(text)?)?;
        if target.last_version(&file.code).await? == 0 {
            let receipt = target.submit(vec![Call::Catalogue(file.publish(1))]).await?;
            if let Outcome::Refused(refusal) = receipt.outcome {
                bail!("an example item is refused ({})", &*refusal.code);
            }
        }
        items += 1;
    }
    if let Some(file) = older_catalogue() {
        let bar = progress.steps(0, "导入既有事项目录 Taking over the older catalogue");
        let options = CatalogueImport {
            source_time: crate::catalogue::commands::file_time(&file).min(cluster.genesis.time),
            file,
            calls_per_transaction: 100,
            dry_run: false,
            error_file: Some(cluster.dir.join("catalogue-errors.csv")),
            anomaly_file: Some(cluster.dir.join("catalogue-anomalies.csv")),
        };
        let summary = import(&target, &options, &bar).await?;
        bar.finish_and_clear();
        if summary.errors > 0 || summary.broken_files > 0 {
            bail!("{} rows of the older catalogue were not taken over", summary.errors);
        }
        items += summary.rows;
    }
    progress.say(&format!("事项目录 {items} 项 The catalogue has {items} items"));
    Ok(items)
}

fn older_catalogue() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("TONGBAN_REALDATA")?);
    let file = folder.join("catalogue").join("guangan_qu_service_items.csv");
    Path::exists(&file).then_some(file)
}

/// A commitment to a paper that stays with its department.
pub fn paper(city: &City, what: &str) -> Digest {
    let mut salt = [0; 32];
    rand_core::Rng::fill_bytes(&mut crate::random::rng(), &mut salt);
    tongban_crypto::commitment(city.cluster.primitives(), &salt, what.as_bytes())
}
