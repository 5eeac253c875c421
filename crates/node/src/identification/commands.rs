//! The commands' arguments, and what they print.

use super::commitment::{PaperOpening, hash_paper};
use super::pseudonym::{key_of, pseudonym_of, today};
use crate::asking;
use crate::cli::{TOKEN_VARIABLE, client};
use crate::key_command::{protection, write};
use crate::output;
use crate::private_file::write_new_json;
use crate::random::rng;
use crate::signer::passphrase;
use anyhow::bail;
use clap::Subcommand;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use tongban_api::Client;
use tongban_crypto::{KeyFile, PseudonymKey, primitives};
use tongban_modules::divisions::DivisionKind;
use tongban_modules::{Query, View, orgs};
use tongban_types::Suite;
use tongban_types::codes::DivisionCode;

/// What can be done for identities.
#[derive(Subcommand)]
pub enum IdentityAction {
    /// Make the key under which all pseudonyms of a network are made: once, at the identity authority (假名密钥)
    PseudonymKey {
        /// The network's algorithms: sm (SM2, SM3, SM4) or intl (Ed25519, SHA-256, AES)
        #[arg(long, default_value_t = Suite::Sm)]
        suite: Suite,
        /// The file, which must not be there yet
        #[arg(long)]
        out: PathBuf,
    },
    /// Make the pseudonym of a person; the kind of the document and its number are read from two lines of standard input (假名)
    Pseudonym {
        /// The key file of the identity authority
        #[arg(long)]
        key: PathBuf,
        /// Which state has issued the document, by its three letters of ISO 3166-1: for passports, also for those of China (签发国家)
        #[arg(long, value_name = "STATE")]
        issued_by: Option<String>,
        /// A node's API, which is asked whether the network knows a division that the table of this program has not; none is asked without it
        #[arg(long, value_name = "URL")]
        node: Option<String>,
        /// A token for it, where it asks for one
        #[arg(long, env = TOKEN_VARIABLE, hide_env_values = true)]
        token: Option<String>,
    },
    /// Commit to a paper that stays with the department, and write what opens the commitment (材料承诺)
    Commit {
        /// The paper; - is standard input
        paper: PathBuf,
        /// The file for the salt, which must not be there yet; without it nobody can show later what was committed to
        #[arg(long)]
        opening: PathBuf,
        /// The network's algorithms: sm (SM2, SM3, SM4) or intl (Ed25519, SHA-256, AES)
        #[arg(long, default_value_t = Suite::Sm)]
        suite: Suite,
    },
    /// Say whether a paper is the one that a commitment was made to (核对材料)
    Check {
        /// The paper; - is standard input
        paper: PathBuf,
        /// The opening that was written with the commitment
        #[arg(long)]
        opening: PathBuf,
    },
}

/// Whether a network has a division, or had it: its administrator has told of it beside the table of the program.
async fn knows(client: &Client, division: DivisionCode) -> anyhow::Result<bool> {
    let at = client.status().await?.time.unwrap_or_default();
    let question = Query::Orgs(orgs::Query::Division { division: division.to_long(), at });
    match asking::ask(client, &question).await? {
        View::Orgs(orgs::View::Division { division, .. }) => {
            Ok(division.is_some_and(|found| found.kind != DivisionKind::Heading))
        }
        other => bail!("the node answered another question: {other:?}"),
    }
}

/// Does it.
pub async fn run(action: IdentityAction) -> anyhow::Result<()> {
    match action {
        IdentityAction::PseudonymKey { suite, out } => {
            let key = PseudonymKey::generate(suite, &mut rng());
            let passphrase = passphrase()?;
            write(&KeyFile::for_pseudonyms(&key, protection(passphrase.as_deref()), &mut rng()), &out)?;
            output::line(format_args!("fingerprint  {}", key.fingerprint()));
            output::line(format_args!("file         {}", out.display()));
            Ok(())
        }
        IdentityAction::Pseudonym { key, issued_by, node, token } => {
            let key = key_of(&key, passphrase()?.as_deref())?;
            let input = std::io::stdin();
            let ask = |question: &str| {
                if input.is_terminal() {
                    output::error(format_args!("{question}"));
                }
            };
            let made = pseudonym_of(&key, issued_by.as_deref(), today(), &mut input.lock(), ask)?;
            let is_told = match (&node, made.unlisted) {
                (Some(url), Some(division)) => knows(&client(url, token.as_deref())?, division).await?,
                (None, _) | (_, None) => false,
            };
            if let Some(warning) = made.warning.filter(|_| !is_told) {
                output::error(format_args!("{warning}"));
            }
            output::line(format_args!("{}", made.pseudonym));
            Ok(())
        }
        IdentityAction::Commit { paper, opening, suite } => {
            let made = PaperOpening::of(hash_paper(&paper, primitives(suite))?, suite)?;
            // The opening is written first: a commitment that nobody can open is worth nothing.
            write_new_json(&opening, &made)?;
            output::line(format_args!("{}", made.commitment));
            Ok(())
        }
        IdentityAction::Check { paper, opening } => {
            let opening = PaperOpening::read(&opening)?;
            let is_same = opening.is_of(hash_paper(&paper, primitives(opening.suite))?);
            output::line(format_args!("commitment  {}", opening.commitment));
            output::line(format_args!("the paper   {}", if is_same { "agrees" } else { "DIFFERS" }));
            if !is_same {
                bail!("the commitment is to another paper, or the opening is of another commitment");
            }
            Ok(())
        }
    }
}
