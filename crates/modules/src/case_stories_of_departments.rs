//! Stories of cases: departments are merged and closed while cases are under way, and a higher body asks for what it needs.

use crate::case_reasons::Owner;
use crate::case_test_cast::*;
use crate::test_cast::{
    APPROVAL, ENVIRONMENT, GOVERNMENT, MANAGEMENT, MARKET, TERM_END, Who, appoint, change, close as close_department,
    code, grant, tell, text,
};
use serde_json::json;
use tongban_kernel::Role;

#[test]
fn the_department_that_took_a_place_does_its_steps() {
    let mut story = town();
    let case = accepted(&mut story, application());
    tell(
        &mut story,
        &[
            (Who::Mayor, change(ENVIRONMENT, close_department(Some(MANAGEMENT))), "DepartmentChanged"),
            (Who::AirReviewer, finish(&case, "油烟审查"), "tx.denied"),
            (Who::Mayor, appoint(MANAGEMENT, Who::Li, &["大气环境岗"]), "Appointed"),
            (Who::Mayor, grant(MANAGEMENT, Who::Li, Role::Reviewer, None, TERM_END), "Granted"),
        ],
    );
    let steps = why(&story, &case).1;
    let open = steps.iter().find(|step| &*step.step == "油烟审查").expect("it is open");
    let (department, post) = (code(MANAGEMENT), Some(text("大气环境岗")));
    assert_eq!(open.owner, Owner::Office { department, role: Role::Reviewer, post });
    tell(
        &mut story,
        &[
            (Who::SignReviewer, finish(&case, "油烟审查"), "tx.denied"), // another post
            (Who::Li, finish(&case, "油烟审查"), "StepFinished"),
        ],
    );
    assert_eq!(step_record(&story, &case, 5, 0).map(|step| step.department), Some(code(MANAGEMENT)));
    let later = accepted(&mut story, application());
    tell(&mut story, &[(Who::Li, finish(&later, "油烟审查"), "StepFinished")]);
}

#[test]
fn the_department_that_leads_is_merged_and_its_cases_go_on() {
    let mut story = town();
    let case = filed(&mut story, notice_application());
    let posts = ["综合窗口受理岗", "数据核验", "首席审批员", "制证岗"];
    let roles = [Role::Receiver, Role::Acceptor, Role::Issuer];
    let rights = roles.map(|role| (Who::Mayor, grant(MANAGEMENT, Who::Li, role, None, TERM_END), "Granted"));
    tell(
        &mut story,
        &[
            (Who::Mayor, change(APPROVAL, close_department(Some(MANAGEMENT))), "DepartmentChanged"),
            (Who::Receiver, receive(&case), "tx.denied"),
            (Who::Mayor, appoint(MANAGEMENT, Who::Li, &posts), "Appointed"),
            (Who::Mayor, appoint(MANAGEMENT, Who::Clerk, &posts), "Appointed"),
            (Who::Mayor, grant(MANAGEMENT, Who::Clerk, Role::Reviewer, None, TERM_END), "Granted"),
            (Who::Mayor, appoint(MANAGEMENT, Who::Head, &posts), "Appointed"),
            (Who::Mayor, grant(MANAGEMENT, Who::Head, Role::Approver, None, TERM_END), "Granted"),
        ],
    );
    tell(&mut story, &rights);
    tell(
        &mut story,
        &[
            (Who::Li, receive(&case), "Received"),
            (Who::Li, accept(&case), "Accepted"),
            (Who::Clerk, finish(&case, "审查"), "StepFinished"),
            (Who::Head, forward(&case, APPROVAL), "cases.not_higher"),
            (Who::Head, decide(&case), "Decided"),
            (Who::Clerk, finish(&case, "公示"), "StepFinished"),
            (Who::Li, deliver(&case, None), "Delivered"),
            (Who::Li, close(&case), "Closed"),
        ],
    );
}

#[test]
fn what_nobody_would_do_is_not_applied_for_and_what_is_under_way_goes_to_the_one_above() {
    let mut story = town();
    let case = accepted(&mut story, application());
    let waiting = received(&mut story, application());
    let mut item = restaurant();
    item["joint_departments"][0]["code"] = json!("11370800MB28559184");
    for index in [2, 3] {
        item["flow"][index]["department"] = json!("11370800MB28559184");
    }
    tell(
        &mut story,
        &[
            (Who::Editor, publish(RESTAURANT, 2, &item), "Published"),
            (Who::Zhang, file(application()), "cases.department_gone"), // nobody has registered it
            (Who::Acceptor, accept(&waiting), "Accepted"),
        ],
    );
    assert_eq!(record(&story, &waiting).item.version, 1, "no case is taken over by what nobody would do");
    tell(
        &mut story,
        &[
            (Who::Editor, publish(RESTAURANT, 3, &restaurant()), "Published"),
            (Who::Zhang, file(application()), "Filed"),
            (Who::Mayor, change(MARKET, close_department(None)), "DepartmentChanged"),
            (Who::Zhang, file(application()), "cases.department_gone"),
            (Who::FoodReviewer, finish(&case, "食品审查"), "tx.denied"),
            (Who::Mayor, appoint(GOVERNMENT, Who::Li, &["食品经营审查岗"]), "Appointed"),
            (Who::Mayor, grant(GOVERNMENT, Who::Li, Role::Reviewer, None, TERM_END), "Granted"),
            (Who::Li, finish(&case, "食品审查"), "StepFinished"),
        ],
    );
    assert_eq!(step_record(&story, &case, 2, 0).map(|step| step.department), Some(code(GOVERNMENT)));
}

#[test]
fn a_higher_body_has_a_notice_of_its_own() {
    let mut story = town();
    let case = received(&mut story, application());
    tell(
        &mut story,
        &[
            (Who::Mayor, appoint(GOVERNMENT, Who::Li, &[]), "Appointed"),
            (Who::Mayor, grant(GOVERNMENT, Who::Li, Role::Acceptor, None, TERM_END), "Granted"),
            (Who::Acceptor, ask_correction(&case, &[1]), "CorrectionAsked"),
            (Who::Zhang, supplement(&case, &[paper(1)]), "Supplemented"),
            (Who::Approver, forward(&case, GOVERNMENT), "Forwarded"),
            (Who::Li, ask_correction(&case, &[0]), "CorrectionAsked"),
            (Who::Zhang, supplement(&case, &[paper(0)]), "Supplemented"),
            (Who::Li, ask_correction(&case, &[0]), "cases.correction_asked_before"), // I12
            (Who::Li, accept(&case), "Accepted"),
        ],
    );
    let record = record(&story, &case);
    let asked = [record.forwardings[0].correction.clone(), record.intake.correction].map(|one| one.expect("it asked"));
    let found = asked.map(|one| (one.by.account, one.materials.to_vec()));
    assert_eq!(found, [(Who::Acceptor.account(), vec![1]), (Who::Li.account(), vec![0])]);
}
