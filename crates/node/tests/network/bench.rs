//! `tongban bench` on a small load: every receipt arrives and every figure is there. How fast it was is not judged.

use crate::support::run;
use serde_json::Value;

#[test]
fn a_measurement_checks_every_receipt_and_prints_all_figures() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = ["--calls", "200", "--concurrency", "16", "--accounts", "16", "--folder", "networks", "--json"];
    for (case, transactions) in [("intl-1", 200), ("sm-1", 200), ("sm-100", 2)] {
        let arguments = [&["bench", "--case", case][..], &options].concat();
        let (code, out, err) = run(&arguments, folder.path());
        assert_eq!(code, 0, "{err}");
        let report: Value = serde_json::from_str(&out).expect("one JSON object");
        assert_good(&report, case, transactions);
        std::fs::remove_dir_all(folder.path().join("networks"))
            .expect("the networks stay in the folder that was named");
    }
}

fn assert_good(report: &Value, name: &str, transactions: u64) {
    let case = &report["cases"][0];
    assert_eq!((case["case"].as_str(), case["nodes"].as_u64()), (Some(name), Some(4)));
    assert_eq!(case["transactions"].as_u64(), Some(transactions), "{case}");
    assert_eq!(case["receipts_checked"].as_u64(), Some(transactions));
    assert_eq!(case["faults"].as_u64(), Some(0));
    // The accounts that make the calls were opened by two transactions before.
    assert_eq!(case["agreed"]["receipts"].as_u64(), Some(transactions + 2));
    assert!(case["agreed"]["state_root"].is_string());
    for figure in ["p50_millis", "p99_millis", "max_millis"] {
        assert!(case["latency"][figure].as_f64().is_some_and(|millis| millis > 0.0), "{figure}: {case}");
    }
    for figure in ["transactions_per_second", "calls_per_second", "ratio_transactions", "ratio_calls"] {
        assert!(case["derived"][figure].as_f64().is_some_and(|figure| figure > 0.0), "{figure}: {case}");
    }
    assert!(case["derived"]["cpu_seconds_per_thousand_calls"].is_number());
    assert!(case["nodes_spent"]["thread_seconds"].is_object());
    let stages = case["stage_seconds"].as_object().expect("the nodes say where their time went");
    for stage in ["signature", "execution", "merkle", "disk", "network", "http"] {
        assert!(stages[stage].as_f64().is_some_and(|seconds| seconds >= 0.0), "{stage}: {case}");
    }
    let counted: f64 = stages.values().filter_map(Value::as_f64).sum();
    let rest = case["derived"]["rest_seconds"].as_f64().expect("what no stage counts");
    assert!(counted > 0.0 && rest >= 0.0, "{case}");
    assert!(report["limits"][0]["checks_per_second"].as_f64().is_some_and(|checks| checks > 0.0));
    for fact in ["cores", "cpu_model", "kernel", "filesystem", "load_before"] {
        assert!(!report["machine"][fact].is_null(), "{fact}");
    }
}

#[test]
fn journeys_through_five_departments_end_and_every_figure_is_there() {
    let folder = tempfile::tempdir().expect("a folder");
    // 13 calls make a journey: 40 begin four.
    let options = ["--calls", "40", "--concurrency", "2", "--accounts", "3", "--folder", "networks", "--json"];
    for name in ["intl-journey", "sm-journey"] {
        let (code, out, err) = run(&[&["bench", "--case", name][..], &options].concat(), folder.path());
        assert_eq!(code, 0, "{err}");
        let report: Value = serde_json::from_str(&out).expect("one JSON object");
        let case = &report["cases"][0];
        let count = |field: &str| case[field].as_u64();
        assert_eq!((case["case"].as_str(), count("faults")), (Some(name), Some(0)), "{case}");
        assert_eq!((count("transactions"), count("calls"), count("receipts_checked")), (Some(40), Some(52), Some(40)));
        let journeys = &case["journeys"];
        assert_eq!((journeys["count"].as_u64(), journeys["calls_each"].as_u64()), (Some(4), Some(13)), "{journeys}");
        assert!(journeys["latency"]["p99_millis"].as_f64().is_some_and(|millis| millis > 0.0));
        let transactions = |leg: &str| journeys["legs"][leg]["transactions"].as_u64();
        assert_eq!((transactions("review"), transactions("issue")), (Some(20), Some(4)));
        assert!(case["derived"]["journeys_per_second"].as_f64().is_some_and(|figure| figure > 0.0));
        assert!(case["derived"]["ratio_transactions"].as_f64().is_some_and(|figure| figure > 0.0));
        std::fs::remove_dir_all(folder.path().join("networks"))
            .expect("the networks stay in the folder that was named");
    }
}

#[test]
fn what_a_call_costs_is_measured_at_each_size() {
    let folder = tempfile::tempdir().expect("a folder");
    let arguments = "bench --state --sizes 400,200 --round-journeys 3 --concurrency 4 --json --within-aim"
        .split(' ')
        .collect::<Vec<_>>();
    let (code, out, err) = run(&arguments, folder.path());
    let report: Value = serde_json::from_str(&out).unwrap_or_else(|error| panic!("no JSON object ({error}): {err}"));
    // Few calls cost now this, now that: the exit code has to say what the report says.
    assert_eq!(code == 0, report["within_aim"] == true, "{err}");
    assert_eq!(code != 0, err.contains("bench.over_aim"), "{err}");
    let sizes = report["sizes"].as_array().expect("sizes");
    assert_eq!(sizes.len(), 2);
    for (size, wanted) in sizes.iter().zip([200, 400]) {
        let count = |field: &str| size[field].as_u64().expect("a number");
        assert_eq!(count("size"), wanted, "the smallest first");
        assert!((wanted..wanted + 100).contains(&count("cases")), "{size}");
        assert!((wanted..wanted + 100).contains(&count("licences")), "{size}");
        assert!(count("disk_bytes") > 0 && size["memory"]["peak_bytes"].as_u64().is_some_and(|bytes| bytes > 0));
        assert_eq!(size["cpu_micros_per_call_of_rounds"].as_array().map(Vec::len), Some(3));
        assert_eq!(size["within_aim"].as_bool(), size["ratio"].as_f64().map(|ratio| ratio < 1.5), "{size}");
    }
    assert!(report["within_aim"].is_boolean() && report["ratio_aim"].as_f64() == Some(1.5), "{report}");
    assert!(report["calls_per_round"].as_u64() == Some(39) && report["journeys_per_round"].as_u64() == Some(3));
}

#[test]
fn licences_of_a_file_are_taken_over_with_rate_and_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let mapping = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/licences/business_licence.mapping.yaml");
    let head = "企业名称,统一社会信用代码,企业类型,法人代表,注册资金,注册日期,注册地址,经营范围";
    let rows = "甲公司,91110000600037341L,有限公司,张三,100万,2015-03-02,云港市一路一号,餐饮服务\n\
                乙公司,91110000600037341X,有限公司,李四,100万,2015-03-02,云港市一路二号,餐饮服务";
    std::fs::write(folder.path().join("licences.csv"), format!("{head}\n{rows}\n")).expect("a file");
    let arguments = ["bench", "--licences", "licences.csv", "--mapping", mapping, "--nodes", "1", "--json"];
    let (code, out, err) = run(&arguments, folder.path());
    assert_eq!(code, 0, "{err}");
    let report: Value = serde_json::from_str(&out).expect("one JSON object");
    let count = |field: &str| report[field].as_u64();
    assert_eq!((count("rows"), count("imported"), count("errors")), (Some(2), Some(1), Some(1)), "{report}");
    assert!(report["importer_memory"]["peak_bytes"].as_u64().is_some_and(|bytes| bytes > 0));
    assert!(report["licences_per_second"].as_f64().is_some_and(|rate| rate > 0.0));
}

#[test]
fn what_cannot_be_measured_is_refused_before_anything_starts() {
    let folder = tempfile::tempdir().expect("a folder");
    for arguments in [
        ["--nodes", "0"],
        ["--seconds", "0"],
        ["--case", "md5-1"],
        ["--calls", "0"],
        ["--concurrency", "0"],
        ["--accounts", "0"],
        ["--sizes", "10000"],
        ["--mapping", "mapping.yaml"],
        ["--licences", "licences.csv"],
        ["--round-journeys", "1"],
    ] {
        let (code, _, err) = run(&[&["bench"][..], &arguments].concat(), folder.path());
        assert_eq!(code, 2, "{err}");
        assert!(err.contains(arguments[0]), "{err}");
    }
    std::fs::create_dir(folder.path().join("intl")).expect("a folder");
    std::fs::write(folder.path().join("intl/1-intl-1"), "in the way").expect("a file");
    let (code, out, err) = run(&["bench", "--case", "intl-1", "--calls", "1", "--folder", "intl"], folder.path());
    assert_eq!((code, out.as_str()), (1, ""), "{err}");
}
