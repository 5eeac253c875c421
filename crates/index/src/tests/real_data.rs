//! Real names and codes: 22,161 enterprises, 1,135 items of a service catalogue. What a search counts is compared with a straight
//! scan over all names.

use super::{chain, named, on_both, open, together};
use crate::search::POSTINGS_MAX;
use crate::{Index, SearchPage};
use serde_json::{Value, json};
use std::io::Read;
use std::path::PathBuf;
use std::time::Instant;

/// The folder of real data, or none where the test is passed over.
fn real_data() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("TONGBAN_REALDATA") {
        return Some(folder.into());
    }
    let required = std::env::var("TONGBAN_REQUIRE").unwrap_or_default();
    assert!(!required.split(',').any(|name| name == "realdata"), "real data is required: set TONGBAN_REALDATA");
    eprintln!("SKIPPED: TONGBAN_REALDATA is not set, so there are no real names to look for");
    None
}

/// Two columns of a CSV file.
fn columns(reader: impl Read, names: [&str; 2]) -> Vec<[String; 2]> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(reader);
    let headings = reader.headers().expect("headings").clone();
    let places = names.map(|name| {
        headings
            .iter()
            .position(|heading| heading.trim_start_matches('\u{FEFF}') == name)
            .expect("the heading is there")
    });
    reader
        .records()
        .map(|record| {
            let record = record.expect("a row");
            places.map(|place| record.get(place).unwrap_or_default().trim().to_owned())
        })
        .collect()
}

fn enterprises(root: &std::path::Path) -> Vec<[String; 2]> {
    let folder = std::fs::read_dir(root.join("enterprises")).expect("the folder is there");
    let mut files: Vec<PathBuf> = folder.map(|file| file.expect("a file").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "gz"));
    files.sort();
    let read = |path: &PathBuf| flate2::read::MultiGzDecoder::new(std::fs::File::open(path).expect("a file"));
    files.iter().flat_map(|path| columns(read(path), ["企业名称", "统一社会信用代码"])).collect()
}

/// A name as the straight scan sees it: brackets and quotation marks taken out, nothing else done.
fn plain(name: &str) -> String {
    name.chars().filter(|letter| !"()（）[]［］【】〔〕《》〈〉「」“”‘’\"'·•".contains(*letter)).collect()
}

fn is_chinese(text: &str) -> bool {
    text.chars().all(|letter| ('\u{4E00}'..='\u{9FFF}').contains(&letter))
}

/// Pieces of names, of 1 to 5 Chinese characters, from all over the list.
fn pieces(names: &[String], count: usize) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for (turn, name) in names.iter().step_by((names.len() / count).max(1)).enumerate() {
        let letters: Vec<char> = name.chars().collect();
        let (length, start) = (turn % 5 + 1, turn % 4);
        if let Some(piece) = letters.get(start..start + length).map(|piece| piece.iter().collect::<String>())
            && is_chinese(&piece)
            && !pieces.contains(&piece)
        {
            pieces.push(piece);
        }
    }
    pieces
}

/// The receipts whose names have every pair of neighbours of the piece.
fn scan(names: &[String], piece: &str) -> Vec<u64> {
    let letters: Vec<char> = piece.chars().collect();
    let pairs: Vec<String> = if letters.len() == 1 {
        vec![piece.to_owned()]
    } else {
        letters.windows(2).map(|pair| pair.iter().collect()).collect()
    };
    let has = |name: &String| pairs.iter().all(|pair| name.contains(pair));
    (0..).zip(names).filter(|(_, name)| has(name)).map(|(number, _)| number).collect()
}

/// Hits that are compared one by one; of more the number is compared.
const COMPARED_MAX: usize = 250;

/// The receipts of the first events that have everything that was looked for, newest first, and the last page that was read.
async fn found(index: &Index, text: &str) -> (Vec<u64>, SearchPage) {
    let mut all = Vec::new();
    let mut cursor = None;
    loop {
        let page = index.search(text, 100, cursor.as_deref()).await.expect("a page");
        let full = page.entries.iter().take_while(|found| found.matched == page.groups);
        let before = all.len();
        all.extend(full.map(|found| found.event.receipt));
        let is_mixed = all.len() - before < page.entries.len();
        cursor = page.next.clone();
        if is_mixed || cursor.is_none() || all.len() >= COMPARED_MAX {
            return (all, page);
        }
    }
}

/// Compares a search with the straight scan. Whether it was complete.
async fn agrees(index: &Index, names: &[String], piece: &str) -> bool {
    let mut expected = scan(names, piece);
    expected.reverse();
    let (receipts, page) = found(index, piece).await;
    if !page.is_complete {
        assert!(expected.len() as u64 > POSTINGS_MAX, "{piece}");
    } else if page.groups <= 2 {
        assert_eq!(page.matches, expected.len() as u64, "{piece}");
    }
    let compared = if receipts.len() >= COMPARED_MAX { receipts.len() } else { expected.len() };
    assert_eq!(receipts, expected[..compared], "{piece}");
    page.is_complete
}

async fn fill(index: &Index, events: &[Value]) {
    let began = Instant::now();
    for blocks in chain(events, 100).chunks(10) {
        index.apply(&together(blocks)).await.expect("blocks");
    }
    let (millis, bytes) = (began.elapsed().as_millis(), index.size_bytes().await.expect("a size"));
    println!("{} events in {millis} ms, {bytes} bytes", events.len());
}

#[tokio::test]
async fn enterprises_are_found_by_parts_of_their_names() {
    let Some(root) = real_data() else { return };
    let rows = enterprises(&root);
    assert_eq!(rows.len(), 22_161);
    let events: Vec<Value> = rows.iter().map(|[name, code]| named(name, code)).collect();
    let names: Vec<String> = rows.iter().map(|[name, _]| plain(name)).collect();
    on_both(async |url| {
        let index = open(url).await;
        fill(&index, &events).await;
        let pieces = pieces(&names, 150);
        assert!(pieces.len() > 100, "{}", pieces.len());
        let mut common = 0;
        for piece in &pieces {
            common += usize::from(!agrees(&index, &names, piece).await);
        }
        println!("{} pieces of names found as in the scan, {common} too common to be complete", pieces.len());
        for ([name, code], number) in rows.iter().zip(0..).step_by(499) {
            let (by_name, _) = found(&index, &name.chars().take(24).collect::<String>()).await;
            assert!(by_name.contains(&number), "{name}");
            let page = index.search(code, 10, None).await.expect("a page");
            assert!(page.entries.iter().any(|found| found.is_exact && found.event.receipt == number), "{code}");
            let beginning: String = code.chars().take(16).collect();
            assert!(found(&index, &beginning).await.0.contains(&number), "{beginning}");
        }
        index.close().await;
    })
    .await;
}

#[tokio::test]
async fn items_of_the_catalogue_are_found_by_name_and_code() {
    let Some(root) = real_data() else { return };
    let file = std::fs::File::open(root.join("catalogue").join("guangan_qu_service_items.csv")).expect("a file");
    let rows = columns(file, ["item_name", "item_code"]);
    assert_eq!(rows.len(), 1_135);
    let event = |[name, code]: &[String; 2]| json!({ "catalogue": { "published": { "title": name, "code": code } } });
    let events: Vec<Value> = rows.iter().map(event).collect();
    let names: Vec<String> = rows.iter().map(|[name, _]| plain(name)).collect();
    on_both(async |url| {
        let index = open(url).await;
        fill(&index, &events).await;
        for piece in pieces(&names, 100) {
            assert!(agrees(&index, &names, &piece).await, "{piece}");
        }
        for ([_, code], number) in rows.iter().zip(0..).step_by(5) {
            let page = index.search(code, 2, None).await.expect("a page");
            let exact: Vec<u64> =
                page.entries.iter().filter(|found| found.is_exact).map(|found| found.event.receipt).collect();
            assert_eq!(exact, [number], "{code}: codes are unique");
        }
        index.close().await;
    })
    .await;
}
