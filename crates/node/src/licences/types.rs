//! `tongban licences register-type`: publishes a type of licence from a file as its next version.

use super::commands::{Signing, TypeArguments};
use crate::asking::ask;
use crate::catalogue::item_file::read_value;
use crate::output;
use anyhow::{Context as _, bail};
use std::path::Path;
use tongban_api::Client;
use tongban_modules::licence_types::TypeDefinition;
use tongban_modules::licences::{self, TypeEntry, TypeVersion};
use tongban_modules::{Call, Query, View};
use tongban_types::Time;
use tongban_types::codes::LicenceTypeCode;

/// Publishes the type in a file.
pub async fn register(arguments: &TypeArguments) -> anyhow::Result<()> {
    let definition = read(&arguments.file)?;
    let Signing { client, signer, .. } = arguments.signing.connect().await?;
    let code = arguments.code;
    let version = entry(&client, &code).await?.map_or(0, |entry| entry.last_version()) + 1;
    let effective_from = arguments.effective_from;
    let call = Call::Licences(licences::Call::RegisterType { code, version, effective_from, definition });
    let receipt = super::issue::submit(&client, &signer, call).await?;
    output::line(format_args!("{code} version {version}: published, receipt {}", receipt.number));
    Ok(())
}

/// The type in a file, YAML or JSON.
pub fn read(path: &Path) -> anyhow::Result<TypeDefinition> {
    let value = read_value(path).with_context(|| format!("cannot use {}", path.display()))?;
    serde_path_to_error::deserialize(value).map_err(|error| {
        let place = error.path().to_string();
        anyhow::anyhow!("{} is no type of licence: {place}: {}", path.display(), error.into_inner())
    })
}

async fn entry(client: &Client, code: &LicenceTypeCode) -> anyhow::Result<Option<TypeEntry>> {
    match ask(client, &Query::Licences(licences::Query::LicenceType { code: *code })).await? {
        View::Licences(licences::View::LicenceType { entry }) => Ok(entry.map(|entry| *entry)),
        other => bail!("the node answered another question: {other:?}"),
    }
}

/// What a type is at a time; none where the network does not know it, or it is not in force yet.
pub async fn definition(client: &Client, code: &LicenceTypeCode, now: Time) -> anyhow::Result<Option<TypeDefinition>> {
    match entry(client, code).await?.and_then(|entry| entry.in_force(now)) {
        Some(_) => Ok(Some(in_force(client, code, now).await?.definition)),
        None => Ok(None),
    }
}

/// The version of a type under which licences are issued at a time.
pub async fn in_force(client: &Client, code: &LicenceTypeCode, now: Time) -> anyhow::Result<TypeVersion> {
    let entry = entry(client, code).await?.with_context(|| format!("the type {code} is not known to the network"))?;
    let version = entry.in_force(now).with_context(|| format!("the type {code} is not in force yet"))?;
    let question = licences::Query::TypeVersion { code: *code, version: Some(version) };
    match ask(client, &Query::Licences(question)).await? {
        View::Licences(licences::View::TypeVersion { version: Some(version) }) => Ok(*version),
        _ => bail!("the type {code} has no version {version}"),
    }
}
