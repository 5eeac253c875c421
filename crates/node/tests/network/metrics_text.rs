//! A strict reader of OpenMetrics text, which refuses whatever Prometheus might misunderstand.

use std::collections::{BTreeMap, BTreeSet};

/// A family of metrics.
#[derive(Debug, Default)]
pub struct Family {
    pub kind: String,
    pub unit: Option<String>,
    pub help: String,
    /// The name's end, the labels and the value of each sample.
    pub samples: Vec<(String, BTreeMap<String, String>, f64)>,
}

impl Family {
    /// The only value of a family without labels.
    pub fn value(&self) -> f64 {
        assert_eq!(self.samples.len(), 1, "{self:?}");
        self.samples[0].2
    }

    /// The value of the sample with such a label.
    pub fn value_of(&self, label: &str, value: &str) -> Option<f64> {
        let mut found = self.samples.iter().filter(|(_, labels, _)| labels.get(label).is_some_and(|it| it == value));
        found.next().map(|(_, _, value)| *value)
    }
}

/// Reads the whole text; the families by name.
pub fn read(text: &str) -> BTreeMap<String, Family> {
    let body = text.strip_suffix("# EOF\n").expect("the text ends with its mark");
    let mut families: BTreeMap<String, Family> = BTreeMap::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut current = String::new();
    for line in body.lines() {
        if let Some(comment) = line.strip_prefix("# ") {
            let (word, rest) = comment.split_once(' ').expect("a word and more");
            let (name, rest) = rest.split_once(' ').expect("a name and more");
            assert_name(name);
            if name != current {
                assert!(!families.contains_key(name), "the family {name} stands in two places");
                current = name.to_owned();
            }
            let family = families.entry(name.to_owned()).or_default();
            match word {
                "HELP" => family.help = rest.to_owned(),
                "TYPE" => family.kind = rest.to_owned(),
                "UNIT" => family.unit = Some(rest.to_owned()),
                _ => panic!("an unknown comment: {line}"),
            }
        } else {
            let (name, labels, value) = sample(line);
            let end = name.strip_prefix(&current).unwrap_or_else(|| panic!("{name} stands under {current}")).to_owned();
            let key = line.rsplit_once(' ').expect("a name and a value").0.to_owned();
            assert!(seen.insert(key), "twice: {line}");
            families.get_mut(&current).expect("its family was named").samples.push((end, labels, value));
        }
    }
    for (name, family) in &families {
        check(name, family);
    }
    families
}

fn assert_name(name: &str) {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    assert!(!name.is_empty() && name.bytes().all(is_letter), "{name} is no name");
}

fn sample(line: &str) -> (String, BTreeMap<String, String>, f64) {
    let (series, value) = line.rsplit_once(' ').expect("a name and a value");
    let value = value.parse().unwrap_or_else(|_| panic!("no number: {line}"));
    let Some((name, rest)) = series.split_once('{') else { return (series.to_owned(), BTreeMap::new(), value) };
    let mut rest = rest.strip_suffix('}').expect("labels end");
    let mut labels = BTreeMap::new();
    while !rest.is_empty() {
        let (label, after) = rest.split_once("=\"").expect("a label and its value");
        assert_name(label);
        let end = after.find('"').expect("a value ends");
        assert!(!after[..end].contains(['\\', '\n']), "nothing here needs escapes: {line}");
        assert!(labels.insert(label.to_owned(), after[..end].to_owned()).is_none(), "a label twice: {line}");
        rest = after[end + 1..].strip_prefix(',').unwrap_or(&after[end + 1..]);
    }
    (name.to_owned(), labels, value)
}

fn check(name: &str, family: &Family) {
    assert!(name.starts_with("tongban_"), "{name} is not ours");
    assert!(!family.help.is_empty(), "{name} is not explained");
    if let Some(unit) = &family.unit {
        assert!(name.ends_with(&format!("_{unit}")), "{name} does not end with its unit {unit}");
        assert!(["seconds", "bytes"].contains(&unit.as_str()), "{name} has no base unit");
    }
    let ends: BTreeSet<&str> = family.samples.iter().map(|(end, _, _)| end.as_str()).collect();
    match family.kind.as_str() {
        "counter" => {
            assert!(ends.iter().all(|end| *end == "_total"), "{name}: {ends:?}");
            assert!(family.samples.iter().all(|(_, _, value)| *value >= 0.0), "{name} counts down");
        }
        "gauge" => assert!(ends.iter().all(|end| end.is_empty()), "{name}: {ends:?}"),
        "info" => assert!(ends.iter().all(|end| *end == "_info"), "{name}: {ends:?}"),
        "histogram" => check_histogram(name, family),
        other => panic!("{name} is of the unknown kind {other}"),
    }
}

/// One series of a histogram.
#[derive(Default)]
struct Series {
    /// Bounds and counts.
    buckets: Vec<(f64, f64)>,
    count: Option<f64>,
    sum: Option<f64>,
}

/// Buckets of a series only grow, and the last one has them all.
fn check_histogram(name: &str, family: &Family) {
    let mut series: BTreeMap<BTreeMap<String, String>, Series> = BTreeMap::new();
    for (end, labels, value) in &family.samples {
        let mut labels = labels.clone();
        let bound = labels.remove("le");
        let entry = series.entry(labels).or_default();
        match (end.as_str(), bound) {
            ("_bucket", Some(bound)) => {
                let bound = if bound == "+Inf" { f64::INFINITY } else { bound.parse().expect("a bound is a number") };
                entry.buckets.push((bound, *value));
            }
            ("_count", None) => entry.count = Some(*value),
            ("_sum", None) => entry.sum = Some(*value),
            (end, bound) => panic!("{name}{end} with the bound {bound:?}"),
        }
    }
    for (labels, Series { buckets, count, sum }) in series {
        assert!(buckets.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1), "{name} {labels:?}");
        let (bound, all) = buckets.last().expect("there are buckets");
        assert!(bound.is_infinite() && Some(*all) == count, "{name} {labels:?}");
        assert!(sum.is_some_and(|sum| sum >= 0.0), "{name} {labels:?}");
    }
}
