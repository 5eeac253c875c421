//! The invented city of the demonstration: its departments, officers, kinds of licences and service items.

use super::cluster::Cluster;
use super::own_files::OwnCatalogue;
use super::progress::Progress;
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
use std::time::{Duration, Instant};
use tongban_modules::catalogue::{self, Item, ItemCode};
use tongban_modules::licence_types::TypeDefinition;
use tongban_modules::offices::DepartmentCode;
use tongban_modules::recovery::PeriodMinutes;
use tongban_modules::{Call, Event, Query, View, identity, licences};
use tongban_types::codes::LicenceTypeCode;
use tongban_types::proof::Claim;
use tongban_types::{Digest, Outcome, Receipt, Time};

/// The departments and officers, also an example for users.
const ORGANISATION: &str = include_str!("../../../../examples/organisation.yaml");
/// The national authority that defines business licences.
const NATIONAL: &str = include_str!("../../../../examples/organisation-national.yaml");
/// The items that are published; the first one is played.
pub const EXAMPLES: [&str; 2] = [
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

/// How long a node may take to come to a block that another has.
const PROVEN_WITHIN: Duration = Duration::from_secs(30);

/// The city at work.
pub struct City<'a> {
    /// Its nodes.
    pub cluster: &'a Cluster,
    /// The item that is played.
    pub item: ItemCode,
    /// What it asks for.
    pub definition: Item,
    /// The catalogue.
    pub catalogue: Catalogue,
    keys: Keys,
}

/// What the catalogue has come to.
#[derive(Clone, Copy, Debug)]
pub struct Catalogue {
    /// Items in it.
    pub items: u64,
    /// Rows of older catalogues that were not taken over.
    pub errors: u64,
    /// Where its items come from, besides the examples: `own`, `real` or `examples`.
    pub data: &'static str,
}

/// The types of licences, who publishes them, and their files.
const LICENCE_TYPES: [(&str, &str, &str); 3] = [
    ("national-data", BUSINESS_LICENCE, include_str!("../../../../examples/licences/business_licence.type.json")),
    ("market-issuer", HEALTH_CERTIFICATE, include_str!("../../../../examples/licences/health_certificate.type.json")),
    ("data-officer", FOOD_LICENCE, include_str!("../../../../examples/licences/food_licence.type.json")),
];

/// A type of licence of the demonstration.
pub fn licence_definition(licence_type: &LicenceTypeCode) -> anyhow::Result<TypeDefinition> {
    let found = LICENCE_TYPES.iter().find(|(_, code, _)| *code == licence_type.as_str());
    let (_, _, definition) = found.context("the demonstration has no such type")?;
    Ok(serde_json::from_str(definition)?)
}

impl<'a> City<'a> {
    /// Sets the city up, as far as it is not there yet.
    pub async fn found(cluster: &'a Cluster, own: Option<&OwnCatalogue>, progress: &Progress) -> anyhow::Result<Self> {
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
        progress.chapter(
            "建立部门、岗位与人员。谁能办什么、到哪天为止，都登记在账上；没有授权的一律拒绝。",
            "Departments, posts and officers are set up. Who may do what, and until when, stands on the ledger; all else is refused.",
        );
        let catalogue = fill_catalogue(cluster, own, progress).await?;
        let ItemFile { code, item, .. } = ItemFile::from_value(parse(EXAMPLES[0])?)?;
        let city = Self { cluster, item: code, definition: item.into_item(), catalogue, keys };
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

    /// The receipt of calls that may be refused, and the code where they were.
    pub async fn attempt(
        &self,
        signer: &Signer,
        node: usize,
        calls: &[Call],
    ) -> anyhow::Result<(Receipt, Option<String>)> {
        let receipt = self.cluster.client(node).submit(&signer.sign(calls)?).await?;
        let refusal = match &receipt.outcome {
            Outcome::Applied { .. } => None,
            Outcome::Refused(refusal) => Some(refusal.code.to_string()),
        };
        Ok((receipt, refusal))
    }

    /// What a node proves of a record, by a bundle that is checked against the genesis alone. A node may be a moment behind; a proof of a state
    /// before that height is not taken.
    pub async fn proven(&self, node: usize, table: &str, key: &[u8], height: u64) -> anyhow::Result<Proven> {
        let client = self.cluster.client(node);
        let deadline = Instant::now() + PROVEN_WITHIN;
        loop {
            let bundle = client.prove_record(table, key).await?;
            let verified = tongban_verify::verify(&bundle, &self.cluster.genesis_bytes)
                .map_err(|error| anyhow::anyhow!("{error}"))?;
            let at = verified.header.time;
            match verified.claim {
                _ if verified.header.height < height => {}
                Claim::Record { table: of, key: under, value } if *of == *table && under.as_ref() == key => {
                    return Ok(Proven { record: Some(value.as_ref().to_vec()), at });
                }
                Claim::Absence { table: of, key: under, .. } if *of == *table && under.as_ref() == key => {
                    return Ok(Proven { record: None, at });
                }
                Claim::Receipt { .. } | Claim::Record { .. } | Claim::Absence { .. } => {
                    bail!("the node proves something else than it was asked for")
                }
            }
            if Instant::now() > deadline {
                bail!("the node does not come to block {height}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Asks the state.
    pub async fn ask(&self, node: usize, question: &Query) -> anyhow::Result<View> {
        Ok(View::from_json(self.cluster.client(node).query(&question.to_json()).await?.view)?)
    }

    async fn define_licences(&self) -> anyhow::Result<()> {
        for (officer, code, definition) in LICENCE_TYPES {
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
        let cooling = PeriodMinutes::new(1)?;
        let calls = [
            Call::Identity(identity::Call::AuthoriseDepartment { department }),
            Call::Identity(identity::Call::SetPolicy { cooling, hearing: None }),
        ];
        submit_all(&self.cluster.client(0), &self.cluster.signer("administrator")?, &calls).await
    }
}

/// A record as it was proven.
pub struct Proven {
    /// Encoded; none where it is proven to be absent.
    pub record: Option<Vec<u8>>,
    /// The time of the block of whose state it was proven.
    pub at: Time,
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

/// Publishes the example items and takes over the older catalogue: one's own, or the real one where it is at hand.
async fn fill_catalogue(
    cluster: &Cluster,
    own: Option<&OwnCatalogue>,
    progress: &Progress,
) -> anyhow::Result<Catalogue> {
    let target = CatalogueNode::connect(cluster.client(0), &cluster.key_path("publisher")).await?;
    let mut catalogue = Catalogue { items: 0, errors: 0, data: "examples" };
    for text in EXAMPLES {
        publish(cluster, &target, ItemFile::from_value(parse(text)?)?).await?;
        catalogue.items += 1;
    }
    let older = match own {
        Some(own) => {
            catalogue.data = "own";
            for item in &own.items {
                publish(cluster, &target, item.clone()).await?;
                catalogue.items += 1;
            }
            own.older.clone()
        }
        None => older_catalogue().into_iter().inspect(|_| catalogue.data = "real").collect(),
    };
    for (index, file) in older.iter().enumerate() {
        take_over(cluster, &target, file, index, &mut catalogue, progress).await?;
    }
    let items = catalogue.items;
    progress.chapter(
        &format!("事项目录有 {items} 项。条件、材料、流程、时限都是发布在账上的数据，改一项不必改程序，在办的件按受理时的版本办。"),
        &format!(
            "The catalogue has {items} items. Conditions, papers, flow and time limits are data on the ledger: changing an item takes no \
             programmer, and cases go on under the version they began with."
        ),
    );
    if catalogue.errors > 0 {
        let (errors, dir) = (catalogue.errors, cluster.dir.display());
        progress.say(
            &format!("{errors} 行不能接收，见 {dir} 下的 catalogue-errors-*.csv"),
            &format!("{errors} rows were not taken over, see catalogue-errors-*.csv in {dir}"),
        );
    }
    Ok(catalogue)
}

/// Publishes an item, or its next version where it has changed since an earlier run.
async fn publish(cluster: &Cluster, target: &CatalogueNode, file: ItemFile) -> anyhow::Result<()> {
    let code = file.code.clone();
    let last = target.last_version(&code).await?;
    let question = Query::Catalogue(catalogue::Query::Version { code: code.clone(), version: None });
    let known = View::from_json(cluster.client(0).query(&question.to_json()).await?.view)?;
    if let View::Catalogue(catalogue::View::Version { version: Some(known) }) = known
        && known.item == *file.item
    {
        return Ok(());
    }
    let receipt = target.submit(vec![Call::Catalogue(file.publish(last + 1))]).await?;
    if let Outcome::Refused(refusal) = receipt.outcome {
        let meaning = tongban_modules::explain(&refusal.code).map(|error| error.message).unwrap_or_default();
        bail!("the item {code} is refused: {meaning} ({})", &*refusal.code);
    }
    Ok(())
}

async fn take_over(
    cluster: &Cluster,
    target: &CatalogueNode,
    file: &Path,
    index: usize,
    catalogue: &mut Catalogue,
    progress: &Progress,
) -> anyhow::Result<()> {
    let bar = progress.steps(0, "接收既有事项目录", "Taking over the older catalogue");
    let number = index + 1;
    let options = CatalogueImport {
        source_time: crate::catalogue::commands::file_time(file).min(cluster.genesis.time),
        file: file.to_owned(),
        calls_per_transaction: 100,
        dry_run: false,
        error_file: Some(cluster.dir.join(format!("catalogue-errors-{number}.csv"))),
        anomaly_file: Some(cluster.dir.join(format!("catalogue-anomalies-{number}.csv"))),
    };
    let summary = import(target, &options, &bar).await?;
    bar.finish_and_clear();
    catalogue.items += summary.imported + summary.already_imported;
    catalogue.errors += summary.errors + summary.broken_files;
    Ok(())
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
