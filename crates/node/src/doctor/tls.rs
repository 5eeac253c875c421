//! Certificate and key of the API, where it speaks TLS: they are there, they are their owner's, they fit, and clients will believe them.

use super::{Check, Look, Subject};
use crate::cli::read_file;
use der::asn1::{AnyRef, GeneralizedTime, UtcTime};
use der::{Decode as _, SliceReader, Tag, Tagged as _};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::{Duration, SystemTime};
use time::OffsetDateTime;
use tongban_api::server::{Tls, TlsError};

pub const CERTIFICATE: Check =
    Check { name: "tls.certificate", why: "without it the node does not start", look: certificate };

pub const KEY: Check = Check {
    name: "tls.key",
    why: "whoever reads it can pass for this node's API, so a file that others can read is refused",
    look: key,
};

pub const PAIR: Check =
    Check { name: "tls.pair", why: "with a key that is not the certificate's the node does not start", look: pair };

pub const VALIDITY: Check = Check {
    name: "tls.validity",
    why: "clients refuse a certificate before its time and after it, and take the node for dead",
    look: validity,
};

/// A longer file is neither a chain of certificates nor a key.
const PEM_BYTES_MAX: u64 = 256 * 1024;
/// Whoever has to ask an authority for a certificate needs weeks; what renews by itself has done so by then.
const LEFT_GOOD: Duration = Duration::from_secs(21 * 86_400);

/// Both files, where the configuration names them.
fn files(subject: &Subject) -> Result<(&Path, &Path), Look> {
    let Ok(config) = &subject.config else { return Err(Look::Skipped("no configuration".to_owned())) };
    match (&config.tls_certificate, &config.tls_key) {
        (Some(certificate), Some(key)) => Ok((certificate, key)),
        _ => Err(Look::Well("none is named: the API speaks plain HTTP".to_owned())),
    }
}

fn certificate(subject: &Subject) -> Look {
    let (path, _) = match files(subject) {
        Ok(files) => files,
        Err(look) => return look,
    };
    match chain(path) {
        Ok(chain) => Look::Well(format!("{}, a chain of {}", path.display(), chain.len())),
        Err(reason) => Look::Failure(
            reason,
            format!(
                "put the chain of certificates in PEM at {}, the API's own first, readable for the user of the node",
                path.display()
            ),
        ),
    }
}

/// The certificates in a file.
fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let pem = read_file(path, PEM_BYTES_MAX).map_err(|error| format!("{error:#}"))?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match chain {
        Ok(chain) if chain.is_empty() => Err(format!("{} has no certificate in it", path.display())),
        Ok(chain) => Ok(chain),
        Err(error) => Err(format!("{}: {error}", path.display())),
    }
}

fn key(subject: &Subject) -> Look {
    let (_, path) = match files(subject) {
        Ok(files) => files,
        Err(look) => return look,
    };
    let place = path.display();
    let advice =
        || format!("put the private key of the certificate in PEM at {place}, readable for the user of the node alone");
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) => return Look::Failure(format!("{place}: {error}"), advice()),
    };
    let mode = metadata.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Look::Failure(
            format!("{place} is accessible for others than its owner (mode {mode:03o})"),
            format!("chmod 600 '{place}'; if others may have read it, have the certificate replaced with a new key"),
        );
    }
    let pem = match read_file(path, PEM_BYTES_MAX) {
        Ok(pem) => zeroize::Zeroizing::new(pem),
        Err(error) => return Look::Failure(format!("{error:#}"), advice()),
    };
    if let Err(error) = PrivateKeyDer::from_pem_slice(&pem) {
        return Look::Failure(format!("{place} holds no private key: {error}"), advice());
    }
    let (owner, me) = (metadata.uid(), rustix::process::geteuid().as_raw());
    if owner != me {
        return Look::Warning(
            format!("{place} belongs to user {owner}, the doctor runs as user {me}"),
            "run the doctor as the user of the node, or give the file to that user".to_owned(),
        );
    }
    Look::Well(format!("mode {mode:03o}, owner {owner}"))
}

fn pair(subject: &Subject) -> Look {
    let (certificate, key) = match files(subject) {
        Ok(files) => files,
        Err(look) => return look,
    };
    match Tls::load(certificate.to_owned(), key.to_owned()) {
        Ok(_) => Look::Well("the key is the certificate's".to_owned()),
        Err(TlsError::Pair { reason }) => Look::Failure(
            reason,
            "name the certificate and the key that were made for each other; the API's own certificate stands first in its file".to_owned(),
        ),
        Err(
            TlsError::Access { .. }
            | TlsError::TooLong { .. }
            | TlsError::Exposed { .. }
            | TlsError::Malformed { .. },
        ) => Look::Skipped("the files come first".to_owned()),
    }
}

fn validity(subject: &Subject) -> Look {
    let (path, _) = match files(subject) {
        Ok(files) => files,
        Err(look) => return look,
    };
    let Ok(chain) = chain(path) else { return Look::Skipped("the certificate comes first".to_owned()) };
    let Ok(now) = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) else {
        return Look::Skipped("this machine's clock stands before 1970".to_owned());
    };
    judge(&chain, now)
}

/// What the dates of a chain mean now, in time since 1970.
fn judge(chain: &[CertificateDer<'_>], now: Duration) -> Look {
    const RENEW: &str =
        "have the certificate renewed and put in place; the node reads it again by itself, or at SIGHUP";
    let mut ends: Option<Duration> = None;
    for (place, certificate) in (1..).zip(chain) {
        let Some((from, until)) = dates(certificate) else {
            return Look::Warning(
                format!("the dates of certificate {place} cannot be read"),
                "see whether clients take it, as with `curl`".to_owned(),
            );
        };
        if now < from {
            return Look::Failure(
                format!("certificate {place} is valid from {} on", day(from)),
                "correct this machine's clock, or wait with this certificate".to_owned(),
            );
        }
        if until < now {
            return Look::Failure(format!("certificate {place} was valid until {}", day(until)), RENEW.to_owned());
        }
        ends = Some(ends.map_or(until, |earliest| earliest.min(until)));
    }
    let Some(until) = ends else { return Look::Skipped("the certificate comes first".to_owned()) };
    let left = until.saturating_sub(now);
    let what = format!("valid until {}, {} days", day(until), left.as_secs() / 86_400);
    if left < LEFT_GOOD { Look::Warning(what, RENEW.to_owned()) } else { Look::Well(what) }
}

/// From when until when a certificate is valid (RFC 5280, 4.1.2.5), in time since 1970.
fn dates(certificate: &[u8]) -> Option<(Duration, Duration)> {
    let certificate = AnyRef::from_der(certificate).ok()?;
    let mut certificate = SliceReader::new(certificate.value()).ok()?;
    let content = AnyRef::decode(&mut certificate).ok()?;
    let mut fields = SliceReader::new(content.value()).ok()?;
    let mut field = AnyRef::decode(&mut fields).ok()?;
    if matches!(field.tag(), Tag::ContextSpecific { .. }) {
        field = AnyRef::decode(&mut fields).ok()?; // behind the version, which old ones lack
    }
    for expected in [Tag::Integer, Tag::Sequence, Tag::Sequence] {
        // The serial, the algorithm, the issuer.
        if field.tag() != expected {
            return None;
        }
        field = AnyRef::decode(&mut fields).ok()?;
    }
    let mut validity = SliceReader::new(field.value()).ok()?;
    let mut next = || point(AnyRef::decode(&mut validity).ok()?);
    Some((next()?, next()?))
}

fn point(time: AnyRef<'_>) -> Option<Duration> {
    match time.tag() {
        Tag::UtcTime => time.decode_as::<UtcTime>().ok().map(|time| time.to_unix_duration()),
        Tag::GeneralizedTime => time.decode_as::<GeneralizedTime>().ok().map(|time| time.to_unix_duration()),
        _ => None,
    }
}

fn day(since_1970: Duration) -> String {
    let seconds = i64::try_from(since_1970.as_secs()).unwrap_or(i64::MAX);
    OffsetDateTime::from_unix_timestamp(seconds).map_or_else(|_| "a far day".to_owned(), |time| time.date().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    fn certificate(from: (i32, u8, u8), until: (i32, u8, u8)) -> CertificateDer<'static> {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
        params.not_before = date_time_ymd(from.0, from.1, from.2);
        params.not_after = date_time_ymd(until.0, until.1, until.2);
        params.self_signed(&KeyPair::generate().expect("a key")).expect("a certificate").der().clone()
    }

    fn since_1970(year: i32, month: u8, day: u8) -> Duration {
        Duration::from_secs(date_time_ymd(year, month, day).unix_timestamp().unsigned_abs())
    }

    #[test]
    fn the_dates_of_a_certificate_are_read() {
        // From 2050 on they are written in another way.
        for (from, until) in
            [((1999, 1, 2), (2049, 12, 31)), ((2026, 11, 22), (2050, 1, 1)), ((2051, 2, 3), (2100, 1, 1))]
        {
            let found = dates(&certificate(from, until)).expect("dates");
            assert_eq!(found, (since_1970(from.0, from.1, from.2), since_1970(until.0, until.1, until.2)));
        }
        let whole = certificate((2026, 1, 1), (2027, 1, 1));
        for length in 0..whole.len() {
            assert_eq!(dates(&whole[..length]), None, "cut at {length}");
        }
        assert_eq!(dates(&[0x30, 0x03, 0x30, 0x01, 0x02]), None);
    }

    #[test]
    fn each_certificate_of_a_chain_has_to_be_in_its_time() {
        let now = since_1970(2026, 11, 22);
        let long = certificate((2026, 1, 1), (2030, 1, 1));
        let soon = certificate((2026, 1, 1), (2026, 12, 1));
        let over = certificate((2025, 1, 1), (2026, 11, 1));
        let later = certificate((2027, 1, 1), (2030, 1, 1));
        let words = |chain: &[&CertificateDer<'static>]| {
            let chain: Vec<CertificateDer<'_>> = chain.iter().map(|one| (*one).clone()).collect();
            match judge(&chain, now) {
                Look::Well(what) => format!("well {what}"),
                Look::Note(what, _) => format!("note {what}"),
                Look::Warning(what, _) => format!("warning {what}"),
                Look::Failure(what, _) => format!("failure {what}"),
                Look::Skipped(what) => format!("skipped {what}"),
            }
        };
        assert_eq!(words(&[&long]), "well valid until 2030-01-01, 1136 days");
        assert_eq!(words(&[&long, &soon]), "warning valid until 2026-12-01, 9 days");
        assert_eq!(words(&[&long, &over]), "failure certificate 2 was valid until 2026-11-01");
        assert_eq!(words(&[&later, &long]), "failure certificate 1 is valid from 2027-01-01 on");
        let garbage = CertificateDer::from(vec![7; 40]);
        assert_eq!(words(&[&garbage]), "warning the dates of certificate 1 cannot be read");
    }
}
