//! `tongban bench` on a small load: every receipt arrives and every figure is there. How fast it was is not judged.

use crate::support::run;
use serde_json::Value;

#[test]
fn a_measurement_checks_every_receipt_and_prints_all_figures() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = ["--calls", "200", "--concurrency", "16", "--accounts", "16", "--folder", "networks", "--json"];
    for (case, transactions) in [("intl-1", 200), ("sm-100", 2)] {
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
    assert!(report["limits"][0]["checks_per_second"].as_f64().is_some_and(|checks| checks > 0.0));
    for fact in ["cores", "cpu_model", "kernel", "filesystem", "load_before"] {
        assert!(!report["machine"][fact].is_null(), "{fact}");
    }
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
